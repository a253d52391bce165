"""Sample contexts: `pages(lang)` gives {name: (template, context)}."""

from typing import Any


class Words:
    """Chooses between a Chinese and an English wording."""

    def __init__(self, lang: str) -> None:
        self.en = lang == "en"

    def __call__(self, zh: str, en: str) -> str:
        return en if self.en else zh


AREAS = [
    ("文山州", "Wenshan"), ("红河州", "Honghe"), ("普洱市", "Pu'er"), ("迪庆州", "Diqing"), ("日喀则地区", "Shigatse"),
    ("阿克苏地区", "Aksu"), ("三峡库区", "Three Gorges area"), ("都江堰市", "Dujiangyan"),
]  # fmt: skip
KINDS = [
    ("整村推进", "whole-village development"),
    ("希望小学教学楼", "primary school building"),
    ("乡镇卫生院", "township clinic"),
    ("安居温饱工程", "housing and subsistence"),
    ("人畜饮水工程", "drinking-water works"),
    ("劳务培训中心", "training centre"),
]
STATES = [
    ("在建", "Under construction", "info"),
    ("已退回", "Returned", "returned"),
    ("已验收", "Accepted", "ok"),
    ("逾期", "Overdue", "bad"),
    ("待评审", "Awaiting review", "warn"),
    ("草稿", "Draft", ""),
]


def shell(lang: str, **more: Any) -> dict[str, Any]:
    """Give what the context processor gives."""
    t = Words(lang)
    channels = [
        ("todo", "待办", "To-do"),
        ("projects", "项目", "Projects"),
        ("funds", "资金", "Funds"),
        ("cooperation", "合作", "Cooperation"),
        ("people", "人员", "People"),
        ("platforms", "平台", "Platforms"),
        ("forms", "报表", "Reports"),
    ]
    menu = [
        ("援助项目", "Aid projects"),
        ("结对关系", "Pairings"),
        ("实施单位", "Implementing units"),
        ("规划任务", "Plan tasks"),
        ("督办事项", "Action points"),
        ("操作留痕", "Trail"),
    ]
    bottom = [
        ("待办", "To-do", "checklist"),
        ("项目", "Projects", "building"),
        ("填报", "Enter", "plus"),
        ("消息", "Messages", "bell"),
        ("我", "Me", "user"),
    ]
    return {
        "actor": {"name": t("陈敏", "Chen Min"), "signed_in": True, "role_labels": [t("经办 · 市合作交流办", "Officer · City Cooperation Office")]},
        "channels": [{"key": key, "label": t(zh, en), "url": f"/{key}/", "icon": "folder", "current": key == "projects"} for key, zh, en in channels],
        "menu": [{"label": t(zh, en), "url": f"/m{n}/", "current": n == 0} for n, (zh, en) in enumerate(menu)],
        "bottom": [{"label": t(zh, en), "url": f"/b{n}/", "icon": icon, "current": n == 1} for n, (zh, en, icon) in enumerate(bottom)],
        "lang": lang, "theme": "auto", "size": "normal", "contrast": "normal", "unit": "万元", "demo": t("2010年12月31日", "31 December 2010"), "unread": 3,
        "as_of": t("2010年12月31日", "31 December 2010"),
    } | more  # fmt: skip


def columns(t: Words) -> list[dict[str, Any]]:
    names = [
        ("code", "项目编号", "Code", False),
        ("name", "项目名称", "Name", False),
        ("region", "受援地", "Area", False),
        ("state", "状态", "State", False),
        ("year", "年度", "Year", True),
        ("plan", "计划投资（万元）", "Planned (10,000 yuan)", True),
        ("paid", "已拨付（万元）", "Paid (10,000 yuan)", True),
        ("due", "法定期限", "Legal deadline", False),
    ]
    return [
        {
            "name": name,
            "label": t(zh, en),
            "numeric": numeric,
            "sort_url": f"?sort={name}",
            "direction": "desc" if name == "plan" else "",
            "shown": True,
        }
        for name, zh, en, numeric in names
    ]


