"""Why a sum does not come out: which one printed number, read otherwise, makes it right. Suggests, never corrects."""

from collections.abc import Sequence
from decimal import Decimal

from yulan.plan.reader.figures import Statement
from yulan.plan.reader.numerals import plain
from yulan.plan.reader.quantities import base_of

ROUNDING = "差额在四舍五入范围内 / The difference may be due to rounding"


def in_unit(amount: Decimal, unit: str) -> str:
    """An amount of base units as a decimal string in the given unit: 1127000000 元 in 亿元 → 11.27."""
    return plain(amount.scaleb(-base_of(unit)[1]))


def slip(printed: str, meant: str) -> tuple[str, str] | None:
    """How one slip of the hand turns ``meant`` into ``printed`` (zh, en), or None. Single digits prove nothing."""
    if len(printed.replace(".", "")) < 2 or printed == meant:
        return None
    short, long = sorted((printed, meant), key=len)
    if len(long) == len(short) + 1:
        for at in range(len(long)):
            if long[:at] + long[at + 1 :] == short and long[at] != ".":
                more = long == printed
                return (
                    f"{'多' if more else '少'}印了一位“{long[at]}”",
                    f"one digit {'too many' if more else 'dropped'}",
                )
    if len(printed) == len(meant):
        differ = [at for at in range(len(meant)) if printed[at] != meant[at]]
        if len(differ) == 1 and "." not in (printed[differ[0]], meant[differ[0]]):
            return "一位数字之差", "one digit changed"
        if (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and printed[differ[0]] == meant[differ[1]]
            and printed[differ[1]] == meant[differ[0]]
        ):
            return "相邻两位数字颠倒", "two digits swapped"
    if printed.replace(".", "").strip("0") == meant.replace(".", "").strip("0"):
        return "小数点错位", "decimal point misplaced"
    return None


def explain_sum(total: Statement, parts: Sequence[Statement]) -> str | None:
    """The one part (or else the total) which, misprinted, would explain the difference; None if several might.

    Each part is solved for with the others fixed; only values above zero are possible, and a value that one slip turns
    into what is printed goes before any other.
    """
    excess = sum((part.quantity.amount for part in parts), Decimal(0)) - total.quantity.amount
    possible = [(part, part.quantity.amount - excess) for part in parts if part.quantity.amount > excess]
    slips = [
        (part, meant, how)
        for part, meant in possible
        if (how := slip(part.figure.value, in_unit(meant, part.figure.unit)))
    ]
    computed = in_unit(total.quantity.amount + excess, total.figure.unit)
    whole = slip(total.figure.value, computed)
    if len(slips) == 1 or (len(possible) == 1 and not slips):
        part, meant, how = slips[0] if slips else (*possible[0], ("", ""))
        return _sentence(total, part, in_unit(meant, part.figure.unit), how, computed if whole else "")
    if not slips and whole:
        zh = f"{total.figure.value} → {computed}：合计数应为 {computed}（{whole[0]}）"
        return f"{zh} / The total should read {computed} ({whole[1]})"
    return None


def _sentence(total: Statement, part: Statement, meant: str, how: tuple[str, str], whole: str) -> str:
    place = f"{part.figure.region}" if part.figure.region else ""
    name = f"“{part.figure.indicator}”" if not place else f"{place}的“{part.figure.indicator}”"
    zh = f"{part.figure.value} → {meant}：若{name}为 {meant} {part.figure.unit}，各项之和即为 {total.figure.value}"
    en = f"With {meant} for {part.figure.value} the parts add up to {total.figure.value}"
    zh += f"（{how[0]}）" if how[0] else "（其他各项单独改动均无可能）"
    en += f" ({how[1]})" if how[1] else " (no other single part can explain it)"
    if whole:
        zh, en = f"{zh}；或合计数应为 {whole}", f"{en}; or the total should read {whole}"
    return f"{zh} / {en}"
