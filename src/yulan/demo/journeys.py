"""Eighteen projects taken through the real moves, each by the person whose move it is, up to a state worth seeing.

Their timelines show a whole lifecycle by different hands. Each move is judged on its own day of 2010; the trail bears
the day of loading.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yulan.demo.money import demo_no
from yulan.demo.places import AREA
from yulan.demo.rows import MEASURES, NOTE
from yulan.engines.funds.models import Disbursement
from yulan.engines.funds.services import move_disbursement
from yulan.engines.projects.models import AidProject
from yulan.engines.projects.resources import FundingSources, MonthlyReports, Projects, ProjectSites
from yulan.kernel.access import Actor
from yulan.kernel.money import yuan
from yulan.kernel.resource import write

Cast = Mapping[str, Actor]


@dataclass(frozen=True, slots=True)
class Scene:
    """A project to be played: where it stops, and its days counted from the plan's issue. `aid` in yuan."""

    number: int
    county: str
    title: str
    sector: str
    aid: int
    until: str
    issued: date = date(2010, 10, 12)
    supporter: str = "SH"
    area: str = "RKZ"
    slug: str = "shigatse"

    @property
    def code(self) -> str:
        """The project's code."""
        return f"YS-2010-{self.area}-{900 + self.number}"

    @property
    def fund(self) -> str:
        """Whose money it is: the city's, or the district."""
        return "MUN" if self.supporter == "SH" else self.supporter.removeprefix("SH-")

    @property
    def line(self) -> str:
        """The budget line that pays."""
        return f"L{self.issued.year}-{self.fund}-{self.area}"

    def day(self, after: int) -> str:
        """Give the day so many days after the plan's issue."""
        return (self.issued + timedelta(after)).isoformat()


SCENES = (
    Scene(1, "542324", "定日县望舒乡太阳能路灯", "infrastructure", 360_000, "IDEA"),
    Scene(2, "542323", "江孜县采薇乡小学图书室", "education", 280_000, "DRAFT"),
    Scene(3, "542329", "白朗县青禾乡蔬菜大棚二期", "industry", 520_000, "SUBMITTED"),
    Scene(4, "542326", "拉孜县松风乡卫生室", "health", 300_000, "PRECHECK"),
    Scene(5, "542325", "萨迦县揽月乡水渠改造", "infrastructure", 640_000, "RETURNED"),
    Scene(6, "542330", "仁布县溪桥乡中学宿舍", "education", 1_200_000, "REVIEW"),
    Scene(7, "542331", "康马县星垂乡安居工程", "housing", 900_000, "PUBLICITY"),
    Scene(8, "542332", "定结县月渡乡饮水工程", "infrastructure", 480_000, "ISSUED", date(2010, 12, 6)),
    Scene(9, "542335", "吉隆县花间乡边境学校操场", "education", 560_000, "PREPARE", date(2010, 11, 22)),
    Scene(10, "542334", "亚东县竹影乡文化站", "culture", 420_000, "CONSTRUCT", date(2010, 8, 16)),
    Scene(11, "542336", "聂拉木县晴岚乡通村路", "infrastructure", 760_000, "SUSPENDED", date(2010, 9, 6)),
    Scene(12, "542328", "谢通门县半山乡卫生室扩建", "health", 380_000, "CHANGE", date(2010, 9, 6)),
    Scene(13, "542327", "昂仁县知秋乡牧民活动室", "grassroots_premises", 320_000, "COMPLETED", date(2010, 6, 21)),
    Scene(14, "542322", "南木林县流萤乡小学食堂", "education", 450_000, "AUDITED", date(2010, 3, 8)),
    Scene(15, "542301", "日喀则市听雨乡妇幼保健室", "health", 600_000, "CLOSED", date(2010, 2, 22)),
    Scene(16, "542333", "仲巴县浅草乡旅游厕所", "tourism", 260_000, "REJECTED"),
    Scene(17, "542338", "岗巴县初雪乡风力发电", "infrastructure", 880_000, "TERMINATED", date(2010, 5, 17)),
    Scene(
        18, "652923", "库车县桃夭镇职业技能教室", "education", 350_000, "SUBMITTED",
        supporter="SH-HUANGPU", area="AKS", slug="aksu",
    ),
)  # fmt: skip