def rows(t: Words, count: int = 50) -> list[dict[str, Any]]:
    found = []
    for n in range(count):
        area, kind, state = AREAS[n % 8], KINDS[n % 6], STATES[n % 6]
        planned = 12_345_678 // (n + 7)
        found.append({"id": n + 1, "url": f"/projects/{n + 1}", "cells": [
            {"text": f"YN-{2001 + n % 10}-{n + 101:04d}", "url": f"/projects/{n + 1}", "kind": "code", "numeric": False, "tone": ""},
            {"text": t(area[0] + kind[0], f"{area[1]}: {kind[1]}"), "url": "", "kind": "text", "numeric": False, "tone": ""},
            {"text": t(*area), "url": f"/regions/{n % 8}", "kind": "link", "numeric": False, "tone": ""},
            {"text": t(*state[:2]), "url": "", "kind": "state", "numeric": False, "tone": state[2]},
            {"text": str(2001 + n % 10), "url": "", "kind": "year", "numeric": True, "tone": ""},
            {"text": f"{planned / 1e4:,.2f}", "url": "", "kind": "money", "numeric": True, "tone": ""},
            {"text": f"{planned * (n % 5) / 4e4:,.2f}" if n % 4 else "", "url": "", "kind": "money", "numeric": True, "tone": ""},
            {"text": t("2010年6月18日", "18 June 2010") if n % 3 else "", "url": "", "kind": "date", "numeric": False, "tone": "bad" if n % 7 == 3 else ""},
        ]})  # fmt: skip
    return found


def listing(t: Words) -> dict[str, Any]:
    regions = [{"value": str(n), "label": t(*area), "selected": n == 0} for n, area in enumerate(AREAS)]
    states = [{"value": str(n), "label": t(*s[:2]), "selected": False} for n, s in enumerate(STATES)]
    return {
        "title": t("援助项目", "Aid projects"), "subtitle": t("上海市对口支援八个地区的全部项目", "All projects in the eight paired areas"),
        "count_text": t("共 3,012 个项目，计划投资 112,730 万元", "3,012 projects, 112,730 × 10,000 yuan planned"), "q": "", "total": "3,012",
        "chips": [{"label": t("受援地", "Area"), "value": t(*AREAS[0]), "remove_url": "?"}, {"label": t("年度", "Year"), "value": "2006–2010", "remove_url": "?"}],
        "filters": [
            {"name": "region", "label": t("受援地", "Area"), "kind": "choice", "options": regions, "value": "0"},
            {"name": "state", "label": t("状态", "State"), "kind": "choice", "options": states, "value": ""},
            {"name": "year", "label": t("年度", "Year"), "kind": "number", "value": "2006", "value_to": "2010"},
        ],
        "more_filters": [
            {"name": "start", "label": t("开工日期", "Start"), "kind": "date", "value": "", "value_to": ""},
            {"name": "late", "label": t("逾期", "Overdue"), "kind": "bool", "value": ""},
            {"name": "unit", "label": t("实施单位", "Implementing unit"), "kind": "text", "value": "", "lookup_url": "/organisations/lookup"},
        ],
        "columns": columns(t), "rows": rows(t),
        "pager": {"first": "", "prev": "", "next": "?page=2", "last": "?page=61", "page": 1, "pages": 61, "start": 1, "end": 50, "total_text": t("第 1–50 条，共 3,012 条", "1–50 of 3,012"), "sizes": [{"n": 20, "url": "?size=20", "current": False}, {"n": 50, "url": "?size=50", "current": True}, {"n": 200, "url": "?size=200", "current": False}]},
        "actions": [{"label": t("导入", "Import"), "url": "/projects/import", "primary": False}, {"label": t("新建项目", "New project"), "url": "/projects/new", "primary": True}],
        "exports": [{"label": "XLSX", "url": "?format=xlsx"}, {"label": "CSV", "url": "?format=csv"}, {"label": "JSON", "url": "?format=json"}],
        "bulk": [{"name": "submit", "label": t("提交", "Submit")}, {"name": "return", "label": t("退回", "Send back")}], "bulk_url": "/projects/bulk",
        "empty": {"title": t("没有符合条件的项目", "No project matches"), "text": t("减少一个条件，或新建项目。", "Drop a condition, or add a project."), "action_label": t("新建项目", "New project"), "action_url": "/projects/new"},
        "help_url": "/projects/help", "reset_url": "/projects/",
    }  # fmt: skip


