"""Loading a plan's facts, and the verbs of its measures."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from yulan.kernel.access import Actor
from yulan.kernel.trail import ChangeSet, change_set
from yulan.plan.models import Figure, Indicator, IndicatorOverlap, Measure, PlanDocument, PlanNode

PLANS = Path(__file__).with_name("data")


def load_plan(*, by: Actor, code: str = "2007-11") -> int:
    """Load a plan's facts that are not there yet; give how many records were made."""
    facts = tomllib.loads((PLANS / f"plan-{code}.toml").read_text())
    if PlanDocument.objects.filter(code=code).exists():
        return 0
    with change_set(by=by, reason=facts["document"]["doc_no"], channel="load") as changes:
        document = changes.create(PlanDocument(**facts["document"]))
        nodes = _load_nodes(changes, document, facts["nodes"]["rows"])
        measures = _load_measures(changes, document, nodes, facts["measures"]["rows"])
        indicators = _load_indicators(changes, facts["indicators"])
        figures = _load_figures(changes, document, indicators, facts["figures"]["rows"], facts["areas"])
        return 1 + len(nodes) + len(indicators) + measures + figures


def _load_nodes(changes: ChangeSet, document: PlanDocument, rows: list[list[Any]]) -> dict[str, PlanNode]:
    nodes: dict[str, PlanNode] = {}
    for position, (clause, kind, parent, line, zh, en) in enumerate(rows, 1):
        nodes[clause] = changes.create(
            PlanNode(
                code=f"{document.code}:{clause}",
                document=document,
                clause=clause,
                kind=kind,
                parent=nodes.get(parent),
                position=position,
                line=line,
                title_zh=zh,
                title_en=en,
            )
        )
    return nodes


def _load_measures(
    changes: ChangeSet, document: PlanDocument, nodes: dict[str, PlanNode], rows: list[list[Any]]
) -> int:
    years = {"start_year": document.start_year, "end_year": document.end_year}
    changes.insert_many(
        Measure,
        [
            Measure(code=code, node=nodes[clause], line=line, title_zh=zh, title_en=en, position=position, **years)
            for position, (code, clause, line, zh, en) in enumerate(rows, 1)
        ],
    )
    return len(rows)


def _load_indicators(changes: ChangeSet, facts: dict[str, Any]) -> dict[str, Indicator]:
    names = ("code", "name_zh", "name_en", "unit", "calibre", "stock_flow", "note")
    found = {
        row[0]: changes.create(Indicator(**dict(zip(names, row, strict=True))))
        for row in facts["rows"]
        if not Indicator.objects.filter(code=row[0]).exists()
    }
    for one, other, zh, en in facts["overlaps"]:
        changes.create(
            IndicatorOverlap(code=f"{one}+{other}", one=found[one], other=found[other], reason_zh=zh, reason_en=en)
        )
    return found


def _load_figures(
    changes: ChangeSet,
    document: PlanDocument,
    indicators: dict[str, Indicator],
    rows: list[list[Any]],
    areas: dict[str, str],
) -> int:
    for code, indicator, value, qualifier, region, text, first, last, line, suspect in rows:
        changes.create(
            Figure(
                code=code,
                document=document,
                indicator=indicators[indicator],
                value=Decimal(value),
                qualifier=qualifier,
                region=region,
                region_text=text,
                region_text_en=areas.get(text, ""),
                period_start=date(first, 1, 1),
                period_end=date(last, 12, 31),
                line=line,
                suspect=suspect,
            )
        )
    return len(rows)
