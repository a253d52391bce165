"""The permission matrix: every record type × persona × place of the record × state × channel, expected from the policy.

The policy is what declarations say in words (`read`, `write`, `public`, kind of place, roles of moves) and who a
persona is (role, organisation, region). What each cell should answer is worked out here from these words alone, not by
the code under test, and then asked for as people and programs ask.
"""

import io
import re
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import openpyxl
import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from tests.world import EVERYBODY, ORGANISATIONS, PEOPLE, PLACES, STRANGER, Where, World, body_of, make_any
from yulan.kernel.access import EVERYTHING, SYSTEM, Everywhere
from yulan.kernel.feed import deliver
from yulan.kernel.files import attach
from yulan.kernel.records import Record
from yulan.kernel.resource import Resource, all_resources, resource_named

pytestmark = pytest.mark.django_db
ONCE = pytest.mark.sqlite
"""What no engine decides is asked on one; which rows are reached, on both."""

NAMES = [resource.name for resource in all_resources()]
MOVED = [(r.name, state) for r in all_resources() if r.lifecycle for state in r.lifecycle.states]
SEARCHED = [resource.name for resource in all_resources() if resource.search]
ABOVE = {code: parent for code, _name, _kind, _region, parent in ORGANISATIONS}
OK, FOUND, UNSIGNED, FORBIDDEN, MISSING, CONFLICT = 200, 302, 401, 403, 404, 409


class Policy:
    """What the words of one declaration promise to one persona."""

    def __init__(self, resource: Resource, who: str) -> None:
        self.resource, self.who = resource, who
        self.role, self.organisation, self.region = PEOPLE.get(who, ("", "", ""))
        self.writers = {role for roles in resource.write for role in roles.split()}
        self.readers = set(resource.read.split()) | self.writers
        self.public = set(resource.public.split())

    @property
    def opens(self) -> bool:
        return bool(self.public) or self.role in self.readers

    @property
    def outside(self) -> int:
        """What a page answers to whom it does not open."""
        return FORBIDDEN if self.role else FOUND

    def lies_in_reach(self, where: Where) -> bool:
        """A role tied to an organisation reaches what lies under it, one tied to a region what lies there."""
        scope: Any = self.resource.scope
        if isinstance(scope, Everywhere):
            return True
        ties = []
        if self.organisation and scope.organisation:
            ties.append(self.organisation in chain(where.organisation))
        if self.region and scope.region:
            ties.append(self.region == where.region)
        if not ties:
            return not (self.organisation or self.region)
        return any(ties) if scope.either else all(ties)

    def whole(self, where: Where) -> bool:
        return self.role in self.readers and self.lies_in_reach(where)

    def sees(self, where: Where, obj: Any) -> bool:
        return self.whole(where) or (bool(self.public) and is_public(self.resource, obj))

    def writes(self, where: Where) -> bool:
        return self.role in self.writers and self.lies_in_reach(where)

    def page_of(self, where: Where, obj: Any, answer: Any) -> Any:
        """What a page of the record answers, when it answers so to those who see it."""
        return answer if self.sees(where, obj) else MISSING if self.opens else self.outside

    def program_of(self, where: Where, obj: Any, answer: Any) -> Any:
        """The same to a program."""
        return answer if self.sees(where, obj) else MISSING if self.opens else FORBIDDEN if self.role else UNSIGNED


def chain(organisation: str) -> Iterator[str]:
    """Give an organisation and those above it."""
    while organisation:
        yield organisation
        organisation = ABOVE[organisation]


def is_public(resource: Resource, obj: Any) -> bool:
    shown = resource.public_rows()
    return shown == EVERYTHING or resource.model._default_manager.filter(shown, pk=obj.pk).exists()


def records(house: World, resource: Resource) -> list[tuple[Where, Any]]:
    return [(where, house.record(resource, where)) for where in PLACES]


