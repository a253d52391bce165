"""Reading rows column by column, as lists, exports and the API do.

A page is read by one statement of two parts: which rows it has, found in indexes alone where they hold the order and
the place, and then their columns. The second part is compiled once for a table, an order and columns; only the first
is written anew for each question.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import islice
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import QuerySet
from django.db.models.expressions import Expression

from yulan.kernel.resource.codec import each

SIZE = 2000
Values = list[Sequence[Any]]
Converters = Sequence[tuple[int, Callable[[Any], Any]]]
Marks = tuple[tuple[str, Expression], ...]
"""Expressions to read as columns, by name."""


def read_objects(rows: QuerySet[Any], paths: Sequence[str]) -> Iterator[Values]:
    """Give the ids and the attributes of model objects, column by column; at most SIZE objects at a time."""
    objects = rows if rows.query.is_sliced else rows.iterator(SIZE)
    return _turned((obj.pk, *(_follow(obj, path) for path in paths)) for obj in objects)


def read_columns(rows: QuerySet[Any], paths: Sequence[str], marks: Marks = ()) -> Iterator[Values]:
    """Give the ids and columns of ordered rows, at most SIZE at a time."""
    asked = (*paths, *(name for name, _mark in marks))
    if rows.query.is_sliced and not rows.query.distinct:
        return _page(rows, asked, marks)
    return _streamed(rows.annotate(**dict(marks)).values_list("pk", *asked))


def _streamed(rows: QuerySet[Any]) -> Iterator[Values]:
    """Read on as rows are asked for, converting by column; the iterator of a QuerySet converts each row."""
    compiler = rows.query.get_compiler(rows.db)
    for part in compiler.execute_sql(chunked_fetch=True, chunk_size=SIZE):
        yield _columns(part, _converters(compiler))


def _follow(obj: Any, path: str) -> Any:
    for step in path.split("__"):
        obj = getattr(obj, step, None)
    return obj


def _turned(rows: Iterable[tuple[Any, ...]]) -> Iterator[Values]:
    stream = iter(rows)
    while part := list(islice(stream, SIZE)):
        yield list(zip(*part, strict=True))


def _page(rows: QuerySet[Any], asked: tuple[str, ...], marks: Marks) -> Iterator[Values]:
    try:
        chosen, params = rows.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return
    model: Any = rows.model
    sql, outer, place, converters = _compiled(connection.vendor, model, tuple(rows.query.order_by), asked, marks)
    with connection.cursor() as cursor:
        cursor.execute(sql.replace(_Choice.mark, chosen), (*outer[:place], *params, *outer[place:]))
        found = cursor.fetchall()
    if found:
        yield _columns(found, converters)


def _columns(rows: Iterable[tuple[Any, ...]], converters: Converters) -> Values:
    found: Values = list(zip(*rows, strict=True))
    for index, convert in converters:
        found[index] = each(convert, found[index])
    return found


class _Choice(Expression):
    """Stands where the statement says which rows."""

    mark = "<chosen rows>"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[()]]:
        return f"({self.mark})", ()


@lru_cache(maxsize=500)
def _compiled(
    vendor: str, model: Any, order: tuple[Any, ...], asked: tuple[str, ...], marks: Marks
) -> tuple[str, tuple[Any, ...], int, Converters]:
    """Give the statement, its parameters, how many of them come before the choice, and the converters by column."""
    rows = model._default_manager.annotate(**dict(marks)).order_by(*order).values_list("pk", *asked)
    chosen = rows.filter(pk__in=_Choice(output_field=models.BigIntegerField()))
    compiler = chosen.query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    place = sql.partition(_Choice.mark)[0].count("%s")
    return sql, tuple(params), place, _converters(compiler)


def _converters(compiler: Any) -> Converters:
    """Give what a statement's columns still need, by index."""
    found = compiler.get_converters([selected[0] for selected in compiler.select])
    return [(index, partial(_converted, *each)) for index, each in found.items()]


def _converted(converters: Sequence[Callable[..., Any]], expression: Any, value: Any) -> Any:
    for convert in converters:
        value = convert(value, expression, connection)
    return value
