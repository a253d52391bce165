"""What is done to organisations, persons, accounts and pairings.

Who may: roles are given by the security administrator, accounts opened by the system administrator, neither to
themself; a clear personal value goes to the roles of `rules.REVEALERS`, with a reason, and is noted in the trail.
"""

import csv
import hashlib
import hmac
import secrets as random
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone

from yulan.kernel import secrets
from yulan.kernel.access import Actor, Allowed, Denied, Refused, Verdict
from yulan.kernel.period import in_force, today
from yulan.kernel.text import _
from yulan.kernel.trail import Stale, change_set, version_of
from yulan.registry.parties import grants, rules, scopes
from yulan.registry.parties.columns import new_code
from yulan.registry.parties.fields import HIDDEN
from yulan.registry.parties.models import Account, ApiToken, Assignment, Organisation, Pairing, Person
from yulan.registry.regions.models import Region

HERE = Path(__file__).parent
KEPT = 600
"""Seconds for which the actor of a token is kept, while nothing it is drawn from changes."""


def _demand(by: Actor, *roles: str) -> None:
    """Refuse (403) whoever holds none of the roles."""
    if not by.has(roles):
        labels = ", ".join(str(rules.ROLE[role].label) for role in roles)
        raise Refused(str(_("Only for: %(roles)s.")) % {"roles": labels})


# Organisations


def register_organisation(
    code: str, name_zh: str, kind: str, *, by: Actor, parent: Organisation | None = None, **fields: Any
) -> Organisation:
    """Register an organisation under `parent`; `fields` are further columns. Raises ValidationError."""
    made = Organisation(code=code, name_zh=name_zh, kind=kind, parent=parent, **_tidied(fields))
    with change_set(by=by) as cs:
        return cs.create(made)


def change_organisation(organisation: Organisation, *, by: Actor, **values: Any) -> Organisation:
    """Change columns; a new parent takes the whole branch along. The code, which paths are made of, stays."""
    if values.pop("code", organisation.code) != organisation.code:
        raise ValidationError({"code": _("The code of an organisation does not change: register a successor.")})
    with change_set(by=by) as cs:
        if "parent" in values and values["parent"] != organisation.parent:
            values["path"] = _move_branch(organisation, values["parent"], by)
        return cs.update(organisation, **_tidied(values))


def _tidied(values: dict[str, Any]) -> dict[str, Any]:
    if "uscc" in values:
        values["uscc"] = rules.tidy_number(values["uscc"] or "") or None
    return values


def _move_branch(organisation: Organisation, parent: Organisation | None, by: Actor) -> str:
    """Give an organisation's path under another parent, having moved what is under it."""
    old = organisation.path
    if parent and parent.path.startswith(old):
        raise ValidationError({"parent": _("An organisation cannot be part of itself.")})
    new = rules.path_of(parent.path if parent else "", organisation.code)
    with change_set(by=by) as cs:
        for below in Organisation.objects.filter(path__startswith=old).exclude(pk=organisation.pk):
            cs.update(below, path=new + below.path.removeprefix(old))
    return new


def succeed_organisation(
    old: Organisation, new: Organisation, on: date, *, by: Actor, reason: str = ""
) -> Organisation:
    """End an organisation on a day (the first on which it is no more) and name who took over."""
    if new.path.startswith(old.path):
        raise ValidationError({"successor": _("What is part of an organisation cannot succeed it.")})
    with change_set(by=by, reason=reason) as cs:
        return cs.update(old, valid_to=on, successor=new)


# Persons

INDEXED = {"name": "name_index", "identity_number": "identity_index", "phone": "phone_index"}
EMPTY = {"name": "", "identity_number": None, "phone": ""}


def register_person(
    code: str, name: str, *, by: Actor, organisation: Organisation | None = None, title: str = "", **sealed: str
) -> Person:
    """Register a person; `sealed` are clear values of identity_number, phone, bank, health. Raises ValidationError."""
    with change_set(by=by) as cs:
        person = Person(code=code, organisation=organisation, title=title)
        for column, value in _sealed(person, {"name": name, **sealed}).items():
            setattr(person, column, value)
        return cs.create(person)


