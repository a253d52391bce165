"""Plan documents and their tree, measures with progress, indicators and figures."""

from datetime import date

from django.db import models
from django.utils.translation import get_language

from yulan.kernel.period import show_date, today
from yulan.kernel.records import Record
from yulan.kernel.text import Bilingual, _
from yulan.plan import rules
from yulan.plan.rules import MEASURE
from yulan.registry.parties.models import Organisation
from yulan.registry.regions.fields import RegionCodeField


class PlanDocument(Record):
    """A plan: what it is called, who issued it when, for which years (R001, R004)."""

    code = models.CharField(_("Code"), max_length=30, unique=True)
    title_zh = models.CharField(_("Chinese title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=200)
    doc_no = models.CharField(_("Document number"), max_length=60, blank=True)
    issuer = models.CharField(_("Issuer"), max_length=100)
    signed_on = models.DateField(_("Signed on"), null=True, blank=True)
    published_on = models.DateField(_("Published on"), null=True, blank=True)
    start_year = models.PositiveSmallIntegerField(_("First year"))
    end_year = models.PositiveSmallIntegerField(_("Last year"))
    cycle = models.CharField(_("Five-year plan"), max_length=10, blank=True)
    source_url = models.URLField(_("Source"), blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("Plan document")
        verbose_name_plural = _("Plan documents")

    @property
    def title(self) -> Bilingual:
        """The title in both languages."""
        return Bilingual(self.title_zh, self.title_en)

    def __str__(self) -> str:
        return str(self.title)


class PlanNode(Record):
    """A chapter, goal, task, group or safeguard; `clause` is its number such as 三(二)1, `line` where it stands."""

    code = models.CharField(_("Code"), max_length=40, unique=True)
    document = models.ForeignKey(PlanDocument, models.PROTECT, related_name="nodes", verbose_name=_("Plan document"))
    clause = models.CharField(_("Clause"), max_length=20)
    kind = models.CharField(_("Kind"), max_length=12, choices=rules.KINDS)
    title_zh = models.CharField(_("Chinese title"), max_length=80)
    title_en = models.CharField(_("English title"), max_length=120)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Under")
    )
    position = models.PositiveSmallIntegerField(_("Position"))
    line = models.PositiveIntegerField(_("Line"), null=True, blank=True)

    class Meta:
        ordering = ["position"]
        verbose_name = _("Part of a plan")
        verbose_name_plural = _("Parts of a plan")
        constraints = [models.UniqueConstraint(fields=["document", "clause"], name="plan_clause_once")]

    @property
    def title(self) -> Bilingual:
        """The title in both languages."""
        return Bilingual(self.title_zh, self.title_en)

    def __str__(self) -> str:
        return f"{self.clause} {self.title}"


class Measure(Record):
    """One of the plan's measures (R003): who leads, who joins, in which years, how far."""

    code = models.CharField(_("Code"), max_length=12, unique=True)
    node = models.ForeignKey(PlanNode, models.PROTECT, related_name="measures", verbose_name=_("Task"))
    title_zh = models.CharField(_("Chinese title"), max_length=80)
    title_en = models.CharField(_("English title"), max_length=120)
    lead = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Lead unit")
    )
    co_units = models.CharField(_("Co-units"), max_length=200, blank=True)
    start_year = models.PositiveSmallIntegerField(_("First year"))
    end_year = models.PositiveSmallIntegerField(_("Last year"))
    milestone = models.CharField(_("Milestone"), max_length=200, blank=True)
    state = models.CharField(_("State"), max_length=12, default=MEASURE.initial, choices=MEASURE.choices())
    line = models.PositiveIntegerField(_("Line"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("Position"))

    class Meta:
        ordering = ["position"]
        verbose_name = _("Measure")
        verbose_name_plural = _("Measures")

    @property
    def title(self) -> Bilingual:
        """The title in both languages."""
        return Bilingual(self.title_zh, self.title_en)

    @property
    def has_evidence(self) -> bool:
        """Say whether a progress note with evidence is filed."""
        return self.notes.exclude(evidence="").exists()

    @property
    def light(self) -> str:
        """The state light today."""
        last: date | None = self.notes.order_by("-on").values_list("on", flat=True).first()
        return rules.light(self.state, last, today())

    def __str__(self) -> str:
        return str(self.title)


class ProgressNote(Record):
    """What was done for a measure, reported quarterly, with evidence."""

    code = models.CharField(_("Code"), max_length=40, unique=True)
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="notes", verbose_name=_("Measure"))
    on = models.DateField(_("Date"))
    text = models.TextField(_("Progress"))
    percent = models.PositiveSmallIntegerField(_("Progress %"), null=True, blank=True)
    evidence = models.CharField(_("Evidence"), max_length=200, blank=True, help_text=_("Document number or address"))

    class Meta:
        ordering = ["-on"]
        verbose_name = _("Progress note")
        verbose_name_plural = _("Progress notes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__isnull=True) | models.Q(percent__lte=100),
                name="plan_note_percent",
                violation_error_message=_("At most 100 percent."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure} · {show_date(self.on, get_language() or '')}"


class Indicator(Record):
    """A number that can be asked for, with its calibre (requirements §4.14)."""

    code = models.CharField(_("Code"), max_length=40, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120)
    unit = models.CharField(_("Unit"), max_length=12)
    calibre = models.CharField(_("Calibre"), max_length=20, choices=rules.CALIBRES)
    stock_flow = models.CharField(_("Stock or flow"), max_length=8, choices=rules.STOCK_OR_FLOW)
    note = models.CharField(_("Note"), max_length=200, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("Indicator")
        verbose_name_plural = _("Indicators")

    @property
    def name(self) -> Bilingual:
        """The name in both languages."""
        return Bilingual(self.name_zh, self.name_en)

    def __str__(self) -> str:
        return str(self.name)


class IndicatorOverlap(Record):
    """Two indicators that may count the same thing: adding them warns."""

    code = models.CharField(_("Code"), max_length=90, unique=True)
    one = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name=_("One"))
    other = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name=_("Other"))
    reason_zh = models.CharField(_("Reason in Chinese"), max_length=200)
    reason_en = models.CharField(_("Reason in English"), max_length=200)

    class Meta:
        ordering = ["code"]
        verbose_name = _("Overlap of indicators")
        verbose_name_plural = _("Overlaps of indicators")

    def __str__(self) -> str:
        return f"{self.one} + {self.other}"


class Figure(Record):
    """A published figure: value as printed, qualifier, period, region, line (requirements §2.1, R016)."""

    code = models.CharField(_("Code"), max_length=20, unique=True)
    document = models.ForeignKey(PlanDocument, models.PROTECT, related_name="figures", verbose_name=_("Plan document"))
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="figures", verbose_name=_("Indicator"))
    value = models.DecimalField(_("Value"), max_digits=20, decimal_places=4)
    qualifier = models.CharField(_("Qualifier"), max_length=4, blank=True, choices=rules.QUALIFIERS)
    region = RegionCodeField(_("Region"), blank=True, on="period_end")
    region_text = models.CharField(_("Area as printed"), max_length=40, blank=True)
    region_text_en = models.CharField(_("Area in English"), max_length=60, blank=True)
    period_start = models.DateField(_("From"))
    period_end = models.DateField(_("To"))
    line = models.PositiveIntegerField(_("Line"), null=True, blank=True)
    suspect = models.BooleanField(_("In doubt"), default=False)
    note = models.CharField(_("Note"), max_length=200, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("Published figure")
        verbose_name_plural = _("Published figures")

    @property
    def unit(self) -> str:
        """The indicator's unit."""
        return self.indicator.unit

    @property
    def number(self) -> str:
        """The value without trailing zeros."""
        return f"{self.value.normalize():f}"

    @property
    def printed(self) -> str:
        """The figure with qualifier and unit: “近900家”."""
        return rules.printed(self.number, self.unit, self.qualifier)

    @property
    def area(self) -> Bilingual:
        """The area as printed, in the reader's language."""
        return Bilingual(self.region_text, self.region_text_en)

    @property
    def is_total(self) -> bool:
        """True for a figure over the whole of what the indicator covers."""
        return self.region_text in ("八个对口地区", "全国")

    def __str__(self) -> str:
        return f"{self.code} {self.indicator} {self.printed}"
