"""The import page: template, upload, dry run, wrong rows back, commit. And exports, template and help of a resource."""

import hashlib
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from yulan.kernel.access import Actor, Refused
from yulan.kernel.pages.policy import anyone, readers, signed_in
from yulan.kernel.pages.reader import actor_of, view_of
from yulan.kernel.resource.declare import Resource, is_required
from yulan.kernel.resource.diagram import draw
from yulan.kernel.resource.exporting import FORMATS, export, template
from yulan.kernel.resource.importing import commit_import, error_workbook, sample
from yulan.kernel.resource.planning import ImportPlan, ImportRefused, plan_import
from yulan.kernel.resource.query import Query
from yulan.kernel.sheets.annotate import annotated_name
from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.text import _

TOKEN = re.compile(r"[0-9a-f]{64}")
SHOWN = 100
KINDS = {
    "text": _("text"),
    "integer": _("whole number"),
    "decimal": _("number"),
    "year": _("year"),
    "money": _("amount"),
    "date": _("date"),
    "moment": _("date and time"),
    "bool": _("yes or no"),
    "choice": _("one of a list"),
    "state": _("state"),
    "reference": _("record, by its code"),
    "region": _("region, by code or name"),
}
"""What a field's kind is called on the help page."""


def _folder(actor: Actor) -> Path:
    """Give the folder of an account's uploads; nobody else's token leads there."""
    owner = hashlib.sha256(actor.name.encode()).hexdigest()[:32]
    folder = settings.VAR / "uploads" / owner
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _keep(actor: Actor, name: str, content: bytes) -> str:
    token = hashlib.sha256(name.encode() + b"\0" + content).hexdigest()
    sweep_uploads()
    folder = _folder(actor)
    (folder / token).write_bytes(content)
    (folder / f"{token}.name").write_text(name)
    return token


def sweep_uploads(idle: timedelta = timedelta(days=1)) -> int:
    """Delete uploaded workbooks, which may hold clear personal values, after a time; give how many files went."""
    before, gone = time.time() - idle.total_seconds(), 0
    for path in (settings.VAR / "uploads").glob("*/*"):
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _kept(actor: Actor, token: str) -> tuple[Path, str]:
    path = _folder(actor) / token
    if not TOKEN.fullmatch(token) or not path.exists():
        raise ImportRefused(_("The upload is no longer here. Upload the workbook again."))
    return path, path.with_name(f"{token}.name").read_text()


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest, resource: Resource) -> HttpResponse:
    """Take an upload and show what it would change; with a token, commit it."""
    actor = actor_of(request)
    if not resource.writable(actor):
        raise Refused(str(_("Your role may not import this.")))
    base = resource.url()
    page: dict[str, Any] = {
        "title": _("Import: %(kind)s") % {"kind": resource.title},
        "step": "upload",
        "template_url": base + "template.xlsx",
        "upload_url": base + "import",
        "commit_url": base + "import",
        "list_url": base,
        "breadcrumbs": [{"label": resource.title, "url": base}, {"label": _("Import"), "url": ""}],
    }
    status = 200
    if request.method == "POST":
        try:
            page |= _posted(request, resource, actor)
        except (ImportRefused, SheetError) as error:
            text = str(_(error.message)) % error.params if isinstance(error, SheetError) else str(error)
            page["errors"], status = [{"text": text, "field": ""}], 422
    return render(request, "yulan/import.html", {"page": page}, status=status)


def _posted(request: HttpRequest, resource: Resource, actor: Actor) -> dict[str, Any]:
    token = request.POST.get("token", "")
    if token:
        path, name = _kept(actor, token)
        plan = plan_import(resource, path, name=name, by=actor)
        if plan.wrong:
            return _checked(request, resource, plan, token)
        number = commit_import(plan, by=actor, reason=name)
        text = _("%(new)s new, %(changed)s changed; change set %(n)s.")
        return {"step": "done", "counts": plan.counts, "message": text % {**plan.counts, "n": number or "–"}}
    sent = request.FILES.get("file")
    if sent is None:
        raise ImportRefused(_("Choose a workbook first."))
    name, content = str(sent.name), sent.read()
    plan = plan_import(resource, content, name=name, by=actor)
    return _checked(request, resource, plan, _keep(actor, name, content))