def register_persons(rows: list[Mapping[str, Any]], *, by: Actor) -> list[Person]:
    """Register many at once, each row as the arguments of `register_person`; one trail entry per 2,000.

    The values are checked by the caller; equal identity numbers still raise IntegrityError.
    """
    with change_set(by=by) as cs:
        persons = [Person(code=r["code"], organisation=r.get("organisation"), title=r.get("title", "")) for r in rows]
        items = [
            (p.subject, f, r.get(f, "")) for p, r in zip(persons, rows, strict=True) for f in rules.PERSONAL_FIELDS
        ]
        tokens = iter(secrets.seal_all(items))
        for person in persons:
            for field in rules.PERSONAL_FIELDS:
                setattr(person, field, next(tokens))
        for field, column in INDEXED.items():
            indexes = secrets.blind_indexes(field, [row.get(field, "") for row in rows])
            for person, index in zip(persons, indexes, strict=True):
                setattr(person, column, index or EMPTY[field])
        cs.insert_many(Person, persons)
        return persons


def change_person(person: Person, *, by: Actor, **values: Any) -> Person:
    """Change columns; personal fields come as clear text, and the dots of a masked form mean "as it is"."""
    if person.erased:
        raise Refused(str(_("This person was erased.")), status=409)
    clear = {name: values.pop(name) for name in list(values) if name in rules.PERSONAL_FIELDS}
    clear = {name: text or "" for name, text in clear.items() if text != HIDDEN}
    with change_set(by=by) as cs:
        return cs.update(person, **values, **_sealed(person, clear))


def _sealed(person: Person, clear: Mapping[str, str]) -> dict[str, Any]:
    """Check and seal clear values; give the columns to write, indexes among them."""
    found: dict[str, Any] = {}
    for field, text in clear.items():
        if field not in rules.PERSONAL_FIELDS or text == HIDDEN:
            raise ValidationError({field: _("There is no such personal field, or it holds only dots.")})
        plain = rules.tidy_number(text) if field == "identity_number" else text.strip()
        if field == "name" and not plain:
            raise ValidationError({"name": _("Write the name.")})
        if field == "identity_number" and plain:
            _check_identity_number(person, plain)
        found[field] = secrets.seal(person.subject, field, plain)
        if field in INDEXED:
            found[INDEXED[field]] = secrets.blind_index(field, plain) or EMPTY[field]
    return found


def _check_identity_number(person: Person, number: str) -> None:
    if reason := rules.bad_identity_number(number):
        raise ValidationError({"identity_number": reason})
    if Person.objects.with_identity_number(number).exclude(pk=person.pk).exists():
        raise ValidationError({"identity_number": _("Somebody with this identity number is registered already.")})


def may_reveal(actor: Actor, field: str, person: Person) -> Verdict:
    """Say whether an actor may see the clear value of a person's field: by role, and by place."""
    if actor.unlimited or (actor.account_id and person.accounts.filter(pk=actor.account_id).exists()):
        return Allowed()
    roles = rules.REVEALERS[field]
    verdict = rules.may_reveal(actor.roles, field)
    if verdict and not any(scopes.PERSONS.covers(grant, person) for grant in actor.grants_as(roles)):
        return Denied((str(_("This person is outside your place of work.")),))
    return verdict


def reveal_field(person: Person, field: str, *, by: Actor, reason: str) -> str:
    """Give the clear value of a personal field, and note in the trail who looked at what and why.

    Raises Refused: 403 when role or place does not allow it, 409 without a reason or after an erasure.
    """
    if field not in rules.PERSONAL_FIELDS:
        raise Refused(str(_("There is no such personal field.")), status=409)
    verdict = may_reveal(by, field, person)
    if isinstance(verdict, Denied):
        raise Refused(*verdict.reasons)
    if not reason.strip():
        raise Refused(str(_("Say why you need the clear value.")), status=409)
    with change_set(by=by, reason=reason.strip()) as cs:
        cs.note(person, "reveal", {"field": field})
        clear = secrets.open_sealed(person.subject, field, getattr(person, field))
    if clear is None:
        raise Refused(str(_("This person was erased.")), status=409)
    return clear


def erase_person(person: Person, *, by: Actor, reason: str) -> Person:
    """Destroy a person's key: nobody can read the personal fields again, here or in the trail. Accounts are closed."""
    _demand(by, "secadmin")
    if person.erased:
        raise Refused(str(_("This person was erased.")), status=409)
    if not reason.strip():
        raise Refused(str(_("Say why the person is erased.")), status=409)
    with change_set(by=by, reason=reason.strip()):
        secrets.erase(person.subject, by=by.name, reason=reason.strip())
        return _forget(person, by)


