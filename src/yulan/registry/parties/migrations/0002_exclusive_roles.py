"""The database itself refuses roles that exclude each other in one hand: one account, or one person's accounts."""

from django.db import migrations

PAIRS = (("auditor", "evaluator"), ("sysadmin", "secadmin"), ("sysadmin", "auditadmin"), ("secadmin", "auditadmin"))
MESSAGE = "these roles must never be in one hand"

_PAIRS = " OR ".join(
    f"(NEW.role = '{new}' AND other.role = '{held}')" for a, b in PAIRS for new, held in ((a, b), (b, a))
)
_CLASH = f"""
SELECT 1 FROM parties_assignment other
JOIN parties_account theirs ON theirs.id = other.account_id
JOIN parties_account mine ON mine.id = NEW.account_id
WHERE (theirs.id = mine.id OR theirs.person_id = mine.person_id) AND ({_PAIRS})
AND (other.valid_to IS NULL OR (other.valid_to > NEW.valid_from AND other.valid_to > other.valid_from))
AND (NEW.valid_to IS NULL OR (NEW.valid_to > other.valid_from AND NEW.valid_to > NEW.valid_from))
"""
_SQLITE = f"""
CREATE TRIGGER parties_assignment_exclusive_{{verb}} BEFORE {{verb}} ON parties_assignment
WHEN EXISTS ({_CLASH}) BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
"""
_POSTGRES = (
    f"""
CREATE FUNCTION parties_exclusive_roles() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM 1 FROM parties_account WHERE id = NEW.account_id FOR UPDATE;
  PERFORM 1 FROM parties_person p JOIN parties_account a ON a.person_id = p.id WHERE a.id = NEW.account_id
  FOR UPDATE OF p;
  IF EXISTS ({_CLASH}) THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER parties_assignment_exclusive BEFORE INSERT OR UPDATE ON parties_assignment
FOR EACH ROW EXECUTE FUNCTION parties_exclusive_roles()
""",
)


def forwards(apps, editor):
    """Make the trigger of this engine."""
    if editor.connection.vendor == "postgresql":
        statements = _POSTGRES
    else:
        statements = [_SQLITE.format(verb=verb) for verb in ("INSERT", "UPDATE")]
    for statement in statements:
        editor.execute(statement, None)


def backwards(apps, editor):
    """Drop it."""
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP TRIGGER parties_assignment_exclusive ON parties_assignment", None)
        editor.execute("DROP FUNCTION parties_exclusive_roles()", None)
    else:
        for verb in ("INSERT", "UPDATE"):
            editor.execute(f"DROP TRIGGER parties_assignment_exclusive_{verb}", None)


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