def timeline(t: Words) -> list[dict[str, Any]]:
    return [
        {"at": "2010-06-18T07:42:10+00:00", "actor": t("王建国（处长）", "Wang Jianguo (division head)"), "action": t("退回", "Sent back"), "reason": t("附件三缺少用地批文，请补齐后重新提交。", "Annex 3 lacks the land permit; add it and submit again."), "changes": [{"label": t("状态", "State"), "before": t("预审", "Pre-check"), "after": t("已退回", "Returned")}], "trail_url": "/trail/91"},
        {"at": "2010-06-12 09:03", "actor": t("陈敏（经办）", "Chen Min (officer)"), "action": t("修改", "Changed"), "reason": "", "changes": [{"label": t("计划投资", "Planned investment"), "before": "186.00", "after": "198.50"}, {"label": t("竣工日期", "Completion"), "before": "", "after": "2010-11-30"}], "trail_url": "/trail/74"},
        {"at": "2010-06-01 10:20", "actor": t("陈敏（经办）", "Chen Min (officer)"), "action": t("新建", "Created"), "reason": "", "changes": [], "trail_url": "/trail/70"},
    ]  # fmt: skip


def detail(t: Words) -> dict[str, Any]:
    phases = [
        ("申报", "Application", [("立项", "Set up"), ("申报", "Submitted"), ("预审", "Pre-check")]),
        ("评审", "Appraisal", [("评审", "Review"), ("批准", "Approved"), ("公示", "Publicity")]),
        ("实施", "Execution", [("下达", "Issued"), ("在建", "Construction"), ("竣工", "Completed")]),
        ("验收", "Acceptance", [("验收", "Accepted"), ("审计", "Audited")]),
        ("后续", "After-care", [("移交", "Handed over"), ("后评价", "Evaluated"), ("归档", "Closed")]),
    ]
    ribbon = {
        "at": 8, "steps": 14, "following": t("竣工", "Completed"),
        "phases": [
            {
                "label": t(zh, en), "mark": ("done", "current", "next")[(n > 1) + (n > 2)],
                "steps": [
                    {"label": t(*step), "mark": "current" if step[1] == "Construction" else "done" if n * 3 + m < 7 else "next", "tone": "info"}
                    for m, step in enumerate(steps)
                ],
            }
            for n, (zh, en, steps) in enumerate(phases)
        ],
    }  # fmt: skip
    related = columns(t)[:1] + columns(t)[3:7]
    return {
        "title": t("文山州西畴县兴街镇整村推进项目", "Whole-village development, Xingjie Town, Xichou County, Wenshan"), "code": "YN-2010-0147",
        "state": {"label": t("在建", "Under construction"), "tone": "info", "phase": t("实施阶段", "Execution")}, "ribbon": ribbon,
        "breadcrumbs": [{"label": t("援助项目", "Aid projects"), "url": "/projects/"}, {"label": "YN-2010-0147", "url": ""}],
        "groups": [
            {"title": t("基本情况", "Basics"), "fields": [
                {"label": t("受援地", "Area"), "text": t("文山壮族苗族自治州 · 西畴县", "Wenshan Zhuang and Miao Prefecture · Xichou"), "url": "/regions/532623", "kind": "link", "note": t("532623，2010 年区划", "532623, as of 2010")},
                {"label": t("支援方", "Supporter"), "text": t("虹口区", "Hongkou District"), "url": "/regions/310109", "kind": "link"},
                {"label": t("项目类别", "Kind"), "text": t("整村推进", "Whole-village development"), "kind": "choice"},
                {"label": t("规划任务", "Plan task"), "text": t("三（一）2　推进新农村建设", "III(1)2 Build the new countryside"), "url": "/plan/312", "kind": "link"},
                {"label": t("受益人口", "Beneficiaries"), "text": "1,286", "kind": "integer", "note": t("人（常住）", "residents")},
                {"label": t("联系人电话", "Contact's phone"), "text": "138****2517", "masked": True, "reveal_url": "/reveal", "kind": "text"},
                {"label": t("建设内容", "Works"), "text": t("硬化村内道路 3.2 公里，安居房 86 户，沼气池 110 口，人畜饮水管网 5.6 公里，科技文化活动室 1 间。", "3.2 km of village roads, 86 houses, 110 biogas tanks, 5.6 km of water mains, one culture room."), "kind": "textarea"},
            ]},
            {"title": t("资金（万元）", "Money (10,000 yuan)"), "fields": [
                {"label": t("计划投资", "Planned"), "text": "198.50", "kind": "money", "url": "/ledger?project=147"},
                {"label": t("已拨付", "Paid"), "text": "120.00", "kind": "money"},
                {"label": t("在途", "In transit"), "text": "30.00", "kind": "money", "note": t("已 9 天", "for 9 days")},
                {"label": t("地方配套", "Local share"), "text": "", "kind": "money"},
            ]},
        ],
        "moves": [
            {"name": "complete", "label": t("报告竣工", "Report completion"), "url": "/projects/147/complete", "allowed": True, "reasons": [], "danger": False},
            {"name": "change", "label": t("申请变更", "Request a change"), "url": "/projects/147/change", "allowed": True, "reasons": [], "danger": False},
            {"name": "accept", "label": t("组织验收", "Accept the works"), "url": "", "allowed": False, "reasons": [t("尚未竣工", "The works are not completed"), t("5 月进度报告缺失", "The report for May is missing")], "danger": False},
            {"name": "terminate", "label": t("终止", "Terminate"), "url": "/projects/147/terminate", "allowed": True, "reasons": [], "danger": True},
        ],
        "related": [{"title": t("拨付", "Payments"), "url": "/payments", "count_text": t("4 笔", "4"), "columns": related, "rows": [{"id": r["id"], "url": r["url"], "cells": r["cells"][:1] + r["cells"][3:7]} for r in rows(t, 4)], "more_url": "/payments?project=147", "add_url": "/payments/new"},
                    {"title": t("月度报告", "Monthly reports"), "url": "/reports", "count_text": "0", "columns": related, "rows": [], "more_url": "", "add_url": "/reports/new"}],
        "files": [{"name": t("项目建议书.pdf", "Proposal.pdf"), "url": "/files/1", "size": 1258291, "by": t("陈敏", "Chen Min"), "at": "2010-06-01", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}, {"name": t("用地批文（扫描件）.jpg", "Land permit (scan).jpg"), "url": "/files/2", "size": 655360, "by": t("陈敏", "Chen Min"), "at": "2010-06-20", "sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"}],
        "sections": [{"template": "gallery/section.html", "context": {"title": t("资金去向", "Where the money is")}}],
        "upload_url": "/projects/147/files", "timeline": timeline(t), "edit_url": "/projects/147/edit", "actions": [],
    }  # fmt: skip