def _forget(person: Person, by: Actor) -> Person:
    """Close a person's accounts and blank what finds the person."""
    with change_set(by=by) as cs:
        for account in person.accounts.filter(is_active=True):
            close_account(account, by=by)
        return cs.update(person, action="erase", erased=True, **{INDEXED[name]: EMPTY[name] for name in INDEXED})


def erase_again(*, by: Actor) -> int:
    """Erase whoever the ledger of erasures names and an older database brought back; give how many.

    For every start and restore: does nothing where nobody is back.
    """
    with change_set(by=by, reason="named in the ledger of erasures", channel="restore"):
        secrets.replay_erasures()
        back = list(Person.objects.filter(erased=False, subject__in=secrets.Erasure.objects.values("subject")))
        for person in back:
            _forget(person, by)
    return len(back)


# Accounts and roles


def actor_of_account(username: str) -> Actor | None:
    """Give who acts under a user name, with today's grants; None when there is no such active account."""
    found = Account.objects.filter(username=username, is_active=True).first()
    return found.actor() if found else None


def actors_holding(roles: Collection[str]) -> list[Actor]:
    """Give everybody who holds one of the roles today, with the places at which they do. One query."""
    rows = Assignment.objects.in_force(today()).filter(role__in=roles, account__is_active=True)
    held: dict[tuple[str, str, int], list[grants.Row]] = {}
    for username, name, key, *grant in rows.values_list(
        "account__username", "account__name", "account_id",
        "role", "organisation__path", "region", "delegated_by__name",
    ):  # fmt: skip
        held.setdefault((username, name, key), []).append((grant[0], grant[1], grant[2], grant[3]))
    return [Actor(username, grants.grants_of(given), name, key) for (username, name, key), given in held.items()]


def open_account(
    username: str,
    name: str,
    *,
    by: Actor,
    person: Person | None = None,
    password: str | None = None,
    **fields: Any,
) -> Account:
    """Open an account without any role; without a password it can only be entered by other means.

    `fields` are language, is_active, demonstration.
    """
    _demand(by, "sysadmin")
    with change_set(by=by) as cs:
        made = Account(username=username, name=name, person=person, password=make_password(None), **fields)
        cs.create(made)
        if password is not None:
            set_password(made, password, by=by)
        return made


def set_password(account: Account, password: str, *, by: Actor) -> None:
    """Set a password, one's own or as the system administrator; the trail says so without its hash."""
    if by.account_id != account.pk:
        _demand(by, "sysadmin")
    validate_password(password, account)
    with change_set(by=by) as cs:
        account.password = make_password(password)
        rows = Account.objects.filter(pk=account.pk, version=account.version)
        if not rows.update(password=account.password, version=F("version") + 1, changed_at=timezone.now()):
            raise Stale(str(account))
        account.version += 1
        cs.note(account, "set password")


def change_account(account: Account, *, by: Actor, **values: Any) -> Account:
    """Change columns; the user name, by which the trail knows people, stays. Closing also revokes tokens."""
    _demand(by, "sysadmin")
    if values.pop("username", account.username) != account.username:
        raise ValidationError({"username": _("A user name does not change: open another account.")})
    with change_set(by=by) as cs:
        if values.pop("is_active", account.is_active) != account.is_active:
            if account.is_active:
                close_account(account, by=by)
            else:
                cs.update(account, action="reopen", is_active=True)
        return cs.update(account, **values)


def close_account(account: Account, *, by: Actor, reason: str = "") -> Account:
    """Close an account and revoke its tokens; what it did stays."""
    _demand(by, "sysadmin", "secadmin")
    with change_set(by=by, reason=reason) as cs:
        for token in account.tokens.filter(revoked__isnull=True):
            cs.update(token, revoked=timezone.now())
        return cs.update(account, action="close", is_active=False)


def assign_role(
    account: Account,
    role: str,
    *,
    by: Actor,
    organisation: Organisation | None = None,
    region: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
    code: str = "",
) -> Assignment:
    """Give an account a role at a place from a day (default today). Raises Refused, ValidationError."""
    _demand(by, "secadmin")
    if by.account_id is not None and by.account_id == account.pk:
        raise Refused(str(_("Nobody gives a role to themself.")))
    given = Assignment(
        code=code or new_code(),
        account=account,
        role=role,
        organisation=organisation,
        region=region,
        valid_from=valid_from or today(),
        valid_to=valid_to,
    )
    return _give(given, by=by)


