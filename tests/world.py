"""The one named world of the tests: who works here, where, and a maker of any declared record.

    house.client("huangpu_officer", "en")       # a signed-in test client; "stranger" is nobody
    make_any(resource, HUANGPU)                 # a valid record of any declared resource, lying in Huangpu
    fill_in(resource, actor, HUANGPU)           # the same as somebody would type it in: {field: text}

A new resource needs no code here: values come from the model's fields, choices and validators, references are made
along. Every text holds a mark of its own (place, serial number, number of the field), so that a leak shows whose it
is. `BY_HAND` holds the little that no field says.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.core.cache import cache
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from yulan.engines.funds.ledger import post
from yulan.engines.funds.models import BudgetLine
from yulan.engines.funds.rules import Posting
from yulan.kernel.access import SYSTEM, VISITOR, Actor
from yulan.kernel.money import MoneyField
from yulan.kernel.records import BOOKKEEPING
from yulan.kernel.resource import Resource, all_resources, resource_of
from yulan.kernel.resource.declare import is_required
from yulan.kernel.resource.edits import form_text
from yulan.kernel.resource.write import Invalid, check
from yulan.kernel.trail import change_set
from yulan.plan.services import load_plan
from yulan.registry.parties import services as parties
from yulan.registry.parties.models import Account, Organisation
from yulan.registry.records import services as records
from yulan.registry.records import terms
from yulan.registry.regions import selectors
from yulan.registry.regions.fields import RegionCodeField
from yulan.registry.regions.history import Gazetteer
from yulan.registry.regions.services import _row

LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True)
class Where:
    """A place records lie in: the organisation that owns them, the region they are about, the mark in their texts."""

    name: str
    organisation: str
    region: str
    mark: str


HUANGPU = Where("huangpu", "SH-HUANGPU", "310101", "HPQZ")
JINGAN = Where("jingan", "SH-JINGAN", "310106", "JAQZ")
SHIGATSE = Where("shigatse", "XZ-RKZ", "540200", "RKQZ")
AKSU = Where("aksu", "XJ-AKS", "652900", "AKQZ")
PLACES = (HUANGPU, JINGAN, SHIGATSE, AKSU)

ORGANISATIONS = (
    ("SH", "上海市人民政府", "government", "310000", ""),
    ("SH-CCO", "上海市人民政府合作交流办公室", "cooperation_office", "310000", "SH"),
    ("SH-HUANGPU", "黄浦区合作交流办", "cooperation_office", "310101", "SH"),
    ("SH-JINGAN", "静安区合作交流办", "cooperation_office", "310106", "SH"),
    ("SH-OUT-XZ", "上海市人民政府驻西藏办事处", "outoffice", "540000", "SH"),
    ("XZ-RKZ", "日喀则市发展和改革委员会", "recipient", "540200", ""),
    ("XJ-AKS", "阿克苏地区发展和改革委员会", "recipient", "652900", ""),
    ("SH-ENT", "上海某某企业", "enterprise", "310115", ""),
)

PEOPLE: dict[str, tuple[str, str, str]] = {
    "city_officer": ("officer", "", ""),
    "division_head": ("head", "", ""),
    "city_leader": ("leader", "", ""),
    "city_finance": ("finance", "SH", ""),
    "huangpu_officer": ("district", "SH-HUANGPU", ""),
    "jingan_officer": ("district", "SH-JINGAN", ""),
    "shigatse_team": ("field", "", "540200"),
    "shigatse_department": ("recipient", "", "540200"),
    "shigatse_finance": ("finance", "", "540200"),
    "aksu_department": ("recipient", "", "652900"),
    "auditor": ("auditor", "", ""),
    "evaluator": ("evaluator", "", ""),
    "enterprise": ("enterprise", "SH-ENT", ""),
    "operator": ("operator", "SH-CCO", ""),
    "tibet_office": ("outoffice", "SH-OUT-XZ", ""),
    "seconded": ("seconded", "SH-HUANGPU", ""),
    "doctor": ("doctor", "", "540200"),
    "dispatcher": ("dispatcher", "SH", ""),
    "citizen": ("citizen", "", ""),
    "sysadmin": ("sysadmin", "", ""),
    "secadmin": ("secadmin", "", ""),
    "auditadmin": ("auditadmin", "", ""),
}
"""Who: role, organisation, region. Empty places: tied to nothing."""

STRANGER = "stranger"
"""Nobody: not signed in."""

EVERYBODY = (*PEOPLE, STRANGER)


@dataclass
class World:
    """Everybody, signed in once; `made` keeps one record of every resource in every place."""

    accounts: dict[str, Account]
    tokens: dict[str, str]
    cookies: dict[str, str]
    made: dict[tuple[str, str], Any] = field(default_factory=dict)

    def actor(self, who: str) -> Actor:
        """Give who acts."""
        return VISITOR if who == STRANGER else self.accounts[who].actor()

    def client(self, who: str, lang: str = "en") -> Client:
        """Give a browser in which somebody is signed in."""
        client = _client({"accept-language": lang})
        client.cookies["django_language"] = lang
        if who != STRANGER:
            client.cookies["sessionid"] = self.cookies[who]
        return client

    def program(self, who: str, lang: str = "en") -> Client:
        """Give a client that sends a bearer token."""
        headers = {"accept-language": lang}
        return _client(headers if who == STRANGER else headers | {"authorization": f"Bearer {self.tokens[who]}"})

    def record(self, resource: Resource, where: Where) -> Any:
        """Give the record of a resource in a place, made at the first asking."""
        key = (resource.name, where.name)
        if key not in self.made:
            self.made[key] = make_any(resource, where)
        return self.made[key]

    def furnish(self) -> None:
        """Make one record of every resource in every place."""
        for resource in all_resources():
            for where in PLACES:
                self.record(resource, where)


HANDLER = ClientHandler(enforce_csrf_checks=False)
"""One for all clients: each would load the middleware anew, which takes longer than most requests."""


def _client(headers: dict[str, str]) -> Client:
    client = Client(headers=headers)
    client.handler = HANDLER
    return client


def build() -> World:
    """Make the world in the database."""
    with change_set(by=SYSTEM, reason="the world of the tests", channel="loader") as changes:
        for code, name, kind, region, parent in ORGANISATIONS:
            above = Organisation.objects.get(code=parent) if parent else None
            parties.register_organisation(code, name, kind, by=SYSTEM, region=region, parent=above)
        register = Gazetteer.load()
        near = [span for span in register if span.code[:2] in ("31",) or span.code[:4] in ("5402", "5423", "6529")]
        provinces = [span for span in register if span.code.endswith("0000") and span not in near]
        changes.insert_many(selectors.Region, [_row(span) for span in (*near, *provinces)])
        records.load_records(SYSTEM)
        load_plan(by=SYSTEM)
        forget()
        accounts = {who: _hire(who, *post) for who, post in PEOPLE.items()}
        tokens = {who: parties.issue_token(account.username, by=SYSTEM, label="t") for who, account in accounts.items()}
    cookies = {}
    for who, account in accounts.items():
        client = Client()
        client.force_login(account)
        cookies[who] = client.cookies["sessionid"].value
    return World(accounts, tokens, cookies)


def _hire(who: str, role: str, organisation: str, region: str) -> Account:
    account = parties.open_account(who, who.replace("_", " "), by=SYSTEM)
    place = Organisation.objects.get(code=organisation) if organisation else None
    since = date(2001, 1, 1)
    parties.assign_role(account, role, by=SYSTEM, organisation=place, region=region, valid_from=since)
    return account


def forget() -> None:
    """Drop what the process keeps of the database: a test that was rolled back leaves it wrong."""
    cache.clear()
    terms.forget()
    selectors._Held.gazetteer = None
    selectors.refresh()


# A record of any kind

_serial = count(1)
LONG_AGO = date(2001, 1, 1)


def _required(resource: Resource) -> set[str]:
    state = resource.lifecycle.field if resource.lifecycle else ""
    fields = resource.model._meta.concrete_fields
    return {f.name for f in fields if is_required(f) and f.name not in BOOKKEEPING | {"id", state}}


Maker = Callable[[Where, int], Mapping[str, Any]]
BY_HAND: dict[str, Maker] = {
    # a place in the tree is what puts an organisation under a branch
    "parties.organisation": lambda where, n: {"parent": Organisation.objects.get(code=where.organisation)},
}
"""Values that no field of the model gives away."""


def _ledger_account(where: Where, mark: str, **over: Any) -> Any:
    line = make_any(resource_of(BudgetLine), where)
    return line.accounts.first()


def _ledger_entry(where: Where, mark: str, **over: Any) -> Any:
    line = make_any(resource_of(BudgetLine), where)
    tranche = over.get("disbursement")
    posting = Posting(
        "allocate", line.code, 100, line.approved_on, mark, mark, mark, mark, mark, tranche and tranche.pk
    )
    return post(posting, by=SYSTEM)


OF_ANOTHER: dict[str, Callable[..., Any]] = {"funds.account": _ledger_account, "funds.entry": _ledger_entry}
"""Rows that nobody enters: they come about with another record or by a verb of their own."""


def make_any(resource: Resource, where: Where = HUANGPU, *, state: str | None = None, **over: Any) -> Any:
    """Make a valid record of a resource, lying in a place; in any `state` of its lifecycle."""
    label = resource.model._meta.label_lower
    if label in OF_ANOTHER:
        return OF_ANOTHER[label](where, f"{where.mark}{next(_serial)}", **over)
    values = draft(resource, where, state=state, **over)
    return _make(resource, values, state)


def draft(resource: Resource, where: Where = HUANGPU, *, state: str | None = None, **over: Any) -> dict[str, Any]:
    """Give values, by attribute, of which a valid record is made; what they refer to is made along."""
    names = _required(resource) | set(resource.writable(SYSTEM))
    values = values_of(resource.model, names, where, over)
    fixed = set(over)
    for _attempt in range(8):
        try:
            with transaction.atomic():
                made = _make(resource, values, state)
                transaction.set_rollback(True)
        except (ValidationError, Invalid, IntegrityError) as error:
            if not _lighten(resource.model, values, error, fixed):
                raise AssertionError(f"no valid {resource.name} could be made: {error}; see BY_HAND") from error
        else:
            key = resource.model._meta.get_field(resource.key).attname
            values.setdefault(key, getattr(made, key))  # a key that follows from other fields
            break
    forget()
    return values


def _make(resource: Resource, values: Mapping[str, Any], state: str | None) -> Any:
    with change_set(by=SYSTEM, reason="made for a test", channel="test") as changes:
        if state is None and resource.can_create(SYSTEM):
            check(resource, values)
            writable = {resource.model._meta.get_field(name).attname for name in resource.writable(SYSTEM)}
            given = {name: value for name, value in values.items() if name in writable}
            return resource.make(changes, given, SYSTEM)
        obj = resource.model(**values)
        if state is not None:
            setattr(obj, resource.lifecycle.field, state)
        return changes.create(obj)


def _lighten(model: type[models.Model], values: dict[str, Any], error: Exception, fixed: set[str]) -> bool:
    """Leave out the optional values an error names; of an error about the whole row, every optional text and date."""
    named = set(getattr(error, "error_dict", None) or getattr(error, "errors", None) or ())
    optional = {
        f.attname: f.name
        for f in model._meta.concrete_fields
        if f.attname in values and f.name not in fixed and not is_required(f)
    }
    out = [attname for attname, name in optional.items() if {attname, name} & named]
    if not out and (not named or named & {NON_FIELD_ERRORS, "*"}):
        out = [attname for attname in optional if not model._meta.get_field(attname).is_relation]
    for attname in out:
        del values[attname]
    return bool(out)


def values_of(
    model: type[models.Model], names: set[str], where: Where, over: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give a value for each of the named fields, by attribute."""
    serial = next(_serial)
    label = model._meta.label_lower
    given = {**(BY_HAND[label](where, serial) if label in BY_HAND else {}), **(over or {})}
    found: dict[str, Any] = {}
    for place, one in enumerate(model._meta.concrete_fields):
        if one.name in given:
            value = given[one.name]
            found[one.attname] = value.pk if isinstance(value, models.Model) else value
        elif one.name in names and one.name not in BOOKKEEPING and not one.primary_key:
            value = value_of(one, where, serial, place)
            if value is not None:
                found[one.attname] = value
    return found


