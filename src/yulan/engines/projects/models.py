"""Aid projects, their sources of money, sites and monthly reports."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Sum
from django.utils.translation import get_language

from yulan.engines.funds.models import Balance, BudgetLine
from yulan.engines.projects import rules
from yulan.engines.projects.lifecycle import AID_PROJECT, NOT_OWN
from yulan.kernel.money import MoneyField
from yulan.kernel.period import Period, today
from yulan.kernel.records import Record
from yulan.kernel.text import _
from yulan.plan.models import Measure
from yulan.registry.parties.models import Organisation, Pairing
from yulan.registry.records.fields import TermField
from yulan.registry.records.terms import label
from yulan.registry.regions.fields import RegionCodeField

_YEARS = (MinValueValidator(1990), MaxValueValidator(2100))
_PERCENT = (MinValueValidator(0), MaxValueValidator(100))
ON_THE_WAY = ("transit", "special", "held", "carried", "requested", "payee")
ARRIVED = ("special", "held", "carried", "requested", "payee", "verified")


def _stamp(label: object) -> "models.CharField[str, str]":
    return models.CharField(label, max_length=150, blank=True, editable=False)  # type: ignore[arg-type]


def _no_or_other(stamp: str, earlier: str) -> Q:
    return Q(**{stamp: ""}) | ~Q(**{stamp: F(earlier)})


class AidProject(Record):
    """An aid project (R016). Amounts in fen; `region` is the code as said on `planned_start`.

    `total` is the whole budget, the sources of which are its rows; `aid_amount` the part that a budget line pays.
    """

    code = models.CharField(_("Code"), max_length=40, unique=True)
    name = models.CharField(_("Name"), max_length=120)
    year = models.PositiveSmallIntegerField(_("Plan year"), validators=_YEARS)
    region = RegionCodeField(_("Recipient region"), on="planned_start")
    supporter = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("Supporter"))
    owner = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Owner")
    )
    pairing = models.ForeignKey(
        Pairing, models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("Pairing")
    )
    exception_reason = models.CharField(_("Reason for an exception"), max_length=200, blank=True)
    programme = models.CharField(_("Programme"), max_length=20, choices=rules.PROGRAMMES, default="other")
    measure = models.ForeignKey(
        Measure,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("Measure of the plan"),
    )
    sector = TermField("sectors", _("Sector"))
    delivery_mode = TermField("delivery_modes", _("Delivery mode"), blank=True)
    content = models.TextField(_("Content and scale"), blank=True)
    total = MoneyField(_("Total budget"), default=0)
    aid_amount = MoneyField(_("Aid amount"), default=0)
    budget_line = models.ForeignKey(
        BudgetLine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        db_index=False,
        verbose_name=_("Budget line"),
    )
    households = models.PositiveIntegerField(_("Households helped"), null=True, blank=True)
    persons = models.PositiveIntegerField(_("Persons helped"), null=True, blank=True)
    poor_persons = models.PositiveIntegerField(_("Poor persons among them"), null=True, blank=True)
    planned_start = models.DateField(_("Planned start"), null=True, blank=True)
    planned_end = models.DateField(_("Planned end"), null=True, blank=True)
    state = models.CharField(_("State"), max_length=12, default=AID_PROJECT.initial, choices=AID_PROJECT.choices())

    direct_benefit = models.CharField(_("Direct benefit of the poor"), max_length=200, blank=True)
    local_plan_item = models.CharField(_("Item of the local plan"), max_length=200, blank=True)
    satisfaction_plan = models.CharField(_("Satisfaction of the three sides"), max_length=200, blank=True)
    duplicates_checked = models.BooleanField(_("Duplicate check run"), default=False)
    experts = models.PositiveSmallIntegerField(_("Experts on the panel"), null=True, blank=True)
    panel_score = models.DecimalField(
        _("Mean score of the panel"), max_digits=5, decimal_places=2, null=True, blank=True, validators=_PERCENT
    )
    publicity_until = models.DateField(_("Publicity until"), null=True, blank=True)
    objection = models.CharField(_("Objection"), max_length=200, blank=True)
    doc_no = models.CharField(_("Document number"), max_length=60, blank=True)
    issued_on = models.DateField(_("Issued on"), null=True, blank=True)
    issued_total = MoneyField(_("Total as issued"), null=True, blank=True)
    agreement_no = models.CharField(_("Agreement number"), max_length=60, blank=True)
    tender_ref = models.CharField(_("Tender record"), max_length=60, blank=True)
    tender_exemption = models.CharField(_("Reason for no tender"), max_length=120, blank=True)
    permit_no = models.CharField(_("Permit"), max_length=60, blank=True)
    started_on = models.DateField(_("Started on"), null=True, blank=True)
    progress = models.PositiveSmallIntegerField(_("Progress %"), default=0, validators=_PERCENT)
    accepted_on = models.DateField(_("Accepted on"), null=True, blank=True)
    claimed_amount = MoneyField(_("Cost claimed"), null=True, blank=True)
    settled_amount = MoneyField(_("Cost settled"), null=True, blank=True)
    audited_amount = MoneyField(_("Cost audited"), null=True, blank=True)
    asset_value = MoneyField(_("Value of assets handed over"), null=True, blank=True)
    handed_on = models.DateField(_("Handed over on"), null=True, blank=True)
    evaluation_score = models.DecimalField(
        _("Evaluation score"), max_digits=5, decimal_places=2, null=True, blank=True, validators=_PERCENT
    )
    recovery_plan = models.CharField(_("Recovery plan"), max_length=200, blank=True)
    submitted_by = _stamp(_("Submitted by"))
    checked_by = _stamp(_("Checked by"))
    approved_by = _stamp(_("Approved by"))
    issued_by = _stamp(_("Issued by"))
    audited_by = _stamp(_("Audited by"))
    evaluated_by = _stamp(_("Evaluated by"))

    class Meta:
        ordering = ["-year", "code"]
        verbose_name = _("Aid project")
        verbose_name_plural = _("Aid projects")
        indexes = [
            models.Index(fields=["-year", "code", "id"], name="project_order"),
            models.Index(fields=["region", "year"], name="project_region"),
            models.Index(fields=["state", "changed_at"], name="project_state"),
            # Of what many projects do not have only the others are listed.
            models.Index(fields=["pairing"], name="project_pairing", condition=Q(pairing__isnull=False)),
            models.Index(fields=["measure"], name="project_measure", condition=Q(measure__isnull=False)),
            models.Index(fields=["budget_line"], name="project_budget_line", condition=Q(budget_line__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=_no_or_other("checked_by", "submitted_by")
                & _no_or_other("approved_by", "submitted_by")
                & _no_or_other("evaluated_by", "audited_by"),
                name="project_maker_checker",
                violation_error_message=NOT_OWN,
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="project_progress"),
            models.CheckConstraint(
                condition=Q(aid_amount__lte=F("total")),
                name="project_aid_within_total",
                violation_error_message=_("The aid amount is above the total."),
            ),
        ]

    @property
    def sources_total(self) -> int:
        """Sum of the sources of money, fen."""
        return self.sources.aggregate(found=Sum("amount"))["found"] or 0

    @property
    def has_valid_pairing(self) -> bool:
        """Say whether a pairing that covers the region is in force on the day of the planned start."""
        on = self.planned_start or today()
        return Pairing.objects.in_force(on).covering(self.region).exists()

    def _lies(self, kinds: tuple[str, ...]) -> int:
        rows = Balance.objects.filter(project=self.code, account__kind__in=kinds)
        return rows.aggregate(found=Sum("amount"))["found"] or 0

    @property
    def has_money_arrived(self) -> bool:
        """Say whether anything has come to the recipient's special account."""
        return self._lies(ARRIVED) > 0

    @property
    def open_balance(self) -> int:
        """What is on the way and neither verified nor recovered, fen."""
        return self._lies(ON_THE_WAY)

    def overdue_reports(self, today: date) -> int:
        """Count the months whose report is overdue."""
        if not self.started_on:
            return 0
        due = rules.months_due(self.started_on, today)
        have = set(self.reports.values_list("month", flat=True))
        return sum(month not in have for month in due)

    def __str__(self) -> str:
        return self.name


