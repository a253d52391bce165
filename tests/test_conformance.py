"""What every declared record type does: pages, files, programs, search. A new one is covered by being declared.

Who may do what is asked for everybody in test_permissions.py; here a few stand for all.
"""

import csv
import io
import re
from contextlib import suppress
from typing import Any

import openpyxl
import orjson
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from tests.world import (
    EVERYBODY,
    LANGUAGES,
    PLACES,
    STRANGER,
    World,
    as_typed,
    body_of,
    draft,
    enterers,
    fill_in,
    forget,
    make_any,
    sees,
)
from yulan.kernel.access import SYSTEM, Refused
from yulan.kernel.records import snapshot
from yulan.kernel.resource import Resource, all_resources, resource_named
from yulan.kernel.resource.fields import Reference
from yulan.kernel.resource.write import Invalid, edit
from yulan.kernel.search import normalise
from yulan.kernel.timeline import timeline

pytestmark = pytest.mark.django_db

NAMES = [resource.name for resource in all_resources()]
WRITTEN = [resource.name for resource in all_resources() if resource.can_create(SYSTEM)]
SEARCHED = [resource.name for resource in all_resources() if resource.search]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def resource(request: pytest.FixtureRequest) -> Resource:
    found = resource_named(request.param)
    assert found is not None
    return found


def each(names: list[str]) -> Any:
    return pytest.mark.parametrize("resource", names, indirect=True)


def enterer(house: World, resource: Resource) -> tuple[str, Any]:
    found = enterers(house, resource)
    assert found, f"nobody can enter {resource.name}"
    return found[0]


# Reading


FEW = ("city_officer", "huangpu_officer", STRANGER)


