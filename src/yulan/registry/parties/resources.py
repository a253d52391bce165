"""Organisations, persons, accounts, assignments, tokens and pairings as resources.

Personal fields are shown masked everywhere; hashes and indexes nowhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from yulan.kernel import secrets
from yulan.kernel.access import Actor
from yulan.kernel.resource import Resource
from yulan.kernel.resource.declare import Column
from yulan.kernel.text import _
from yulan.kernel.trail import ChangeSet
from yulan.registry.parties import rules, scopes, services
from yulan.registry.parties.codec import SealedCodec
from yulan.registry.parties.models import Account, ApiToken, Assignment, Organisation, Pairing, Person

ADMINISTRATORS = "sysadmin secadmin auditadmin"


class _Discreet(Resource):
    """Leaves the columns named in `unseen` out of pages, files and API."""

    unseen: ClassVar[str] = ""

    @cached_property
    def fields(self) -> dict[str, Column]:
        """Give every other column."""
        return {name: column for name, column in super().fields.items() if name not in self.unseen.split()}


class Organisations(_Discreet):
    """Who acts, owns, pays or is helped, in the tree and in time (requirements §3.2)."""

    model = Organisation
    channel = "people"
    scope = scopes.ORGANISATIONS
    read = "officer head leader finance district field recipient auditor evaluator enterprise operator outoffice"
    write = {
        "officer head": "code name_zh name_en kind uscc region parent valid_from valid_to successor unverified note"
    }
    columns = "name_zh code kind region parent valid_from valid_to"
    filters = "kind region parent unverified"
    search = "code name_zh name_en uscc"
    public = "code name_zh name_en kind uscc region parent valid_from valid_to successor unverified"
    unseen = "path"

    def make(self, changes: ChangeSet, values: dict[str, Any], by: Actor) -> Organisation:
        """Register it at its place in the tree."""
        return services.register_organisation(by=by, **_with_objects(values))

    def change(self, changes: ChangeSet, obj: Organisation, values: dict[str, Any], by: Actor) -> Organisation:
        """Change it; a new parent takes the branch along."""
        return services.change_organisation(obj, by=by, **_with_objects(values))


class Persons(_Discreet):
    """People, masked; the clear value is asked for one by one and leaves a trail entry."""

    model = Person
    under = "organisation"
    channel = "people"
    scope = scopes.PERSONS
    read = "officer head finance district field recipient auditor evaluator outoffice doctor secadmin"
    write = {"officer district field recipient": "code name identity_number phone bank health organisation title"}
    columns = "code name phone organisation title"
    filters = "organisation name_index identity_index phone_index"
    search = "code title"
    groups = {
        _("Person"): "code name organisation title erased",
        _("Personal data"): "identity_number phone bank health",
    }
    unseen = "subject name_index identity_index phone_index"

    def column(self, name: str) -> Column:
        """Read personal fields in their masked form."""
        found = super().column(name)
        if isinstance(found.codec, SealedCodec):
            return replace(found, path=f"masked_{name}", stored=False)
        return found

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        """Fetch the organisation along: masked columns are read from objects."""
        return super().visible_to(actor).select_related("organisation")

    def stored(self, keys: Sequence[Any], attnames: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Compare what can be searched for as a whole as a whole; other sealed fields count as changed."""
        names = [name for name in attnames if name in services.INDEXED]
        for key, pk, version, *values in super().stored(keys, [*attnames, "subject"]):
            row = dict(zip([*attnames, "subject"], values, strict=True))
            opened = secrets.open_all([(row["subject"], name, row[name]) for name in names])
            row.update(zip(names, opened, strict=True))
            yield key, pk, version, *(row[name] for name in attnames)

    def is_open(self, obj: Person) -> bool:
        """Close the record of an erased person."""
        return not obj.erased

    def make(self, changes: ChangeSet, values: dict[str, Any], by: Actor) -> Person:
        """Seal and register."""
        return services.register_person(by=by, **_with_objects(values))

    def change(self, changes: ChangeSet, obj: Person, values: dict[str, Any], by: Actor) -> Person:
        """Seal anew what was filled in."""
        return services.change_person(obj, by=by, **values)

    def actions(self, obj: Person, actor: Actor) -> list[dict[str, Any]]:
        """Offer the clear value to those who may see one."""
        allowed = any(services.may_reveal(actor, field, obj) for field in rules.PERSONAL_FIELDS)
        return [{"label": _("Show a clear value"), "url": f"{self.url(obj.pk)}/reveal"}] if allowed else []


class Accounts(_Discreet):
    """Who signs in: opened by the system administrator, without any role."""

    model = Account
    under = "person"
    channel = "people"
    key = "username"
    read = ADMINISTRATORS
    write = {"sysadmin": "username person name language is_active"}
    columns = "username name person language is_active"
    filters = "is_active language"
    search = "username name"
    unseen = "password"

    def make(self, changes: ChangeSet, values: dict[str, Any], by: Actor) -> Account:
        """Open it."""
        return services.open_account(by=by, **_with_objects(values))

    def change(self, changes: ChangeSet, obj: Account, values: dict[str, Any], by: Actor) -> Account:
        """Change, close or reopen it."""
        return services.change_account(obj, by=by, **values)


class Assignments(Resource):
    """Who holds which role where and when: given by the security administrator, never to themself."""

    model = Assignment
    under = "account"
    channel = "people"
    read = ADMINISTRATORS
    write = {"secadmin": "code account role organisation region valid_from valid_to"}
    columns = "account role organisation region valid_from valid_to delegated_by"
    filters = "account role organisation region"
    order = "account__username -valid_from"

    def make(self, changes: ChangeSet, values: dict[str, Any], by: Actor) -> Assignment:
        """Give the role."""
        given = _with_objects(values)
        if not given.get("account"):
            raise ValidationError({"account": _("Name the account.")})
        return services.assign_role(by=by, **given)

    def change(self, changes: ChangeSet, obj: Assignment, values: dict[str, Any], by: Actor) -> Assignment:
        """End it."""
        return services.change_assignment(obj, by=by, **values)


class ApiTokens(_Discreet):
    """Bearer tokens; issued by `yulan token USER`, shown once."""

    model = ApiToken
    under = "account"
    channel = "people"
    read = ADMINISTRATORS
    columns = "account label created expires revoked"
    filters = "account"
    order = "-created"
    unseen = "sha256"


class Pairings(Resource):
    """Who is paired with which region, on what basis, from when to when (R014)."""

    model = Pairing
    under = "supporter"
    channel = "cooperation"
    scope = scopes.PAIRINGS
    write = {
        "officer head": "code supporter region level programme basis valid_from valid_to exception_reason topic source "
        "unverified note"
    }
    columns = "code supporter.name_zh region level programme valid_from valid_to unverified"
    filters = "supporter region level programme valid_from valid_to unverified"
    search = "code topic basis"
    public = "code supporter supporter.name_zh region level programme basis valid_from valid_to exception_reason topic "
    public += "source unverified"


OBJECTS: dict[str, Any] = {
    "parent_id": Organisation,
    "successor_id": Organisation,
    "organisation_id": Organisation,
    "person_id": Person,
    "account_id": Account,
}


def _with_objects(values: dict[str, Any]) -> dict[str, Any]:
    """Give the records themselves where the values hold their ids. Raises ValidationError for one that is gone."""
    found = dict(values)
    for attname in OBJECTS.keys() & values.keys():
        name, key = attname.removesuffix("_id"), found.pop(attname)
        found[name] = key and OBJECTS[attname].objects.filter(pk=key).first()
        if key and not found[name]:
            raise ValidationError({name: _("This record is gone.")})
    return found
