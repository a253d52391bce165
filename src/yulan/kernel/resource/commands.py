"""Import, export and template from the command line: the same code as the pages, as a named account."""

from pathlib import Path

from django.conf import settings
from django.http import QueryDict
from django.utils.module_loading import import_string

from yulan.kernel.access import SYSTEM, Actor
from yulan.kernel.resource.declare import Resource, all_resources, resource_named
from yulan.kernel.resource.exporting import export, template
from yulan.kernel.resource.importing import commit_import, error_workbook
from yulan.kernel.resource.planning import ImportPlan, plan_import
from yulan.kernel.resource.query import Query
from yulan.kernel.trail import catch_up


class CommandError(Exception):
    """A command cannot be carried out; the message says what to do."""


def resource_called(name: str) -> Resource:
    """Find a resource. Raises CommandError with the names there are."""
    found = resource_named(name)
    if found is None:
        names = ", ".join(sorted(resource.name for resource in all_resources()))
        raise CommandError(f"There is no resource {name}. There are: {names}")
    return found


def actor_called(username: str | None) -> Actor:
    """Give the actor of an account; without a name the system itself."""
    if not username:
        return SYSTEM
    found: Actor | None = import_string(settings.YULAN_ACTOR_BY_NAME)(username)
    if found is None:
        raise CommandError(f"There is no active account {username}.")
    return found


def import_file(
    name: str, path: Path, *, dry_run: bool = False, errors: Path | None = None, username: str | None = None
) -> ImportPlan:
    """Judge a workbook; commit it unless `dry_run` or a row is wrong; write wrong rows to `errors`.

    Raises CommandError, and what plan_import and commit_import raise.
    """
    resource, by = resource_called(name), actor_called(username)
    if not path.is_file():
        raise CommandError(f"There is no file {path}.")
    plan = plan_import(resource, path, name=path.name, by=by)
    if plan.wrong and errors:
        errors.write_bytes(error_workbook(plan, path, name=path.name))
    if not (dry_run or plan.wrong):
        commit_import(plan, by=by, reason=path.name, channel="command")
        catch_up()
    return plan


def export_file(name: str, target: Path, *, form: str, username: str | None = None) -> int:
    """Write all rows that the account may see; give how many."""
    resource, actor = resource_called(name), actor_called(username)
    if not resource.opens_to(actor):
        raise CommandError(f"{username} may not read {name}.")
    query = Query(resource, actor, QueryDict())
    with target.open("wb") as out:
        for chunk in export(query, form):
            out.write(chunk)
    return query.total


def write_template(name: str, target: Path, *, username: str | None = None) -> None:
    """Write the workbook to fill in."""
    resource = resource_called(name)
    names = resource.sheet(actor_called(username))
    if not names:
        raise CommandError(f"{username or 'Nobody'} may not import {name}.")
    target.write_bytes(template(resource, names))