def edit(t: Words, wrong: bool = False, conflict: bool = False) -> dict[str, Any]:
    error = [t("金额不得为负数。", "Must not be below 0.")] if wrong else []
    groups = [
        {"title": t("基本情况", "Basics"), "help": t("与立项批复一致。", "As in the approval."), "fields": [
            {"name": "name", "label": t("项目名称", "Name"), "kind": "text", "value": t("文山州西畴县兴街镇整村推进项目", "Whole-village development, Xingjie"), "required": True},
            {"name": "region", "label": t("受援地", "Area"), "kind": "reference", "value": "532623", "display": t("西畴县（文山州）", "Xichou County (Wenshan)"), "lookup_url": "/regions/lookup", "required": True, "help": t("输入名称、代码或拼音首字母", "Name, code or pinyin initials")},
            {"name": "kind", "label": t("项目类别", "Kind"), "kind": "choice", "value": "1", "options": [{"value": str(n), "label": t(*k)} for n, k in enumerate(KINDS)], "required": True},
            {"name": "year", "label": t("年度", "Year"), "kind": "year", "value": "2010", "required": True},
            {"name": "works", "label": t("建设内容", "Works"), "kind": "textarea", "value": t("硬化村内道路 3.2 公里，安居房 86 户。", "3.2 km of village roads, 86 houses."), "help": t("写明数量和单位", "With quantities and units")},
        ]},
        {"title": t("资金与进度", "Money and progress"), "fields": [
            {"name": "planned", "label": t("计划投资", "Planned investment"), "kind": "money", "value": "-198.50" if wrong else "198.50", "unit": t("万元", "10,000 yuan"), "required": True, "errors": error},
            {"name": "start", "label": t("开工日期", "Start"), "kind": "date", "value": "2010-03-01", "errors": []},
            {"name": "people", "label": t("受益人口", "Beneficiaries"), "kind": "integer", "value": "1286", "unit": t("人", "persons")},
            {"name": "share", "label": t("完成比例", "Share completed"), "kind": "decimal", "value": "62.5", "unit": "%"},
            {"name": "public", "label": t("在门户公开", "Show on the portal"), "kind": "bool", "value": True, "help": t("公开前自动隐去个人信息。", "Personal data are removed first.")},
            {"name": "code", "label": t("项目编号", "Code"), "kind": "text", "value": "YN-2010-0147", "readonly": True},
            {"name": "permit", "label": t("用地批文", "Land permit"), "kind": "file", "value": ""},
        ]},
    ]  # fmt: skip
    both = {"by": t("李红", "Li Hong"), "at": "15:42", "fields": [
        {"name": "planned", "label": t("计划投资", "Planned investment"), "mine": "198.50", "theirs": "205.00"},
        {"name": "works", "label": t("建设内容", "Works"), "mine": t("安居房 86 户。", "86 houses."), "theirs": t("安居房 90 户，沼气池 110 口。", "90 houses, 110 biogas tanks.")},
    ]} if conflict else None  # fmt: skip
    return {"title": t("修改项目", "Edit project"), "groups": groups, "version": 7, "cancel_url": "/projects/147", "submit_label": t("保存", "Save"), "conflict": both,
            "errors": [{"text": t("计划投资：金额不得为负数。", "Planned investment: must not be below 0."), "field": "planned"}] if wrong else [],
            "breadcrumbs": detail(t)["breadcrumbs"]}  # fmt: skip


