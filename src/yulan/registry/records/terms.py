"""The terms of all dictionaries, kept in the process: what drop-downs, labels and checks read.

One query loads all. A change made in this process is seen at once when it comes through `services`; one made
elsewhere within RECHECK seconds, by the table's last trail entry.
"""

import time
from dataclasses import dataclass, field

from yulan.kernel.text import Bilingual
from yulan.kernel.trail import version_of
from yulan.registry.records.models import Dictionary, Term

RECHECK = 2.0


@dataclass
class _Kept:
    seq: int = -1
    checked: float = 0.0
    names: dict[str, Bilingual] = field(default_factory=dict)
    terms: dict[str, dict[str, Bilingual]] = field(default_factory=dict)


_kept = _Kept()


def _load(seq: int) -> _Kept:
    found = _Kept(seq, time.monotonic())
    for code, zh, en in Dictionary.objects.values_list("code", "name_zh", "name_en"):
        found.names[code] = Bilingual(zh, en)
        found.terms[code] = {}
    rows = Term.objects.order_by("dictionary", "order", "code")
    for dictionary, code, zh, en in rows.values_list("dictionary__code", "code", "name_zh", "name_en"):
        found.terms[dictionary][code] = Bilingual(zh, en)
    return found


def _current() -> _Kept:
    global _kept
    if time.monotonic() - _kept.checked > RECHECK or not _kept.names:
        seq = version_of(Dictionary, Term)
        if seq != _kept.seq or not _kept.names:
            _kept = _load(seq)
        _kept.checked = time.monotonic()
    return _kept


def forget() -> None:
    """Drop what is kept: the next reader asks the database."""
    global _kept
    _kept = _Kept()


def terms_of(dictionary: str) -> dict[str, Bilingual]:
    """Give the terms of a dictionary, code → name, in order; empty when there is no such dictionary."""
    return _current().terms.get(dictionary, {})


def name_of(dictionary: str) -> Bilingual:
    """Give the name of a dictionary; its code when it is not loaded."""
    return _current().names.get(dictionary) or Bilingual(dictionary, dictionary)


def label(dictionary: str, code: str) -> str:
    """Give a term's name in the reader's language; the code itself when it is no term."""
    return str(terms_of(dictionary).get(code, code))
