"""Regions and groups as records, so that they can be listed, exported and corrected (R014, R109)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from yulan.kernel.period import today
from yulan.kernel.records import Record
from yulan.kernel.text import Bilingual, _
from yulan.registry.regions.fields import RegionCodeField
from yulan.registry.regions.history import RegionSpan
from yulan.registry.regions.names import name_in

LEVELS = [("province", _("province")), ("prefecture", _("prefecture")), ("county", _("county"))]
six_digits = RegexValidator(r"^[1-9]\d{5}$", _("A region code has six digits."))


def span_key(code: str, valid_from: date | None) -> str:
    """What names a span in files and addresses: 530800-20031030."""
    return f"{code}-{valid_from:%Y%m%d}" if valid_from else ""


def lies_in(code: str, parent: str) -> bool:
    """Say whether a code is one of those under a parent's: its digits, in pairs, begin with the parent's."""
    stem = parent[:2] if parent.endswith("0000") else parent[:4]
    return parent.endswith("00") and code.startswith(stem) and code != parent


def called(code: str, on: date | None = None) -> str:
    """Give the name of a region in the active language on a day, today when none is given; an unknown code itself."""
    from yulan.registry.regions.selectors import gazetteer

    register = gazetteer()
    return name_in(register.name(code, on or today()), get_language() or "") if code in register else code


class Dated(Record):
    """A record in force from a day until another (exclusive; empty: still in force)."""

    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)

    class Meta:
        abstract = True


class Region(Dated):
    """One code under one name for as long as both held: a span of the register."""

    code = models.CharField(_("Region code"), max_length=6, validators=[six_digits])
    name = models.CharField(_("Name"), max_length=60)
    level = models.CharField(_("Level"), max_length=12, choices=LEVELS)
    parent_code = models.CharField(_("Parent"), max_length=6, blank=True, validators=[six_digits])
    successor_codes = models.CharField(_("Successors"), max_length=120, blank=True)
    event = models.CharField(_("Event"), max_length=80, blank=True)
    doc_no = models.CharField(_("Document number"), max_length=60, blank=True)
    key = models.CharField(
        _("Key"), max_length=15, unique=True, blank=True, help_text=_("Code and first day: 530800-20070408.")
    )

    class Meta:
        verbose_name = _("Region")
        verbose_name_plural = _("Regions")
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="region_code_from"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="region_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {name_in(self.name, get_language() or '')}"

    def clean(self) -> None:
        """Refuse a span that overlaps another of its code, and successors that are no codes."""
        self.key = self.key or span_key(self.code, self.valid_from)
        if self.key != span_key(self.code, self.valid_from):
            raise ValidationError({"key": _("The key is the code and the first day: 530800-20070408.")})
        if self.parent_code and not lies_in(self.code, self.parent_code):
            raise ValidationError({"parent_code": _("The parent's digits are the beginning of the code: 530000.")})
        others = Region.objects.filter(code=self.code).exclude(pk=self.pk)
        if self.valid_to:
            others = others.filter(valid_from__lt=self.valid_to)
        if self.valid_from and others.exclude(valid_to__lte=self.valid_from).exists():
            raise ValidationError({"valid_from": _("Another span of this code is in force then; end that one first.")})
        codes = self.successor_codes.split()
        known = set(Region.objects.filter(code__in=codes).values_list("code", flat=True)) | {self.code}
        if unknown := [code for code in codes if code not in known]:
            raise ValidationError({"successor_codes": _("No region has the code %(code)s.") % {"code": unknown[0]}})

    def span(self) -> RegionSpan:
        """The span that the gazetteer works with."""
        heirs = tuple(self.successor_codes.split())
        return RegionSpan(
            self.code,
            self.name,
            self.level,
            self.parent_code,
            self.valid_from,
            self.valid_to,
            heirs,
            self.event,
            self.doc_no,
        )


class RegionGroup(Record):
    """A named group of regions: 长三角, 西部, 三峡库区…"""

    code = models.SlugField(_("Code"), max_length=20, unique=True)
    name_zh = models.CharField(_("Name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    note = models.CharField(_("Note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("Region group")
        verbose_name_plural = _("Region groups")
        ordering = ["code"]

    def __str__(self) -> str:
        return str(Bilingual(self.name_zh, self.name_en))


class RegionGroupMember(Dated):
    """One region's membership of a group."""

    group = models.ForeignKey(RegionGroup, models.CASCADE, related_name="members", verbose_name=_("Region group"))
    region_code = RegionCodeField(_("Region"), on="valid_from")
    source = models.CharField(_("Source"), max_length=120, blank=True)
    unverified = models.BooleanField(_("Unverified"), default=False)
    key = models.CharField(
        _("Key"),
        max_length=40,
        unique=True,
        blank=True,
        help_text=_("Group, region and first day: yrd-310000-19970428."),
    )

    class Meta:
        verbose_name = _("Region group member")
        verbose_name_plural = _("Region group members")
        ordering = ["group", "valid_from", "region_code"]
        constraints = [
            models.UniqueConstraint(fields=["group", "region_code", "valid_from"], name="region_group_member_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="member_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {called(self.region_code, self.valid_from)}"

    def clean(self) -> None:
        """Give the key, or refuse another."""
        made = f"{self.group.code}-{span_key(self.region_code, self.valid_from)}"
        self.key = self.key or made
        if self.key != made:
            raise ValidationError({"key": _("The key is group, region and first day: yrd-310000-19970428.")})