def value_of(one: models.Field, where: Where, serial: int, place: int) -> Any:
    """Give a valid value of a field, or None to leave it as it is."""
    if isinstance(one, models.ForeignKey):
        return _reference(one, where)
    if isinstance(one, RegionCodeField):
        return where.region
    if one.choices:
        return one.flatchoices[0][0]
    if isinstance(one, models.BooleanField):
        return one.get_default() if one.has_default() else False
    if isinstance(one, models.DateTimeField):
        return timezone.now()
    if isinstance(one, models.DateField):
        return LONG_AGO + timedelta(days=serial % 1500 + 40 * place)
    return _first_valid(one, _candidates(one, where, serial, f"{where.mark}{serial}{place:02}"))


def _reference(one: models.ForeignKey, where: Where) -> Any:
    target = one.related_model
    if target is Organisation and one.model is not Organisation:
        return Organisation.objects.get(code=where.organisation).pk
    if one.null:
        return None
    resource = resource_of(target)
    if resource is not None:
        return make_any(resource, where).pk
    needed = {f.name for f in target._meta.concrete_fields if is_required(f)}
    with change_set(by=SYSTEM, reason="made for a test", channel="test") as changes:
        return changes.create(target(**values_of(target, needed, where))).pk


def _candidates(one: models.Field, where: Where, serial: int, mark: str) -> Iterator[Any]:
    if isinstance(one, MoneyField):
        yield 10_000_000
    elif isinstance(one, models.DecimalField):
        yield Decimal("1.50") if one.decimal_places else Decimal(1)
    elif isinstance(one, models.IntegerField):
        yield from (2006,) if one.name.endswith("year") else (serial,) if one.unique else (40, 1, 2006)
    elif isinstance(one, models.CharField | models.TextField):
        if not (one.unique or isinstance(one, models.SlugField) or one.name in ("code", "key")):
            yield f"保密事项 {mark}"
        yield from (mark, mark.lower(), f"{900_000 + serial}", f"https://example.org/{mark}", mark[:4], "甲")


