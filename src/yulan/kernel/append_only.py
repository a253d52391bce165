"""Append-only tables: the database itself refuses UPDATE, DELETE and TRUNCATE. Both engines.

SQLite's INSERT OR REPLACE deletes too: it is refused because connections set `PRAGMA recursive_triggers`.
"""

from typing import TYPE_CHECKING

from django.db import migrations, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION yulan_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""
_POSTGRES_TRIGGER = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION yulan_append_only()
"""
_POSTGRES_TRUNCATE = """
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION yulan_append_only()
"""
_SQLITE_TRIGGER = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""


def statements(vendor: str, table: str) -> list[str]:
    """Give the SQL that makes a table append-only."""
    if vendor == "postgresql":
        return [_POSTGRES_FUNCTION, *(text.format(table=table) for text in (_POSTGRES_TRIGGER, _POSTGRES_TRUNCATE))]
    return [_SQLITE_TRIGGER.format(table=table, verb=verb) for verb in ("UPDATE", "DELETE")]


def append_only(*tables: str) -> migrations.RunPython:
    """Give the migration step that makes tables append-only."""

    def forwards(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        for table in tables:
            for statement in statements(editor.connection.vendor, table):
                editor.execute(statement, None)

    return migrations.RunPython(forwards, migrations.RunPython.noop)


if TYPE_CHECKING:
    _Whole = models.BigIntegerField[int, int]
    _Auto = models.BigAutoField[int, int]
else:
    _Whole, _Auto = models.BigIntegerField, models.BigAutoField


class Ordinal(_Whole):
    """A primary key that we count: on SQLite the row's own number, which needs no index beside the table."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """INTEGER PRIMARY KEY is the rowid (SQLite, CREATE TABLE §5); a bigint primary key is not."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class Counted(_Auto):
    """A primary key that the database counts. Where nothing is ever deleted SQLite needs no table of its own for it."""

    def db_type_suffix(self, connection: BaseDatabaseWrapper) -> str | None:
        """Leave AUTOINCREMENT off: the greatest number is the last (SQLite, AUTOINCREMENT §2)."""
        return None if connection.vendor == "sqlite" else super().db_type_suffix(connection)
