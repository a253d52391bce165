"""Many rows in and changed at once, without a model object each.

Values come as the fields' Python values, column order given by `names`. Callers validate before; database
constraints still hold.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, partial
from typing import Any

import orjson
from django.db import connection, models

Row = Sequence[Any]
Adapter = Callable[[Any], Any]
FEW = 8
"""Up to so many rows PostgreSQL takes sooner by INSERT than by COPY, which asks and answers more often."""


@cache
def _adapters(vendor: str, model: type[models.Model], names: tuple[str, ...]) -> tuple[tuple[int, Adapter], ...]:
    """Give the columns whose values need a conversion for the database, by index; the others go as they are."""
    found: list[tuple[int, Adapter]] = []
    for index, name in enumerate(names):
        field: Any = model._meta.get_field(name)
        plain = isinstance(field, models.CharField | models.TextField | models.IntegerField | models.BooleanField)
        if plain or isinstance(field, models.ForeignKey) or vendor == "postgresql":
            continue
        if isinstance(field, models.DateTimeField):
            found.append((index, lambda value: value and connection.ops.adapt_datetimefield_value(value)))
        elif isinstance(field, models.DateField):
            found.append((index, lambda value: value and value.isoformat()))
        else:
            found.append((index, partial(field.get_db_prep_save, connection=connection)))
    return tuple(found)


def _adapted(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> Iterable[Row]:
    needed = _adapters(connection.vendor, model, tuple(names))
    if not needed:
        return rows
    columns: list[Row] = list(zip(*rows, strict=True))
    for index, adapter in needed:
        columns[index] = _each(adapter, columns[index])
    return zip(*columns, strict=True)


def _each(adapter: Adapter, values: Row) -> Row:
    """Convert a column, equal values once; values that cannot be looked up one by one."""
    try:
        known = {value: adapter(value) for value in set(values)}
    except TypeError:
        return tuple(map(adapter, values))
    return [known[value] for value in values]


def next_ids(model: type[models.Model], count: int) -> range | list[int]:
    """Reserve `count` primary keys. On SQLite the caller holds the write lock."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = %s "
            f"UNION ALL SELECT MAX(id) FROM {connection.ops.quote_name(table)}",
            [table],
        )
        start = max(row[0] or 0 for row in cursor.fetchall()) + 1
        return range(start, start + count)


def held(model: type[models.Model], name: str, values: Iterable[str]) -> list[str]:
    """Give those of many texts that stand in a column of text, in one query."""
    quote, wanted = connection.ops.quote_name, list(values)
    many, given = (
        ("= ANY(%s)", wanted)
        if connection.vendor == "postgresql"
        else ("IN (SELECT value FROM json_each(%s))", orjson.dumps(wanted).decode())
    )
    with connection.cursor() as cursor:
        column = quote(_column(model, name))
        cursor.execute(f"SELECT {column} FROM {quote(model._meta.db_table)} WHERE {column} {many}", [given])
        return [row[0] for row in cursor.fetchall()]


def _column(model: type[models.Model], name: str) -> str:
    return str(model._meta.get_field(name).column)  # type: ignore[union-attr]


@cache
def _into(vendor: str, model: type[models.Model], names: tuple[str, ...]) -> str:
    """Give the table and its columns, quoted."""
    quote = connection.ops.quote_name
    return f"{quote(model._meta.db_table)} ({', '.join(quote(_column(model, name)) for name in names)})"


def insert_rows(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Row], same: Mapping[str, Any] | None = None
) -> None:
    """Insert rows; `names` are column (attribute) names, `id` among them; `same` holds those equal in all rows."""
    if not rows:
        return
    into = _into(connection.vendor, model, (*names, *(same or ())))
    adapted = _adapted(model, names, rows)
    alike = tuple(*_adapted(model, list(same), [tuple(same.values())])) if same else ()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > FEW:
            with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in adapted:
                    copy.write_row((*row, *alike))
        else:
            places = [*["%s"] * len(names), *map(_literal, alike)]
            run(cursor, f"INSERT INTO {into} VALUES ({', '.join(places)})", list(adapted))


def _literal(value: Any) -> str:
    """Write a value into a statement for many rows, which then binds what differs only."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(int(value)) if connection.vendor == "sqlite" else str(value)
    return "'" + str(value).replace("'", "''").replace("%", "%%") + "'"


def run(cursor: Any, statement: str, rows: Sequence[Row]) -> None:
    """Execute a statement for each row; a single one directly, which asks the server less often."""
    if len(rows) == 1:
        cursor.execute(statement, rows[0])
    else:
        cursor.executemany(statement, rows)


def update_rows(
    model: type[models.Model],
    names: Sequence[str],
    rows: Sequence[Row],
    keys: Sequence[tuple[int, int]],
    at: datetime | date,
) -> int:
    """Update rows whose (id, version) still hold; give how many did."""
    if not rows:
        return 0
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(_column(model, name))} = %s" for name in names)
    (stamp,) = next(iter(_adapted(model, ["changed_at"], [(at,)])))
    sql = (
        f"UPDATE {quote(model._meta.db_table)} SET {sets}, version = version + 1, changed_at = %s "
        "WHERE id = %s AND version = %s"
    )
    adapted = _adapted(model, names, rows)
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(*row, stamp, *key) for row, key in zip(adapted, keys, strict=True)])
        return int(cursor.rowcount)