def _first_valid(one: models.Field, candidates: Iterator[Any]) -> Any:
    check_clear = getattr(one, "check_clear", None)
    for value in candidates:
        with contextlib.suppress(ValidationError):
            one.run_validators(value)
            if not (check_clear and check_clear(value)):
                return value
    return None


def fill_in(resource: Resource, actor: Actor, where: Where = HUANGPU, **over: Any) -> dict[str, str]:
    """Give a new record as the actor would type it into a form: {field: text}, the empty ones left out."""
    return as_typed(resource, draft(resource, where, **over), resource.writable(actor))


def as_typed(resource: Resource, values: Mapping[str, Any], names: list[str]) -> dict[str, str]:
    """Give values as somebody would type them."""
    found = {}
    for name in names:
        column = resource.fields[name]
        attname = resource.model._meta.get_field(name).attname
        if values.get(attname) is not None:
            clear = hasattr(column.codec.field, "check_clear")  # a form shows dots where somebody typed a clear value
            found[name] = values[attname] if clear else form_text(column, values[attname])
    return {name: text for name, text in found.items() if text != ""}


# Around a test


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Run in a transaction that is taken back."""
    forget()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    forget()


def body_of(answer: Any) -> bytes:
    """Give the bytes of an answer, streamed or not."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def enterers(world: World, resource: Resource) -> list[tuple[str, Where]]:
    """Give who enters new records of a resource, and in which place."""
    found = []
    for who in PEOPLE:
        actor = world.actor(who)
        if resource.can_create(actor):
            reached = (
                where for where in PLACES if resource.covers(actor, world.record(resource, where), writers_of(resource))
            )
            found += [(who, where) for where in reached]
    return found


def writers_of(resource: Resource) -> frozenset[str]:
    """Give the roles that fill in fields, as declared."""
    return frozenset(role for roles in resource.write for role in roles.split())


def readers_of(resource: Resource) -> frozenset[str]:
    """Give the roles that see rows, as declared."""
    return frozenset(resource.read.split()) | writers_of(resource)


def sees(world: World, who: str, resource: Resource) -> set[int]:
    """Give the ids that somebody may see."""
    return set(resource.visible_to(world.actor(who)).values_list("pk", flat=True))