@each(NAMES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_list_and_detail(house, resource, lang):
    for turn, who in enumerate(FEW):
        client, seen = house.client(who, lang), sees(house, who, resource)
        answer = client.get(resource.url())
        outside = 302 if who == STRANGER else 403
        opens = resource.opens_to(house.actor(who))
        assert answer.status_code == (200 if opens else outside), who
        if opens:
            text = answer.content.decode()
            assert f'lang="{"zh" if lang == "zh-hans" else "en"}' in text
            with override(lang):
                assert str(resource.title) in text
        obj = house.record(resource, PLACES[turn % len(PLACES)])
        answer = client.get(resource.url(obj.pk))
        assert answer.status_code == (200 if obj.pk in seen else 404 if opens else outside), who
        if obj.pk in seen:
            assert_shown(answer, obj)


def assert_shown(answer: Any, obj: Any) -> None:
    text = answer.content.decode()
    assert "<h1>" in text
    assert "None</" not in text, f"an empty value is shown as None: {obj}"


@each(NAMES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_help_explains_fields_and_lifecycle(house, resource, lang):
    text = house.client("city_officer", lang).get(f"{resource.url()}help").content.decode()
    with override(lang):
        assert all(str(column.label).split()[0] in text for column in resource.fields.values())
    if resource.lifecycle:
        drawn = text[text.index('<svg class="y-lifecycle"') :]
        drawn = drawn[: drawn.index("</svg>")]
        assert drawn.count("y-state") == len(resource.lifecycle.states)
        with override(lang):
            assert all(str(move.label) in text for move in resource.lifecycle.moves)


@each(NAMES)
def test_queries_do_not_grow(house, resource):
    for who in ("city_officer", "huangpu_officer", "sysadmin"):
        if not resource.opens_to(house.actor(who)):
            continue
        client = house.client(who)
        pk = next(iter(sees(house, who, resource)), None)
        assert queries(client, resource.url()) <= 6, f"list of {resource.name} for {who}"
        assert queries(client, f"/api/v1/{resource.name}/") <= 6
        if pk:
            assert queries(client, resource.url(pk)) <= 12 + 3 * len(children(resource))
            assert queries(client, f"/api/v1/{resource.name}/{pk}") <= 5


def children(resource: Resource) -> list[Resource]:
    """Give the record types listed under this one."""
    links = [(other, other.model._meta.get_field(other.under)) for other in all_resources() if other.under]
    return [other for other, link in links if link.related_model is resource.model]


PARENTS = [resource.name for resource in all_resources() if children(resource)]


@each(PARENTS)
def test_detail_asks_as_much_for_many_rows_as_for_one(house, resource):
    obj = house.record(resource, PLACES[0])
    who = next(who for who in EVERYBODY if obj.pk in sees(house, who, resource))
    client = house.client(who)
    for other in children(resource):
        make_any(other, PLACES[0], **{other.under: obj})
    few = queries(client, resource.url(obj.pk))
    for other in children(resource) * 3:
        with suppress(AssertionError):  # some stand under a record only once
            make_any(other, PLACES[0], **{other.under: obj})
    assert queries(client, resource.url(obj.pk)) <= few


@each(WRITTEN)
def test_detail_asks_no_more_for_a_long_history(house, resource):
    who, where = enterer(house, resource)
    obj, client = house.record(resource, where), house.client(who)
    few = queries(client, resource.url(obj.pk))
    for _turn in range(3):
        obj = type(obj)._default_manager.get(pk=obj.pk)
        name, value = a_change(house, resource, obj, who, where)
        edit(resource, obj, {name: value}, version=getattr(obj, "version", 1), by=house.actor(who))
    assert queries(client, resource.url(obj.pk)) <= few + 1


def queries(client: Any, url: str) -> int:
    """Count the queries of a page asked for again: session and account among them."""
    counts = []
    for _turn in range(3):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(url).status_code == 200, url
        counts.append(len([q for q in seen.captured_queries if "SAVEPOINT" not in q["sql"]]))
    return min(counts)


# Entering and changing


@each(WRITTEN)
def test_create(house, resource):
    who, where = enterer(house, resource)
    for lang in LANGUAGES:
        assert house.client(who, lang).get(f"{resource.url()}new").status_code == 200
    client, given = house.client(who), fill_in(resource, house.actor(who), where)
    there = resource.model._default_manager.count()
    empty = client.post(f"{resource.url()}new", {})
    assert (empty.status_code, resource.model._default_manager.count()) == (422, there)
    answer = client.post(f"{resource.url()}new", given)
    assert answer.status_code == 302, said(answer)
    obj = resource.model._default_manager.latest("pk")
    assert answer["Location"] == resource.url(obj.pk)
    event = timeline(obj)[0]
    assert (event["action"], event["actor"], event["channel"]) == ("create", who, "page")
    assert client.get(answer["Location"]).status_code == 200


def said(answer: Any) -> str:
    """Give the errors a page shows."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body_of(answer).decode()))[:1500]


def a_change(house: World, resource: Resource, obj: Any, who: str, where: Any) -> tuple[str, str]:
    """Find a field that somebody may change by itself, and another value for it."""
    actor = house.actor(who)
    other = as_typed(resource, draft(resource, where), resource.writable(actor))
    now = as_typed(resource, {f.attname: getattr(obj, f.attname) for f in obj._meta.concrete_fields}, list(other))
    ordered = sorted(other, key=lambda name: (name == resource.key, resource.fields[name].codec.kind != "text"))
    for name in ordered:
        if other[name] == now.get(name):
            continue
        try:
            with transaction.atomic():
                fresh = type(obj)._default_manager.get(pk=obj.pk)
                changed = edit(resource, fresh, {name: other[name]}, version=obj.version, by=actor)
                kept = changed.version > obj.version
                transaction.set_rollback(True)
            if kept:
                return name, other[name]
        except (Invalid, Refused):
            continue
        finally:
            forget()
    raise AssertionError(f"no field of {resource.name} can be changed by {who}")


@each(WRITTEN)
def test_edit(house, resource):
    who, where = enterer(house, resource)
    obj = house.record(resource, where)
    url, client = f"{resource.url(obj.pk)}/edit", house.client(who)
    form = client.get(url)
    assert form.status_code == 200
    assert 'value="None"' not in form.content.decode(), "an empty value stands in the form as None"
    name, value = a_change(house, resource, obj, who, where)
    answer = client.post(url, {name: value, "version": obj.version})
    assert answer.status_code == 302, said(answer)
    first = type(obj)._default_manager.get(pk=obj.pk)
    assert first.version > obj.version
    assert timeline(first)[0]["actor"] == who
    shown = client.get(resource.url(obj.pk)).content.decode()
    assert 'id="timeline"' in shown


@each(WRITTEN)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_edit_conflict_shows_both_versions(house, resource, lang):
    who, where = enterer(house, resource)
    obj = house.record(resource, where)
    url, client = f"{resource.url(obj.pk)}/edit", house.client(who, lang)
    name, theirs = a_change(house, resource, obj, who, where)
    assert client.post(url, {name: theirs, "version": obj.version}).status_code == 302
    mine = theirs + "9" if theirs.isdigit() else theirs
    answer = client.post(url, {name: mine if mine != theirs else other_of(theirs), "version": obj.version})
    text = answer.content.decode()
    assert answer.status_code == 409, said(answer)
    assert "y-conflict" in text
    assert f'name="keep_{name}"' in text
    now = type(obj)._default_manager.get(pk=obj.pk)
    assert f'name="version" value="{now.version}"' in text
    taken = client.post(url, {name: "anything", f"keep_{name}": "theirs", "version": now.version})
    assert taken.status_code == 302, said(taken)
    assert type(obj)._default_manager.get(pk=obj.pk).version == now.version


def other_of(text: str) -> str:
    """Give another text of the same kind."""
    return text[:-1] + ("1" if text[-1:] != "1" else "2")


@each(NAMES)
def test_those_who_may_not_write_do_not(house, resource):
    obj = house.record(resource, PLACES[0])
    for who in EVERYBODY:
        actor = house.actor(who)
        if resource.writable(actor):
            continue
        client, seen = house.client(who), obj.pk in sees(house, who, resource)
        refused = 302 if who == STRANGER else 403
        url = resource.url(obj.pk)
        assert client.post(f"{resource.url()}new", {}).status_code == refused
        assert client.get(f"{resource.url()}template.xlsx").status_code == refused
        assert client.post(f"{resource.url()}import", {}).status_code == refused
        expected = {refused, 409} if seen else {refused, 404}
        assert client.post(f"{url}/edit", {"version": getattr(obj, "version", 1)}).status_code in expected, who
        assert client.post(f"{url}/files", {}).status_code in expected
    assert snapshot(type(obj)._default_manager.get(pk=obj.pk)) == snapshot(obj)


# Workbooks


def cells_of(resource: Resource, values: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Give values as cells of a workbook: keys of references, labels of choices."""
    typed, found = as_typed(resource, values, names), {}
    for name in typed:
        column = resource.fields[name]
        value = values[resource.model._meta.get_field(name).attname]
        as_text = isinstance(column.codec, Reference) or column.codec.kind == "text"
        found[name] = typed[name] if as_text else column.codec.cell(value)
    return found


def upload(*rows: list[Any]) -> io.BytesIO:
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(target)
    target.seek(0)
    target.name = "rows.xlsx"
    return target


def counts(answer: Any) -> dict[str, int]:
    return answer.context["page"]["counts"]


@each(WRITTEN)
def test_import(house, resource):
    who, where = enterer(house, resource)
    actor, client, url = house.actor(who), house.client(who), f"{resource.url()}import"
    book = openpyxl.load_workbook(io.BytesIO(body_of(client.get(f"{resource.url()}template.xlsx"))))
    heads = [str(cell.value or "").rstrip(" *") for cell in book.worksheets[0][1]]
    labels = {str(resource.fields[name].label): name for name in resource.writable(actor)}
    with override("en"):
        assert [labels_in_english(resource)[head] for head in heads] == resource.writable(actor)
    rows = [cells_of(resource, draft(resource, where), resource.writable(actor)) for _n in range(2)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    assert labels
    head = [str(resource.fields[name].label) for name in names]
    good = [[row.get(name) for name in names] for row in rows]
    there = resource.model._default_manager.count()

    wrong, spoilt = spoil(resource, names, good[1])
    answer = client.post(url, {"file": upload(head, good[0], wrong)})
    assert counts(answer) == {"new": 1, "changed": 0, "same": 0, "wrong": 1, "total": 2}, said(answer)
    token = answer.context["page"]["token"]
    mine = openpyxl.load_workbook(io.BytesIO(body_of(client.get(f"{url}/{token}")))).worksheets[0]
    reasons = [row[-1].value for row in mine.iter_rows()]
    assert str(resource.fields[spoilt].label) in reasons[2], reasons
    assert not reasons[1]
    client.post(url, {"token": token})
    assert resource.model._default_manager.count() == there, "half an import"

    answer = client.post(url, {"file": upload(head, *good)})
    assert counts(answer) == {"new": 2, "changed": 0, "same": 0, "wrong": 0, "total": 2}, said(answer)
    answer = client.post(url, {"token": answer.context["page"]["token"]})
    assert answer.context["page"]["step"] == "done", said(answer)
    assert resource.model._default_manager.count() == there + 2
    made = resource.model._default_manager.order_by("-pk")[:2]
    assert {timeline(obj)[0]["set"] for obj in made} == {timeline(made[0])[0]["set"]}
    answer = client.post(url, {"file": upload(head, *good)})
    sealed = any(hasattr(resource.fields[name].codec.field, "check_clear") for name in names)
    assert counts(answer)["changed" if sealed else "same"] == 2, said(answer)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_two_fields_of_a_record_are_called_the_same(lang):
    with override(lang):
        labels = {
            resource.name: [str(column.label) for column in resource.fields.values()] for resource in all_resources()
        }
    assert {name: found for name, found in labels.items() if len(set(found)) < len(found)} == {}


def labels_in_english(resource: Resource) -> dict[str, str]:
    return {str(column.label): name for name, column in resource.fields.items()}


def spoil(resource: Resource, names: list[str], row: list[Any]) -> tuple[list[Any], str]:
    """Give a row with one cell that cannot be right, and the name of its column."""
    for kind, value in (("date", "32 May"), ("reference", "nobody-9"), ("choice", "no such"), ("money", "much")):
        for index, name in enumerate(names):
            if resource.fields[name].codec.kind == kind:
                return [*row[:index], value, *row[index + 1 :]], name
    key = names.index(resource.key)
    return [*row[:key], None, *row[key + 1 :]], resource.key


@each(WRITTEN)
def test_what_was_exported_comes_back_the_same(house, resource):
    who, where = enterer(house, resource)
    obj, client = house.record(resource, where), house.client(who)
    sheet = body_of(client.get(f"{resource.url()}export.xlsx", {resource.key: getattr(obj, resource.key)}))
    back = io.BytesIO(sheet)
    back.name = "export.xlsx"
    answer = client.post(f"{resource.url()}import", {"file": back})
    assert answer.status_code == 200, said(answer)
    found = counts(answer)
    assert (found["changed"], found["new"]) == (0, 0), said(answer)
    closed = not resource.is_open(obj)
    assert found["same"] == 1 or closed or found["wrong"] == 1, said(answer)


@each(NAMES)
def test_export(house, resource):
    key = resource.key
    mine = house.record(resource, PLACES[0])
    for who in FEW:
        client, seen = house.client(who), sees(house, who, resource)
        answer = client.get(f"{resource.url()}export.json")
        if not resource.opens_to(house.actor(who)):
            assert answer.status_code in (302, 403), who
            continue
        rows = orjson.loads(body_of(answer))
        assert len(rows) == len(seen), who
        table = list(csv.reader(io.StringIO(body_of(client.get(f"{resource.url()}export.csv")).decode("utf-8-sig"))))
        assert len(table) == len(seen) + 1
        assert len(set(table[0])) == len(table[0]), "two columns of one heading"
        assert not [c for row in table for c in row if c[:1] in tuple("=+-@\t") and not number(c)], "a formula"
        chosen = client.get(f"{resource.url()}export.json", {key: getattr(mine, key)})
        assert len(orjson.loads(body_of(chosen))) == (mine.pk in seen)
    book = (
        openpyxl.load_workbook(io.BytesIO(body_of(house.client("city_officer").get(f"{resource.url()}export.xlsx"))))
        if resource.opens_to(house.actor("city_officer"))
        else None
    )
    if book:
        assert book.worksheets[0].max_row == len(sees(house, "city_officer", resource)) + 1


def number(text: str) -> bool:
    return bool(re.fullmatch(r"[+-]?[\d,]+(\.\d+)?%?", text))


@each(WRITTEN)
def test_no_text_becomes_a_formula(house, resource):
    who, where = enterer(house, resource)
    free = [
        f.name
        for f in resource.model._meta.concrete_fields
        if f.name in resource.writable(SYSTEM)
        and resource.fields[f.name].codec.kind == "text"
        and not f.validators[1:]
        and not f.unique
        and f.name not in ("code", "key", resource.key)
        and (f.max_length or 99) > 20
    ]
    if not free:
        return
    obj = make_any(resource, where, **{free[-1]: "=SUM(1,2)+1"})
    client, asked = house.client(who), {resource.key: getattr(obj, resource.key)}
    sheet = openpyxl.load_workbook(io.BytesIO(body_of(client.get(f"{resource.url()}export.xlsx", asked)))).worksheets[0]
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert "=SUM(1,2)+1" in [cell.value for row in sheet.iter_rows() for cell in row]
    assert '"=SUM' not in body_of(client.get(f"{resource.url()}export.csv", asked)).decode()


# Programs


@each(NAMES)
def test_api_reads(house, resource):
    base = f"/api/v1/{resource.name}/"
    for who in FEW:
        client, seen = house.program(who), sees(house, who, resource)
        answer = client.get(base, {"size": 200})
        if not resource.opens_to(house.actor(who)):
            assert answer.status_code == (401 if who == STRANGER else 403), who
            continue
        content = answer.json()
        assert content["count"] == len(seen), who
        assert {row["id"] for row in content["results"]} <= seen
        again = client.get(base, {"size": 200}, headers={"if-none-match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        for where in PLACES:
            pk = house.record(resource, where).pk
            one = client.get(f"{base}{pk}")
            assert one.status_code == (200 if pk in seen else 404), (who, where.name)
            if pk in seen:
                assert client.get(f"{base}{pk}", headers={"if-none-match": one["ETag"]}).status_code == 304


@each(WRITTEN)
def test_api_creates_once(house, resource):
    who, where = enterer(house, resource)
    client, base = house.program(who), f"/api/v1/{resource.name}/"
    given = fill_in(resource, house.actor(who), where)
    assert client.post(base, "{}", content_type="application/json").status_code == 422
    key = {"idempotency-key": "once-1"}
    first = client.post(base, orjson.dumps(given), content_type="application/json", headers=key)
    assert first.status_code == 201, first.content
    there = resource.model._default_manager.count()
    again = client.post(base, orjson.dumps(given), content_type="application/json", headers=key)
    assert (again.status_code, again.content, again["Idempotent-Replay"]) == (201, first.content, "true")
    assert resource.model._default_manager.count() == there
    other = client.post(base, b"{}", content_type="application/json", headers=key)
    assert other.status_code == 422
    assert client.get(first["Location"]).json()["id"] == first.json()["id"]
    assert house.program(STRANGER).post(base, "{}", content_type="application/json").status_code == 401


@each(WRITTEN)
def test_api_changes_only_what_was_read(house, resource):
    who, where = enterer(house, resource)
    obj = house.record(resource, where)
    client, url = house.program(who), f"/api/v1/{resource.name}/{obj.pk}"
    name, value = a_change(house, resource, obj, who, where)
    sent = orjson.dumps({name: value})

    def patch(**headers: str) -> Any:
        return client.patch(url, sent, content_type="application/json", headers=headers)

    read = client.get(url)
    assert patch().status_code == 428
    assert patch(**{"if-match": '"999999"'}).status_code == 412
    done = patch(**{"if-match": read["ETag"]})
    assert done.status_code == 200, done.content
    assert done["ETag"] != read["ETag"]
    assert patch(**{"if-match": read["ETag"]}).status_code == 412
    assert house.program(STRANGER).patch(url, sent, content_type="application/json").status_code in (401, 404)


# Search


@each(SEARCHED)
def test_search_finds_what_a_scan_finds(house, resource):
    texts = {
        pk: [normalise(str(text)) for text in row if text]
        for pk, *row in resource.model._default_manager.values_list("pk", *resource.search.split())
    }
    words = sorted({text for row in texts.values() for text in row})
    asked = {word[start : start + size] for word in words[:: max(1, len(words) // 6)] for start, size in SPANS}
    for who in ("city_officer", "huangpu_officer", "shigatse_department", STRANGER):
        if not resource.opens_to(house.actor(who)):
            continue
        client, seen = house.client(who), sees(house, who, resource)
        for q in sorted(word for word in asked if word.strip() and " " not in word)[:14]:
            found = client.get(f"/api/v1/{resource.name}/", {"q": q, "size": 200}).json()
            scan = {pk for pk in seen if any(q in text for text in texts[pk])}
            missing = scan - {row["id"] for row in found["results"]}
            assert found["count"] >= len(scan), (who, q)
            assert not missing or found["count"] > 200, (who, q)


SPANS = ((0, 1), (0, 2), (1, 3), (2, 2), (0, 9))


@pytest.mark.parametrize("resource", [r.name for r in all_resources() if r.public], indirect=True)
def test_the_public_searches_only_what_is_public(resource):
    public = set(resource.public.split())
    assert {name.replace("__", ".") for name in resource.search.split()} <= public
    assert resource.key in public, "the public names records by their key"


# Files


@each(NAMES)
def test_files(house, resource):
    found = [who for who in EVERYBODY if resource.writable(house.actor(who))]
    where = PLACES[0]
    obj = house.record(resource, where)
    able = [w for w in found if resource.covers(house.actor(w), obj, resource.writers) and resource.is_open(obj)]
    if not able:
        return
    client, url = house.client(able[0]), f"{resource.url(obj.pk)}/files"
    sent = io.BytesIO("机密".encode() * 10)
    sent.name = "note.txt"
    answer = client.post(url, {"file": sent})
    assert answer.status_code == 302, said(answer)
    page = client.get(resource.url(obj.pk)).content.decode()
    link = re.search(rf'href="({re.escape(url)}/\d+)"', page)
    assert link, "the file is not on the record's page"
    got = client.get(link.group(1))
    assert body_of(got) == sent.getvalue()
    assert got["Content-Disposition"].startswith("attachment")
    assert got["X-Content-Type-Options"] == "nosniff"
