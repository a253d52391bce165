"""Organisations and pairings; persons and accounts stand in modules of their own.

Dated rows are in force from `valid_from` up to, but not on, `valid_to`; an empty date is open.
"""

from typing import Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat

from yulan.kernel.records import Record
from yulan.kernel.text import Bilingual, _
from yulan.registry.parties import grants, rules
from yulan.registry.parties.accounts import Account, ApiToken, Assignment
from yulan.registry.parties.columns import DatedQuerySet, check_code, check_uscc, in_order
from yulan.registry.parties.persons import Person
from yulan.registry.parties.throttle import SignInTries
from yulan.registry.regions.fields import RegionCodeField
from yulan.registry.regions.models import called

__all__ = ["Account", "ApiToken", "Assignment", "Organisation", "Pairing", "Person", "SignInTries"]


class Organisation(Record):
    """A body that acts, owns, pays or is helped (requirements §3.2).

    `path` is its place in the tree, the codes from the root down ("SH.SH-CCO."), kept by the services: what is
    under an organisation begins with its path. `successor` took over when it ended.
    """

    code = models.CharField(_("Code"), max_length=30, unique=True, validators=[check_code])
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    kind = models.CharField(_("Kind"), max_length=20, choices=rules.ORGANISATION_KINDS)
    uscc = models.CharField(
        _("Unified social credit code"), max_length=18, unique=True, null=True, blank=True, validators=[check_uscc]
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
            in_order("organisation_dates"),
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


class PairingQuerySet(DatedQuerySet):
    """Pairings by date and territory."""

    def covering(self, region: str) -> Self:
        """Keep those paired with a region or with one it lies in, under any code the territory ever had."""
        codes = {code[:n].ljust(6, "0") for code in grants.prefixes(region) for n in (2, 4, 6) if n <= len(code)}
        return self.filter(region__in=codes)


class Pairing(Record):
    """Who is paired with which region, on what basis, from when to when (R014).

    `region` is the division code as the source prints it. `exception_reason` says why a pairing outside the rule
    exists; `unverified` marks one whose dates or parties are not confirmed.
    """

    code = models.CharField(_("Code"), max_length=30, unique=True, validators=[check_code])
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

    objects = PairingQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("Pairing")
        verbose_name_plural = _("Pairings")
        constraints = [
            in_order("pairing_dates"),
            models.UniqueConstraint(
                fields=["supporter", "region", "programme", "valid_from"],
                name="pairing_once",
                violation_error_message=_("This pairing is registered already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supporter} → {called(self.region, self.valid_from)}"
