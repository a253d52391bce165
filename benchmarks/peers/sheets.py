"""Projects by django-import-export, tuned: bulk, no instance loader, no diff, references and lists from memory.

The rules are Yulan's for the sixteen columns: required, length, choice, year, amount, date, reference, region, twice
the same code, end before start, aid above total. `clean_model_instances` would ask the database eight times for each
row and is left off; fields are cleaned by the model's own validators.
"""

import datetime as dt
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.utils import timezone
from import_export import fields, resources, widgets
from import_export.formats.base_formats import XLSX

from benchmarks.peers.models import History
from benchmarks.world import COLUMNS
from yulan.engines.projects.models import AidProject
from yulan.engines.projects.rules import PROGRAMMES
from yulan.registry.parties.models import Organisation
from yulan.registry.records.terms import terms_of
from yulan.registry.regions.selectors import gazetteer


class Label(widgets.Widget):
    """One of a list, by its label."""

    def __init__(self, codes: dict[str, str]) -> None:
        super().__init__()
        self.codes, self.labels = codes, {code: label for label, code in codes.items()}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        if value in (None, ""):
            return ""
        if value not in self.codes:
            raise ValueError(f"“{value}” is not in the list.")
        return self.codes[value]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.labels.get(value, value)


class Yuan(widgets.Widget):
    """Yuan in the sheet, whole fen in the table."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int:
        if value in (None, ""):
            return 0
        try:
            exact = Decimal(str(value)) * 100
        except InvalidOperation:
            raise ValueError("Not an amount.") from None
        if exact != int(exact):
            raise ValueError("Finer than one fen.")
        if exact < 0:
            raise ValueError("Below 0.")
        return int(exact)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        amount = Decimal(value).scaleb(-2)
        return amount if kwargs.get("force_native_type") else str(amount)


class Day(widgets.DateWidget):
    """A date; a cell of a workbook holds a datetime."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return value.date() if isinstance(value, dt.datetime) else super().clean(value, row, **kwargs)


WIDGETS = {
    "year": widgets.IntegerWidget,
    "total": Yuan,
    "aid_amount": Yuan,
    "households": widgets.IntegerWidget,
    "persons": widgets.IntegerWidget,
    "planned_start": Day,
    "planned_end": Day,
}


class Sheet(resources.ModelResource):
    """The workbook of projects."""

    class Meta:
        model = AidProject
        fields = tuple(COLUMNS)
        import_id_fields = ("code",)
        use_bulk = True
        batch_size = 1000
        force_init_instance = True
        skip_diff = True
        use_transactions = True

    def __init__(self) -> None:
        super().__init__()
        special = {
            "supporter": widgets.CachedForeignKeyWidget(Organisation, "code"),
            "owner": widgets.CachedForeignKeyWidget(Organisation, "code"),
            "programme": Label({str(label): code for code, label in PROGRAMMES}),
            "sector": Label({both.zh: code for code, both in terms_of("sectors").items()}),
            "delivery_mode": Label({both.zh: code for code, both in terms_of("delivery_modes").items()}),
        }
        for name, heading in COLUMNS.items():
            widget = special.get(name) or WIDGETS.get(name, widgets.CharWidget)()
            self.fields[name] = fields.Field(attribute=name, column_name=heading, widget=widget)
        self.known = gazetteer()
        model_fields = AidProject._meta.concrete_fields
        self.checked = [f for f in model_fields if f.name in COLUMNS and not f.is_relation and f.name != "region"]

    def dehydrate_region(self, project: AidProject) -> str:
        """Code and name on the day of the planned start, as Yulan writes it."""
        return _region(project.region, project.planned_start)

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """Read the codes that are taken, once."""
        self.seen = set(AidProject.objects.values_list("code", flat=True))
        self.saved: list[AidProject] = []

    def validate_instance(self, instance: AidProject, import_validation_errors: Any = None, **kwargs: Any) -> None:
        """Apply the rules to the sixteen values."""
        errors = dict(import_validation_errors or {})
        for field in self.checked:
            if field.name in errors or (field.blank and getattr(instance, field.attname) in field.empty_values):
                continue
            try:
                field.clean(getattr(instance, field.attname), instance)
            except ValidationError as error:
                errors[field.name] = error.error_list
        if "supporter" not in errors and instance.supporter_id is None:
            errors["supporter"] = [ValidationError("Supporter is required.")]
        if instance.region not in self.known:
            errors["region"] = [ValidationError("No such region.")]
        if instance.code in self.seen:
            errors["code"] = [ValidationError("The same code twice.")]
        self.seen.add(instance.code)
        if instance.planned_start and instance.planned_end and instance.planned_end < instance.planned_start:
            errors["planned_end"] = [ValidationError("The end lies before the start.")]
        if instance.aid_amount > instance.total:
            errors["aid_amount"] = [ValidationError("The aid amount is above the total.")]
        if errors:
            raise ValidationError(errors)

    def after_save_instance(self, instance: AidProject, row: Any, **kwargs: Any) -> None:
        """Keep what goes into the audit."""
        self.saved.append(instance)

    def after_import(self, dataset: tablib.Dataset, result: Any, **kwargs: Any) -> None:
        """Write the audit, one row per project as audit libraries do; a dry run writes none."""
        if kwargs.get("dry_run"):
            return
        names, now = [f.attname for f in AidProject._meta.concrete_fields], timezone.now()
        rows = (
            History(
                object_id=project.pk,
                at=now,
                actor="officer",
                action="create",
                after={name: _plain(getattr(project, name)) for name in names},
            )
            for project in self.saved
        )
        History.objects.bulk_create(rows, batch_size=1000)


@cache
def _region(code: str, day: dt.date | None) -> str:
    return f"{code} {gazetteer().name(code, day or timezone.localdate())}"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def read(path: Path) -> tablib.Dataset:
    """Read a workbook as the library does."""
    return XLSX().create_dataset(path.read_bytes())


def error_report(result: Any) -> bytes:
    """Write the wrong rows and their reasons as a workbook, as the library does."""
    found: bytes = result.failed_dataset.export("xlsx")
    return found


def export(form: str, **conditions: Any) -> bytes:
    """Write the sixteen columns of projects, as csv or xlsx with true numbers and dates."""
    rows = AidProject.objects.select_related("supporter", "owner").order_by("-year", "code")
    rows = rows.filter(**conditions).only(*COLUMNS, "supporter__code", "owner__code")
    dataset = Sheet().export(rows, force_native_type=form == "xlsx")
    found = dataset.export(form)
    return found.encode("utf-8-sig") if isinstance(found, str) else found
