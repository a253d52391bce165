"""Words for people: `_` marks an English message for translation; `Bilingual` is data in both languages."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise
else:
    Text = str  # what `_` gives acts as one

__all__ = ["Bilingual", "Text", "_", "both"]


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A name in both languages, such as that of a region; `str()` follows the reader's language."""

    zh: str
    en: str

    def in_(self, lang: str) -> str:
        """Give the wording for a language tag (`zh-hans`, `en`, `en-GB`); the other one when it is blank."""
        return (self.en or self.zh) if lang.lower().startswith("en") else (self.zh or self.en)

    def __str__(self) -> str:
        """Give the wording for the active language; Chinese when none is active."""
        return self.in_(get_language() or "zh")


def both(zh: str, en: str) -> Bilingual:
    """Short for Bilingual, for tables of names."""
    return Bilingual(zh, en)
