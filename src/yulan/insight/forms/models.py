"""Typed-in facts: the numbers that no room gives yet."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from yulan.kernel.records import Record
from yulan.kernel.text import _
from yulan.plan.models import Indicator
from yulan.registry.regions.fields import RegionCodeField
from yulan.registry.regions.models import called


class Fact(Record):
    """A dated value of an indicator for a region and year, entered once and read by every form."""

    code = models.CharField(_("Code"), max_length=80, unique=True, blank=True)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="facts", verbose_name=_("Indicator"))
    region = RegionCodeField(_("Region"))
    year = models.PositiveSmallIntegerField(_("Year"), validators=[MinValueValidator(1990), MaxValueValidator(2100)])
    value = models.DecimalField(_("Value"), max_digits=20, decimal_places=4)
    source = models.CharField(_("Source"), max_length=200, help_text=_("Document or person that vouches for it"))

    class Meta:
        ordering = ["-year", "region", "indicator"]
        verbose_name = _("Typed-in fact")
        verbose_name_plural = _("Typed-in facts")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "region", "year"],
                name="forms_fact_once",
                violation_error_message=_("This value has been entered already; change that one."),
            )
        ]

    def clean(self) -> None:
        """Name the fact after what it says, when it has no name."""
        self.code = self.code or f"{self.indicator.code}:{self.region}:{self.year}"

    def __str__(self) -> str:
        return f"{self.indicator} · {called(self.region, date(self.year, 6, 30))} · {self.year}"
