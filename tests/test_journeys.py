"""What a user can do, done: each role in a real browser, on the real server with the demonstration world.

Tests are named after the clauses of the plan and of the requirements that they show. They share one world, in which
what one of them does stays done: each takes projects of its own.
"""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.plugin_browser import PHONE
from tests.plugin_demo import Enter
from yulan.demo.places import HORIZON
from yulan.kernel.period import parse_date, show_date

pytestmark = pytest.mark.slow
ONCE = pytest.mark.sqlite  # what reads only is walked on one engine, what writes on both

NUMBER = re.compile(r"[\d,]+(?:\.\d+)?")


@pytest.fixture
def live_site(demo_site: str) -> str:
    return demo_site


def number(text: str) -> float:
    """Give the first number in a text."""
    found = NUMBER.search(text)
    assert found, text
    return float(found[0].replace(",", ""))


def find(page: Any, kind: str, words: str) -> str:
    """Give the address of the one record of a list that a search finds."""
    page.goto(f"/{kind}/?q={words}")
    links = page.locator("#list tbody tr").filter(has_text=words).locator(f"a[href^='/{kind}/']")
    assert links.count(), f"{words} is not in /{kind}/"
    return str(links.first.get_attribute("href"))


def move(page: Any, record: str, name: str, **inputs: str) -> None:
    """Make a move of a record from its page, filling in what it asks for."""
    ask(page, record, name, **inputs)
    page.wait_for_url(f"**{record}")
    assert page.locator("main .y-note-bad").count() == 0


