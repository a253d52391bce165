"""The consistency checks C1–C19 over a plan's published figures (requirements §2.2). Pure; computed, never corrected.

A figure that does not add up is shown as such: the plan says 1,490 projects while its parts add to 2,490.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import Literal

from yulan.kernel.money import shares
from yulan.kernel.text import Text, _

Verdict = Literal["match", "mismatch", "note", "warning", "unresolved"]
Values = Mapping[str, Decimal]
AREAS = (("F07", "F08"), ("F09", "F10"), ("F11", "F12"), ("F13", "F14"))
"""Funds and projects of Tibet, Xinjiang, Yunnan and the Three Gorges."""

NATIONAL_2005 = (448, Decimal("3.29"))
"""Projects and 亿元 of the year 2005, as reported by the central government's site on 2006-01-28 [P]."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was stated, what the parts give, and the verdict. `figures` are the codes it opens."""

    code: str
    text: Text
    verdict: Verdict
    figures: tuple[str, ...] = ()
    stated: str = ""
    computed: str = ""
    difference: str = ""
    remark: Text = ""
    rows: tuple[tuple[str, str], ...] = field(default=())


def number(value: Decimal) -> str:
    """Write a number without trailing zeros, thousands separated."""
    return f"{value.normalize():,f}"


def _sum(code: str, text: Text, values: Values, total: str, parts: Sequence[str], remark: Text = "") -> Check:
    computed = sum((values[part] for part in parts), Decimal(0))
    difference = computed - values[total]
    verdict: Verdict = "mismatch" if difference else "match"
    signed = f"{difference:+,f}".rstrip("0").rstrip(".") if "." in f"{difference}" else f"{difference:+,f}"
    return Check(
        code,
        text,
        verdict,
        (total, *parts),
        number(values[total]),
        number(computed),
        signed if difference else "",
        remark,
    )


