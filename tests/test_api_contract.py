"""The interface for programs does what its OpenAPI document says, and what clients rely on beyond it."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.world import LANGUAGES, PLACES, STRANGER, Where, World, enterers, fill_in, sees
from yulan.kernel.resource import Resource, all_resources, resource_named
from yulan.kernel.trail import TrailEntry
from yulan.site.wsgi import application

NAMES = [resource.name for resource in all_resources()]
WHO = ("city_officer", "huangpu_officer", "shigatse_finance", STRANGER)
JSON = {"content_type": "application/json"}
DOCUMENT = "/api/openapi.json"
ALWAYS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def resource(request: pytest.FixtureRequest) -> Resource:
    found = resource_named(request.param)
    assert found is not None
    return found


def each(names: list[str]) -> Any:
    return pytest.mark.parametrize("resource", names, indirect=True)


# The document


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_document_is_valid(house, lang):
    document = house.program(STRANGER, lang).get(DOCUMENT).json()
    validate(document)
    summary = document["paths"]["/api/v1/projects/"]["get"]["summary"]
    assert summary.isascii() == (lang == "en"), "told in the reader's language"


@pytest.fixture
def kept_open() -> Iterator[None]:
    """Have the application leave the connection open, in whose transaction the world lies."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def operations(furnished: World, django_db_blocker: Any) -> list[Any]:
    """Give every operation of the document, to be sent to the application itself."""
    with django_db_blocker.unblock():
        found = schemathesis.openapi.from_dict(furnished.program("city_officer").get(DOCUMENT).json())
    found.app = application
    return [operation.ok() for operation in found.get_all_operations()]


class Caller:
    """Sends generated cases, takes back what they do, and checks the answers."""

    def __init__(self, house: World, resource: Resource) -> None:
        self.house, self.resource = house, resource
        who, where = next(iter(enterers(house, resource)), ("", PLACES[0]))
        self.good = fill_in(resource, house.actor(who), where) if who else {}

    def send(self, case: Any, who: str, where: Where | None) -> None:
        """Send a case as it was made, or about the record of a place and with values that can be taken."""
        if where:
            self._make_true(case, self.house.record(self.resource, where))
        token = {"Authorization": f"Bearer {self.house.tokens[who]}"} if who != STRANGER else {}
        checks = ALWAYS if where else ALWAYS + self._further(case, who)
        with transaction.atomic():
            case.call_and_validate(headers={"Accept-Encoding": "identity"} | token, checks=checks)
            transaction.set_rollback(True)

    def _make_true(self, case: Any, obj: Any) -> None:
        if case.path_parameters:
            case.path_parameters["id"] = obj.pk
        elif case.operation.method == "post":
            case.body = self.good
        if case.operation.method == "patch":
            case.body = {"version": obj.version} | dict(list(self.good.items())[:1])

    def _further(self, case: Any, who: str) -> list[Any]:
        """To readers of a list the document tells which questions are answered and which are not.

        Beyond it, an empty value asks for nothing, and a region may be asked for by its name.
        """
        if case.operation.method != "get" or not self.house.actor(who).has(self.resource.readers):
            return []
        given = [
            value for values in case.query.values() for value in (values if isinstance(values, list) else [values])
        ]
        regions = {column.name for column in self.resource.filtered if column.codec.kind == "region"}
        return [] if "" in given or regions & case.query.keys() else [positive_data_acceptance, negative_data_rejection]


