"""Whatever is sent, the answer is a word about what is wrong: never a fault of ours, never a long wait.

Every value in every place would take hours: each test tries a sample of them, the same one at every run.
"""

import io
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from tests.world import PLACES, STRANGER, World, enterers, fill_in, sees
from yulan.kernel.resource import Resource, all_resources, resource_named

pytestmark = pytest.mark.django_db

NAMES = [resource.name for resource in all_resources()]
LONG = 5.0
"""Seconds no answer may take, on a busy machine."""
Try = tuple[str, Callable[[], Any]]
"""What is tried, in words, and the request."""

TEXTS = (
    "\x00", "a\x00b", "x" * 20_000, "-1", "0", "1.5", "9" * 30, "-" + "9" * 30, "000000001" + "9" * 99, "1e999999999",
    "-1e9", "NaN", "Infinity", "0x10", "１２３", "٣", "' OR 1=1 --", '"; DROP TABLE x; --', "%", "%%s", "\\", "_", "*", "(",
    "[]", "{}", "null", "true", "2010-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2010年13月45日", "12:00",
    "\ud7ff", "😀" * 50, "\u202e", "\u2028", "\ufffe", "<script>", "../../etc/passwd", "{{ 7*7 }}", "ﷺ" * 100,
    "a" * 60 + " " + "b" * 60, " ", "\t\r\n", "1,2,3", "壹亿元整", "99999999999万", "3000000000", "9223372036854775808",
)  # fmt: skip
"""What goes into parameters, fields and headers."""

VALUES = (
    *TEXTS, None, True, False, 0, -1, 2**31, 2**63, -(2**64), 1.5, 1e300, "", [], {}, [1], {"a": 1}, "\ud800",
)  # fmt: skip
"""What goes into the members of a JSON body."""

BODIES = (
    b"", b"{", b"[]", b"null", b'"x"', b"1", b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b'{"a":1,"a":2}',
    b'{"version":1e999}', b"{'a':1}", b'{"\\ud800":1}', b'{"code":"\\ud800"}', b"x" * 3_000_000, b"a=%ff%fe&b=%00&%",
    b"&".join([b"a=1"] * 6000), b"a=" + b"x" * 11_000_000, b"--x\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\na",
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
    b'--x\r\nContent-Disposition: form-data; name="a\xff"\r\nContent-Transfer-Encoding: base64\r\n\r\n@@@\r\n--x--\r\n',
)  # fmt: skip
KINDS = (
    "application/json", "application/json; charset=x", "text/plain", "application/xml", "multipart/form-data",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
)  # fmt: skip
KEYS = ("0", "-1", "9" * 18, "9" * 19, "9" * 40, "1e3", "%00", "１", "' OR 1=1", "x" * 3000)
METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