def _checked(request: HttpRequest, resource: Resource, plan: ImportPlan, token: str) -> dict[str, Any]:
    found = {
        "step": "check",
        "counts": plan.counts,
        "sample": sample(plan, view_of(request), SHOWN),
        "token": token,
        "errors_url": f"{resource.url()}import/{token}",
    }
    if plan.unknown:
        found["message"] = _("Columns not used: %(names)s") % {"names": ", ".join(map(str, plan.unknown))}
    if plan.counts["total"] > SHOWN:
        found["sample_text"] = _("The first %(n)s rows that matter are shown.") % {"n": SHOWN}
    return found


@signed_in
@require_safe
def errors_file(request: HttpRequest, resource: Resource, token: str) -> HttpResponse:
    """Give the uploader's own workbook back with the reasons in it."""
    actor = actor_of(request)
    path, name = _kept(actor, token)
    plan = plan_import(resource, path, name=name, by=actor)
    content = error_workbook(plan, path, name=name)
    return _download(content, annotated_name(name, content), FORMATS["xlsx"])


def _download(content: Any, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


@readers
@require_safe
def export_file(request: HttpRequest, resource: Resource, form: str) -> HttpResponseBase:
    """Give the rows of the list, all pages, as a file."""
    if form not in FORMATS:
        raise Http404
    query = Query(resource, actor_of(request), request.GET)
    answer = StreamingHttpResponse(export(query, form), content_type=FORMATS[form])
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(resource.title)}.{form}"
    return answer


@signed_in
@require_safe
def template_file(request: HttpRequest, resource: Resource) -> HttpResponse:
    """Give the workbook to fill in."""
    names = resource.sheet(actor_of(request))
    if not names:
        raise Refused(str(_("Your role may not import this.")))
    return _download(template(resource, names), f"{resource.title}.xlsx", FORMATS["xlsx"])


@anyone
@require_safe
def help_page(request: HttpRequest, resource: Resource) -> HttpResponse:
    """Explain the record type: fields, lifecycle as diagram and table."""
    lifecycle = resource.lifecycle
    page = {
        "title": resource.title,
        "purpose": resource.about,
        "list_url": resource.url(),
        "template_url": resource.url() + "template.xlsx" if resource.writable(actor_of(request)) else "",
        "fields": [_explained(resource, name) for name in resource.fields],
        "diagram_svg": mark_safe(draw(lifecycle)) if lifecycle else "",  # noqa: S308 - drawn from declared labels, escaped
        "moves": [
            {
                "label": move.label,
                "from": ", ".join(str(lifecycle.states[s].label) for s in move.sources),
                "to": lifecycle.states[move.target].label,
                "roles": ", ".join(str(role_label(role)) for role in move.roles),
                "guards": dict.fromkeys(_((g.__doc__ or g.__name__).strip().split("\n")[0]) for g in move.guards),
            }
            for move in lifecycle.moves
        ]
        if lifecycle
        else [],
    }
    return render(request, "yulan/help.html", {"page": page})


def role_label(role: str) -> Any:
    """Give a role's name for people."""
    return settings_labels().get(role, role)


def settings_labels() -> dict[str, Any]:
    """Give the role names that the rooms have declared."""
    from django.utils.module_loading import import_string

    labels: dict[str, Any] = import_string(settings.YULAN_ROLE_LABELS)
    return labels


def _explained(resource: Resource, name: str) -> dict[str, Any]:
    column = resource.fields[name]
    field: Any = column.codec.field
    return {
        "label": column.label,
        "kind": KINDS.get(column.codec.kind, column.codec.kind),
        "required": is_required(field),
        "help": field.help_text,
    }
