"""Pages of the plan, for officers and for the public: tree, document, gaps, figures, consistency."""

import tempfile
from pathlib import Path
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from yulan.kernel.access import Actor
from yulan.kernel.pages.policy import anyone
from yulan.kernel.pages.reader import actor_of, view_of
from yulan.kernel.resource.details import listed_under
from yulan.kernel.text import _
from yulan.plan import annotations, rules, selectors
from yulan.plan.consistency import STATED_SIZES, number
from yulan.plan.models import PlanDocument, PlanNode
from yulan.plan.reader.read import read_plan
from yulan.plan.reader.reading import PlanError
from yulan.plan.resources import Measures
from yulan.plan.rules import MEASURE
from yulan.registry.records.terms import name_of

CURRENT = "2007-11"
UPLOAD_LIMIT = 20_000_000


def _show(request: HttpRequest, name: str, page: dict[str, Any], status: int = 200) -> HttpResponse:
    signed_in = actor_of(request).signed_in
    base = "yulan/base.html" if signed_in else "yulan/portal_base.html"
    tabs = [
        ("/plan", _("Tree")),
        ("/plan/document", _("Document")),
        ("/plan/figures", _("Figures")),
        ("/plan/consistency", _("Consistency")),
        ("/plan/gaps", _("Gap list")),
    ]
    shown = [{"url": url, "label": label, "current": request.path == url} for url, label in tabs]
    return render(request, f"plan/{name}.html", {"page": page, "base": base, "tabs": shown}, status=status)


def _document() -> PlanDocument:
    found = PlanDocument.objects.filter(code=CURRENT).first()
    if found is None:
        raise Http404
    return found


@anyone
@require_safe
def tree_page(request: HttpRequest) -> HttpResponse:
    """Goal → Task → Measure with lead and co-units, years and state lights."""
    document = _document()
    state, lead = request.GET.get("state", ""), request.GET.get("lead", "")
    chosen = Q()
    if state in MEASURE.states:
        chosen &= Q(state=state)
    if lead == "none":
        chosen &= Q(lead=None)
    elif lead:
        chosen &= Q(lead__code=lead)
    measures = selectors.measures_of(CURRENT)
    leads = {m.lead.code: str(m.lead) for m in measures if m.lead}
    branches = selectors.tree(CURRENT, chosen)
    page = {
        "title": document.title,
        "document": document,
        "branches": branches,
        "lights": LIGHTS,
        "states": [{"value": k, "label": s.label, "selected": k == state} for k, s in MEASURE.states.items()],
        "leads": [{"value": k, "label": w, "selected": k == lead} for k, w in sorted(leads.items())],
        "no_lead": lead == "none",
        "filtered": bool(chosen),
        "beside": _beside([m for branch in branches for m in branch.all_measures], actor_of(request)),
        "counts": _counts(measures),
        "safeguards": PlanNode.objects.filter(document=document, kind="safeguard"),
    }
    return _show(request, "tree", page)


LIGHTS = {"bad": _("off track"), "warn": _("note overdue"), "ok": _("on track"), "": _("not begun")}


def _beside(measures: list[Any], actor: Actor) -> list[str]:
    """Count what stands under each measure, kind by kind, as far as the actor sees it; give the kinds' titles."""
    kinds = listed_under(Measures(), actor)
    for measure in measures:
        measure.beside = []
        measure.light_label = LIGHTS[measure.shown_light]
    for kind in kinds:
        counted = dict(kind.visible_to(actor).order_by().values_list(kind.under).annotate(Count("pk")))
        for measure in measures:
            url = f"{kind.url()}?{kind.under}={measure.code}"
            measure.beside.append({"label": kind.title, "n": counted.get(measure.pk, 0), "url": url})
    return [kind.title for kind in kinds]


def _counts(measures: list[Any]) -> list[dict[str, Any]]:
    total = len(measures)
    found = [{"label": _("Measures"), "n": total, "url": "/measures/", "tone": ""}]
    for name, state in MEASURE.states.items():
        n = sum(measure.state == name for measure in measures)
        found.append({"label": state.label, "n": n, "url": f"/plan?state={name}", "tone": state.tone})
    return found


@anyone
@require_safe
def gaps_page(request: HttpRequest) -> HttpResponse:
    """Measures without a lead unit, a project or evidence; each row leads to the remedy."""
    found, lack = selectors.gaps(CURRENT), request.GET.get("lack", "")
    kinds = {"lead": _("No lead unit"), "project": _("No project"), "evidence": _("No evidence")}
    counts = [
        {"label": label, "n": sum(getattr(gap, kind) for gap in found), "url": f"/plan/gaps?lack={kind}"}
        for kind, label in kinds.items()
    ]
    if lack in kinds:
        found = [gap for gap in found if getattr(gap, lack)]
    page = {"title": _("Gap list"), "gaps": found, "counts": counts, "chosen": kinds.get(lack, "")}
    return _show(request, "gaps", page)