def single_explanations(total: Decimal, parts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Solve for each part with the others fixed: which single figure could explain a total that is off."""
    whole = sum(parts.values(), Decimal(0))
    return {name: total - (whole - value) for name, value in parts.items()}


def check_funds(values: Values) -> list[Check]:
    """C1: the funds of the areas add up."""
    return [_sum("C1", _("Grant aid of the four areas against the total"), values, "F01", [a for a, _p in AREAS])]


def check_projects(values: Values) -> list[Check]:
    """C2, C3: the projects of the areas do not add up, and which single figure could explain it."""
    parts = {p: values[p] for _f, p in AREAS}
    first = _sum("C2", _("Projects of the four areas against the total"), values, "F02", list(parts))
    solved = single_explanations(values["F02"], parts)
    possible = [name for name, value in solved.items() if value > 0]
    remark: Text = _("More than one figure, or none, could explain it.")
    if len(possible) == 1:
        remark = _("Only %(code)s can: %(printed)s would have to read %(solved)s; or the total %(sum)s.") % {
            "code": possible[0],
            "printed": number(values[possible[0]]),
            "solved": number(solved[possible[0]]),
            "sum": first.computed,
        }
    rows = tuple((name, number(value)) for name, value in solved.items())
    second = Check("C3", _("Which single figure could be wrong"), "note", tuple(solved), remark=remark, rows=rows)
    return [first, second]


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{(part / whole * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)} %"


def check_evidence(values: Values) -> list[Check]:
    """C4, C5: what speaks for the stated total, and what against it."""
    projects, funds = Decimal(NATIONAL_2005[0]), NATIONAL_2005[1]
    computed = sum((values[p] for _f, p in AREAS), Decimal(0))
    rows = (
        ("448 / F02", _percent(projects, values["F02"])),
        (f"448 / {number(computed)}", _percent(projects, computed)),
        ("3.29 / F01", _percent(funds, values["F01"])),
    )
    supports = _("The year 2005 alone (448 projects, 3.29) has nearly the same share of both stated totals.")
    against = _("884 villages are “of which” but more than 625 projects: a project may hold several villages.")
    return [
        Check("C4", _("Evidence for the stated total"), "note", ("F01", "F02"), remark=supports, rows=rows),
        Check("C5", _("Evidence against"), "unresolved", ("F03", "F10", "F12"), number(values["F03"]), remark=against),
    ]


def check_averages(values: Values) -> list[Check]:
    """C6, C7: amount per project, and shares of the funds that add to exactly 100."""
    rows = [
        (f"{f} / {p}", f"{(values[f] * 10000 / values[p]).quantize(Decimal('0.01'), ROUND_HALF_UP)}")
        for f, p in (*AREAS, ("F01", "F02"))
    ]
    parts = shares([int(values[f] * 100) for f, _p in AREAS])
    share_rows = tuple((f, f"{share} %") for (f, _p), share in zip(AREAS, parts, strict=True))
    return [
        Check("C6", _("Amount per project, 10k CNY"), "note", tuple(f for f, _p in AREAS), rows=tuple(rows)),
        Check(
            "C7",
            _("Shares of the funds, largest remainder"),
            "match" if sum(parts) == 100 else "mismatch",
            tuple(f for f, _p in AREAS),
            "100",
            number(sum(parts, Decimal(0))),
            rows=share_rows,
        ),
    ]


def check_cooperation(values: Values) -> list[Check]:
    """C8–C10: cooperation projects add up from West and North-East alone; the other series may overlap."""
    counts = _sum("C8", _("Cooperation projects: West and North-East"), values, "F17", ["F19", "F21"])
    money = _sum("C8", _("Cooperation amounts: West and North-East"), values, "F18", ["F20", "F22"])
    note = _("West and North-East make up the whole: centre, delta and Yangtze count nothing in it.")
    rows = (
        ("F05 / F17", _percent(values["F05"], values["F17"])),
        ("F06 / F18", _percent(values["F06"], values["F18"])),
        ("F06 / F05", number((values["F06"] * 10000 / values["F05"]).quantize(Decimal(1), ROUND_HALF_UP))),
        ("F18 / F17", number((values["F18"] * 10000 / values["F17"]).quantize(Decimal(1), ROUND_HALF_UP))),
    )
    overlap = _("Two series of cooperation projects with different calibres: adding them is warned of.")
    return [
        counts,
        money,
        Check("C9", _("What the cooperation total covers"), "note", ("F17", "F18"), remark=note),
        Check("C10", _("Two series side by side"), "warning", ("F05", "F06", "F17", "F18"), remark=overlap, rows=rows),
    ]


def check_hidden_totals(values: Values) -> list[Check]:
    """C11: no pair, triple or quadruple of the areas' projects is another printed figure."""
    printed = {values[code]: code for code in ("F03", "F05", "F02", "F19", "F17", "F04", "F21")}
    parts = [p for _f, p in AREAS]
    hits = [
        f"{'+'.join(chosen)} = {printed[total]}"
        for size in (2, 3, 4)
        for chosen in combinations(parts, size)
        if (total := sum((values[p] for p in chosen), Decimal(0))) in printed
    ]
    verdict: Verdict = "warning" if hits else "match"
    return [Check("C11", _("Hidden sub-totals"), verdict, tuple(parts), remark="; ".join(hits))]


def check_lists(values: Values, lists: Mapping[str, int], stated: Mapping[str, int]) -> list[Check]:
    """C12–C14: the members listed are as many as the name of the list says."""
    topics = values["F29"] + values["F30"]
    found = [
        Check(
            "C12",
            _("Topics of delta cooperation"),
            "match" if lists.get("delta_topics") == topics else "mismatch",
            ("F29", "F30"),
            number(topics),
            str(lists.get("delta_topics", 0)),
        )
    ]
    for code, names in (("C13", ("scheme_6122",)), ("C14", tuple(n for n in stated if n != "scheme_6122"))):
        rows = tuple((name, f"{stated[name]} / {lists.get(name, 0)}") for name in names)
        wrong = any(stated[name] != lists.get(name, 0) for name in names)
        found.append(Check(code, _("Members of the named lists"), "mismatch" if wrong else "match", rows=rows))
    return found


def check_scope(values: Values, areas: int) -> list[Check]:
    """C15, C16: a fifth prefecture inside the sentence on four; eight paired areas."""
    fifth = _("The sentence on the four prefectures also names Dehong (533100): an exception with its reason.")
    return [
        Check("C15", _("Four prefectures and a fifth"), "note", ("F11", "F12"), remark=fifth),
        Check("C16", _("Paired areas"), "match" if areas == 8 else "mismatch", (), "8", str(areas)),
    ]


def check_rates(values: Values) -> list[Check]:
    """C17, C18: what the growth rates imply, and the sizes per year."""
    firms, capital = (1 + values["F23"] / 100) ** 5, (1 + values["F24"] / 100) ** 5
    ratio = (capital / firms).quantize(Decimal("0.01"), ROUND_HALF_UP)
    growth = _("Both as stocks, the average capital of a firm would fall to %(n)s of what it was.") % {"n": ratio}
    tenth = Decimal("0.001")
    rows = (
        ("F01 / 5", number((values["F01"] / 5).quantize(tenth))),
        ("F02 / 5", number(values["F02"] / 5)),
        ("F25 / 5", number(values["F25"] / 5)),
        ("F16 / 5", number(values["F16"] / 5)),
        ("F28 / F27", number((values["F28"] / values["F27"]).quantize(Decimal(1), ROUND_HALF_UP))),
    )
    return [
        Check("C17", _("Growth of firms and of capital"), "note", ("F23", "F24"), remark=growth),
        Check("C18", _("Per year"), "note", ("F01", "F02", "F25", "F16", "F27", "F28"), rows=rows),
    ]


def check_measures(per_task: Mapping[str, int]) -> list[Check]:
    """C19: measures by task."""
    total = sum(per_task.values())
    rows = tuple((task, str(count)) for task, count in per_task.items())
    verdict: Verdict = "match" if total == 57 else "mismatch"
    return [Check("C19", _("Measures by task"), verdict, (), "57", str(total), rows=rows)]


STATED_SIZES = {
    "scheme_6122": 11,
    "six_batches": 6,
    "five_farm_platforms": 5,
    "four_specialities": 4,
    "three_cans": 3,
    "three_satisfactions": 3,
    "three_unifications": 3,
    "three_mechanisms": 3,
    "regional_bodies": 2,
    "platforms": 10,
}
"""Dictionary → how many members its name promises (C13, C14); 6122 = 6 + 1 + 2 + 2."""


def all_checks(values: Values, lists: Mapping[str, int], areas: int, per_task: Mapping[str, int]) -> list[Check]:
    """Run C1–C19."""
    over_figures: tuple[Callable[[Values], list[Check]], ...] = (
        check_funds,
        check_projects,
        check_evidence,
        check_averages,
        check_cooperation,
        check_hidden_totals,
    )
    found = [check for run in over_figures for check in run(values)]
    found += check_lists(values, lists, STATED_SIZES)
    found += check_scope(values, areas)
    found += check_rates(values)
    return found + check_measures(per_task)