class Faults:
    """Asks, takes back what was done, and notes what should not have been."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def ask(self, what: str, call: Callable[[], Any]) -> Any:
        began, answer = time.monotonic(), None
        try:
            with transaction.atomic():
                answer = call()
                if answer.streaming:
                    answer.getvalue()
                transaction.set_rollback(True)
        except Exception as error:  # whatever it is, it is ours
            self.found.append(f"{what}: {type(error).__name__}: {str(error)[:200]}")
        else:
            if answer.status_code >= 500:
                self.found.append(f"{what}: {answer.status_code}")
        if time.monotonic() - began > LONG:
            self.found.append(f"{what}: {time.monotonic() - began:.1f} s")
        return answer

    def sample(self, seed: str, tries: Iterator[Try], size: int) -> None:
        """Ask a sample of the tries, the same one for the same seed."""
        every = list(tries)
        for what, call in Random(seed).sample(every, min(size, len(every))):
            self.ask(what, call)


@pytest.fixture
def faults() -> Iterator[Faults]:
    found = Faults()
    yield found
    assert not found.found, "\n".join(found.found[:25])


def short(value: Any) -> str:
    return repr(value)[:30]


def reader(house: World, resource: Resource) -> str:
    return next(who for who in ("city_officer", "city_finance", "sysadmin", STRANGER) if sees(house, who, resource))


# What every resource has: tries by the ten thousand


def questions(house: World, resource: Resource) -> Iterator[Try]:
    """Any value for any parameter of lists, exports and look-ups."""
    who = reader(house, resource)
    client, program = house.client(who), house.program(who)
    names = ["q", "sort", "page", "size", "columns", "unit", "lang", "format", "ids", "nothing", resource.key]
    names += [column.name + tail for column in resource.filtered for tail in ("", ".from", ".to")]
    for name, value in product(names, TEXTS):
        asked, what = {name: value}, f"{name}={short(value)}"
        yield f"api ?{what}", partial(program.get, f"/api/v1/{resource.name}/", asked)
        for tail in ("", "lookup", "export.csv", "new"):
            yield f"{tail}?{what}", partial(client.get, resource.url() + tail, asked)


def addresses(house: World, resource: Resource) -> Iterator[Try]:
    """Numbers and names that no address has, and methods it does not know."""
    who = reader(house, resource)
    client, program, api = house.client(who), house.program(who), f"/api/v1/{resource.name}/"
    pages = [
        f"{key}{tail}" for key in KEYS for tail in ("", "/edit", "/moves/x", "/moves/%00", "/files/1", "/files/" + key)
    ]
    pages += [f"export.{form}" for form in ("exe", "%00", "xlsx%00")]
    pages += [f"import/{token}" for token in ("x", "0" * 64, "../../keys/secret", "%00")]
    for page, method in product(pages, METHODS):
        yield f"{method} {page[:40]}", partial(getattr(client, method), resource.url() + page)
    for key, tail, method in product(KEYS, ("", "/trail", "/moves/x"), METHODS):
        yield f"{method} api {key[:20]}{tail}", partial(getattr(program, method), api + key + tail)


def writer(house: World, resource: Resource) -> tuple[str, Any, dict[str, str]] | None:
    """Give who enters records, where, and what they would enter; where nobody enters new ones, who changes them."""
    found = enterers(house, resource)
    if found:
        who, where = found[0]
        return who, where, fill_in(resource, house.actor(who), where)
    return next(((who, PLACES[0], {}) for who in house.accounts if resource.writable(house.actor(who))), None)


def entries(house: World, resource: Resource) -> Iterator[Try]:
    """Any value in any field: of forms, of JSON bodies, of the bulk bar."""
    found = writer(house, resource)
    if not found:
        return
    who, where, good = found
    obj, client, program = house.record(resource, where), house.client(who), house.program(who)
    names, version, new = resource.writable(house.actor(who)), obj.version, f"{resource.url()}new"
    edit, api = f"{resource.url(obj.pk)}/edit", f"/api/v1/{resource.name}/"
    for value in TEXTS:
        yield f"new {short(value)}", partial(client.post, new, dict.fromkeys(names, value))
        yield f"edit {short(value)}", partial(client.post, edit, {"version": value, "keep_x": value})
        for name in ("ids", "move", "query", "all"):
            yield (
                f"bulk {name}={short(value)}",
                partial(client.post, f"{resource.url()}bulk", {"ids": obj.pk, name: value}),
            )
    for name, value in product(names, TEXTS):
        what = f"{name}={short(value)}"
        yield f"new {what}", partial(client.post, new, good | {name: value})
        yield f"edit {what}", partial(client.post, edit, {name: value, "version": version})
    for name, value in product([*names, "id", "version", "nothing"], VALUES):
        what = f"{name}={short(value)}"
        yield f"api post {what}", partial(send, program.post, api, good | {name: value})
        yield f"api patch {what}", partial(send, program.patch, f"{api}{obj.pk}", {"version": version, name: value})


def send(method: Callable[..., Any], url: str, content: Any) -> Any:
    """Send JSON, and what JSON only just allows."""
    return method(url, json.dumps(content).encode(), content_type="application/json")


def envelopes(house: World, resource: Resource) -> Iterator[Try]:
    """Broken bodies, wrong types of content and strange headers."""
    who = next((who for who, _where in enterers(house, resource)), reader(house, resource))
    client, program, api = house.client(who), house.program(who), f"/api/v1/{resource.name}/"
    obj = house.record(resource, PLACES[0])
    places = [(program, "POST", api), (program, "PATCH", f"{api}{obj.pk}")]
    tails = ("new", "bulk", "import", f"{obj.pk}/edit", f"{obj.pk}/files")
    places += [(client, "POST", resource.url() + tail) for tail in tails]
    for (sender, method, url), body, kind in product(places, BODIES, KINDS):
        yield f"{url} {kind} {body[:12]!r}", partial(sender.generic, method, url, body, content_type=kind)
    names = (
        "idempotency-key",
        "if-match",
        "if-none-match",
        "accept-language",
        "accept-encoding",
        "range",
        "hx-request",
    )
    for name, value in product(names, TEXTS):
        headers = {name: in_a_header(value)}
        yield f"{name}: {short(value)}", partial(program.get, api, headers=headers)
        call = partial(
            program.patch, f"{api}{obj.pk}", b'{"version": 1}', content_type="application/json", headers=headers
        )
        yield f"patch {name}: {short(value)}", call


def in_a_header(value: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in value[:5000].encode("ascii", "replace").decode())


def moves(house: World, resource: Resource) -> Iterator[Try]:
    """Any value for any input of any move that somebody may make."""
    for move in resource.lifecycle.moves if resource.lifecycle else ():
        obj = resource.model._default_manager.filter(**{f"{resource.lifecycle.field}__in": move.sources}).first()
        able = (
            w for w in house.accounts if obj and house.actor(w).has(move.roles) and obj.pk in sees(house, w, resource)
        )
        who = next(able, None)
        if who is None:
            continue
        page, api = (
            f"{start}/{obj.pk}/moves/{move.name}" for start in (f"/{resource.name}", f"/api/v1/{resource.name}")
        )
        for name, value in product([*move.needs, "opinion", "version", "idempotency_key"], VALUES):
            what = f"{move.name} {name}={short(value)}"
            yield f"api {what}", partial(send, house.program(who).post, api, {name: value})
            if isinstance(value, str) and value.isprintable():
                yield what, partial(house.client(who).post, page, {name: value})


@pytest.mark.parametrize("name", NAMES)
def test_resources(house, faults, name):
    resource = resource_named(name)
    for tries, size in ((questions, 20), (addresses, 8), (entries, 30), (envelopes, 8), (moves, 15)):
        faults.sample(f"{name} {tries.__name__}", tries(house, resource), size)


# What rooms have made themselves


def own_routes(patterns: Any = None, prefix: str = "/") -> Iterator[str]:
    """Give the addresses that rooms have made themselves, something standing for each parameter."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        text = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from own_routes(pattern.url_patterns, text)
        elif "resource:" not in text:
            yield text