def move(t: Words, refused: bool = False) -> dict[str, Any]:
    return {
        "title": t("退回：文山州西畴县兴街镇整村推进项目", "Send back: whole-village development, Xingjie"), "move": {"label": t("退回", "Send back"), "from": t("预审", "Pre-check"), "to": t("已退回", "Returned"), "danger": True},
        "breadcrumbs": detail(t)["breadcrumbs"], "reasons": [t("经办与审核不能是同一人", "Maker and checker must not be the same person"), t("预算行合计与总额相差 0.50 万元", "Budget rows differ from the total by 0.50")] if refused else [],
        "fields": [{"name": "opinion", "label": t("意见", "Opinion"), "kind": "textarea", "value": "", "required": True, "help": t("写给申报单位：缺什么、何时补。", "To the applicant: what is missing, by when.")}, {"name": "until", "label": t("补正期限", "To be answered by"), "kind": "date", "value": "2010-06-30", "required": True}],
        "summary": [{"label": t("计划投资", "Planned"), "text": "198.50 " + t("万元", "× 10,000 yuan")}, {"label": t("预算余额", "Budget left"), "text": "1,204.00 " + t("万元", "× 10,000 yuan")}, {"label": t("前次意见", "Earlier opinion"), "text": t("同意上报（李红，6 月 2 日）", "Agreed (Li Hong, 2 June)")}],
        "key": "5b1c", "version": 7, "cancel_url": "/projects/147",
    }  # fmt: skip


