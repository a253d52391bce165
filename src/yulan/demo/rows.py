"""The records of generated projects: the project, its sources of money, sites and monthly reports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from yulan.demo.money import demo_no, issue_no
from yulan.demo.places import SEED, Area
from yulan.demo.sketches import STEPS, Sketch
from yulan.engines.funds.models import BudgetLine
from yulan.engines.projects.models import AidProject, FundingSource, MonthlyReport, ProjectSite
from yulan.engines.projects.rules import SOFT_SECTORS
from yulan.plan.models import Measure
from yulan.registry.parties.models import Organisation, Pairing

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOTE = "演示数据：乡镇、村名、单位和金额均为虚构。"
NAMED = "演示数据：项目名称见规划一(一)；金额、日期、单位均为虚构。"
REPORTED_SINCE = 2009
"""From this plan year on, the monthly reports are kept."""
MEASURES = {
    "XZ": {"housing": "T1-01", "grassroots_premises": "T1-01", "education": "T1-02", "health": "T1-02"}
    | {"tourism": "T1-03", "training": "T7-01"},
    "XJ": {"whole_village": "T1-04", "housing": "T1-04", "grassroots_premises": "T1-04", "education": "T1-05"}
    | {"health": "T1-05", "culture": "T1-06", "tourism": "T1-06", "industry": "T1-07", "training": "T7-01"},
    "YN": {"whole_village": "T1-08", "education": "T1-09", "health": "T1-09", "industry": "T1-10", "tourism": "T1-10"}
    | {"training": "T1-11", "relocation": "T1-12"},
    "SX": {"industry": "T1-13", "tourism": "T1-13", "employment_base": "T1-14", "training": "T1-15"},
}
"""Block and sector → the measure of the plan that a project of 2006–2010 serves."""
TOUCHED = (*STEPS, "suspended", "change", "terminated", "changed")
"""Steps that changed the record."""
FORM = ("IDEA", "DRAFT", "SUBMITTED", "PRECHECK", "RETURNED", "REVIEW", "APPROVED", "PUBLICITY")
"""The states before the plan's issue, in order; RETURNED stands beside SUBMITTED."""


@dataclass(frozen=True)
class Shelf:
    """What projects refer to, by code."""

    offices: dict[str, Organisation]
    pairings: dict[str, Pairing]
    lines: dict[str, BudgetLine]
    measures: dict[str, Measure]


def moment(day: date) -> datetime:
    """Give a time of a working day in Shanghai."""
    return datetime.combine(day, time(9, 30), SHANGHAI)


def project_of(one: Sketch, shelf: Shelf) -> AidProject:
    """Give the record of a project as it stands on HORIZON."""
    values = _application(one, shelf) | _appraisal(one) | _works(one) | _stamps(one)
    first = one.days.get("created") or one.days["issued"] - timedelta(110)
    changed = max(day for step in TOUCHED if (day := one.reached(step)))
    return AidProject(**values, state=one.stage, created_at=moment(first), changed_at=moment(changed))


def owner_of(one: Sketch) -> str:
    """Give the organisation that owns a project: a department of the area, or the county."""
    if one.work["owner"]:
        return f"{one.area.root}-{one.work['owner']}"
    is_county = one.area.region.endswith("00") and not one.is_outside
    return f"{one.area.root}-{one.county}" if is_county else f"{one.area.root}-PAO"


def programme_of(one: Sketch) -> str:
    """Give the programme: those of the plan begin with its years."""
    named = one.work.get("programme", "other")
    if one.year < 2006:
        return "training" if named == "training" else "other"
    if named == "housing":
        return {"XZ": "ankang", "XJ": "quake_housing"}.get(one.area.block, "other")
    return str(named)


def content_of(one: Sketch) -> str:
    """Describe what is built, at what scale, for whom."""
    if one.landmark:
        return NAMED
    title, unit, scale = one.title
    helped = f"，受益{one.households}户{one.persons}人" if one.households else ""
    return f"{title}，规模{scale}{unit}{helped}。{NOTE}"


