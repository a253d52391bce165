"""What is done to dictionaries and regulations."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from yulan.kernel.access import Actor
from yulan.kernel.trail import change_set
from yulan.registry.records import rules, terms
from yulan.registry.records.models import Dictionary, Regulation, Term

HERE = Path(__file__).parent


def add_dictionary(
    code: str, name_zh: str, name_en: str, *, by: Actor, source: str = "", note: str = "", stated: int | None = None
) -> Dictionary:
    """Open a dictionary. Raises ValidationError."""
    with change_set(by=by) as cs:
        made = cs.create(
            Dictionary(code=code, name_zh=name_zh, name_en=name_en, source=source, note=note, stated=stated)
        )
    terms.forget()
    return made


def add_term(
    dictionary: Dictionary, code: str, name_zh: str, name_en: str, *, by: Actor, valid_from: date | None = None
) -> Term:
    """Add a term at the end of a dictionary. Raises ValidationError."""
    with change_set(by=by) as cs:
        order = dictionary.terms.count() + 1
        made = cs.create(
            Term(
                dictionary=dictionary,
                code=code,
                name_zh=name_zh,
                name_en=name_en,
                order=order,
                valid_from=valid_from,
            )
        )
    terms.forget()
    return made


def rename_term(term: Term, name_zh: str, name_en: str, *, by: Actor, reason: str = "") -> Term:
    """Change a term's wording; its code, which records hold, stays."""
    with change_set(by=by, reason=reason) as cs:
        cs.update(term, name_zh=name_zh, name_en=name_en)
    terms.forget()
    return term


def end_term(term: Term, on: date, *, by: Actor, reason: str = "") -> Term:
    """Say that a term is no longer used from a day on; records that hold it keep it."""
    with change_set(by=by, reason=reason) as cs:
        cs.update(term, valid_to=on)
    terms.forget()
    return term


def load_records(by: Actor) -> dict[str, int]:
    """Load the shipped dictionaries and regulations: add what is missing, change nothing that is there.

    Gives the number of new dictionaries, terms and regulations.
    """
    with change_set(by=by, reason="随附的字典和法规文件", channel="loader") as cs:
        shipped = tomllib.loads((HERE / "dictionaries.toml").read_text("utf-8"))
        here = set(Dictionary.objects.values_list("code", flat=True))
        new = [_dictionary(code, entry) for code, entry in shipped.items() if code not in here]
        cs.insert_many(Dictionary, new)
        dictionaries = {found.code: found for found in Dictionary.objects.all()}
        known = set(Term.objects.values_list("dictionary__code", "code"))
        fresh = [
            term
            for code, entry in shipped.items()
            for term in _terms(dictionaries[code], entry)
            if (code, term.code) not in known
        ]
        cs.insert_many(Term, fresh)
        listed = tomllib.loads((HERE / "regulations.toml").read_text("utf-8"))["regulation"]
        registered = set(Regulation.objects.values_list("code", flat=True))
        regulations = [Regulation(**entry) for entry in listed if entry["code"] not in registered]
        cs.insert_many(Regulation, regulations)
    terms.forget()
    return {"dictionaries": len(new), "terms": len(fresh), "regulations": len(regulations)}


def _dictionary(code: str, entry: dict[str, Any]) -> Dictionary:
    return Dictionary(
        code=code,
        name_zh=entry["zh"],
        name_en=entry["en"],
        source=entry.get("source", ""),
        stated=entry.get("stated"),
        note=entry.get("note", ""),
    )


def _terms(dictionary: Dictionary, entry: dict[str, Any]) -> list[Term]:
    listed = [(row, False) for row in entry["terms"]] + [(row, True) for row in entry.get("extra", ())]
    return [
        Term(
            key=rules.term_key(dictionary.code, row[0]),
            dictionary=dictionary,
            code=row[0],
            name_zh=row[1],
            name_en=row[2],
            part=row[3] if len(row) > 3 else "",
            order=order,
            extra=extra,
        )
        for order, (row, extra) in enumerate(listed, 1)
    ]