def importing(t: Words, step: str, wrong: int = 0) -> dict[str, Any]:
    field = t("计划投资", "Planned investment")
    sample = [
        {"row": 2, "key": "YN-2010-0148", "kind": "new", "changes": [{"label": t("项目名称", "Name"), "before": "", "after": t("砚山县卫生院", "Yanshan clinic")}, {"label": field, "before": "", "after": "86.00"}], "reasons": []},
        {"row": 3, "key": "YN-2010-0147", "kind": "changed", "changes": [{"label": field, "before": "186.00", "after": "198.50"}], "reasons": []},
        {"row": 4, "key": "YN-2010-0146", "kind": "same", "changes": [], "reasons": []},
    ] + ([{"row": 5, "key": "YN-2010-01X9", "kind": "wrong", "changes": [], "reasons": [t("受援地：没有“文山洲”这个地区", "Area: there is no region “文山洲”"), t("年度：不是整数", "Year: not a whole number")]}] if wrong else [])  # fmt: skip
    return {
        "title": t("导入项目", "Import projects"), "step": step, "template_url": "/projects/template.xlsx", "upload_url": "/projects/import",
        "breadcrumbs": [{"label": t("援助项目", "Aid projects"), "url": "/projects/"}, {"label": t("导入", "Import"), "url": ""}],
        "counts": {"total": "1,286", "new": "1,204", "changed": "31", "same": "51" if not wrong else "43", "wrong": wrong} if step != "upload" else None,
        "sample": sample if step == "check" else [], "sample_text": t("先列错误行，共显示 100 行", "wrong rows first, 100 shown"), "errors_url": "/projects/import/errors.xlsx", "commit_url": "/projects/import/commit", "token": "abc",
        "message": {"upload": "", "check": t("8 行有误，未写入任何数据。", "8 rows are wrong; nothing was written.") if wrong else t("全部行可以写入。", "All rows can be written."), "done": t("已写入 1,235 行，记为第 9,021 号变更。", "1,235 rows written as change 9,021.")}[step],
        "list_url": "/projects/", "trail_url": "/trail/9021",
    }  # fmt: skip


DIAGRAM = """<svg viewBox="0 0 520 90" role="img" aria-label="draft, submitted, approved"><g fill="none" stroke="currentColor">
<rect x="10" y="25" width="120" height="40" rx="6"/><rect x="200" y="25" width="120" height="40" rx="6"/><rect x="390" y="25" width="120" height="40" rx="6"/>
<path d="M130 45h66m-8-5 8 5-8 5M320 45h66m-8-5 8 5-8 5"/></g><g fill="currentColor" font-size="16" text-anchor="middle"><text x="70" y="51">1</text><text x="260" y="51">2</text><text x="450" y="51">3</text></g></svg>"""