def _application(one: Sketch, shelf: Shelf) -> dict[str, Any]:
    """Give the form as the recipient side fills it in; ideas and some drafts are still incomplete."""
    early = one.stage == "IDEA"
    incomplete = early or (one.stage == "DRAFT" and _serial(one) % 3 == 0)
    outside = "德昂族为人口较少民族，列入云南帮扶范围，见规划三(二)1(3)" if one.is_outside else ""
    code = "T1-12" if one.is_outside else MEASURES[one.area.block].get(one.sector, "")
    cans = {} if early or one.stage == "DRAFT" else {
        "direct_benefit": f"直接受益贫困人口{one.poor}人" if one.households else "参训人员直接受益",
        "local_plan_item": f"《{one.area.short}发展规划（演示）》第{one.title[2] % 9 + 1}项",
        "satisfaction_plan": "受援地、前方和上海三方回访（演示）",
    }  # fmt: skip
    return {
        "code": one.code,
        "name": one.name,
        "year": one.year,
        "region": one.county,
        "supporter": shelf.offices[one.supporter],
        "owner": None if incomplete else shelf.offices[owner_of(one)],
        "pairing": shelf.pairings[one.area.pairing],
        "exception_reason": outside,
        "programme": programme_of(one),
        "measure": shelf.measures.get(code) if one.year >= 2006 else None,
        "sector": one.sector,
        "delivery_mode": "turnkey" if one.landmark or one.title[2] % 5 == 0 else "cheque",
        "content": content_of(one),
        "total": one.total,
        "aid_amount": one.aid,
        "budget_line": None if early else shelf.lines[one.line],
        "households": one.households or None,
        "persons": one.persons or None,
        "poor_persons": one.poor if one.households else None,
        "planned_start": one.days["planned_start"],
        "planned_end": one.days["planned_end"],
        **cans,
    }


def _is_past(one: Sketch, stage: str) -> bool:
    """Say whether a project has been in a state of the application or is past it."""
    if one.stage not in FORM:
        return True
    place = "SUBMITTED" if one.stage == "RETURNED" else one.stage
    return FORM.index(place) >= FORM.index(stage)


def _appraisal(one: Sketch) -> dict[str, Any]:
    """Give what the panel, the publicity and the plan's issue left."""
    found: dict[str, Any] = {"duplicates_checked": _is_past(one, "REVIEW")}
    if _is_past(one, "APPROVED"):
        low = one.stage == "REJECTED"
        found["experts"] = 5 if one.total < 100_000_000 else 7
        found["panel_score"] = Decimal(f"{(48 if low else 76) + one.title[2] % 19}.{one.households % 10}0")
    if one.is_issued:
        found |= {"doc_no": issue_no(one), "issued_on": one.days["issued"], "issued_total": one.total}
    if "publicity" in one.days:
        found["publicity_until"] = one.days["publicity"]
    return found


def _serial(one: Sketch) -> int:
    return int(one.code[-3:])


def _works(one: Sketch) -> dict[str, Any]:
    """Give what the steps after the plan's issue left."""
    found: dict[str, Any] = {"progress": one.progress}
    year, number = one.year, _serial(one)
    if one.reached("agreed"):
        found["agreement_no"] = demo_no("协议", year, number)
    if one.reached("started"):
        found["started_on"] = one.days["started"]
        if one.sector not in SOFT_SECTORS:
            small = one.total < 30_000_000
            found["tender_exemption" if small else "tender_ref"] = (
                "低于招标限额（演示）" if small else demo_no("招", year, number)
            )
            found["permit_no"] = demo_no("许可", year, number)
    claimed = one.total * (1000 + number % 40) // 1000
    settled = one.total * (985 + number % 15) // 1000
    audited = settled - one.total * (number % 9) // 1000
    if one.reached("settled"):
        found |= {"claimed_amount": claimed, "settled_amount": settled}
    if one.reached("audited"):
        found["audited_amount"] = audited
    if one.reached("accepted"):
        found["accepted_on"] = one.days["accepted"]
    if one.reached("handed"):
        found |= {"asset_value": audited, "handed_on": one.days["handed"]}
    if one.reached("evaluated"):
        found["evaluation_score"] = Decimal(f"{78 + number % 20}.{number % 10}0")
    if "terminated" in one.days:
        found["recovery_plan"] = "援助资金已暂停并收回（演示）"
    return found


