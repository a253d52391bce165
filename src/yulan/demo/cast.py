"""The organisations, people and accounts of the demonstration world, and who acts where."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from stdnum.cn import ric

from yulan.demo.places import AREAS, HORIZON, PLAN_DAY, Area, counties, data
from yulan.kernel.access import Actor
from yulan.kernel.trail import ChangeSet, change_set
from yulan.registry.parties import services as parties
from yulan.registry.parties.models import Account, Organisation, Person
from yulan.registry.parties.rules import path_of
from yulan.registry.regions.history import Gazetteer
from yulan.registry.regions.names import name_in

SINCE = date(2001, 1, 1)
AS_THEN = "机构名称以2007年为准；其在演示中的行为均为虚构。"
INVENTED = "演示机构，虚构。"
Row = tuple[str, str, str, str, str, str, str]
"""Code, Chinese, English, kind, region, parent's code, note."""


def enlist(*, by: Actor) -> None:
    """Register organisations, persons and accounts of the world, and give the roles."""
    with change_set(by=by, reason="演示", channel="loader") as cs:
        _register(cs, [*_organisations()])
        people = _people(by)
        for username, role, place, region, _org, _title in cast():
            _open(username, role, place, region, people.get(username), by=by)


def _organisations() -> Iterator[Row]:
    """Give every organisation, parents first."""
    tables = data("cast")
    yield from ((*row, AS_THEN) for row in tables["authorities"]["rows"])
    register = Gazetteer.load()
    for office in Organisation.objects.filter(code__in=[f"SH-{name}" for name in tables["districts"]]):
        district = register.name(office.region, PLAN_DAY)
        name, english = f"{district}财政局", f"Finance Bureau of {name_in(district, 'en')}"
        yield f"{office.code}-FIN", name, english, "department", office.region, office.code, AS_THEN
    for area in AREAS:
        whole = register.name(area.region, PLAN_DAY)
        for code, name, english in tables["departments"]["rows"]:
            title = f"{english}, {area.slug.title()}"
            yield f"{area.root}-{code}", whole + name, title, "recipient", area.region, area.root, AS_THEN
        for county in counties(area.region) if area.region.endswith("00") else ():
            name = f"{register.name(county, PLAN_DAY)}人民政府"
            yield f"{area.root}-{county}", name, "", "government", county, area.root, AS_THEN
    yield from ((*row, INVENTED) for row in tables["invented"]["rows"])


def _register(cs: ChangeSet, rows: list[Row]) -> None:
    """Insert organisations whose parents come before them, level by level."""
    known: dict[str, Organisation] = {found.code: found for found in Organisation.objects.all()}
    while rows:
        ready = [row for row in rows if not row[5] or row[5] in known]
        made = []
        for code, name_zh, name_en, kind, region, above, note in ready:
            parent = known.get(above)
            path = path_of(parent.path if parent else "", code)
            fields = {"code": code, "name_zh": name_zh, "name_en": name_en, "kind": kind, "region": region}
            made.append(Organisation(**fields, parent=parent, path=path, note=note))
        known |= {one.code: one for one in cs.insert_many(Organisation, made)}
        rows = [row for row in rows if row not in ready]


@cache
def cast() -> tuple[tuple[str, str, str, str, str, str], ...]:
    """Give user name, role, organisation and region of the role, organisation and title of the person."""
    accounts = data("cast")["accounts"]
    rows = [tuple(row) for row in (*accounts["personas"], *accounts["colleagues"])]
    known = {row[0] for row in rows}
    for area in AREAS:
        rows += [row for row in _locals(area) if row[0] not in known]
    return tuple(rows)


def _locals(area: Area) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Give the field worker, department clerk and treasurer of an area."""
    team, region = f"TEAM-{area.block}", area.region
    yield f"field-{area.slug}", "field", team, region, team, "项目协调"
    yield f"recipient-{area.slug}", "recipient", area.root, region, f"{area.root}-DRC", "项目科经办"
    yield f"finance-{area.slug}", "finance", area.treasury, region, area.treasury, "专户管理"


def names() -> Mapping[str, str]:
    """Give user name → the invented name of the person."""
    words: list[str] = data("words")["people"].split()
    return dict(zip((row[0] for row in cast()), words, strict=False))


def identity_number(number: int) -> str:
    """Make an identity number that passes its check and can be nobody's.

    Numbers name a county; this one names Shanghai as a whole, on a day of 1900 when nobody alive was born.
    """
    stem = f"31000019000101{number:03}"
    return f"{stem}{ric.calc_check_digit(f'{stem}0')}"


def _people(by: Actor) -> dict[str, Person]:
    """Register one person for each account but the citizen's, and the teachers of the field teams."""
    offices = {found.code: found for found in Organisation.objects.all()}
    named = names()
    acting = [row for row in cast() if row[1] != "citizen"]
    rows: list[Mapping[str, Any]] = [
        {"name": named[row[0]], "organisation": offices[row[4]], "title": row[5]} for row in acting
    ]
    spare = data("words")["people"].split()[len(cast()) :]
    for place, name in enumerate(spare):
        team = offices[("TEAM-XZ", "TEAM-XJ", "TEAM-YN", "TEAM-SX")[place % 4]]
        rows.append({"name": name, "organisation": team, "title": "支教教师", "health": "演示：体检合格"})
    made = parties.register_persons([_numbered(number, row) for number, row in enumerate(rows, 1)], by=by)
    return {row[0]: person for row, person in zip(acting, made, strict=False)}


def _numbered(number: int, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add code and numbers that can be nobody's."""
    return {
        **row,
        "code": f"DEMO-P{number:03}",
        "identity_number": identity_number(number),
        "phone": f"1000000{number:04}",
        "bank": f"00000000{number:08}",
    }


def _open(username: str, role: str, place: str, region: str, person: Person | None, *, by: Actor) -> None:
    demonstration = username in {row[0] for row in data("cast")["accounts"]["personas"]}
    name = f"{names()[username]}（演示）"
    account = parties.open_account(username, name, by=by, person=person, demonstration=demonstration)
    office = Organisation.objects.get(code=place) if place else None
    code = f"DEMO-{username.upper()}"
    parties.assign_role(account, role, by=by, organisation=office, region=region, valid_from=SINCE, code=code)


def actors() -> dict[str, Actor]:
    """Give everybody of the cast as they act, by user name."""
    return {found.username: found.actor(HORIZON) for found in Account.objects.filter(username__in=[*names()])}