def helping(t: Words) -> dict[str, Any]:
    return {
        "title": t("援助项目：说明", "Aid projects: how this works"), "purpose": t("从立项到归档，一个项目的全部事实、资金和文件。", "All facts, money and files of one project, from idea to archive."), "list_url": "/projects/", "template_url": "/projects/template.xlsx",
        "diagram_svg": DIAGRAM, "breadcrumbs": [{"label": t("援助项目", "Aid projects"), "url": "/projects/"}, {"label": t("说明", "Help"), "url": ""}],
        "moves": [{"label": t("提交", "Submit"), "from": t("草稿、已退回", "Draft, Returned"), "to": t("已提交", "Submitted"), "roles": t("经办、受援部门", "officer, recipient department"), "guards": [t("申报表完整", "The form is complete"), t("预算行合计等于总额", "Budget rows add up to the total")]}, {"label": t("退回", "Send back"), "from": t("预审", "Pre-check"), "to": t("已退回", "Returned"), "roles": t("处长", "division head"), "guards": []}],
        "fields": [{"label": t("项目名称", "Name"), "heading": t("项目名称", "Name"), "kind": t("文字", "text"), "required": True, "help": t("至多 200 字", "at most 200 characters")}, {"label": t("计划投资", "Planned investment"), "heading": t("计划投资（万元）", "Planned (10,000 yuan)"), "kind": t("金额", "amount"), "required": True, "help": ""}],
    }  # fmt: skip


def personas(t: Words) -> list[dict[str, str]]:
    city, field = t("上海市", "Shanghai"), t("受援地", "Recipient areas")
    people = [
        ("chen", "陈敏", "Chen Min", "经办", "Officer", city, "清理今天的待办", "clears today's queue"),
        (
            "wang",
            "王建国",
            "Wang Jianguo",
            "处长",
            "Division head",
            city,
            "签批或退回，两次点击",
            "signs or sends back",
        ),
        ("zhao", "赵市长", "Zhao", "市领导", "City leader", city, "看偏离轨道的事项", "sees what is off track"),
        ("qian", "钱丽", "Qian Li", "财务", "Finance", city, "付款与对账", "pays and reconciles"),
        ("sun", "孙伟", "Sun Wei", "区县办", "District office", city, "只填缺的格子", "fills only the missing cells"),
        (
            "zhou",
            "周强",
            "Zhou Qiang",
            "审计",
            "Auditor",
            city,
            "抽样、取证、提问题",
            "draws a sample, opens a finding",
        ),
        ("tashi", "扎西", "Tashi", "日喀则联络组", "Field team", field, "手机报进度", "reports progress by phone"),
        (
            "gul",
            "古丽",
            "Gul",
            "阿克苏受援部门",
            "Recipient department",
            field,
            "申报、答复退回",
            "applies, answers a return",
        ),
    ]
    return [{"username": u, "name": t(nz, ne), "role": t(rz, re), "place": place, "what": t(wz, we)} for u, nz, ne, rz, re, place, wz, we in people]  # fmt: skip


def found(t: Words) -> list[dict[str, Any]]:
    return [{"label": t("地区", "Regions"), "count_text": "2", "more_url": "", "rows": [{"title": t("文山壮族苗族自治州", "Wenshan Prefecture"), "sub": "532600", "url": "/regions/532600"}, {"title": t("文山县", "Wenshan County"), "sub": t("532621，2010 年改为文山市 532601", "532621, 532601 from 2010"), "url": "/regions/532621"}]},
            {"label": t("项目", "Projects"), "count_text": "388", "more_url": "/projects/?q=ws", "rows": [{"title": t("文山州西畴县兴街镇整村推进项目", "Whole-village development, Xingjie"), "sub": "YN-2010-0147", "url": "/projects/147"}]}]  # fmt: skip