def few(resource: Resource) -> set[str]:
    """Give one persona of each kind that the policy tells apart: pages are dear, programs ask for everybody."""
    kinds: dict[Any, str] = {}
    for who in EVERYBODY:
        policy = Policy(resource, who)
        reached = tuple((policy.whole(where), policy.writes(where)) for where in PLACES)
        fills_in = frozenset(names_of(resource, policy.role)) if policy.role in policy.writers else None
        kinds.setdefault((bool(policy.role), policy.opens, fills_in, reached), who)
    return set(kinds.values())


@pytest.fixture
def resource(request: pytest.FixtureRequest) -> Resource:
    found = resource_named(request.param)
    assert found is not None
    return found


@pytest.fixture
def wrong() -> Iterator[list[str]]:
    """Cells that did not answer as the policy promises: collected, then shown together."""
    found: list[str] = []
    yield found
    assert not found, f"{len(found)} cells are wrong:\n" + "\n".join(found[:40])


def expect(wrong: list[str], cell: str, said: object, promised: object) -> None:
    if said != promised:
        wrong.append(f"{cell}: {said}, not {promised}")


def each(names: list[str]) -> Any:
    return pytest.mark.parametrize("resource", names, indirect=True)


@each(NAMES)
def test_lists_in_every_channel(house, resource, wrong):
    there = records(house, resource)
    for who in EVERYBODY:
        policy = Policy(resource, who)
        seen = {obj.pk for where, obj in there if policy.sees(where, obj)}
        answer = house.program(who).get(f"/api/v1/{resource.name}/?size=200")
        closed = FORBIDDEN if policy.role else UNSIGNED
        expect(wrong, f"{who} api", answer.status_code, OK if policy.opens else closed)
        if policy.opens:
            mine = {obj.pk for _where, obj in there}
            found = {row["id"] for row in answer.json()["results"]}
            expect(wrong, f"{who} api rows", found & mine, seen & found if answer.json()["pages"] > 1 else seen)
    for who in few(resource):
        _demand_lists(house, resource, Policy(resource, who), there, wrong)


def _demand_lists(house: World, resource: Resource, policy: Policy, there: Any, wrong: list[str]) -> None:
    client, who = house.client(policy.who), policy.who
    answers = {tail: client.get(resource.url() + tail) for tail in ("", "export.json", "export.csv", "lookup?q=")}
    for channel, answer in answers.items():
        expect(wrong, f"{who} {channel}", answer.status_code, OK if policy.opens else policy.outside)
    if policy.opens:
        keys = {str(getattr(obj, resource.key)): obj.pk for _where, obj in there}
        rows = orjson.loads(body_of(answers["export.json"]))
        told = {keys[str(row[resource.key])] for row in rows if str(row.get(resource.key)) in keys}
        expect(wrong, f"{who} json rows", told, {obj.pk for where, obj in there if policy.sees(where, obj)})
        lines = body_of(answers["export.csv"]).decode("utf-8-sig").count("\n") - 1
        expect(wrong, f"{who} csv rows", lines, len(rows))


@ONCE
@each(NAMES)
def test_records_in_every_channel(house, resource, wrong):
    chosen = few(resource)
    for where, obj in records(house, resource):
        page, api = resource.url(obj.pk), f"/api/v1/{resource.name}/{obj.pk}"
        for who in EVERYBODY:
            policy, client, program = Policy(resource, who), house.client(who), house.program(who)
            cell = f"{who} {where.name}"
            answer = program.get(api)
            expect(wrong, f"{cell} api", answer.status_code, policy.program_of(where, obj, OK))
            if answer.status_code == OK and not policy.whole(where):
                more = answer.json().keys() - policy.public - {"id", "version"}
                expect(wrong, f"{cell} api columns", more, set())
            trail = program.get(f"{api}/trail").status_code
            promised = OK if policy.whole(where) else MISSING if policy.opens else FORBIDDEN
            expect(wrong, f"{cell} trail", trail, promised if policy.role else UNSIGNED)
            if who in chosen:
                expect(wrong, f"{cell} page", client.get(page).status_code, policy.page_of(where, obj, OK))


