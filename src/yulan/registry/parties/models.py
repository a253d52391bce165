"""Organisations, persons, accounts with their assignments and tokens, and pairings.

Dated rows are in force from `valid_from` up to, but not on, `valid_to`; an empty date is open.
"""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth import hashers
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone

from yulan.kernel import secrets
from yulan.kernel.access import Actor
from yulan.kernel.period import in_force
from yulan.kernel.records import Record
from yulan.kernel.text import Bilingual, _
from yulan.registry.parties import grants, rules
from yulan.registry.parties.fields import SealedField
from yulan.registry.regions.fields import RegionCodeField


def _in_order(name: str, **extra: Any) -> models.CheckConstraint:
    message = _("The end must come after the beginning.")
    return models.CheckConstraint(
        condition=Q(valid_to__gt=F("valid_from")), name=name, violation_error_message=message, **extra
    )


def _check_code(code: str) -> None:
    if reason := rules.bad_code(code):
        raise ValidationError(reason)


def _check_uscc(number: str) -> None:
    if reason := rules.bad_uscc(number):
        raise ValidationError(reason)


class DatedQuerySet(models.QuerySet[Any, Any]):
    """Rows with `valid_from` and `valid_to`."""

    def in_force(self, on: date) -> "DatedQuerySet":
        """Keep the rows in force on a day."""
        return self.filter(in_force(on))