USUAL = (
    "IDEA", "DRAFT", "SUBMITTED", "PRECHECK", "REVIEW", "APPROVED", "PUBLICITY", "ISSUED", "PREPARE", "CONSTRUCT",
    "COMPLETED", "ACCEPTED", "SETTLED", "AUDITED", "HANDED", "EVALUATED", "CLOSED",
)  # fmt: skip
Step = tuple[int, str, str, str, dict[str, Any]]
"""A move: on which day after the plan's issue, its name, who makes it, the opinion, the inputs."""
BRANCHES: dict[str, tuple[str, Step]] = {
    "RETURNED": ("PRECHECK", (-85, "return", "field", "概算依据不足，请补充（演示）", {})),
    "REJECTED": ("REVIEW", (-55, "reject", "head", "受益面小，建议并入旅游项目（演示）", {})),
    "SUSPENDED": ("CONSTRUCT", (90, "suspend", "field", "道路塌方，材料运不进（演示）", {})),
    "CHANGE": (
        "CONSTRUCT", (95, "request_change", "recipient", "减少一间观察室（演示）", {"new_total": "340000"})
    ),
    "TERMINATED": (
        "PREPARE", (125, "terminate", "head", "风资源复测不足（演示）", {"recovery_plan": "资金已收回（演示）"})
    ),
}  # fmt: skip
"""State off the usual way → where it leaves it, and how."""
BEGUN = 40
"""Days from the plan's issue to the start of works."""


def play(cast: Cast) -> int:
    """Play every scene; give how many."""
    for scene in SCENES:
        _play(scene, cast)
    return len(SCENES)


def _who(role: str, scene: Scene) -> str:
    return f"{role}-{scene.slug}" if role in ("recipient", "field", "treasurer") else role


def _play(scene: Scene, cast: Cast) -> None:
    project = _propose(scene, cast)
    goal, branch = BRANCHES.get(scene.until, (scene.until, None))
    for state, step in zip(USUAL[1 : USUAL.index(goal) + 1], _steps(scene), strict=False):
        if state == "COMPLETED":
            _report(scene, cast, 100, 3)
            _use(scene, cast, through=True)
        project = _move(project, scene, cast, step)
        if state == "PREPARE":
            _send(scene, cast)
    if scene.until == "CONSTRUCT":
        _report(scene, cast, 100, 3)
        _use(scene, cast, through=False)
    elif scene.until in ("SUSPENDED", "CHANGE"):
        _report(scene, cast, 45, 2)
    elif scene.until == "TERMINATED":
        _take_back(scene, cast)
    if branch:
        _move(project, scene, cast, branch)


def _move(project: AidProject, scene: Scene, cast: Cast, step: Step) -> AidProject:
    after, name, role, opinion, data = step
    on, by = scene.issued + timedelta(after), cast[_who(role, scene)]
    current = AidProject.objects.get(pk=project.pk)
    moved: AidProject = write.move(Projects(), current, name, by=by, opinion=opinion, data=data, on=on)
    return moved


