"""Dictionaries with their terms, and the register of regulations."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from yulan.kernel.period import in_force
from yulan.kernel.records import Record
from yulan.kernel.text import Bilingual, _
from yulan.registry.records import rules


def _check_code(code: str) -> None:
    if reason := rules.bad_code(code):
        raise ValidationError(reason)


class Dictionary(Record):
    """A named set or code list. `stated` is how many members the plan prints (requirements §2.1), if it does."""

    code = models.CharField(_("Code"), max_length=40, unique=True, validators=[_check_code])
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=120)
    source = models.CharField(_("Source"), max_length=120, blank=True, help_text=_("Clause or row"))
    stated = models.PositiveSmallIntegerField(_("Stated number of members"), null=True, blank=True)
    note = models.TextField(_("Note"), blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("Dictionary")
        verbose_name_plural = _("Dictionaries")

    @property
    def name(self) -> Bilingual:
        """The name in both languages."""
        return Bilingual(self.name_zh, self.name_en)

    def __str__(self) -> str:
        return str(self.name)


class TermQuerySet(models.QuerySet["Term"]):
    """Terms by date."""

    def in_force(self, on: date) -> "TermQuerySet":
        """Give the terms in use on a day; `valid_to` is the first day they are not."""
        return self.filter(in_force(on))


class Term(Record):
    """A member of a dictionary.

    `part` groups members inside the set (existing and new topics); an `extra` member is named beside the set and
    not counted in it (tea beside the four speciality industries, R041).
    """

    key = models.CharField(
        _("Full code"), max_length=81, unique=True, blank=True, help_text=_("Dictionary and code: sectors.education.")
    )
    dictionary = models.ForeignKey(Dictionary, models.PROTECT, related_name="terms", verbose_name=_("Dictionary"))
    code = models.CharField(_("Code"), max_length=40, validators=[_check_code])
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=120)
    order = models.PositiveSmallIntegerField(_("Order"), default=0)
    part = models.CharField(_("Part"), max_length=40, blank=True)
    extra = models.BooleanField(_("Not counted"), default=False)
    valid_from = models.DateField(_("Valid from"), null=True, blank=True)
    valid_to = models.DateField(_("Valid until"), null=True, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = ["dictionary", "order", "code"]
        verbose_name = _("Term")
        verbose_name_plural = _("Terms")
        constraints = [
            models.UniqueConstraint(fields=["dictionary", "code"], name="term_once"),
            models.CheckConstraint(condition=Q(valid_to__gt=models.F("valid_from")), name="term_dates"),
        ]

    @property
    def name(self) -> Bilingual:
        """The name in both languages."""
        return Bilingual(self.name_zh, self.name_en)

    def clean(self) -> None:
        """Make the key, or refuse another."""
        dictionary = Dictionary.objects.filter(pk=self.dictionary_id).first()
        if dictionary is None:
            return  # the missing dictionary is a fault of its own field
        made = rules.term_key(dictionary.code, self.code)
        self.key = self.key or made
        if self.key != made:
            raise ValidationError({"key": _("The key is dictionary and code: sectors.education.")})

    def __str__(self) -> str:
        return str(self.name)


class Regulation(Record):
    """A regulation, plan or other document that the work rests on (R012).

    `clause` says where the plan cites it and `use` what the plan does with it; `unverified` marks an entry whose
    reading is still to be confirmed against the official text.
    """

    code = models.CharField(_("Code"), max_length=20, unique=True)
    doc_no = models.CharField(_("Document number"), max_length=60, blank=True)
    title = models.CharField(_("Document title"), max_length=200)
    title_en = models.CharField(_("English title"), max_length=250, blank=True)
    issuer = models.CharField(_("Issuer"), max_length=120, blank=True)
    issued_on = models.DateField(_("Issued on"), null=True, blank=True)
    status = models.CharField(_("Status"), max_length=20, default="in_force", choices=rules.REGULATION.choices())
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors", verbose_name=_("Replaces")
    )
    scope = models.CharField(_("Scope"), max_length=200, blank=True)
    clause = models.CharField(_("Cited in clause"), max_length=60, blank=True)
    use = models.CharField(_("Use in the plan"), max_length=20, blank=True, choices=rules.USES)
    unverified = models.BooleanField(_("Unverified"), default=False)
    note = models.TextField(_("Note"), blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("Regulation")
        verbose_name_plural = _("Regulations")
        constraints = [
            models.UniqueConstraint(
                fields=["doc_no"],
                condition=~Q(doc_no=""),
                name="regulation_number_once",
                violation_error_message=_("A regulation with this document number is registered already."),
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(replaces=models.F("id")), name="regulation_replaces_another"
            ),
        ]

    @property
    def name(self) -> Bilingual:
        """The title in both languages."""
        return Bilingual(self.title, self.title_en)

    def __str__(self) -> str:
        return f"《{self.title}》{self.doc_no}" if self.doc_no else f"《{self.title}》"