def _give(assignment: Assignment, *, by: Actor, reason: str = "") -> Assignment:
    with change_set(by=by, reason=reason) as cs:
        _lock_hand(assignment.account)
        held = roles_held(assignment.account, assignment.valid_from, assignment.valid_to)
        if refusal := rules.conflicting_roles(held, assignment.role):
            raise Refused(refusal, status=409)
        return cs.create(assignment)


def _lock_hand(account: Account) -> None:
    """Queue whoever gives roles to the same hand at the same time (SQLite's one writer needs nothing)."""
    if connection.vendor == "postgresql":
        list(Account.objects.select_for_update().filter(pk=account.pk))
        list(Person.objects.select_for_update().filter(accounts=account.pk))


def roles_held(account: Account, start: date, end: date | None = None) -> set[str]:
    """Give the roles in one hand, over all accounts of the same person, on any day from `start` up to `end`."""
    hand = Q(account=account)
    if account.person_id:
        hand |= Q(account__person=account.person_id)
    rows = Assignment.objects.filter(hand).exclude(valid_to__lte=start).exclude(valid_to__lte=F("valid_from"))
    if end:
        rows = rows.filter(valid_from__lt=end)
    return set(rows.values_list("role", flat=True))


def change_assignment(assignment: Assignment, *, by: Actor, **values: Any) -> Assignment:
    """End an assignment on another day; anything else is a new assignment."""
    fixed = [name for name, value in values.items() if name != "valid_to" and value != getattr(assignment, name)]
    if not fixed and "valid_to" not in values:
        return assignment
    if fixed or values["valid_to"] is None:
        raise ValidationError(
            dict.fromkeys(fixed or ["valid_to"], _("Only the end can be set: end it and assign the role anew."))
        )
    return end_assignment(assignment, by=by, on=values["valid_to"])


def end_assignment(assignment: Assignment, *, by: Actor, on: date | None = None, reason: str = "") -> Assignment:
    """End an assignment from a day on (default today), and what its holder had delegated of it."""
    if by.account_id != assignment.account_id:
        _demand(by, "secadmin")
    day = on or today()
    with change_set(by=by, reason=reason) as cs:
        lent = Assignment.objects.filter(
            delegated_by=assignment.account_id, role=assignment.role, organisation=assignment.organisation_id
        )
        for row in [assignment, *lent.filter(region=assignment.region, valid_to__gt=day)]:
            cs.update(row, action="end", valid_to=max(day, row.valid_from))
    return assignment


def delegate_role(
    assignment: Assignment,
    to: Account,
    *,
    by: Actor,
    valid_to: date,
    valid_from: date | None = None,
    reason: str = "",
) -> Assignment:
    """Lend a role one holds to another until a day, for all or part of the time one holds it (R009).

    The other acts in their own name; grants and trail say on whose behalf. Lent roles are not lent on.
    """
    start = valid_from or today()
    if by.account_id != assignment.account_id:
        _demand(by, "secadmin")
    if assignment.delegated_by_id:
        raise Refused(str(_("A delegated role is not delegated further.")), status=409)
    if start < assignment.valid_from or (assignment.valid_to and valid_to > assignment.valid_to):
        raise Refused(str(_("You do not hold the role for all of that time.")), status=409)
    lent = Assignment(
        account=to,
        role=assignment.role,
        organisation=assignment.organisation,
        region=assignment.region,
        valid_from=start,
        valid_to=valid_to,
        delegated_by=assignment.account,
    )
    return _give(lent, by=by, reason=reason)


# Tokens


def issue_token(username: str, *, by: Actor, label: str, days: int | None = 365) -> str:
    """Issue a bearer token and give it; it cannot be shown again, only its SHA-256 is kept.

    Raises Account.DoesNotExist, Refused.
    """
    account = Account.objects.get(username=username, is_active=True)
    if by.account_id != account.pk:
        _demand(by, "sysadmin")
    token = f"yulan_{random.token_urlsafe(32)}"
    expires = timezone.now() + timedelta(days=days) if days else None
    with change_set(by=by) as cs:
        cs.create(ApiToken(account=account, sha256=_digest(token), label=label, expires=expires))
    return token