def ask(page: Any, record: str, name: str, **inputs: str) -> None:
    """Send the form of a move, without saying how it ends."""
    page.goto(record)
    page.click(f"main a[href$='/moves/{name}']")
    for field, value in inputs.items():
        box = page.locator(f"#f-{field}")
        if box.evaluate("one => one.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
    page.click(".y-savebar button")


def file_report(page: Any, project: str, **fields: str) -> None:
    """File a monthly report of a project."""
    page.goto(f"/monthly-reports/new?project={project}")
    for name, value in {"code": f"{project}-Q", **fields}.items():
        page.fill(f"#f-{name}", value)
    page.click(".y-savebar button")
    page.wait_for_url(re.compile(r"/monthly-reports/\d+$"))


def state(page: Any) -> str:
    """Give the state that a record page shows."""
    return str(page.inner_text(".y-head .y-tone"))


def refused(page: Any) -> str:
    """Give the moves that a record page refuses, with the reasons."""
    return "\n".join(page.locator(".y-moves li:has(.y-lock)").all_inner_texts())


# The public


@ONCE
def test_r048_a_sentence_gives_numbers_and_every_number_opens_its_rows(enter: Enter) -> None:
    page = enter()
    page.goto("/")
    page.select_option("[name=where]", "652900")
    page.select_option("[name=from]", "2001")
    page.select_option("[name=to]", "2005")
    page.click(".y-sentence button")
    total = number(page.locator(".y-stats a").nth(0).inner_text())
    projects = int(number(page.locator(".y-stats a").nth(1).inner_text()))
    assert (total, projects) == (16000, 388), "1.6 亿元 and 388 projects are published"
    year = page.locator("table tr", has_text="阿克苏").locator("a[href*='2003']")
    assert number(year.inner_text()) > 0
    page.locator(".y-stats a").nth(1).click()
    assert int(number(page.inner_text(".y-toolbar [role=status]"))) == projects
    page.go_back()
    year.click()
    assert set(page.locator("#list tbody td[data-label=计划年度]").all_inner_texts()) == {"2003"}


@ONCE
def test_r048_map_chart_and_table_tell_the_same(enter: Enter) -> None:
    page = enter()
    page.goto("/")
    page.wait_for_selector("[data-map] canvas, [data-map] svg")
    page.click("details.y-twin summary")
    drawn = page.evaluate("JSON.parse(document.querySelector('[data-map] script').textContent).series[0].data")
    told = page.locator("details.y-twin tbody tr td.y-num").all_inner_texts()
    assert sorted(round(one["value"]) for one in drawn) == sorted(round(number(one)) for one in told)
    page.locator("details.y-twin tbody a").first.click()
    page.wait_for_selector("#list tbody tr")
    assert int(number(page.inner_text(".y-toolbar [role=status]"))) > 500


@ONCE
def test_the_language_is_switched_for_good(enter: Enter) -> None:
    page = enter()
    page.goto("/")
    assert page.get_attribute("html", "lang") == "zh-hans"
    page.click("[name=language][value=en]:visible")
    assert page.inner_text("h1") == "Where the money went"
    page.goto("/quality")
    assert page.inner_text("h1") == "Data quality"
    assert page.get_attribute("html", "lang") == "en"


@ONCE
def test_c2_the_page_on_quality_tells_of_1490_and_2490(enter: Enter) -> None:
    page = enter(lang="en")
    page.goto("/quality")
    told = page.inner_text("main")
    assert re.search(r"2,?490", told), told[:600]
    assert re.search(r"1,?490", told)
    row = page.locator("tbody tr", has=page.locator("text=/1,?625/")).first
    assert "625" in row.inner_text()
    assert re.search("[-−]1,000", row.inner_text())
    row.locator("a").nth(1).click()
    assert int(number(page.inner_text(".y-toolbar [role=status]"))) == 625


@ONCE
def test_plan_is_a_tree_down_to_the_measure(enter: Enter) -> None:
    page = enter()
    page.goto("/plan")
    assert page.locator("a[href^='/measures/']:not([href*=export]):not([href*='?'])").count() >= 57
    page.locator("details.y-branch summary").first.click()
    page.locator("details.y-branch[open] a[href^='/measures/']").first.click()
    assert re.search(r"/measures/\d+$", page.url)


@ONCE
def test_a_visitor_sees_no_draft(enter: Enter) -> None:
    desk, page = enter("officer"), enter()
    draft = find(desk, "projects", "YS-2010-RKZ-902")
    assert page.goto(draft).status == 404
    page.goto("/projects/?q=YS-2010-RKZ-902")
    assert page.locator("#list tbody tr").count() == 0


# A district office uploads its projects

DISTRICT = "SH-HUANGPU"
COLUMNS = {
    "编号": "YS-2010-AKS-Q{n:02}", "名称": "温宿县听泉乡卫生室{n}期", "计划年度": 2010, "受援地": "652922",
    "支援方": DISTRICT, "领域": "卫生", "总投资": 300000, "援助资金": 200000, "预算指标": "L2010-HUANGPU-AKS",
    "受益人数": 400, "计划开工": "2010-05-01", "计划完工": "2010-10-31",
}  # fmt: skip


def workbook(template: Path, rows: list[dict[str, Any]]) -> bytes:
    """Fill rows into the template as a person would, under its own headings."""
    book = openpyxl.load_workbook(template)
    sheet = book.worksheets[0]
    heads = next(row for row in range(1, 12) if sheet.cell(row, 1).value == "编号" or "编号" in _row(sheet, row))
    columns = {str(text).split("（")[0].strip(" *"): at for at, text in enumerate(_row(sheet, heads), 1) if text}
    for at, values in enumerate(rows, heads + 1):
        for label, value in values.items():
            sheet.cell(at, columns[label]).value = value
    sent = BytesIO()
    book.save(sent)
    return sent.getvalue()


def _row(sheet: Any, row: int) -> list[str]:
    return [str(sheet.cell(row, column).value or "").strip(" *") for column in range(1, sheet.max_column + 1)]


def upload(page: Any, content: bytes) -> None:
    """Send a workbook to the import page of projects and wait for the verdict."""
    page.goto("/projects/import")
    page.set_input_files("#file", {"name": "项目.xlsx", "mimeType": "application/zip", "buffer": content})
    page.click("form.y-card-body button")
    page.wait_for_selector(".y-counts")


def counted(page: Any) -> list[int]:
    """Give rows read, new, changed, same, wrong."""
    return [int(number(text)) for text in page.locator(".y-counts dd").all_inner_texts()]


def test_r016_a_district_uploads_a_workbook_gets_wrong_rows_back_and_commits(enter: Enter, tmp_path: Path) -> None:
    page = enter("district-huangpu")
    page.goto("/projects/import")
    with page.expect_download() as template:
        page.click("a[href$='template.xlsx']")
    template.value.save_as(tmp_path / "template.xlsx")
    rows = [{k: v.format(n=n) if isinstance(v, str) else v for k, v in COLUMNS.items()} for n in range(1, 7)]
    rows[2]["计划完工"] = "2009-10-31"
    rows[4]["受援地"] = "月球县"
    upload(page, workbook(tmp_path / "template.xlsx", rows))
    assert counted(page) == [6, 4, 0, 0, 2]
    assert "月球县" in page.inner_text("main")
    with page.expect_download() as returned:
        page.click("a.btn-primary[href*='/import/']")
    returned.value.save_as(tmp_path / "returned.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "returned.xlsx").worksheets[0]
    faults = {row[0].row: cell.value for row in sheet.iter_rows() for cell in row if "月球县" in str(cell.value)}
    assert len(faults) == 1
    mended = openpyxl.load_workbook(tmp_path / "returned.xlsx")
    for row in mended.worksheets[0].iter_rows():
        for cell in row:
            cell.value = {"月球县": "652922", "2009-10-31": "2010-10-31"}.get(str(cell.value), cell.value)
    mended.save(tmp_path / "mended.xlsx")
    upload(page, (tmp_path / "mended.xlsx").read_bytes())
    assert counted(page) == [6, 6, 0, 0, 0]
    assert "听泉乡卫生室" in page.inner_text("main")
    page.click("form[method=post] button.btn-primary")
    page.click("a.btn-primary[href^='/projects/']")
    page.goto("/projects/?q=YS-2010-AKS-Q")
    assert page.locator("#list tbody tr").count() == 6
    own = find(page, "projects", "YS-2010-AKS-Q01")
    upload(page, (tmp_path / "mended.xlsx").read_bytes())
    assert counted(page) == [6, 0, 0, 6, 0]
    other = enter("district-jingan")
    assert other.goto(own).status == 404, "another district's draft is not there"


# A project's whole way


def row_of_shigatse(page: Any) -> tuple[float, int]:
    """Give funds in 10,000 yuan and projects of Shigatse in F50 of 2010."""
    page.goto("/forms/F50?year=2010")
    cells = page.locator("#missing tbody tr", has_text="日喀则").locator("td").all_inner_texts()
    return number(cells[1]), int(number(cells[2]))


LATER = "YS-2010-RKZ-901"


def test_r016_r017_a_project_goes_its_whole_way_and_its_money_with_it(enter: Enter) -> None:
    people = {
        who: enter(who)
        for who in (
            "recipient-shigatse", "field-shigatse", "officer", "head", "leader", "finance", "finance-shigatse",
            "auditor", "evaluator",
        )
    }  # fmt: skip
    recipient, field, officer, head = list(people.values())[:4]
    before = row_of_shigatse(officer)
    project = find(officer, "projects", LATER)
    visitor = enter()
    assert visitor.goto(project).status == 404

    move(recipient, project, "adopt")
    move(recipient, project, "submit")
    move(field, project, "accept")
    ask(officer, project, "to_panel")
    assert "查重" in officer.inner_text(".y-note-bad"), "the panel waits for the duplicate check"
    move(officer, project, "to_panel", duplicates_checked="true")
    ask(head, project, "pass", experts="4", panel_score="86", opinion="同意")
    assert "单数" in head.inner_text(".y-note-bad") or "奇数" in head.inner_text(".y-note-bad")
    move(head, project, "pass", experts="5", panel_score="86", opinion="同意")
    move(officer, project, "publicise", publicity_until="2010-11-05")
    move(people["leader"], project, "issue", doc_no="沪合作办〔2010〕演示901号", issued_on="2010-11-12")
    move(recipient, project, "sign_agreement", agreement_no="演示协议901")
    field.goto(project)
    assert "首" in refused(field), "works do not start before the money has arrived"

    tranche = find(officer, "disbursements", LATER)
    move(head, tranche, "approve")
    move(people["finance"], tranche, "instruct", doc_no="演示拨901", moved_on="2010-11-20")
    people["finance"].goto("/funds/desk")
    assert LATER in people["finance"].inner_text("main"), "money on its way stands on the funds desk"
    treasurer = people["finance-shigatse"]
    ask(treasurer, tranche, "confirm_receipt", received="359999", moved_on="2010-11-28")
    assert "360,000" in treasurer.inner_text(".y-note-bad")
    move(treasurer, tranche, "confirm_receipt", received="360000", moved_on="2010-11-28")
    treasurer.goto("/funds/desk")
    assert LATER not in treasurer.inner_text("main")
    move(field, project, "start", tender_ref="演示招901", permit_no="演示许可901", started_on="2010-12-20")
    papers = {"payee": "拾阶建设（演示）", "invoice_no": "演示票901", "contract_no": "演示合同901"}
    move(recipient, tranche, "request_use", moved_on="2010-12-22", **papers)
    move(treasurer, tranche, "pay", moved_on="2010-12-24")
    move(people["auditor"], tranche, "verify", moved_on="2010-12-28")

    visitor.goto(project)
    assert "实施中" in visitor.inner_text(".y-head")
    section = visitor.locator("section", has=visitor.locator("a[href^='/ledger-entries/']"))
    steps = section.locator("tbody td.y-num").all_inner_texts()
    assert len(steps) == 6, "allocated, sent, arrived, requested, paid, verified"
    assert {number(text) for text in steps} in ({36}, {360_000}), "in whichever unit the page is read"
    section.locator("a[href^='/ledger-entries/']").first.click()
    assert visitor.locator("#list tbody tr").count() == 6
    after = row_of_shigatse(officer)
    assert round(after[0] - before[0], 2) == 36
    assert after[1] == before[1] + 1

    recipient.goto(project)
    assert "100" in refused(recipient), "works that are not built are not reported complete"
    file_report(recipient, LATER, month="2010-12-01", planned="100", actual="100", invested="432000")
    move(recipient, project, "complete")
    move(officer, project, "accept_works", checklist_passed="true", accepted_on="2010-12-29")
    officer.goto(project)
    assert "2011年3月29日" in officer.inner_text(".y-head"), "the cost is settled within three months of acceptance"
    auditor = people["auditor"]
    move(auditor, project, "settle", claimed_amount="440000", settled_amount="431000")
    move(auditor, project, "audit", audited_amount="430000", open_findings="0")
    move(recipient, project, "hand_over", asset_value="430000", handed_on="2010-12-30")
    move(people["evaluator"], project, "evaluate", no_conflict="true", evaluation_score="90", opinion="达到目标")
    move(officer, project, "close", archive_complete="true")
    assert state(officer) == "已办结"


def test_f50_a_missing_cell_is_filled_in_once(enter: Enter) -> None:
    page = enter("officer")
    page.goto("/forms/F50?year=2010")
    row = page.locator("#missing tbody tr", has_text="普洱")
    missing = row.locator("a[href^='/facts/new']")
    count = missing.count()
    assert count
    missing.first.click()
    page.fill("#f-value", "77")
    page.fill("#f-source", "区县培训台账（演示）")
    page.click(".y-savebar button")
    page.wait_for_url(re.compile(r"/facts/\d+$"))
    page.goto("/forms/F50?year=2010")
    assert missing.count() == count - 1
    assert "77" in row.inner_text()
    with page.expect_download() as sheet:
        page.click(".y-actions a.btn-primary")
    book = openpyxl.load_workbook(BytesIO(Path(sheet.value.path()).read_bytes()))
    cells = [cell.value for line in book.active.iter_rows() for cell in line]
    assert 77 in cells


# What everybody may expect


def test_two_who_edit_at_once_see_both_versions_and_choose(enter: Enter) -> None:
    mine, theirs = enter("recipient-shigatse"), enter("recipient-shigatse")
    record = find(mine, "projects", "YS-2010-RKZ-902")
    for page in (mine, theirs):
        page.goto(f"{record}/edit")
    theirs.fill("#f-households", "111")
    theirs.fill("#f-direct_benefit", "他人所写")
    theirs.click(".y-savebar button")
    theirs.wait_for_url(f"**{record}")
    mine.fill("#f-households", "222")
    mine.fill("#f-satisfaction_plan", "本人所写")
    mine.fill("#f-direct_benefit", "本人也写")
    mine.click(".y-savebar button")
    both = mine.inner_text(".y-conflict")
    assert all(text in both for text in ("111", "222", "他人所写", "本人也写"))
    mine.check("[name=keep_households][value=mine]")
    mine.check("[name=keep_direct_benefit][value=theirs]")
    mine.click(".y-savebar button")
    mine.wait_for_url(f"**{record}")
    told = mine.inner_text("main .y-facts >> nth=2")
    assert "222" in told
    assert "他人所写" in told
    assert "本人也写" not in told
    assert "本人所写" in told


@ONCE
def test_ctrl_k_finds_by_pinyin_initials_with_the_keyboard_alone(enter: Enter) -> None:
    page = enter("officer")
    page.keyboard.press("Control+k")
    page.keyboard.type("ws")
    page.wait_for_selector("#palette [role=option]")
    found = page.locator("#palette [role=option]").all_inner_texts()
    assert any("文山" in one for one in found), found
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#palette [aria-selected=true]").get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{chosen}")


def test_f11_a_month_is_reported_from_a_phone(enter: Enter) -> None:
    page = enter("field-shigatse", size=PHONE)
    page.goto("/projects/?q=YS-2010-RKZ-910")
    assert page.locator(".y-bottom a").count() == 5
    assert page.locator("#list tbody tr").evaluate("row => getComputedStyle(row).display") != "table-row"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    file_report(
        page, "YS-2010-RKZ-910", month="2010-12-01", planned="100", actual="90", invested="400000", picture="屋面完成"
    )
    page.goto(find(page, "projects", "YS-2010-RKZ-910"))
    assert "屋面完成" in page.inner_text("main") or "90" in page.inner_text("main")


@ONCE
def test_an_auditor_reads_the_history_of_a_record_and_its_entry_in_the_trail(enter: Enter) -> None:
    page = enter("auditor")
    page.goto(find(page, "projects", "YS-2010-RKZ-915"))
    assert page.locator("#timeline li").count() >= 10
    assert page.locator("#timeline li ins").count() > 10
    page.locator("#timeline a[href^='/trail/']").first.click()
    assert re.search("[0-9a-f]{64}", page.inner_text("main"))
    page.goto("/funds/desk")
    ages = [int(text) for text in page.locator("tbody .y-light").all_inner_texts()]
    assert ages == sorted(ages, reverse=True)
    assert ages[0] > 60
    page.goto("/projects/help")
    assert page.locator("main svg:not(.y-icon)").count()


@ONCE
def test_the_desk_goes_by_deadlines_on_the_day_of_the_demonstration(enter: Enter) -> None:
    page = enter("auditor")
    assert show_date(HORIZON, "zh") in page.inner_text(".y-demo")
    page.goto("/todo")
    queue = page.locator("section", has_text="财建〔2002〕394号")
    assert "待核实" in queue.inner_text()
    days = [parse_date(text.split(" ")[0]) for text in queue.locator(".y-light").all_inner_texts()]
    assert days == sorted(days)
    assert queue.locator(".y-light-bad").count() == 5, "not settled three months after acceptance: planted"
    assert "没有已知的办理时限" in page.inner_text("main")
    page.goto("/funds/desk")
    tones = {tone: page.locator(f".y-light-{tone}").count() for tone in ("ok", "warn", "bad")}
    assert tones["ok"] > tones["warn"] + tones["bad"]
    assert tones["bad"] == 6
    desk = enter("officer")
    desk.goto("/todo")
    queues = desk.locator("section h2").all_inner_texts()
    assert any("初审" in one for one in queues)
    assert not any("实施中" in one for one in queues), "works under way wait for those who build, not for the office"


def test_r009_who_applied_is_told_that_it_was_returned_by_whom_and_why(enter: Enter) -> None:
    page = enter("recipient-shigatse")
    page.goto("/messages")
    unread = int(number(page.inner_text(".y-count")))
    message = page.locator("li", has_text="概算依据不足，请补充（演示）")
    assert "退回" in message.inner_text()
    assert "叶知秋" in message.inner_text()
    message.locator("a").click()
    page.wait_for_url(re.compile(r"/projects/\d+$"))
    assert state(page) == "退回补正"
    assert int(number(page.inner_text(".y-count"))) == unread - 1
    page.goto("/messages")
    page.click(".y-actions button")
    page.wait_for_load_state()
    assert page.locator(".y-count").count() == 0
    assert message.count() == 1, "what was read is still there"


PERSONAL = {
    "name": "演示丁一",
    "identity_number": "310000190001019014",
    "phone": "10000009012",
    "bank": "0000000000009012",
}
NOT_TO_TELL = ("丁一", *list(PERSONAL.values())[1:])


def kept_here(page: Any) -> str:
    """Give all that the browser keeps for the site."""
    return str(page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])"))


@ONCE
def test_r010_what_is_personal_is_kept_on_no_device_and_in_no_address(enter: Enter) -> None:
    page = enter("officer")
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.goto("/persons/new")
    for name, value in {"code": "P-DRAFT", "title": "支教教师甲", **PERSONAL}.items():
        page.fill(f"#f-{name}", value)
    page.wait_for_selector("[data-draft-saved]:not([hidden])")
    assert "支教教师甲" in kept_here(page), "the rest of the draft is kept"
    assert not [text for text in NOT_TO_TELL if text in kept_here(page)]
    other = page.context.new_page()
    other.goto("/persons/new")
    other.click("[data-draft-use]")
    assert (other.input_value("#f-title"), other.input_value("#f-name")) == ("支教教师甲", "")
    other.locator("details.y-menu:has([action='/sign-out']) summary").click()
    other.click("[action='/sign-out'] button")
    other.wait_for_url(lambda url: "/persons/new" not in url)
    assert "支教教师甲" not in kept_here(other), "signing out takes the drafts along"

    page.fill("#f-title", "支教教师乙")
    page.wait_for_timeout(900)  # drafts are written when typing has paused
    assert "支教教师乙" in kept_here(page)
    page.click(".y-savebar button")
    page.wait_for_url("**/sign-in**")
    assert "支教教师乙" in kept_here(page), "not saved: somebody has to sign in first"
    page.click("[name=persona][value=officer]")
    page.wait_for_url("**/persons/new")
    page.click("[data-draft-use]")
    for name, value in PERSONAL.items():
        page.fill(f"#f-{name}", value)
    page.click(".y-savebar button")
    page.wait_for_url(re.compile(r"/persons/\d+$"))
    assert "draft:" not in kept_here(page), "saved: the draft is gone"
    record = page.url

    page.goto("/persons/")
    page.fill("#q", PERSONAL["identity_number"])
    page.click(".y-filters button")
    page.wait_for_selector("#list tbody tr")
    assert page.locator("#list tbody tr").count() == 1
    page.keyboard.press("Control+k")
    page.keyboard.type(PERSONAL["identity_number"])
    page.wait_for_selector(f"#palette [href='/persons/{record.rpartition('/')[2]}']")
    page.goto("/projects/")
    page.fill("#q", PERSONAL["identity_number"])
    page.click(".y-filters button")
    assert page.locator("#q:invalid").count() == 1, "a list found by address takes no such number"
    assert not [text for text in NOT_TO_TELL if any(text in url for url in urls)]


@ONCE
def test_signing_in_says_that_all_is_a_demonstration(enter: Enter) -> None:
    page = enter(lang="en")
    page.goto("/sign-in")
    assert "demonstration mode" in page.inner_text("main")
    page.fill("#username", "officer")
    page.fill("#password", "not the password")
    page.click("form:has(#password) button")
    assert "do not fit" in page.inner_text("[role=alert]")
    page.click("[name=persona][value=officer]")
    page.wait_for_url("**/todo")
    page.locator("details.y-menu:has([action='/sign-out']) summary").click()
    page.click("[action='/sign-out'] button")
    page.wait_for_url(lambda url: not url.endswith("/todo"))
    assert page.goto("/funds/desk").url.split("?")[0].endswith("/sign-in")
