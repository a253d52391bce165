"""Nobody meets, by any way, what their role and place do not reach: every text in the house bears a mark of its own.

`seen` is what the declarations let a persona see: rows they reach in full, further rows only in public columns. All
ways are walked (pages, files, programs, search, look-ups, feed, trail) and every mark they show must be among those.
"""

import io
import re
import zipfile
from typing import Any

import pytest
from django.urls import get_resolver

from tests.world import (
    JINGAN,
    PLACES,
    SHIGATSE,
    STRANGER,
    World,
    body_of,
    forget,
    make_any,
    readers_of,
    sees,
)
from yulan.kernel.resource import Resource, all_resources, resource_named
from yulan.kernel.trail import TrailEntry

pytestmark = pytest.mark.django_db

MARK = re.compile("(?:" + "|".join(where.mark for where in PLACES) + r")\d{3,}", re.IGNORECASE)
WATCHED = (
    "huangpu_officer",
    "shigatse_department",
    "shigatse_finance",
    "enterprise",
    "tibet_office",
    "doctor",
    "secadmin",
    STRANGER,
)


@pytest.fixture(scope="module")
def crowded(furnished: World) -> World:
    """The furnished world, and records of some states in every place."""
    for resource in all_resources():
        if resource.lifecycle and resource.public:
            states = list(resource.lifecycle.states)
            for where in PLACES:
                for state in (states[len(states) // 2], states[-1]):
                    furnished.made[resource.name, f"{where.name} {state}"] = make_any(resource, where, state=state)
    forget()
    return furnished


def marks(text: str) -> set[str]:
    return {found.upper() for found in MARK.findall(text)}


def marks_of(resource: Resource, obj: Any, names: set[str] | None = None) -> set[str]:
    """Give the marks in the fields of a record, or in some of them."""
    values = [str(getattr(obj, name)) for name in resource.fields if names is None or name in names]
    return marks(f"{obj} " + " ".join(values)) if names is None else marks(" ".join(values))


def allowed(house: World, who: str) -> set[str]:
    """Give every mark that somebody may meet."""
    actor, found = house.actor(who), set()
    for resource in all_resources():
        in_full = set(
            resource.model._default_manager.filter(resource.reach(actor, readers_of(resource))).values_list(
                "pk", flat=True
            )
        )
        public = set(resource.public.split())
        for obj in resource.model._default_manager.filter(pk__in=sees(house, who, resource)):
            found |= marks_of(resource, obj, None if obj.pk in in_full else public)
            found |= _of_references(obj, resource, None if obj.pk in in_full else public)
    return found


def _of_references(obj: Any, resource: Resource, names: set[str] | None) -> set[str]:
    """Give the marks by which a record names those it refers to: their key and what they are called."""
    found: set[str] = set()
    for column in (*resource.fields.values(), *resource.listed):
        _first, *rest = column.name.split(".")
        if column.link or rest:
            if names is not None and column.name not in names:
                continue
            value = obj
            for step in column.name.split("."):
                value = getattr(value, step, None)
            key = getattr(value, column.path.split("__")[-1], "") if column.link else ""
            found |= marks(f"{value} {key}")
    return found


def ways(house: World, who: str) -> Any:
    """Give (address, answer) of everything there is to read, whatever the answer."""
    client, program, actor = house.client(who, "zh-hans"), house.program(who), house.actor(who)
    for resource in all_resources():
        base, api = resource.url(), f"/api/v1/{resource.name}/"
        names = "&".join(f"columns={name}" for name in resource.fields)
        asked = [f"{base}?size=200&{names}", f"{base}?sort=-{resource.listed[0].name}&q=QZ", f"{base}lookup?q=QZ"]
        asked += [f"{base}export.json", f"{base}export.xlsx"]
        if resource.writable(actor):
            asked += [f"{base}new", f"{base}template.xlsx"]
        for url in asked:
            yield url, client.get(url)
        yield api, program.get(f"{api}?size=200")
    for (name, where), obj in house.made.items():
        if where.split()[0] in (JINGAN.name, SHIGATSE.name):
            yield from _of_record(client, program, resource_named(name), obj)
    for seq in TrailEntry.objects.order_by("-seq").values_list("seq", flat=True)[:300:3]:
        yield f"trail {seq}", client.get(f"/trail/{seq}")
    yield "search", client.get("/search", {"q": "QZ", "format": "fragment"})
    for url in sorted(plain_routes()):
        yield url, client.get(url)


def _of_record(client: Any, program: Any, resource: Resource, obj: Any) -> Any:
    url, api = resource.url(obj.pk), f"/api/v1/{resource.name}/{obj.pk}"
    asked = [url, f"{url}/edit"]
    if resource.lifecycle:
        asked.append(f"{url}/moves/{resource.lifecycle.moves[0].name}")
    for page in asked:
        yield page, client.get(page)
    for address in (api, f"{api}/trail"):
        yield address, program.get(address)


def plain_routes(patterns: Any = None, prefix: str = "/") -> set[str]:
    """Give the addresses without parameters that rooms have made themselves."""
    found: set[str] = set()
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        text = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            found |= plain_routes(pattern.url_patterns, text)
        elif "<" not in text:
            found.add(text)
    return found - {"/sign-out", "/language", "/display"}


def text_of(answer: Any) -> str:
    body = body_of(answer)
    if body[:2] == b"PK":
        book = zipfile.ZipFile(io.BytesIO(body))
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return body.decode("utf-8", "replace")


@pytest.mark.sqlite  # the policy is asked the same way on both engines; test_permissions sees to the rows
@pytest.mark.parametrize("who", WATCHED)
def test_nobody_meets_what_is_not_theirs(crowded, house, who):
    may = allowed(house, who)
    leaks = {}
    for url, answer in ways(house, who):
        assert answer.status_code < 500, url
        shown = marks(text_of(answer)) - may
        if shown:
            leaks[url] = sorted(shown)[:5]
    assert not leaks, "\n".join(f"{url}: {found}" for url, found in list(leaks.items())[:30])
