"""A resource out: xlsx, csv and json of exactly the rows asked for, streamed."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from yulan.kernel.period import now
from yulan.kernel.resource.codec import View
from yulan.kernel.resource.declare import Column, Resource, is_required
from yulan.kernel.resource.query import Query
from yulan.kernel.sheets.shapes import ColumnSpec
from yulan.kernel.sheets.template import write_template
from yulan.kernel.sheets.writer import Blocks, csv_chunks, json_chunks, write_workbook
from yulan.kernel.text import _

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
PIECE = 1 << 18
_KINDS = {"state": "choice", "textarea": "text", "moment": "text", "reference": "text"}


def columns_of(query: Query) -> list[Column]:
    """Give every column of the resource that the actor may see, the list's own first."""
    listed = query.columns
    known = {column.name for column in listed}
    rest = [column for name, column in query.resource.fields.items() if name not in known]
    return [*listed, *query.resource.visible_columns(query.actor, rest)]


def spec(column: Column, *, required: bool = False, heading: str = "") -> ColumnSpec:
    """Describe a column to the workbook writer."""
    kind = _KINDS.get(column.codec.kind, column.codec.kind)
    choices = column.codec.options() if kind in ("choice", "bool") else None
    label = heading or str(column.label)
    return ColumnSpec(column.name, label, kind, required=required, choices=choices)  # type: ignore[arg-type]


def _headings(columns: Sequence[Column]) -> list[ColumnSpec]:
    """Describe columns; of those with one label only the record's own field keeps it, so that it can be read back."""
    labels = [str(column.label) for column in columns]
    found = []
    for column, label in zip(columns, labels, strict=True):
        borrowed = "." in column.name and labels.count(label) > 1 and column.codec.field is not None
        further = f"{label}: {column.codec.field.verbose_name}" if borrowed and column.codec.field else label
        found.append(spec(column, heading=further))
    return found


def cells(query: Query, columns: Sequence[Column], rows: QuerySet[Any]) -> Blocks:
    """Give rows as workbook cells."""
    return Blocks(
        [c.codec.cells(v, more) for c, v, more in zip(columns, values, beside, strict=True)]
        for _ids, values, beside in query.blocks(columns, rows)
    )


def plain_rows(query: Query, columns: Sequence[Column], rows: QuerySet[Any]) -> Iterator[Sequence[Any]]:
    """Give rows as JSON values."""
    for _ids, values, _beside in query.blocks(columns, rows):
        yield from zip(*(c.codec.plains(v) for c, v in zip(columns, values, strict=True)), strict=True)


def export(query: Query, form: str) -> Iterable[bytes]:
    """Give the bytes of an export in one of FORMATS, piece by piece. Raises BadQuery before the first piece."""
    columns, rows = columns_of(query), query.rows.order_by(*query.ordering)
    if form == "json":
        names = [ColumnSpec(column.name, column.name) for column in columns]
        return json_chunks(names, plain_rows(query, columns, rows))
    specs = _headings(columns)
    if form == "csv":
        return csv_chunks(specs, cells(query, columns, rows), say=gettext)
    target = TemporaryFile()  # noqa: SIM115 - closed when its last piece has gone out
    found = cells(query, columns, rows)
    write_workbook(target, specs, found, title=query.resource.title, notes=_notes(query), say=gettext)
    return _pieces(target)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        yield from iter(partial(file.read, PIECE), b"")


def _notes(query: Query) -> list[tuple[str, str]]:
    view = View()
    filters = [
        (str(chip.column.label), ", ".join(chip.column.codec.show(value, view) or value for value in chip.values))
        if chip.column.codec.kind in ("choice", "state")
        else (str(chip.column.label), ", ".join(chip.values))
        for chip in query.chips
    ]
    return [
        (str(_("As of")), f"{now():%Y-%m-%d %H:%M}"),
        (str(_("Rows")), str(query.total)),
        *([(str(_("Search")), query.q)] if query.q else []),
        *filters,
    ]


def template(resource: Resource, writable: Sequence[str]) -> bytes:
    """Give a workbook to fill in: one column per writable field, drop-downs where there are lists."""
    target = BytesIO()
    columns = []
    for name in writable:
        field: Any = resource.model._meta.get_field(name)
        columns.append(spec(resource.fields[name], required=is_required(field) or name == resource.key))
    guidance = [
        str(_("Rows are matched by “%(key)s”.") % {"key": resource.fields[resource.key].label}),
        str(_("Rows of a known key change that record; other rows are new. Nothing is deleted.")),
    ]
    write_template(target, columns, title=resource.title, guidance=guidance, say=gettext)
    return target.getvalue()
