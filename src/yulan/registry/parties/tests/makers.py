"""Plain makers of parties, for the tests of this room and of the floors above."""

from datetime import date
from itertools import count

from stdnum.cn import ric

from yulan.kernel.access import SYSTEM, Actor
from yulan.registry.parties import services
from yulan.registry.parties.models import Account, Organisation, Pairing, Person

_serial = count(1)


def make_organisation(code="", kind="department", parent=None, **fields) -> Organisation:
    code = code or f"ORG-{next(_serial)}"
    return services.register_organisation(
        code, fields.pop("name_zh", f"单位{code}"), kind, by=SYSTEM, parent=parent, **fields
    )


def make_identity_number(region="310000", born="19000101", order=0) -> str:
    body = f"{region}{born}{order or next(_serial):03d}"
    return body + ric.calc_check_digit(body + "0")


def make_person(code="", name="王小明", **fields) -> Person:
    return services.register_person(code or f"P-{next(_serial)}", name, by=SYSTEM, **fields)


def make_account(username="", *roles, person=None, organisation=None, region="", since=date(2001, 1, 1)) -> Account:
    username = username or f"user{next(_serial)}"
    account = services.open_account(username, f"{username} 先生", by=SYSTEM, person=person)
    for role in roles:
        services.assign_role(account, role, by=SYSTEM, organisation=organisation, region=region, valid_from=since)
    return account


def make_actor(*roles, **where) -> Actor:
    return make_account("", *roles, **where).actor()


def make_pairing(supporter=None, region="530800", since=date(2001, 1, 1), **fields) -> Pairing:
    return services.record_pairing(
        fields.pop("code", f"PAIR-X{next(_serial)}"),
        supporter or make_organisation(),
        region,
        by=SYSTEM,
        level=fields.pop("level", "city"),
        programme=fields.pop("programme", "support"),
        valid_from=since,
        **fields,
    )
