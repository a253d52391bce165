"""The ledger keeps itself: entries, seals, accounts and closings are append-only; a new entry moves the balances.

The balances are checked by their own constraint. On SQLite the trigger runs for each row; on PostgreSQL once for each
statement, taking the rows of the balances in the order of (account, project), so that two postings never wait for
each other in a circle.
"""

from django.db import migrations

from yulan.kernel.append_only import append_only

TABLES = ("funds_entry", "funds_seal", "funds_account", "funds_closing")

SQLITE = """
CREATE TRIGGER funds_entry_moves_balances AFTER INSERT ON funds_entry BEGIN
  SELECT RAISE(ABORT, 'funds_books_closed') WHERE EXISTS (SELECT 1 FROM funds_closing WHERE until >= NEW.date);
  SELECT RAISE(ABORT, 'funds_account_unknown')
   WHERE (SELECT COUNT(*) FROM funds_account WHERE code IN (NEW.source, NEW.target)) < 2;
  INSERT INTO funds_balance (account_id, project, limited, amount)
  SELECT code, CASE WHEN by_project THEN NEW.project ELSE '' END, limited, 0
    FROM funds_account WHERE code IN (NEW.source, NEW.target)
      ON CONFLICT (account_id, project) DO NOTHING;
  UPDATE funds_balance SET amount = amount - NEW.amount
   WHERE account_id = NEW.source
     AND project = (SELECT CASE WHEN by_project THEN NEW.project ELSE '' END FROM funds_account WHERE code = NEW.source);
  UPDATE funds_balance SET amount = amount + NEW.amount
   WHERE account_id = NEW.target
     AND project = (SELECT CASE WHEN by_project THEN NEW.project ELSE '' END FROM funds_account WHERE code = NEW.target);
END
"""

NET = """
  SELECT code, CASE WHEN by_project THEN project ELSE '' END AS project, limited, SUM(change) AS change
    FROM (SELECT source AS code, project, -amount AS change FROM added
          UNION ALL SELECT target, project, amount FROM added) AS moved
    JOIN funds_account USING (code)
   GROUP BY 1, 2, 3
"""
POSTGRES_FUNCTION = f"""
CREATE FUNCTION funds_move_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  remaining bigint;
BEGIN
  IF EXISTS (SELECT 1 FROM added JOIN funds_closing ON until >= date) THEN
    RAISE EXCEPTION 'funds_books_closed' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM added
              WHERE NOT EXISTS (SELECT 1 FROM funds_account WHERE code = source)
                 OR NOT EXISTS (SELECT 1 FROM funds_account WHERE code = target)) THEN
    RAISE EXCEPTION 'funds_account_unknown' USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO funds_balance (account_id, project, limited, amount)
  SELECT code, project, limited, 0 FROM ({NET}) AS net ORDER BY 1, 2
      ON CONFLICT (account_id, project) DO NOTHING;
  WITH locked AS MATERIALIZED (
    SELECT held.limited, held.amount, net.change
      FROM funds_balance AS held JOIN ({NET}) AS net ON held.account_id = net.code AND held.project = net.project
     ORDER BY held.account_id, held.project FOR UPDATE OF held)
  SELECT amount INTO remaining FROM locked WHERE limited AND amount + change < 0;
  IF FOUND THEN
    RAISE EXCEPTION 'funds_balance_covered: left %', remaining USING ERRCODE = 'check_violation';
  END IF;
  UPDATE funds_balance AS held SET amount = held.amount + net.change
    FROM ({NET}) AS net WHERE held.account_id = net.code AND held.project = net.project;
  RETURN NULL;
END $$
"""
POSTGRES_TRIGGER = """
CREATE TRIGGER funds_entry_moves_balances AFTER INSERT ON funds_entry
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_move_balances()
"""


def keep_balances(apps, editor):
    """Have the database move the balances."""
    postgres = editor.connection.vendor == "postgresql"
    for statement in (POSTGRES_FUNCTION, POSTGRES_TRIGGER) if postgres else (SQLITE,):
        editor.execute(statement, None)


class Migration(migrations.Migration):
    dependencies = [("funds", "0001_initial")]
    operations = [migrations.RunPython(keep_balances), append_only(*TABLES)]