@ONCE
@each(SEARCHED)
def test_search(house, resource, wrong):
    for where, obj in records(house, resource)[::2]:
        first = attrgetter(resource.search.split()[0].replace("__", "."))(obj)
        asked, link = {"q": str(first)}, f'href="{resource.url(obj.pk)}"'
        for who in few(resource):
            shown = link in house.client(who).get("/search", asked).content.decode()
            expect(wrong, f"{who} {where.name} search", shown, Policy(resource, who).sees(where, obj))


def test_the_feed(house, wrong):
    for who in EVERYBODY:
        told = set(told_of(house, who))
        for resource in all_resources():
            policy = Policy(resource, who)
            for where, obj in records(house, resource):
                if not isinstance(obj, Record):  # tells of itself in words of its own
                    continue
                shown = (resource.name, obj.pk) in told
                expect(wrong, f"{who} {resource.name} {where.name} feed", shown, policy.sees(where, obj))


def told_of(house: World, who: str) -> Iterator[tuple[str, int]]:
    """Give the records of which the feed tells somebody."""
    program, after, last = house.program(who), 0, -1
    while after != last:
        page = program.get(f"/api/v1/feed?after={after}&limit=500").json()
        for row in page["results"]:
            yield from ((row["event"].partition(".")[0], pk) for pk in row["ids"])
        after, last = page["last"], after


@ONCE
@each(NAMES)
def test_files_of_records(house, resource, wrong):
    for where, obj in records(house, resource)[::2]:
        file = attach(obj, SimpleUploadedFile("note.txt", "机密".encode()), by=SYSTEM)
        url = f"{resource.url(obj.pk)}/files/{file.pk}"
        for who in few(resource):
            policy = Policy(resource, who)
            promised = OK if policy.whole(where) else MISSING if policy.opens else policy.outside
            expect(wrong, f"{who} {where.name} file", house.client(who).get(url).status_code, promised)


@ONCE
@each(NAMES)
def test_writing_in_every_channel(house, resource, wrong):
    chosen = few(resource)
    for where, obj in records(house, resource):
        page, api = resource.url(obj.pk), f"/api/v1/{resource.name}/{obj.pk}"
        sent, is_open = orjson.dumps({"version": getattr(obj, "version", 1)}), resource.is_open(obj)
        for who in EVERYBODY:
            policy, cell = Policy(resource, who), f"{who} {where.name}"
            inside = (OK if is_open else CONFLICT) if policy.writes(where) else FORBIDDEN
            said = house.program(who).patch(api, sent, content_type="application/json").status_code
            promised = policy.program_of(where, obj, inside if policy.role else UNSIGNED)
            expect(wrong, f"{cell} patch", said, promised)
            if who in chosen:
                said = house.client(who).get(f"{page}/edit").status_code
                expect(wrong, f"{cell} edit", said, policy.page_of(where, obj, inside) if policy.role else FOUND)


@ONCE
@each(NAMES)
def test_new_records_and_workbooks(house, resource, wrong):
    base, chosen = resource.url(), few(resource)
    for who in EVERYBODY:
        policy, client = Policy(resource, who), house.client(who)
        creates = policy.role in policy.writers and set(resource.demanded) <= names_of(resource, policy.role)
        if who in chosen:
            fills_in = OK if policy.role in policy.writers else policy.outside
            expect(wrong, f"{who} import", client.get(f"{base}import").status_code, fills_in)
            expect(wrong, f"{who} template", client.get(f"{base}template.xlsx").status_code, fills_in)
            expect(wrong, f"{who} new", client.get(f"{base}new").status_code, OK if creates else policy.outside)
        said = house.program(who).post(f"/api/v1/{resource.name}/", b"{}", content_type="application/json").status_code
        refused = UNSIGNED if not policy.role else FORBIDDEN
        expect(wrong, f"{who} create", said, 422 if creates else refused)
    for who in chosen:
        policy = Policy(resource, who)
        if policy.role in policy.writers:
            _demand_rows(house, resource, policy, wrong)


