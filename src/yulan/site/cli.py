"""The command `yulan`. Exit status 0 only on success; a refusal says on stderr what to do."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from yulan import __version__
from yulan.site.database import BadAddress
from yulan.site.refusal import Refusal

Arguments = argparse.Namespace
HOST, PORT = "127.0.0.1", 8000
NOT_REACHED = "Check that the database server runs, that the database exists (createdb), and YULAN_DATABASE_URL."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give the exit status: 0 done, 1 refused or failed, 2 wrong usage."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:2] == ["plan", "read"]:
        from yulan.plan.reader.command import main as read_plan

        return read_plan(given[2:])
    if given[:1] == ["region"]:
        from yulan.registry.regions.command import main as look_up

        return look_up(given[1:])
    chosen = parser().parse_args(given)
    try:
        set_up(demo=getattr(chosen, "demo", False))
        return int(chosen.run(chosen) or 0)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if not is_expected(error):
            raise
        sys.stderr.write(f"yulan: {words_of(error)}\n")
        return 1


def set_up(*, demo: bool) -> None:
    """Set Django up; messages are English unless YULAN_LANGUAGE says zh-hans."""
    if demo:
        os.environ["YULAN_DEMO"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yulan.site.settings")
    import django
    from django.utils import translation

    django.setup()
    translation.activate(os.environ.get("YULAN_LANGUAGE", "en"))


def is_expected(error: Exception) -> bool:
    """Tell a refusal, meant for the person at the keyboard, from a fault of the program."""
    if isinstance(error, Refusal | BadAddress | OSError):
        return True
    from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist, ValidationError
    from django.core.management import CommandError
    from django.db import OperationalError

    if isinstance(error, ImproperlyConfigured | ObjectDoesNotExist | ValidationError | CommandError | OperationalError):
        return True
    from yulan.kernel.access import Refused
    from yulan.kernel.resource import commands
    from yulan.kernel.resource.planning import ImportRefused
    from yulan.kernel.sheets.errors import SheetError

    return isinstance(error, Refused | commands.CommandError | ImportRefused | SheetError)


def words_of(error: Exception) -> str:
    """Give the words of an expected error."""
    texts = getattr(error, "reasons", None) or getattr(error, "messages", None) or [error]
    said = "; ".join(str(text).strip() for text in texts)
    return f"{said}\n{NOT_REACHED}" if said.startswith("connection failed") else said


def migrate(_given: Arguments) -> None:
    """Bring the tables up to date and load the registers where absent."""
    from yulan.site.serving import prepare

    prepare(demo=False)


def demo(_given: Arguments) -> None:
    """Load the demonstration world."""
    from yulan.site.serving import prepare

    prepare(demo=True)


def serve(given: Arguments) -> None:
    """Make the data ready, then serve until stopped."""
    from yulan.site.safekeeping import in_use
    from yulan.site.serving import Server, prepare, refuse_busy

    refuse_busy(given.host, given.port)
    with in_use():
        prepare(demo=given.demo)
        Server(given.host, given.port).run()


def import_(given: Arguments) -> int:
    """Import a workbook: dry run, or all rows or none."""
    from yulan.kernel.resource import commands

    plan = commands.import_file(
        given.resource, given.file, dry_run=given.dry_run, errors=given.errors, username=given.user
    )
    print(", ".join(f"{count} {kind}" for kind, count in plan.counts.items()))
    if plan.unknown:
        print(f"Columns without a field, left out: {', '.join(plan.unknown)}")
    for line, reason in list(plan.reasons().items())[:20]:
        print(f"row {line}: {reason}")
    if plan.wrong:
        print("Nothing was written." + (f" Mend the rows in {given.errors} and import it." if given.errors else ""))
    elif given.dry_run:
        print("A dry run: nothing was written.")
    return 1 if plan.wrong else 0


def export(given: Arguments) -> None:
    """Export the rows that the user may see; to standard output without -o."""
    from yulan.kernel.resource import commands

    if given.output is None:
        commands.export_file(given.resource, Path("/dev/stdout"), form=given.format, username=given.user)
        return
    with whole(given.output) as part:
        count = commands.export_file(given.resource, part, form=given.format, username=given.user)
    print(f"{count} rows: {given.output}")


def template(given: Arguments) -> None:
    """Write the workbook to fill in."""
    from yulan.kernel.resource import commands

    with whole(given.output) as part:
        commands.write_template(given.resource, part, username=given.user)
    print(given.output)


def verify(_given: Arguments) -> int:
    """Check trail, ledger and chains; 1 when something does not agree."""
    from yulan.kernel.verify import verify_all

    found = verify_all()
    for name, faults in found.items():
        print(f"{name}: {'whole' if not faults else 'FAULTS'}")
        for fault in faults[:20]:
            print(f"  {fault}")
    return 1 if any(found.values()) else 0


def sweep(_given: Arguments) -> None:
    """Delete what nothing needs any more, such as stored files that no record names; run it every night."""
    from yulan.site.safekeeping import in_use
    from yulan.site.sweeping import sweep as sweep_all

    with in_use():
        for what, count in sweep_all().items():
            print(f"{count} {what}")


def backup(given: Arguments) -> None:
    """Back up while the server may run."""
    from yulan.site.safekeeping import back_up

    sums = back_up(given.file)
    print(f"{given.file}: {len(sums)} parts, each with its SHA-256.")
    print("The private keys are not in it. Keep VAR/keys apart: without them personal fields cannot be read.")


def restore(given: Arguments) -> None:
    """Put a backup in place of the data; the server must be stopped."""
    from yulan.site.safekeeping import put_back

    erased = put_back(given.file, force=given.force)
    print(f"Restored from {given.file}; {erased} erased persons erased again. Check it: yulan verify")


def token(given: Arguments) -> None:
    """Issue an access token and show it, this once."""
    from yulan.kernel.access import SYSTEM
    from yulan.kernel.resource import commands
    from yulan.registry.parties.services import issue_token

    commands.actor_called(given.user)
    print(issue_token(given.user, by=SYSTEM, label="yulan token"))


def ledger_export(given: Arguments) -> None:
    """Export the ledger as a journal that bean-check or hledger check accepts; to standard output without -o."""
    from yulan.engines.funds.journals import export_journal

    if given.output is None:
        sys.stdout.writelines(export_journal(given.format))
        return
    with whole(given.output) as part, part.open("w", encoding="utf-8") as file:
        file.writelines(export_journal(given.format))
    print(given.output)


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Give a path to write to, put in the target's place when the writing has succeeded."""
    part = target.with_name(f".{target.name}.part")
    try:
        yield part
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def port(text: str) -> int:
    """Read a port number."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not a port: give a number from 1 to 65535")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """Describe every command."""
    whole = argparse.ArgumentParser(prog="yulan", description="Paired assistance and inter-regional cooperation.")
    whole.add_argument("--version", action="version", version=f"yulan {__version__}")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[Arguments], int | None], within: Any = commands) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = within.add_parser(name, help=run.__doc__, description=run.__doc__)
        made.set_defaults(run=run)
        return made

    plan = commands.add_parser("plan", help="plan read FILE [--json]: read a government plan into its parts")
    plan.add_subparsers(required=True, metavar="read").add_parser("read", add_help=False)
    commands.add_parser("region", help="NAME_OR_CODE [--on DATE] [--json]: what a region was called on a day")

    for made in (command("import", import_), command("export", export), command("template", template)):
        made.add_argument("resource", metavar="RESOURCE", help="plural and hyphenated: projects, ledger-entries, …")
        made.add_argument("--as", dest="user", metavar="USER", help="act as this account, with its rights")
        made.set_defaults(output=None)
    _sheet_arguments(commands.choices)

    command("verify", verify)
    command("sweep", sweep)
    command("migrate", migrate)
    command("demo", demo).set_defaults(demo=True)
    made = command("serve", serve)
    made.add_argument("--demo", action="store_true", help="load the demonstration world, with one-click sign-in")
    made.add_argument("--host", default=HOST)
    made.add_argument("--port", type=port, default=PORT)
    command("backup", backup).add_argument("file", type=Path, metavar="FILE")
    made = command("restore", restore)
    made.add_argument("file", type=Path, metavar="FILE")
    made.add_argument("--force", action="store_true", help="overwrite the data that is there")
    command("token", token).add_argument("user", metavar="USER")
    ledger = commands.add_parser("ledger", help="ledger export: the ledger as a plain-text journal")
    made = command("export", ledger_export, ledger.add_subparsers(required=True, metavar="export"))
    made.add_argument("--format", choices=("beancount", "hledger"), default="beancount")
    made.add_argument("-o", "--output", type=Path, metavar="FILE")
    return whole


def _sheet_arguments(made: dict[str, argparse.ArgumentParser]) -> None:
    made["import"].add_argument("file", type=Path, metavar="FILE")
    made["import"].add_argument("--dry-run", action="store_true", help="say what would change; write nothing")
    made["import"].add_argument("--errors", type=Path, metavar="OUT.xlsx", help="your workbook with the reasons")
    made["export"].add_argument("--format", choices=("xlsx", "csv", "json"), default="xlsx")
    made["export"].add_argument("-o", "--output", type=Path, metavar="FILE")
    made["template"].add_argument("-o", "--output", type=Path, metavar="FILE.xlsx", required=True)


if __name__ == "__main__":
    sys.exit(main())
