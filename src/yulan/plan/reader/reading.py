"""What a reading holds: plain frozen records, and the one JSON object they make. None corrects the printed text."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Literal

Kind = Literal["part", "chapter", "section", "goal", "principle", "task", "safeguard", "group", "measure", "paragraph"]
Verdict = Literal["match", "mismatch"]


class PlanError(ValueError):
    """The file cannot be read as a plan; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered heading, bullet or paragraph. ``id`` is its place in the tree, ``parent`` the id above or None.

    ``number`` is the mark as printed without its stop (一, （二）, 3, （4）, ——, 第一章), ``text`` the rest, untouched.
    """

    id: str
    parent: str | None
    kind: Kind
    number: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed quantity. ``value`` is a decimal string, ``unit`` as printed (亿元, 万人, %), never converted.

    ``qualifier`` holds 近, 余, 约, 累计, 其中 … as printed ("" if exact); ``region`` is the governing place as printed,
    ``period`` a year, or first–last year, or None where the text names none; ``quote`` is the clause it stands in.
    """

    id: str
    indicator: str
    value: str
    unit: str
    qualifier: str
    region: str | None
    period: str | None
    line: int
    quote: str


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of what is stated with what the text itself adds up to. Numbers are decimal strings.

    ``kind``: sum, list_count, percent_total, share or growth. ``difference`` is computed − stated. ``suggestion`` names
    the single figure that would explain a mismatch, if there is one; nothing is corrected.
    """

    kind: str
    line: int
    stated: str
    parts: tuple[str, ...]
    computed: str
    difference: str
    verdict: Verdict
    suggestion: str | None


@dataclass(frozen=True, slots=True)
class Regulation:
    """A plan, law or document named in the text, at its first mention; ``doc_no`` is None where none is printed."""

    title: str
    doc_no: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place named in the text, at its first mention: its name and code on ``valid_on``, and its code today."""

    name: str
    code: str
    valid_on: date
    successor_code: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the text that a careful editor would point out."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class PlanReading:
    """All that was read. ``counts`` has chapters, goals, tasks, safeguards, measures (0 if absent) and others."""

    title: str
    doc_no: str | None
    issuer: str | None
    issued_on: date | None
    published_on: date | None
    counts: dict[str, int]
    outline: tuple[Item, ...]
    figures: tuple[Figure, ...]
    checks: tuple[Check, ...]
    regulations: tuple[Regulation, ...]
    regions: tuple[Place, ...]
    notes: tuple[Note, ...]

    def as_json(self) -> dict[str, object]:
        """The reading as one object of plain values, dates in ISO 8601; keys are the names of the fields."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Item | Figure | Check | Regulation | Place | Note):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