class FundingSource(Record):
    """What one source gives to a project (R013)."""

    code = models.CharField(_("Code"), max_length=60, unique=True)
    project = models.ForeignKey(AidProject, models.CASCADE, related_name="sources", verbose_name=_("Aid project"))
    source = TermField("fund_sources", _("Source"))
    amount = MoneyField(_("Amount"))

    class Meta:
        ordering = ["code"]
        verbose_name = _("Source of money")
        verbose_name_plural = _("Sources of money")
        constraints = [models.UniqueConstraint(fields=["project", "source"], name="project_source_once")]

    def __str__(self) -> str:
        return f"{self.project} · {label('fund_sources', self.source)}"


class ProjectSite(Record):
    """A village, school or other place of a project; one project has many (R017)."""

    code = models.CharField(_("Code"), max_length=60, unique=True)
    project = models.ForeignKey(AidProject, models.CASCADE, related_name="sites", verbose_name=_("Aid project"))
    name = models.CharField(_("Name"), max_length=80)
    kind = TermField("site_kinds", _("Kind"))
    region = RegionCodeField(_("Region"), blank=True)
    households = models.PositiveIntegerField(_("Households"), null=True, blank=True)
    persons = models.PositiveIntegerField(_("Persons"), null=True, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("Project site")
        verbose_name_plural = _("Project sites")

    def __str__(self) -> str:
        return self.name


class MonthlyReport(Record):
    """Progress of one month (F11). `month` is its first day; percentages of the whole work, amounts in fen."""

    code = models.CharField(_("Code"), max_length=60, unique=True)
    project = models.ForeignKey(AidProject, models.CASCADE, related_name="reports", verbose_name=_("Aid project"))
    month = models.DateField(_("Month"))
    planned = models.PositiveSmallIntegerField(_("Planned %"), validators=_PERCENT)
    actual = models.PositiveSmallIntegerField(_("Actual %"), validators=_PERCENT)
    invested = MoneyField(_("Invested so far"), default=0)
    picture = models.CharField(_("State of the works"), max_length=200, blank=True)
    problems = models.CharField(_("Problems"), max_length=400, blank=True)
    measures = models.CharField(_("Measures"), max_length=400, blank=True)

    class Meta:
        ordering = ["-month"]
        verbose_name = _("Monthly report")
        verbose_name_plural = _("Monthly reports")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "month"],
                name="report_once_a_month",
                violation_error_message=_("The report of this month is there already."),
            )
        ]

    def __str__(self) -> str:
        month = Period.month(self.month.year, self.month.month).label(get_language() or "")
        return f"{self.project} · {month}"
