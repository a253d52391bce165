"""Accounts, the roles assigned to them, and their tokens."""

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.contrib.auth import hashers
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yulan.kernel.access import Actor
from yulan.kernel.period import today
from yulan.kernel.records import Record
from yulan.kernel.text import _
from yulan.registry.parties import grants, rules
from yulan.registry.parties.columns import DatedQuerySet, check_code, new_code
from yulan.registry.regions.fields import RegionCodeField


class AccountManager(BaseUserManager["Account"]):
    """Accounts by user name; they are opened by `services.open_account`."""


def names_of(usernames: Collection[str]) -> dict[str, str]:
    """Give user name → what the person is called."""
    return dict(Account.objects.filter(username__in=usernames).values_list("username", "name"))


class Account(AbstractBaseUser, Record):
    """A key to the house: who signs in. What they may do is in their assignments."""

    username = models.CharField(
        _("User name"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]*$", _("Use small letters, digits, dots and hyphens."))],
    )
    person = models.ForeignKey(
        "parties.Person", models.PROTECT, null=True, blank=True, related_name="accounts", verbose_name=_("Person")
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
        rows = self.assignments.in_force(on or today()) if self.is_active else Assignment.objects.none()
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

    code = models.CharField(_("Code"), max_length=30, unique=True, default=new_code, validators=[check_code])
    account = models.ForeignKey(Account, models.PROTECT, related_name="assignments", verbose_name=_("Account"))
    role = models.CharField(_("Role"), max_length=20, choices=rules.ROLE_CHOICES)
    organisation = models.ForeignKey(
        "parties.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("Organisation"),
    )
    region = RegionCodeField(_("Region"), on="valid_from", blank=True)
    valid_from = models.DateField(_("Valid from"), default=today)
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

    code = models.CharField(_("Code"), max_length=30, unique=True, default=new_code, editable=False)
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