def names_of(resource: Resource, role: str) -> set[str]:
    """Give the fields that the declaration lets a role fill in."""
    found: set[str] = set()
    for roles, names in resource.write.items():
        if role in roles.split():
            found |= set(resource.demanded) if names == "*" else set(names.split())
    return found


def _demand_rows(house: World, resource: Resource, policy: Policy, wrong: list[str]) -> None:
    """A workbook with the keys of all four records: those out of reach or closed are wrong rows, with a reason."""
    there = [(where, obj) for where, obj in records(house, resource)]
    own = next((n for n in resource.sheet(house.actor(policy.who)) if n != resource.key and plain(resource, n)), "")
    if not own:
        return
    book, target = openpyxl.Workbook(), io.BytesIO()
    book.active.append([resource.key, own])
    for _where, obj in there:
        book.active.append([getattr(obj, resource.key), "改"])
    book.save(target)
    target.seek(0)
    target.name = "rows.xlsx"
    answer = house.client(policy.who).post(f"{resource.url()}import", {"file": target})
    counts = answer.context["page"].get("counts")
    good = sum(policy.writes(where) and resource.is_open(obj) for where, obj in there)
    if counts is None or counts["wrong"] > 4 - good:
        wrong.append(f"{policy.who} workbook: {counts or answer.context['page']['errors']}")
    else:
        expect(wrong, f"{policy.who} workbook", counts["wrong"], 4 - good)


def plain(resource: Resource, name: str) -> bool:
    """Say whether any text does for a field."""
    field: Any = resource.model._meta.get_field(name)
    is_text = resource.fields[name].codec.kind == "text" and not field.choices and not field.unique
    return (
        is_text and not field.is_relation and not field.validators[1:] and type(field).__module__.startswith("django")
    )


@ONCE
@pytest.mark.parametrize(("name", "state"), MOVED)
def test_moves_from_every_state(house, name, state, wrong):
    resource: Any = resource_named(name)
    possible = {move.name: move for move in resource.lifecycle.from_state(state)}
    impossible = next(move.name for move in resource.lifecycle.moves if move.name not in possible)
    for where in PLACES[::2]:
        obj = make_any(resource, where, state=state)
        deliver()  # now, not again with every move that is taken back
        for who in EVERYBODY:
            policy, program = Policy(resource, who), house.program(who)
            for asked in (*possible, impossible):
                theirs = asked in possible and policy.role in possible[asked].roles and policy.lies_in_reach(where)
                inside = "asked" if theirs else FORBIDDEN if asked in possible else CONFLICT
                said = fired(program, f"/api/v1/{name}/{obj.pk}/moves/{asked}")
                promised = policy.program_of(where, obj, inside) if policy.role else UNSIGNED
                if promised == "asked":
                    said = "asked" if said in (OK, CONFLICT, 422) else said
                expect(wrong, f"{who} {where.name} {asked}", said, promised)


def fired(program: Any, url: str) -> int:
    """Ask for a move, and take back what it did."""
    with transaction.atomic():
        said: int = program.post(url, b'{"opinion": "x"}', content_type="application/json").status_code
        transaction.set_rollback(True)
    return said


def test_every_page_of_the_matrix_has_a_policy_word():
    """Personas hold each role that a declaration names, so that no word of the policy goes untried."""
    named = {role for r in all_resources() for role in Policy(r, STRANGER).readers}
    named |= {role for r in all_resources() if r.lifecycle for move in r.lifecycle.moves for role in move.roles}
    assert named <= {role for role, _organisation, _region in PEOPLE.values()}
    assert not [role for role in named if not re.fullmatch("[a-z]+", role)]