class Organisation(Record):
    """A body that acts, owns, pays or is helped (requirements §3.2).

    `path` is its place in the tree, the codes from the root down ("SH.SH-CCO."), kept by the services: what is
    under an organisation begins with its path. `successor` took over when it ended.
    """

    code = models.CharField(_("Code"), max_length=30, unique=True, validators=[_check_code])
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    kind = models.CharField(_("Kind"), max_length=20, choices=rules.ORGANISATION_KINDS)
    uscc = models.CharField(
        _("Unified social credit code"), max_length=18, unique=True, null=True, blank=True, validators=[_check_uscc]
    )
    region = RegionCodeField(_("Region"), blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Part of")
    )
    path = models.CharField(max_length=240, blank=True, editable=False, db_index=True)
    valid_from = models.DateField(_("Valid from"), null=True, blank=True)
    valid_to = models.DateField(_("Valid until"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="forerunners", verbose_name=_("Successor")
    )
    unverified = models.BooleanField(_("Unverified"), default=False)
    note = models.TextField(_("Note"), blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("Organisation")
        verbose_name_plural = _("Organisations")
        constraints = [
            _in_order("organisation_dates"),
            models.CheckConstraint(
                condition=Q(path__endswith=Concat(Value("."), F("code"), Value(".")))
                | Q(path=Concat(F("code"), Value("."))),
                name="organisation_path",
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | Q(valid_to__isnull=False),
                name="organisation_ends_for_successor",
                violation_error_message=_("An organisation with a successor has an end."),
            ),
        ]

    @property
    def name(self) -> Bilingual:
        """The name in both languages."""
        return Bilingual(self.name_zh, self.name_en)

    def clean(self) -> None:
        """Find the place of a new organisation in the tree."""
        self.uscc = self.uscc or None
        if self._state.adding:
            self.path = rules.path_of(self.parent.path if self.parent else "", self.code)

    def __str__(self) -> str:
        return str(self.name)


class PersonQuerySet(models.QuerySet["Person", Any]):
    """Persons; those fetched together are unmasked together."""

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh:
            batch = [found for found in self._result_cache or () if isinstance(found, Person)]
            for person in batch:
                person._batch = batch

    def with_name(self, name: str) -> "PersonQuerySet":
        """Find persons by their whole name."""
        return self.filter(name_index=secrets.blind_index("name", name))

    def with_identity_number(self, number: str) -> "PersonQuerySet":
        """Find the person with an identity number."""
        return self.filter(identity_index=secrets.blind_index("identity_number", number))

    def with_phone(self, phone: str) -> "PersonQuerySet":
        """Find persons by phone."""
        return self.filter(phone_index=secrets.blind_index("phone", phone))


class Person(Record):
    """Somebody, whose personal fields are sealed under a key of their own (`subject`) and shown masked.

    The clear value is given only by `services.reveal_field`, which leaves a trail entry. An erased person's key is
    destroyed: the row stays, nobody can read it.
    """

    code = models.CharField(_("Code"), max_length=30, unique=True, validators=[_check_code])
    subject = models.CharField(max_length=100, unique=True, editable=False, default=secrets.new_subject)
    name = SealedField(_("Name"), kind="name")
    name_index = models.CharField(max_length=32, blank=True, editable=False, db_index=True)
    identity_number = SealedField(_("Identity number"), kind="identity", blank=True, check=rules.bad_identity_number)
    identity_index = models.CharField(max_length=32, null=True, blank=True, editable=False, unique=True)
    phone = SealedField(_("Phone"), kind="phone", blank=True)
    phone_index = models.CharField(max_length=32, blank=True, editable=False, db_index=True)
    bank = SealedField(_("Bank account"), kind="bank", blank=True)
    health = SealedField(_("Health"), kind="health", blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="persons", verbose_name=_("Organisation")
    )
    title = models.CharField(_("Title"), max_length=60, blank=True)
    erased = models.BooleanField(_("Erased"), default=False, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("Person")
        verbose_name_plural = _("Persons")

    _batch: list["Person"]
    _masks: dict[str, str]

    def masked(self, field: str) -> str:
        """Give a personal field masked; "" when it is empty or the person was erased."""
        if not hasattr(self, "_masks"):
            _mask_together(getattr(self, "_batch", None) or [self])
        return self._masks[field]

    @property
    def masked_name(self) -> str:
        """The name, all but the family name hidden."""
        return self.masked("name")

    @property
    def masked_identity_number(self) -> str:
        """The identity number, birthday hidden."""
        return self.masked("identity_number")

    @property
    def masked_phone(self) -> str:
        """The phone, middle hidden."""
        return self.masked("phone")

    def __str__(self) -> str:
        return self.code


def _mask_together(persons: list[Person]) -> None:
    """Open and mask the personal fields of persons with one query per five hundred."""
    items = [(person.subject, field, getattr(person, field)) for person in persons for field in rules.PERSONAL_FIELDS]
    opened = iter(secrets.open_all(items))
    for person in persons:
        person._masks = {
            field: secrets.mask(person._meta.get_field(field).kind, next(opened) or "")  # type: ignore[union-attr]
            for field in rules.PERSONAL_FIELDS
        }


class AccountManager(BaseUserManager["Account"]):
    """Accounts by user name; they are opened by `services.open_account`."""


class Account(AbstractBaseUser, Record):
    """A key to the house: who signs in. What they may do is in their assignments."""

    username = models.CharField(
        _("User name"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]*$", _("Use small letters, digits, dots and hyphens."))],
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="accounts", verbose_name=_("Person")
    )
    name = models.CharField(_("Display name"), max_length=60)
    language = models.CharField(_("Language"), max_length=10, default="zh-hans", choices=settings.LANGUAGES)
    is_active = models.BooleanField(_("Active"), default=True)
    demonstration = models.BooleanField(_("Demonstration account"), default=False, editable=False)
    last_login = None  # sign-ins are for the log, not for a record: a write here would leave no trail entry

    objects = AccountManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["username"]
        verbose_name = _("Account")
        verbose_name_plural = _("Accounts")

    def actor(self, on: date | None = None) -> Actor:
        """Give who acts when this account does, with the grants of a day (default: today). One query."""
        rows = self.assignments.in_force(on or timezone.localdate()) if self.is_active else Assignment.objects.none()
        found = rows.values_list("role", "organisation__path", "region", "delegated_by__name")
        return Actor(self.username, grants.grants_of(found), self.name, self.pk)

    def check_password(self, raw_password: str | None) -> bool:
        """Check the password; unlike Django's, never rewrites the stored hash."""
        return raw_password is not None and hashers.check_password(raw_password, self.password)

    def __str__(self) -> str:
        return self.username


class Assignment(Record):
    """A role given to an account at a place for a time, or lent by another (delegation, R009).

    Roles that exclude each other are never in one hand on the same day: the database refuses them too.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="assignments", verbose_name=_("Account"))
    role = models.CharField(_("Role"), max_length=20, choices=rules.ROLE_CHOICES)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="assignments", verbose_name=_("Organisation")
    )
    region = RegionCodeField(_("Region"), on="valid_from", blank=True)
    valid_from = models.DateField(_("Valid from"), default=timezone.localdate)
    valid_to = models.DateField(_("Valid until"), null=True, blank=True)
    delegated_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="delegations", verbose_name=_("On behalf of")
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["account", "valid_from", "role"]
        verbose_name = _("Assignment")
        verbose_name_plural = _("Assignments")
        constraints = [
            # an assignment may be ended on the day it began: it was then never in force
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")),
                name="assignment_dates",
                violation_error_message=_("The end must come after the beginning."),
            ),
            models.CheckConstraint(condition=Q(role__in=list(rules.ROLE)), name="assignment_role"),
            models.CheckConstraint(
                condition=Q(delegated_by__isnull=True) | Q(valid_to__isnull=False),
                name="delegation_ends",
                violation_error_message=_("A delegation has an end."),
            ),
            models.CheckConstraint(
                condition=Q(delegated_by__isnull=True) | ~Q(delegated_by=F("account")),
                name="delegation_to_another",
                violation_error_message=_("Nobody delegates a role to themself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.get_role_display()}"


class ApiToken(Record):
    """A bearer token of an account, kept only as its SHA-256."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="tokens", verbose_name=_("Account"))
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    label = models.CharField(_("Label"), max_length=60)
    created = models.DateTimeField(_("Created"), default=timezone.now, editable=False)
    expires = models.DateTimeField(_("Expires"), null=True, blank=True)
    revoked = models.DateTimeField(_("Revoked"), null=True, blank=True)

    class Meta:
        ordering = ["account", "created"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.account} {self.label}"


class Pairing(Record):
    """Who is paired with which region, on what basis, from when to when (R014).

    `region` is the division code as the source prints it. `exception_reason` says why a pairing outside the rule
    exists; `unverified` marks one whose dates or parties are not confirmed.
    """

    code = models.CharField(_("Code"), max_length=30, unique=True, validators=[_check_code])
    supporter = models.ForeignKey(Organisation, models.PROTECT, related_name="pairings", verbose_name=_("Supporter"))
    region = RegionCodeField(_("Recipient region"), on="valid_from")
    level = models.CharField(_("Level"), max_length=20, choices=rules.PAIRING_LEVELS)
    programme = models.CharField(_("Programme"), max_length=20, choices=rules.PROGRAMMES)
    basis = models.CharField(_("Legal basis"), max_length=200, blank=True)
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid until"), null=True, blank=True)
    exception_reason = models.CharField(_("Reason of the exception"), max_length=200, blank=True)
    topic = models.CharField(_("Topic"), max_length=120, blank=True)
    source = models.CharField(_("Source"), max_length=200, blank=True)
    unverified = models.BooleanField(_("Unverified"), default=False)
    note = models.TextField(_("Note"), blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("Pairing")
        verbose_name_plural = _("Pairings")
        constraints = [
            _in_order("pairing_dates"),
            models.UniqueConstraint(
                fields=["supporter", "region", "programme", "valid_from"],
                name="pairing_once",
                violation_error_message=_("This pairing is registered already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.supporter} → {self.region}"