def _stamps(one: Sketch) -> dict[str, str]:
    """Give who did each step; nobody checks their own act."""
    number, slug = _serial(one), one.area.slug
    steps = {
        "submitted_by": (_is_past(one, "SUBMITTED"), f"recipient-{slug}"),
        "checked_by": (_is_past(one, "PRECHECK") or one.stage == "RETURNED", checker_of(one.area)),
        "approved_by": (_is_past(one, "APPROVED") and one.stage != "REJECTED", "head" if number % 3 else "head-2"),
        "issued_by": (one.is_issued, "leader" if number % 4 else "head"),
        "audited_by": (bool(one.reached("audited")), "auditor" if number % 2 else "auditor-2"),
        "evaluated_by": (bool(one.reached("evaluated")), "evaluator" if number % 2 else "evaluator-2"),
    }
    return {name: who for name, (done, who) in steps.items() if done}


def checker_of(area: Area) -> str:
    """Give who makes the first check in an area."""
    return f"field-{area.slug}"


def sources_of(one: Sketch, project: AidProject) -> Iterator[FundingSource]:
    """Give the sources of money; together they are the total."""
    if one.stage == "IDEA":
        return
    for source, amount in {one.source: one.aid, **one.extra}.items():
        made = project.created_at
        yield FundingSource(
            code=f"{one.code}-{source}", project=project, source=source, amount=amount, created_at=made, changed_at=made
        )


def sites_of(one: Sketch, project: AidProject) -> Iterator[ProjectSite]:
    """Give the places of a project: each village, or the one school, clinic or hospital."""
    if not one.work["site"] and not one.landmark:
        return
    rows = one.villages or [(one.name, "landmark" if one.landmark else one.work["site"])]
    for number, (name, kind) in enumerate(rows, 1):
        share = one.households // len(rows) or None
        yield ProjectSite(
            code=f"{one.code}-S{number}", project=project, name=name, kind=kind, region=one.county, households=share,
            persons=one.persons // len(rows) or None, created_at=project.created_at, changed_at=project.created_at,
        )  # fmt: skip


PICTURES = ("开工，场地平整", "基础施工", "主体施工", "主体封顶", "安装和装修", "收尾", "完工")
PROBLEMS = ("雨季施工受阻", "材料运距较长", "冬季停工", "设计变更待批")


def reports_of(one: Sketch, project: AidProject) -> Iterator[MonthlyReport]:
    """Give the monthly reports of a project, from its start to the last one due or filed."""
    if one.year < REPORTED_SINCE or not one.reached("started"):
        return
    rng = Random(SEED + _serial(one))  # noqa: S311
    end = one.reported
    month = one.days["started"].replace(day=1)
    while month <= end:
        after = (month + timedelta(32)).replace(day=1)
        day = min(after - timedelta(1), end)
        yield _report(rng, one, project, month, day)
        month = after


def _report(rng: Random, one: Sketch, project: AidProject, month: date, day: date) -> MonthlyReport:
    planned, actual = one.planned(day), one.actual(day)
    late = planned - actual > 20
    return MonthlyReport(
        code=f"{one.code}-{month:%Y%m}",
        project=project,
        month=month,
        planned=planned,
        actual=actual,
        invested=one.total * actual // 100,
        picture="授课" if one.sector in SOFT_SECTORS else PICTURES[actual * 6 // 100],
        problems=rng.choice(PROBLEMS) if late or rng.random() < 0.12 else "",
        measures="增加班组，调整工序（演示）" if late else "",
        created_at=moment(day),
        changed_at=moment(day),
    )
