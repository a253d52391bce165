"""Percentages that a text lets one recompute: shares of a whole, a share of a stated total, growth between numbers.

Printed numbers are rounded, so a percentage agrees if any numbers that round to what is printed would give it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.figures import Statement
from yulan.plan.reader.numerals import plain
from yulan.plan.reader.reading import Check

HUNDRED = Decimal(100)
_RATIO = re.compile(r"(?<![\d.:：∶/])\d{1,3}(?:\.\d{1,3})?(?:\s?[:：∶]\s?\d{1,3}(?:\.\d{1,3})?){2,7}(?![\d:：∶])")
_STRUCTURE = re.compile("结构|比例|构成|比重|占比")
_SHARE_OF = re.compile("占|比重|比例|份额|构成")
_ELSEWHERE = re.compile("全国|全省|全市|全区|全县|生产总值|GDP|世界|全球|财政支出|财政收入的|总人口|计划|目标|任务")
_WHOLE = re.compile("三次产业|第三产业|构成|结构|分别占|分别为|来源")
_ROUGH = re.compile("近|约|余|多|超|逾|以上|以下|左右|上下|突破|接近|不|至少|高于|低于")
_OVERLAP = re.compile("女性?|党员|少数民族|残疾|青年|贫困|合格率|覆盖率|普及率|入学率|增长|下降|完成率|率$")
_HALVES = (("男", "女"), ("城", "村"))
_FROM = re.compile("(?:由|从)[^，。；]{0,24}$")
_TO = re.compile("(?P<down>下降|减少|降低|回落|缩小|压缩|缩短)?(?:增加|增长|提高|上升|扩大|发展|提升|增)?(?:到|至|为)")
_CHANGE = re.compile(
    "(?P<yearly>年均|平均每年|年平均|平均年)?(?:递增|增长|提高|增加|上升|提升|扩大|净增|增幅|(?P<down>下降|减少|降低|回落|缩小))(?:幅度|了|达到?|为)?[近约]?$"
)
_THAN_LAST = re.compile(
    "[比较](?:上年|去年|上年同期|20\\d\\d年)(?:末)?(?:净)?(?:增加|增长|多|增|(?P<down>减少|少|下降))了?$"
)
_REAL_TERMS = re.compile("生产总值|增加值|GDP|总产值|可比|实际")


def share_checks(
    paragraphs: Sequence[Paragraph], statements: Sequence[Statement], totals: Mapping[str, Statement]
) -> list[Check]:
    """Every check of percentages. ``totals`` gives the total of each figure that is a part, by figure id."""
    by_sentence: dict[tuple[int, tuple[int, int]], list[Statement]] = defaultdict(list)
    for statement in statements:
        by_sentence[statement.paragraph, statement.sentence].append(statement)
    found = [check for paragraph in paragraphs for check in _ratios(paragraph)]
    for (index, _sentence), inside in by_sentence.items():
        if 2 <= len(inside) <= 200:
            text = paragraphs[index].plain
            found.extend(_wholes(text, inside))
            found.extend(_shares(text, inside, totals))
            found.extend(_growth(text, inside))
    return found


def _ratios(paragraph: Paragraph) -> Iterator[Check]:
    """三次产业结构为7.8∶56.0∶36.2."""
    for found in _RATIO.finditer(paragraph.plain):
        numbers = re.findall(r"\d+(?:\.\d+)?", found[0])
        total = sum(map(Decimal, numbers), Decimal(0))
        before = paragraph.plain[max(0, found.start() - 40) : found.start()]
        if 85 < total < 115 and _STRUCTURE.search(before):
            yield _whole_check(paragraph.line_at(found.start()), numbers, total)


def _step(number: str) -> Decimal:
    return Decimal(1).scaleb(-len(number.partition(".")[2]))


def _whole_check(line: int, numbers: Sequence[str], total: Decimal) -> Check:
    slack = sum(map(_step, numbers), Decimal(0)) / 2
    off = total - HUNDRED
    rounding = "差额在四舍五入范围内 / The difference is due to rounding" if off and abs(off) <= slack else None
    hint = f"各项合计 {plain(total)}% / The shares make {plain(total)}%"
    matches = abs(off) <= slack
    return Check("percent_total", line, "100", tuple(numbers), plain(total), plain(off),
                 "match" if matches else "mismatch", rounding if matches else hint)  # fmt: skip


def _wholes(text: str, inside: Sequence[Statement]) -> Iterator[Check]:
    """甲占60%，乙占25%，丙占15%: two or more shares of one whole in one sentence."""
    shares = [s for s in inside if s.figure.unit == "%" and _names_share(text, s)]
    if len(shares) < 2 or any(_ROUGH.search(s.figure.qualifier) or _OVERLAP.search(s.figure.indicator) for s in shares):
        return
    whose = [_denominator(text, s) for s in shares]
    if len(set(filter(None, whose))) > 1:
        return
    total = sum((s.quantity.amount for s in shares), Decimal(0))
    exact = abs(total - HUNDRED) <= sum((s.quantity.step for s in shares), Decimal(0)) / 2
    clue = bool(_WHOLE.search(text, inside[0].sentence[0], inside[0].sentence[1]))
    if exact or (total >= 85 and clue) or (100 < total <= 130 and not _crossed([s.figure.indicator for s in shares])):
        yield _whole_check(shares[0].figure.line, [s.figure.value for s in shares], total)


def _crossed(names: Sequence[str]) -> bool:
    """True if the shares are of more than one classification (城镇人口, 男性, 60岁以上), so that they overlap."""
    halves = any(any(one in name for name in names) != any(other in name for name in names) for one, other in _HALVES)
    return halves or 0 < sum("岁" in name for name in names) < len(names)


def _names_share(text: str, statement: Statement) -> bool:
    """True if the clause speaks of a share, or goes on with a list of shares (分别占5%、45%和50%)."""
    start = statement.clause[0]
    head = text[max(start, statement.quantity.start - 60) : statement.quantity.start]
    return bool(_SHARE_OF.search(head)) and not re.search("提高|增长|下降|上升", head)


def _denominator(text: str, statement: Statement) -> str:
    found = re.search(
        "占([^，。；\\d]{2,14}?)的?(?:比重|比例)?(?:为|达到?|的)?$",
        text[statement.clause[0] : statement.quantity.start],
    )
    return found[1] if found else ""


def _shares(text: str, inside: Sequence[Statement], totals: Mapping[str, Statement]) -> Iterator[Check]:
    """其中财政资金3亿元，占30%: the share of a part whose total is stated."""
    for part, share in pairwise(inside):
        between = text[part.quantity.end : share.quantity.start]
        if share.figure.unit != "%" or not re.match("[，,（]?(?:约|仅|分别)?占", between) or _ELSEWHERE.search(between):
            continue
        total = totals.get(part.figure.id) or _before(part, inside)
        rough = any(_ROUGH.search(s.figure.qualifier) for s in (part, share, *([total] if total else [])))
        if total is None or rough or not total.quantity.amount or total.quantity.amount < part.quantity.amount:
            continue
        low, high = _quotient(part, total)
        exact = part.quantity.amount / total.quantity.amount * HUNDRED
        yield _percent_check("share", share, (part, total), exact, low * HUNDRED, high * HUNDRED)


def _before(part: Statement, inside: Sequence[Statement]) -> Statement | None:
    if "其中" not in part.figure.qualifier:
        return None
    earlier = [s for s in inside if s.quantity.start < part.quantity.start and s.quantity.base == part.quantity.base]
    return earlier[-1] if earlier else None


def _bounds(statement: Statement) -> tuple[Decimal, Decimal]:
    """The least and the most a printed number may stand for; counts and numbers of one or two digits are exact."""
    counted = statement.quantity.base in ("个", "人", "家", "所", "座", "项", "户") and statement.quantity.step == 1
    exact = counted or len(statement.figure.value) < 3
    half = Decimal(0) if exact else statement.quantity.step / 2
    return statement.quantity.amount - half, statement.quantity.amount + half


def _quotient(one: Statement, other: Statement) -> tuple[Decimal, Decimal]:
    low, high = _bounds(one)
    least, most = _bounds(other)
    return low / most, high / max(least, Decimal("1e-9"))


def _percent_check(
    kind: str, stated: Statement, operands: Sequence[Statement], exact: Decimal, low: Decimal, high: Decimal
) -> Check:
    half = stated.quantity.step / 2
    computed = exact.quantize(min(stated.quantity.step, Decimal("0.1")), rounding=ROUND_HALF_UP)
    value = stated.quantity.amount
    matches = low - half <= value <= high + half
    if matches:
        computed = value
    return Check(
        kind, stated.figure.line, stated.figure.value, tuple(s.figure.value for s in operands), plain(computed),
        plain(computed - value), "match" if matches else "mismatch",
        None if matches else _should_be(plain(computed), stated),
    )  # fmt: skip


def _should_be(computed: str, stated: Statement) -> str:
    unit = stated.figure.unit
    return f"按所列数据应为 {computed}{unit} / The numbers given make {computed}{unit}"


def _growth(text: str, inside: Sequence[Statement]) -> Iterator[Check]:
    """由…100亿元增加到…150亿元，增长50%; …达100亿元，比上年增加20亿元，增长25%."""
    for old, new, rate in zip(inside, inside[1:], inside[2:], strict=False):
        if old.quantity.base != new.quantity.base or any(_ROUGH.search(s.figure.qualifier) for s in (old, new, rate)):
            continue
        changed = _CHANGE.search(text[rate.clause[0] : rate.quantity.start])
        if not changed or not old.quantity.amount or rate.quantity.start - new.quantity.end > 40:
            continue
        between = text[old.quantity.end : new.quantity.start]
        if _FROM.search(text[max(0, old.quantity.start - 30) : old.quantity.start]) and _TO.search(between):
            check = _from_to(old, new, rate, bool(changed["yearly"]), bool(changed["down"]))
        elif (than := _THAN_LAST.search(between)) and rate.figure.unit == "%" and not changed["yearly"]:
            check = _than_last(old, new, rate, bool(than["down"]))
        else:
            continue
        real = _REAL_TERMS.search(text, old.sentence[0], rate.quantity.start)
        if check and not (real and check.verdict == "mismatch"):
            yield check


def _from_to(old: Statement, new: Statement, rate: Statement, yearly: bool, down: bool) -> Check | None:
    sign = -1 if down else 1
    if rate.quantity.base == new.quantity.base or rate.figure.unit in ("个百分点", "百分点"):
        if yearly or (rate.quantity.base != new.quantity.base and new.figure.unit != "%"):
            return None
        exact = (new.quantity.amount - old.quantity.amount) * sign
        scale = rate.quantity.amount / Decimal(rate.figure.value) if Decimal(rate.figure.value) else Decimal(1)
        slack = (old.quantity.step + new.quantity.step) / 2 if old.quantity.step != 1 else Decimal(0)
        return _difference_check(rate, (old, new), exact, slack, scale)
    if rate.figure.unit not in ("%", "倍"):
        return None
    years = _years(old, new) if yearly else 1
    if not years:
        return None
    whole = HUNDRED if rate.figure.unit == "%" else Decimal(1)
    low, high = _quotient(new, old)
    exact = new.quantity.amount / old.quantity.amount
    low, high, exact = ((_root(max(q, Decimal(0)), years) - 1) * whole * sign for q in (low, high, exact))
    return _percent_check("growth", rate, (old, new), exact, min(low, high), max(low, high))


def _difference_check(
    rate: Statement, operands: Sequence[Statement], exact: Decimal, slack: Decimal, scale: Decimal
) -> Check:
    off = exact - rate.quantity.amount
    matches = abs(off) <= slack + rate.quantity.step / 2 if slack else not off
    computed = plain(exact / scale)
    return Check(
        "growth", rate.figure.line, rate.figure.value, tuple(s.figure.value for s in operands),
        rate.figure.value if matches else computed, "0" if matches else plain(off / scale),
        "match" if matches else "mismatch", None if matches else _should_be(computed, rate),
    )  # fmt: skip


def _years(old: Statement, new: Statement) -> int:
    first, last = (s.figure.period or "" for s in (old, new))
    return (
        int(last) - int(first) if re.fullmatch(r"\d{4}", first) and re.fullmatch(r"\d{4}", last) and last > first else 0
    )


def _root(quotient: Decimal, years: int) -> Decimal:
    return quotient if years == 1 or not quotient else (quotient.ln() / years).exp()


def _than_last(now: Statement, more: Statement, rate: Statement, down: bool) -> Check | None:
    """The growth that an increase over last year means."""
    change = -more.quantity.amount if down else more.quantity.amount
    base = now.quantity.amount - change
    if base <= 0:
        return None
    low, high = _bounds(more)
    least, most = _bounds(now)
    exact = more.quantity.amount / base * HUNDRED
    return _percent_check(
        "growth", rate, (now, more), exact, low / max(most - (-high if down else low), Decimal("1e-9")) * HUNDRED,
        high / max(least - (-low if down else high), Decimal("1e-9")) * HUNDRED,
    )  # fmt: skip