@anyone
@require_safe
def figures_page(request: HttpRequest) -> HttpResponse:
    """The published figures with their calibre; chosen ones are added, with warnings."""
    figures = selectors.figures_of(CURRENT)
    chosen = [figure for figure in figures if figure.code in request.GET.getlist("add")]
    page: dict[str, Any] = {"title": _("Published figures"), "figures": figures, "chosen": {f.code for f in chosen}}
    if len(chosen) > 1:
        page["sum"] = {
            "text": " + ".join(figure.printed for figure in chosen),
            "total": number(sum((figure.value for figure in chosen[1:]), chosen[0].value)),
            "unit": chosen[0].unit,
            "warnings": rules.adding_warnings(chosen, selectors.overlaps()),
        }
    return _show(request, "figures", page)


@anyone
@require_safe
def consistency_page(request: HttpRequest) -> HttpResponse:
    """C1–C19: what adds up and what does not; nothing is corrected."""
    checks = selectors.checks_of(CURRENT)
    names = {figure.code: figure for figure in selectors.figures_of(CURRENT)}
    rows = [{"check": check, "figures": [names[code] for code in check.figures if code in names]} for check in checks]
    tones = {"match": "ok", "mismatch": "bad", "warning": "warn", "unresolved": "warn", "note": "info"}
    labels = {
        "match": _("adds up"),
        "mismatch": _("does not add up"),
        "warning": _("warning"),
        "unresolved": _("unresolved"),
        "note": _("note"),
    }
    for row in rows:
        row["rows"] = [(name_of(a) if a in STATED_SIZES else a, b) for a, b in row["check"].rows]  # type: ignore[attr-defined]
        verdict = row["check"].verdict  # type: ignore[attr-defined]
        row |= {"tone": tones[verdict], "verdict": labels[verdict]}
    page = {"title": _("Do the figures add up?"), "rows": rows, "solved": _story(checks)}
    return _show(request, "consistency", page)


def _story(checks: list[Any]) -> dict[str, Any]:
    second = next(check for check in checks if check.code == "C2")
    return {"stated": second.stated, "computed": second.computed, "difference": second.difference}


@anyone.sent_by("officer", "head")
@require_http_methods(["GET", "HEAD", "POST"])
def document_page(request: HttpRequest) -> HttpResponse:
    """The annotated document: clauses, figures and textual notes at their lines; an officer may read in a copy."""
    document = _document()
    page: dict[str, Any] = {"title": document.title, "document": document, "may_read": False}
    actor = actor_of(request)
    page["may_read"] = actor.has(("officer", "head"))
    status = 200
    if request.method == "POST":
        page, status = _read_in(request, page)
    else:
        page["rows"] = _outline(document, view_of(request).lang)
    return _show(request, "document", page, status)


def _outline(document: PlanDocument, lang: str) -> list[dict[str, Any]]:
    """Give the plan's parts in the order of their lines, with the figures and notes that stand there."""
    figures: dict[int, list[Any]] = {}
    for figure in selectors.figures_of(document.code):
        figures.setdefault(figure.line or 0, []).append(figure)
    lines = {node.line: (node.kind, node.clause, node.title, "") for node in document.nodes.all() if node.line}
    for measure in selectors.measures_of(document.code):
        lines[measure.line] = ("measure", measure.code, measure.title, f"/measures/{measure.pk}")
    notes = annotations.by_line()
    other = ("text", "", _("Text"), "")
    with override(lang):
        return [
            {
                **dict(zip(("kind", "number", "title", "url"), lines.get(line, other), strict=True)),
                "line": line,
                "figures": figures.get(line, []),
                "notes": notes.get(line, []),
            }
            for line in sorted({*lines, *(n for n in figures if n), *notes})
        ]


def _read_in(request: HttpRequest, page: dict[str, Any]) -> tuple[dict[str, Any], int]:
    sent = request.FILES.get("file")
    if sent is None or not sent.size or sent.size > UPLOAD_LIMIT:
        return page | {"errors": [_("Choose a file of at most 20 MB.")]}, 422
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan{Path(str(sent.name)).suffix.lower()[:6]}"
        path.write_bytes(sent.read())
        try:
            reading = read_plan(path).as_json()
        except PlanError as error:
            return page | {"errors": [str(error)]}, 422
    return page | {"reading": reading, "name": sent.name}, 200