SETTINGS = settings(max_examples=6, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


@each(NAMES)
@pytest.mark.usefixtures("kept_open")
def test_answers_are_as_the_document_says(house, operations, resource):
    mine = [operation for operation in operations if operation.path.startswith(f"/api/v1/{resource.name}/")]
    caller = Caller(house, resource)

    @SETTINGS
    @given(st.data())
    def send(data: st.DataObject) -> None:
        for operation in mine:
            mode = data.draw(st.sampled_from((GenerationMode.POSITIVE, GenerationMode.NEGATIVE)))
            case = data.draw(operation.as_strategy(generation_mode=mode))
            caller.send(case, data.draw(st.sampled_from(WHO)), data.draw(st.sampled_from((None, *PLACES))))

    send()


# What clients rely on


def walk(client: Any, base: str, **asked: Any) -> list[dict[str, Any]]:
    """Give the rows of all pages."""
    rows: list[dict[str, Any]] = []
    for page in range(1, 1000):
        content = client.get(base, {"size": 3, "page": page, **asked}).json()
        rows += content["results"]
        if page >= content["pages"]:
            assert content["count"] == len(rows)
            return rows
    raise AssertionError("the pages do not end")


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [row["id"] for row in rows]


@each(NAMES)
def test_pages_sorting_and_filters_agree(house, resource):
    who = next(w for w in ("city_officer", "city_finance", "sysadmin") if house.actor(w).has(resource.readers))
    client, base = house.program(who), f"/api/v1/{resource.name}/"
    rows = walk(client, base)
    assert sorted(ids(rows)) == sorted(sees(house, who, resource)), "each row on one page, once"
    for column in (column for column in resource.listed if column.stored):
        up, down = (walk(client, base, sort=f"{sign}{column.name}", size=200) for sign in ("", "-"))
        assert ids(up) == ids(down)[::-1]
        assert sorted(ids(up)) == sorted(ids(rows))
    told = rows[0].keys() if rows else ()  # what stands on another record can be asked for, and is told there
    for column in (column for column in resource.filtered if column.name in told and not column.codec.private):
        name, kind = column.name, column.codec.kind
        for value in {row[name] for row in rows[:60]} - {None, ""}:
            text = str(value).lower() if kind == "bool" else value
            found = ids(walk(client, base, **{name: text}, size=200))
            same = [row["id"] for row in rows if row[name] == value]
            assert set(found) >= set(same) if kind == "region" else sorted(found) == sorted(same), (name, value)
            if kind in ("date", "year"):
                later = ids(walk(client, base, **{f"{name}.from": text}, size=200))
                earlier = ids(walk(client, base, **{f"{name}.to": text}, size=200))
                assert set(later) & set(earlier) == set(same)
                assert set(later) | set(earlier) == {row["id"] for row in rows if row[name] is not None}


def read_feed(client: Any, after: int, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Follow the feed to its head; give the events and the last cursor."""
    events: list[dict[str, Any]] = []
    while True:
        part = client.get("/api/v1/feed", {"after": after, "limit": limit}).json()
        events += part["results"]
        if part["last"] >= part["head"]:
            return events, part["last"]
        assert part["last"] > after
        after = part["last"]


@pytest.mark.parametrize("who", WHO)
def test_the_feed_tells_everything_once(house, who):
    client, actor = house.program(who), house.actor(who)
    events, last = read_feed(client, 0, 500)
    assert read_feed(client, 0, 61) == (events, last)
    assert [event["seq"] for event in events] == sorted({event["seq"] for event in events})
    seen = {r.model._meta.label_lower: sees(house, who, r) for r in all_resources() if r.opens_to(actor)}
    expected = {entry.seq for entry in TrailEntry.objects.all() if seen.get(entry.model, set()) & set(touched(entry))}
    assert {event["seq"] for event in events} == expected

    resource = resource_named("projects")
    writer, where = enterers(house, resource)[0]
    body = orjson.dumps(fill_in(resource, house.actor(writer), where))
    before = read_feed(client, last, 500)[1]
    made = house.program(writer).post("/api/v1/projects/", body, **JSON).json()["id"]
    found = [event for event in read_feed(client, before, 1)[0] if event["event"] == "projects.create"]
    assert [event["ids"] for event in found] == ([[made]] if made in sees(house, who, resource) else [])


def touched(entry: TrailEntry) -> Iterator[int]:
    body = orjson.loads(entry.body)
    yield from (row[0] for row in body["rows"]) if "rows" in body else [int(body["object"])]


def test_a_refused_request_leaves_its_key_free(house):
    resource = resource_named("projects")
    who, where = enterers(house, resource)[0]
    client, key = house.program(who), {"idempotency-key": "again-1"}
    assert client.post("/api/v1/projects/", b"{}", headers=key, **JSON).status_code == 422
    body = orjson.dumps(fill_in(resource, house.actor(who), where))
    assert client.post("/api/v1/projects/", body, headers=key, **JSON).status_code == 201


@each([r.name for r in all_resources() if r.lifecycle])
def test_a_move_takes_only_what_it_asks_for(house, resource):
    obj, move = house.record(resource, PLACES[0]), resource.lifecycle.moves[0]
    url = f"/api/v1/{resource.name}/{obj.pk}/moves/{move.name}"
    answer = house.program("city_officer").post(url, b'{"recieved": "1"}', **JSON)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["recieved"])