def todo(t: Words) -> dict[str, Any]:
    rows_ = [
        {
            "title": t("评审：文山州西畴县兴街镇整村推进项目", "Review: whole-village development, Xingjie"),
            "url": "/projects/147",
            "sub": t("YN-2010-0147 · 198.50 万元 · 陈敏提交", "YN-2010-0147 · 198.50 × 10,000 yuan · from Chen Min"),
            "due": t("逾期 2 天", "2 days late"),
            "tone": "bad",
        },
        {
            "title": t("补正：日喀则地区卫生院设备", "Correct: Shigatse clinic equipment"),
            "url": "/projects/12",
            "sub": "XZ-2010-0012",
            "due": t("今天到期", "due today"),
            "tone": "warn",
        },
        {
            "title": t("拨付：阿克苏劳务培训中心第二笔", "Pay: Aksu training centre, second tranche"),
            "url": "/payments/8",
            "sub": t("120.00 万元", "120.00 × 10,000 yuan"),
            "due": t("还有 6 个工作日", "6 working days left"),
            "tone": "ok",
        },
    ]
    return {"title": t("待办", "To-do"), "subtitle": t("按法定期限排序，共 3 件", "By legal deadline, 3 in all"), "queues": [{"title": t("等我办理", "Waiting for me"), "rows": rows_}, {"title": t("我提交、等别人办理", "Submitted by me, waiting for others"), "rows": []}]}  # fmt: skip


def portal(t: Words) -> dict[str, Any]:
    names, money = [t(*a) for a in AREAS[:4]], [41300, 16000, 42900, 12500]
    return {
        "title": t("钱去了哪里", "Where the money went"), "areas": list(zip(names, [f"{m:,}" for m in money], [259, 388, 625, 218], strict=True)),
        "chart": {"xAxis": {"type": "value"}, "yAxis": {"type": "category", "data": names}, "series": [{"type": "bar", "data": money, "barMaxWidth": 28, "name": t("万元", "10,000 yuan")}]},
    }  # fmt: skip


def pages(lang: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Give every page of the gallery: {name: (template, context)}."""
    t = Words(lang)
    empty = listing(t) | {
        "rows": [],
        "chips": [],
        "pager": None,
        "count_text": t("共 0 个项目", "0 projects"),
        "bulk": [],
    }
    out = {
        "list": ("list", listing(t)), "list-empty": ("list", empty), "detail": ("detail", detail(t)), "edit": ("edit", edit(t)), "edit-errors": ("edit", edit(t, wrong=True)),
        "edit-conflict": ("edit", edit(t, conflict=True)), "move": ("move", move(t)), "move-refused": ("move", move(t, refused=True)), "import": ("import", importing(t, "upload")),
        "import-wrong": ("import", importing(t, "check", 8)), "import-right": ("import", importing(t, "check")), "import-done": ("import", importing(t, "done")), "help": ("help", helping(t)),
        "signin": ("signin", {"title": t("登录玉兰", "Sign in to Yulan"), "personas": personas(t)}), "search": ("search", {"q": "ws", "groups": found(t), "count_text": t("390 项", "390 results")}), "todo": ("todo", todo(t)),
    }  # fmt: skip
    ready = {name: (f"yulan/{template}.html", shell(lang, page=page)) for name, (template, page) in out.items()}
    ready["search-fragment"] = ("yulan/search_fragment.html", {"page": {"groups": found(t)}})
    ready["portal"] = (
        "gallery/portal.html",
        shell(lang, page=portal(t), actor={"signed_in": False}, menu=[], bottom=[]),
    )
    ready["error"] = (
        "yulan/error.html",
        shell(
            lang,
            page={
                "code": 409,
                "title": t("这一步现在不能做", "This step is not possible now"),
                "text": "",
                "reasons": [
                    t("尚未竣工", "The works are not completed"),
                    t("5 月进度报告缺失", "The report for May is missing"),
                ],
                "what_to_do": t("先补 5 月进度报告，再组织验收。", "File the report for May, then try again."),
            },
        ),
    )
    for code in (400, 403, 404, 500):
        ready[str(code)] = (f"{code}.html", {})
    for name in ("signin",):
        ready[name][1].update(actor={"signed_in": False}, menu=[], bottom=[])
    return ready
