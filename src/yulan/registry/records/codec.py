"""How imports, forms, pages and the API read and show a term."""

from collections.abc import Mapping
from typing import Any

from yulan.kernel.resource.fields import Choice
from yulan.kernel.text import Bilingual
from yulan.registry.records import terms
from yulan.registry.records.fields import TermField


def _choices(dictionary: str) -> dict[str, str]:
    return {code: str(name) for code, name in terms.terms_of(dictionary).items()}


class TermCodec(Choice):
    """A term: read from its code or its name in either language, shown by its name."""

    def __init__(self, field: TermField) -> None:
        super().__init__(field)
        self.dictionary = field.dictionary
        self._read: tuple[Mapping[str, Bilingual], dict[str, str]] = ({}, {})

    def words(self) -> dict[str, str]:
        """Give name → code in both languages, codes included."""
        known = terms.terms_of(self.dictionary)
        if known is not self._read[0]:
            names = {name: code for code, both in known.items() for name in (both.en, both.zh)}
            self._read = known, {**names, **{code: code for code in known}}
        return self._read[1]

    def _tables(self) -> tuple[dict[str, str], dict[str, str]]:
        return _choices(self.dictionary), self.words()

    def show(self, value: Any, view: Any, extra: Any = None) -> str:
        """Give the term's name."""
        return terms.label(self.dictionary, value) if value else ""
