"""Named sets (6个专题：…; …、…和…五大平台; “三个机制”。一是…): the number stated against the members listed.

A list that ends in 等 may be open, and one that stands inside a longer list has no clear beginning: neither is a
mismatch when members seem to be missing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.figures import text_start
from yulan.plan.reader.numerals import han_number
from yulan.plan.reader.reading import Check

_HAN = "[两二三四五六七八九十]{1,3}"
_MEASURE = (
    "个方面|方面|个|大|项|类|种|条|所|家|座|处|位|点|省区市|省市|省区|州市|市州|市县|县区|区县|省|市|县|区|州|级|地|国"
    "|校|院|镇|乡|村|港"
)
_SET = re.compile(
    rf"[“\"](?P<qn>{_HAN})(?P<qm>{_MEASURE})?(?P<qx>[\u4e00-\u9fff]{{1,10}})[”\"]"
    rf"|(?<![第〇零一二两三四五六七八九十百千万亿\d.．年月“])(?P<n>{_HAN}|\d{{1,2}})(?P<m>{_MEASURE})(?P<x>(?:“[^”]{{1,12}}”|[\u4e00-\u9fff]){{0,12}}?)(?=[：:，。；、（(“”！？—]|即|包括|分别|$|的|和|与|及)"
)
_KINDS = ("大", "个", "项", "类", "种", "方面", "个方面")
_AREAS = ("省", "市", "县", "区", "省市", "省区", "省区市", "州市", "市州", "区县")
_OPENS = re.compile(
    r"[^。；：，！？“”]{0,12}?(?P<how>[：:]|，?(?:即|也就是|包括|分别是|分别为|具体是|具体包括|主要是|主要包括)[：:]?|[（(]|——)"
)
_TOPICS = re.compile("(?:(?<=[。；：，:])|^)(?P<n>[一二三四五六七八九十])(?:是|要)")
_OPENERS, _CLOSERS = "“‘（《(【", "”’）》)】"
_VERBS = re.compile(
    "^(?:进一步|重点|继续|积极|着力|大力|加快)*(?:扶持当地发展|对口帮扶|对口支援|深化|加强|促进|发展|推进|构筑|共?建设?|包括|围绕|实施|建立健全|健全|完善|打造|形成|培育|落实|坚持|协助|承接|做好|抓好|完成|与|在|对|向)(?:了)?(?:现有)?(?=.{2})"
)
MAX_MEMBERS = 20
_REACH = 600


@dataclass(frozen=True, slots=True)
class _Set:
    """A numbered set in a text: 五大平台 at ``start``–``end``, its number, its measure word and what it is made of."""

    start: int
    end: int
    number: int
    printed: str
    measure: str
    made_of: str
    quoted: bool


def list_checks(paragraphs: Sequence[Paragraph]) -> list[Check]:
    """One check for each numbered set whose members the text lists beside it."""
    found = []
    for paragraph in paragraphs:
        if paragraph.cells:
            continue
        text = " " * text_start(paragraph) + paragraph.plain[text_start(paragraph) :]
        for each in _sets(text):
            members, certain = _members(text, each)
            if members and (len(members) == each.number or certain):
                found.append(_check(paragraph, each, members))
    return found


def _check(paragraph: Paragraph, found: _Set, members: Sequence[str]) -> Check:
    excess = len(members) - found.number
    return Check(
        "list_count", paragraph.line_at(found.start), str(found.number), tuple(members), str(len(members)), str(excess),
        "mismatch" if excess else "match",
        f"“{found.printed}”实列 {len(members)} 项 / {len(members)} listed, {found.number} stated" if excess else None,
    )  # fmt: skip


def _sets(text: str) -> Iterator[_Set]:
    for found in _SET.finditer(text):
        quoted = found["qn"] is not None
        numeral = found["qn"] or found["n"]
        number = int(numeral) if numeral.isdigit() else han_number(numeral) or 0
        if 2 <= number <= MAX_MEMBERS:
            measure, made_of = (found["qm"] or "", found["qx"]) if quoted else (found["m"], found["x"])
            yield _Set(found.start(), found.end(), number, found[0].strip('“”"'), measure, made_of, quoted)


def _members(text: str, found: _Set) -> tuple[list[str], bool]:
    """The members beside a set, and whether a different number of them is certainly wrong."""
    for look in (_numbered_after, _listed_after, _repeated_after, _listed_before):
        members, certain = look(text, found)
        if members:
            return members, certain
    return [], False


def _numbered_after(text: str, found: _Set) -> tuple[list[str], bool]:
    """三个机制。一是…二是…三是…: the sentences that count themselves, directly behind the set."""
    stop = re.compile("[。：:；]").search(text, found.end, found.end + 40)
    if not stop or not (first := _TOPICS.match(text, stop.end())) or first["n"] != "一":
        return [], False
    if _SET_AHEAD.search(text, found.end, stop.start()) or not (found.measure or found.quoted):
        return [], False
    expected, starts = 1, []
    for topic in _TOPICS.finditer(text, stop.end()):
        if han_number(topic["n"]) == expected:
            starts.append(topic.end())
            expected += 1
        elif topic["n"] == "一":
            break
    return [re.split("[。；，]", text[at : at + 60], maxsplit=1)[0] for at in starts], len(starts) > 1


_SET_AHEAD = re.compile(rf"[“\"]?{_HAN}(?:个方面|方面|个|大|项|类|种|条)[\u4e00-\u9fff]")


def _listed_after(text: str, found: _Set) -> tuple[list[str], bool]:
    """6个专题：a、b…; “三个能”，即…；…；…."""
    opened = _OPENS.match(text, found.end)
    if not opened or (opened["how"] in ("：", ":", "——") and len(opened[0]) > 9):
        return [], False
    body = text[opened.end() : opened.end() + _REACH]
    bracket = opened["how"] in ("（", "(")
    body = re.split("[）)]" if bracket else "。", body, maxsplit=1)[0]
    if re.search(r"\d[\d.,]*\s?[余多]?[百千万亿]?[个项家所座元人名吨%亩]", body):
        return [], False
    strands = [part.strip() for part in _split(body, "；;") if part.strip()]
    if len(strands) > 1:
        return strands, not bracket and all("，" not in s or found.number > 2 for s in strands)
    members, loose = _enumerated(body)
    if "、" not in body or len(members) < 2:
        return (
            ([m for m in _split(body, "，") if m], False) if opened["how"].endswith(("即", "：", ":")) else ([], False)
        )
    open_end = body.rstrip().endswith("等")
    short = all(len(member) <= 16 for member in members) and "，" not in body
    if loose == found.number:
        return [*members[:-1], *_halves(members[-1])] if len(members) != loose else members, False
    return members, short and not bracket and not (open_end and len(members) < found.number)


def _repeated_after(text: str, found: _Set) -> tuple[list[str], bool]:
    """“六个一批”…。合建一批…；扩散一批…: strands of the next sentence that repeat the word."""
    if not found.quoted or len(found.made_of) < 1 or not found.measure:
        return [], False
    stop = text.find("。", found.end, found.end + 40)
    if stop < 0:
        return [], False
    end = text.find("。", stop + 1, stop + _REACH)
    strands = [part for part in _split(text[stop + 1 : end if end > 0 else stop + _REACH], "；;") if part.strip()]
    with_word = [part for part in strands if found.made_of in part]
    return (with_word, True) if len(with_word) > 1 and len(with_word) == len(strands) else ([], False)


def _listed_before(text: str, found: _Set) -> tuple[list[str], bool]:
    """a、b和c三大平台; a、b等6个专题; （a、b、c）“三统一”."""
    etc = text[found.start - 1 : found.start] == "等"
    body = _body_before(text, found.start - etc)
    quoted_pair = found.number == 2 and body.count("“") == body.count("”") == 2
    if ("、" not in body and not quoted_pair) or body.endswith(("、", "和", "与", "及", "的")):
        return [], False
    if re.search(rf"\d(?:{_MEASURE}|[名人户])", body):
        return [], False
    members, loose = _enumerated(_VERBS.sub("", body.strip()))
    if loose == found.number and len(members) != loose:
        return [*members[:-1], *_halves(members[-1])], False
    parted = [half for part in members for half in _halves(part)]
    if len(parted) == found.number != len(members):
        return parted, False
    inside = text[found.end : found.end + 1] in ("、", "和", "与", "及")
    named = (found.quoted or found.measure in (*_KINDS, *_AREAS)) and (found.made_of or found.measure in _AREAS)
    short = all(len(member) <= 14 for member in members[1:])
    excess = len(members) - found.number
    return members, bool(named) and not inside and short and (excess > 0 if etc else abs(excess) <= 2)


def _body_before(text: str, end: int) -> str:
    """The list that ends here: the bracket that closes here, or the clause, from the set before (甲、乙两区和…) on."""
    if text[end - 1 : end] in ("）", ")") and end > 1:
        return text[max(text.rfind("（", 0, end), text.rfind("(", 0, end)) + 1 : end - 1]
    body = text[_list_start(text, end) : end]
    return re.split(rf"{_HAN}(?:{'|'.join(_AREAS)})(?:和|以及|及|与)", body)[-1]


def _list_start(text: str, end: int) -> int:
    """Where the clause that ends here begins; brackets and quotes are part of it."""
    depth = 0
    for at in range(end - 1, max(-1, end - 300), -1):
        if text[at] in _CLOSERS:
            depth += 1
        elif text[at] in _OPENERS:
            depth -= 1
            if depth < 0:
                return at + 1
        elif depth == 0 and text[at] in "，。；：！？:;":
            return at + 1
    return max(0, end - 300)


def _split(text: str, marks: str) -> list[str]:
    """The text cut at these marks, but not inside quotes or brackets."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        if character in _OPENERS:
            depth += 1
        elif character in _CLOSERS:
            depth = max(0, depth - 1)
        elif depth == 0 and character in marks:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _enumerated(body: str) -> tuple[list[str], int]:
    """The members of a list with 、, the last perhaps with 和; and their number if the last 和 also parts two."""
    body = re.sub("等$", "", body.strip())
    parts = [part.strip() for part in _split(body.replace(" and ", "、"), "、") if part.strip()]
    if not parts:
        return [], 0
    halves = _halves(parts[-1])
    if len(halves) == 2 and (len(parts) > 1 or "”和“" in parts[-1]) and min(map(len, halves)) >= 1:
        whole = [*parts[:-1], *halves]
        return (whole, len(parts)) if _balanced(halves, parts) else (parts, len(whole))
    return parts, len(parts)


def _halves(text: str) -> list[str]:
    found = list(re.finditer("以及|和|与|及", text))
    depth_free = [m for m in found if text[: m.start()].count("“") == text[: m.start()].count("”")]
    if not depth_free:
        return [text]
    cut = depth_free[0]
    return [half for half in (text[: cut.start()], text[cut.end() :]) if half]


def _balanced(halves: Sequence[str], parts: Sequence[str]) -> bool:
    """True if 和 joins two members rather than two words within one: the halves are about as long as the others."""
    others = [len(part) for part in parts[:-1]] or [len(halves[1])]
    return all(len(half) * 3 >= min(others) for half in halves)