def _propose(scene: Scene, cast: Cast) -> AidProject:
    """Have the recipient side register the idea, fill in the form, and name the money and the place."""
    by = cast[_who("recipient", scene)]
    own = scene.aid // 5
    persons = scene.aid // 700
    form = {
        "code": scene.code, "name": scene.title, "year": "2010", "region": scene.county, "supporter": scene.supporter,
        "owner": {"RKZ": "XZ-RKZ-DRC", "AKS": "XJ-AKS-DRC"}[scene.area], "sector": scene.sector,
        "pairing": {"RKZ": "PAIR-01", "AKS": "PAIR-02"}[scene.area], "content": f"{scene.title}。{NOTE}",
        "measure": MEASURES[AREA[scene.area].block].get(scene.sector, ""),
        "total": str(scene.aid + own), "aid_amount": str(scene.aid), "budget_line": scene.line,
        "delivery_mode": "cheque", "households": str(persons // 4), "persons": str(persons),
        "poor_persons": str(persons // 2), "planned_start": scene.day(30), "planned_end": scene.day(150),
        "direct_benefit": f"直接受益{persons}人", "local_plan_item": "《日喀则发展规划（演示）》第6项"
        if scene.area == "RKZ" else "《阿克苏发展规划（演示）》第6项", "satisfaction_plan": "三方回访（演示）",
    }  # fmt: skip
    project: AidProject = write.create(Projects(), form, by=by)
    sources = (("municipal" if scene.supporter == "SH" else "district_own", scene.aid), ("recipient", own))
    for source, amount in sources:
        row = {"code": f"{scene.code}-{source}", "project": scene.code, "source": source, "amount": str(amount)}
        write.create(FundingSources(), row, by=by)
    site = {"code": f"{scene.code}-S1", "project": scene.code, "name": scene.title, "kind": "other"}
    write.create(ProjectSites(), site | {"region": scene.county}, by=by)
    return project


def _steps(scene: Scene) -> Iterator[Step]:
    """Give the usual way, one move for each state after the first."""
    number, total = scene.number, scene.aid + scene.aid // 5
    audited = str(total - 8000)
    papers = {"tender_ref": demo_no("招", 2010, 200 + number), "permit_no": demo_no("许可", 2010, 200 + number)}
    yield -110, "adopt", "recipient", "", {}
    yield -100, "submit", "recipient", "", {}
    yield -90, "accept", "field", "", {}
    yield -80, "to_panel", "officer", "", {"duplicates_checked": "true"}
    score = {"experts": "5", "panel_score": f"{82 + number % 9}.5"}
    yield -40, "pass", "head", "符合“三个能”，同意（演示）", score
    yield -20, "publicise", "officer", "", {"publicity_until": scene.day(-3)}
    yield 0, "issue", "leader", "", {"doc_no": demo_no("", 2010, 200 + number), "issued_on": scene.day(0)}
    yield 12, "sign_agreement", "recipient", "", {"agreement_no": demo_no("协议", 2010, 200 + number)}
    yield BEGUN, "start", "field", "", papers | {"started_on": scene.day(BEGUN)}
    yield 125, "complete", "recipient", "", {}
    yield 150, "accept_works", "officer", "", {"checklist_passed": "true", "accepted_on": scene.day(150)}
    yield 170, "settle", "auditor", "", {"claimed_amount": str(total + 6000), "settled_amount": str(total - 3000)}
    yield 200, "audit", "auditor", "", {"audited_amount": audited, "open_findings": "0"}
    yield 220, "hand_over", "recipient", "", {"asset_value": audited, "handed_on": scene.day(220)}
    score = {"no_conflict": "true", "evaluation_score": "91"}
    yield 260, "evaluate", "evaluator", "目标实现，群众满意（演示）", score
    yield 280, "close", "officer", "", {"archive_complete": "true"}


def _report(scene: Scene, cast: Cast, last: int, months: int) -> None:
    """File the reports of some months from the start of works on, the last one saying `last` per cent."""
    month = (scene.issued + timedelta(BEGUN)).replace(day=1)
    for part in range(1, months + 1):
        actual = last * part // months
        row = {
            "code": f"{scene.code}-{month:%Y%m}", "project": scene.code, "month": month.isoformat(),
            "planned": str(min(100, actual + 2)), "actual": str(actual), "picture": "按计划施工（演示）",
            "invested": yuan((scene.aid + scene.aid // 5) * actual),
        }  # fmt: skip
        write.create(MonthlyReports(), row, by=cast[_who("recipient", scene)])
        month = (month + timedelta(32)).replace(day=1)


# Money


def _tranche(scene: Scene) -> Disbursement:
    return Disbursement.objects.get(project=scene.code)


def _send(scene: Scene, cast: Cast) -> None:
    """Approve and send the money; have it received unless the scene stops on its way."""
    on = scene.issued
    made = move_disbursement(_tranche(scene), "approve", by=cast["head-2"])
    doc_no = demo_no("拨", 2010, 900 + scene.number)
    made = move_disbursement(made, "instruct", by=cast["finance"], on=on + timedelta(15), doc_no=doc_no)
    if scene.until != "PREPARE":
        treasurer = cast[f"finance-{scene.slug}"]
        move_disbursement(made, "confirm_receipt", by=treasurer, on=on + timedelta(24), received=made.amount)


def _use(scene: Scene, cast: Cast, *, through: bool) -> None:
    """Ask for the money; through to the end, have it paid and verified."""
    on, treasurer = scene.issued, cast[f"finance-{scene.slug}"]
    made = move_disbursement(
        _tranche(scene), "request_use", by=cast[_who("recipient", scene)], on=on + timedelta(110),
        payee="拾阶建设（演示）", invoice_no=f"演示票9{scene.number:07}", contract_no=f"{scene.code}-HT01",
    )  # fmt: skip
    if through:
        made = move_disbursement(made, "pay", by=treasurer, on=on + timedelta(118))
        move_disbursement(made, "verify", by=cast["auditor"], on=on + timedelta(136))


def _take_back(scene: Scene, cast: Cast) -> None:
    """Hold what has arrived and recall it."""
    on = scene.issued + timedelta(100)
    made = move_disbursement(_tranche(scene), "hold", by=cast["finance"], on=on, opinion="项目拟终止（演示）")
    move_disbursement(made, "recall", by=cast["finance"], on=on + timedelta(20), opinion="项目终止，收回（演示）")
