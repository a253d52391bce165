"""Append-only tables: the database itself refuses UPDATE, DELETE and TRUNCATE. Used in migrations, both engines.

SQLite's INSERT OR REPLACE deletes too: it is refused because connections set `PRAGMA recursive_triggers`.
"""

from django.db import migrations
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