def revoke_token(token: ApiToken, *, by: Actor, reason: str = "") -> ApiToken:
    """Make a token worthless from now on."""
    if by.account_id != token.account_id:
        _demand(by, "sysadmin", "secadmin")
    with change_set(by=by, reason=reason) as cs:
        return cs.update(token, action="revoke", revoked=timezone.now())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of_token(token: str, on: date | None = None) -> Actor | None:
    """Give who acts with a bearer token, with the grants of a day (default today); None when it is not valid.

    Kept between requests until a table it is drawn from changes: what is revoked, ended or closed counts at once.
    """
    digest, day = _digest(token), on or today()
    key = f"bearer:{digest}:{day}:{version_of(ApiToken, Account, Assignment, Organisation, Region)}"
    kept: tuple[Actor, datetime | None] | None = cache.get(key)
    if kept is None:
        kept = _bearer(digest, day)
        if kept is None:
            return None
        cache.set(key, kept, KEPT)
    actor, expires = kept
    return actor if expires is None or expires > timezone.now() else None


def _bearer(digest: str, day: date) -> tuple[Actor, datetime | None] | None:
    """Read whose token it is and when it expires: one query.

    Looking up by digest and comparing digests in constant time tells a guesser nothing.
    """
    held = "account__assignments"
    rows = list(
        ApiToken.objects.filter(sha256=digest, revoked__isnull=True, account__is_active=True)
        .annotate(held=FilteredRelation(held, condition=in_force(day, f"{held}__valid_from", f"{held}__valid_to")))
        .values_list(
            "sha256", "expires", "account_id", "account__username", "account__name",
            "held__role", "held__organisation__path", "held__region", "held__delegated_by__name",
        )
    )  # fmt: skip
    if not rows or not hmac.compare_digest(rows[0][0], digest):
        return None
    _sha256, expires, account_id, username, name = rows[0][:5]
    found = grants.grants_of(row[5:] for row in rows if row[5])
    return Actor(username, found, name, account_id), expires


# Pairings


def record_pairing(
    code: str,
    supporter: Organisation,
    region: str,
    *,
    by: Actor,
    level: str,
    programme: str,
    valid_from: date,
    **fields: Any,
) -> Pairing:
    """Record who is paired with which region; `fields` are further columns. Raises ValidationError."""
    with change_set(by=by) as cs:
        return cs.create(
            Pairing(
                code=code,
                supporter=supporter,
                region=region,
                level=level,
                programme=programme,
                valid_from=valid_from,
                **fields,
            )
        )


def end_pairing(pairing: Pairing, on: date, *, by: Actor, reason: str = "") -> Pairing:
    """End a pairing from a day on."""
    with change_set(by=by, reason=reason) as cs:
        return cs.update(pairing, action="end", valid_to=on)


# Facts


def load_parties(by: Actor) -> dict[str, int]:
    """Load the organisations the plan names and the pairings: add what is missing, change nothing that is there.

    Gives the number of new organisations and pairings. The event among the names of requirements §3.2 (全球扶贫大会)
    is no organisation and is left out.
    """
    with change_set(by=by, reason="随附的机构和结对关系", channel="loader") as cs:
        known: dict[str, Organisation] = {row.code: row for row in Organisation.objects.all()}
        waiting = [row for row in _shipped("organisations.csv") if row["code"] not in known]
        organisations = len(waiting)
        while waiting:
            ready = [row for row in waiting if {row["parent"], row["successor"]} <= known.keys() | {""}]
            for row in ready:
                fields = row | {"parent": known.get(row["parent"]), "successor": known.get(row["successor"])}
                known[row["code"]] = cs.create(Organisation(**fields))
            waiting = [row for row in waiting if row not in ready]
        here = set(Pairing.objects.values_list("code", flat=True))
        pairings = [row for row in _shipped("pairings.csv") if row["code"] not in here]
        for row in pairings:
            cs.create(Pairing(**row | {"supporter": known[row["supporter"]]}))
    return {"organisations": organisations, "pairings": len(pairings)}


def _shipped(name: str) -> list[dict[str, Any]]:
    """Read a shipped table: dates and flags as values, empty dates as None."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    for row in rows:
        row["unverified"] = bool(row["unverified"])
        for column in ("valid_from", "valid_to"):
            row[column] = date.fromisoformat(row[column]) if row[column] else None
    return rows