ROUTES = sorted(set(own_routes()))
PARAMETERS = (
    "q", "year", "state", "lead", "add", "next", "format", "unit", "lang", "page", "region", "programme", "field", "reason",
    "language", "username", "password", "persona", "theme", "size", "who", "where", "from", "to", "by", "on", "code",
)  # fmt: skip


def of_route(client: Client, route: str) -> Iterator[Try]:
    head, left, rest = route.partition("<")
    urls = [f"{head}{key}{rest.partition('>')[2]}" for key in ("1", "F50", *KEYS)] if left else [route]
    for url, value, method in product(urls, TEXTS, ("get", "post")):
        yield (
            f"{method} {url[:60]} {short(value)}",
            partial(getattr(client, method), url, dict.fromkeys(PARAMETERS, value)),
        )
    for url, body, kind in product(urls, BODIES, KINDS):
        yield f"post {url[:60]} {kind} {body[:10]!r}", partial(client.generic, "POST", url, body, content_type=kind)
    for url, method in product(urls, METHODS):
        yield f"{method} {url[:60]}", partial(getattr(client, method), url)


@pytest.mark.parametrize("who", ["city_officer", "huangpu_officer", STRANGER])
def test_own_pages(house, faults, who):
    for route in ROUTES:
        faults.sample(f"{who} {route}", of_route(house.client(who), route), 10)


# Files and readers


@pytest.mark.parametrize(
    "name", ["../../../etc/x.txt", "x" * 400 + ".txt", "a\u202eb\x00.txt", "\r\nSet-Cookie: a", " ", "."]
)
def test_attachments(house, faults, name):
    resource = resource_named("projects")
    who, where, _good = writer(house, resource)
    client, obj = house.client(who), house.record(resource, where)
    for content in (b"", b"hello", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, b"PK\x03\x04" + b"\0" * 200, b"<svg onload=x>"):
        sent = io.BytesIO(content)
        sent.name = name
        faults.ask(
            f"{name[:20]} {content[:9]!r}", partial(client.post, f"{resource.url(obj.pk)}/files", {"file": sent})
        )


def test_cookies(house, faults):
    cookies = ("django_language", "columns", "unit", "theme", "size", "contrast", "messages", "csrftoken", "sessionid")
    for value in (*TEXTS[::3], "..", "zh-hans/../../x", "xx", "~", "~~x~code"):
        client = house.client("city_officer")
        for name in cookies[: -1 if len(value) % 2 else None]:
            client.cookies[name] = in_a_header(value)
        for url in ("/projects/", "/todo", "/", "/sign-in"):
            faults.ask(f"cookies {short(value)} {url}", partial(client.get, url))


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer " + "x" * 9000, "Bearer \xff", "bearer a b c"]
)
def test_tokens_that_are_none(house, faults, value):
    client = house.client("city_officer")
    for url in ("/api/v1/projects/", "/projects/", "/api/v1/feed"):
        answer = faults.ask(f"{value[:20]} {url}", partial(client.get, url, headers={"authorization": value}))
        assert answer.status_code == 401, "a token that is none does not fall back on the session"
