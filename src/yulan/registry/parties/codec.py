"""How imports, forms, pages and the API read a personal field, and what they show of it: that it is there."""

from typing import Any

from yulan.kernel.resource.fields import Codec
from yulan.registry.parties.fields import HIDDEN, SealedField


class SealedCodec(Codec):
    """Reads clear text on its way in; gives nothing but dots on any way out."""

    field: SealedField

    def parse(self, raw: Any, unit: str = "") -> str:
        """Read the clear value; the dots, given back by a form, mean "as it is"."""
        text: str = super().parse(raw, unit)
        if text != HIDDEN and self.field.check_clear and (reason := self.field.check_clear(text)):
            raise ValueError(reason)
        return text

    def show(self, value: Any, view: Any, extra: Any = None) -> str:
        """Dots, or nothing when the field is empty."""
        return HIDDEN if value else ""

    def plain(self, value: Any) -> Any:
        """Dots, or null."""
        return HIDDEN if value else None

    def cell(self, value: Any, extra: Any = None) -> Any:
        """Dots, or an empty cell."""
        return HIDDEN if value else None
