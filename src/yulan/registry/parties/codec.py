"""How imports, forms, pages and the API read a personal field, and what they show of it: the masked form."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from yulan.kernel.resource.fields import Codec
from yulan.kernel.secrets import blind_index
from yulan.registry.parties.fields import HIDDEN, BlindIndexField, SealedField


class SealedCodec(Codec):
    """Reads clear text on its way in; on the way out gives the masked form beside the field, or dots."""

    field: SealedField
    as_is = HIDDEN

    def __init__(self, field: SealedField) -> None:
        super().__init__(field)
        self.companion = f"masked_{field.name}"

    def parse(self, raw: Any, unit: str = "") -> str:
        """Read the clear value; dots given back by a form and stars by a workbook mean "as it is"."""
        text: str = super().parse(raw, unit)
        if text.strip("*") != text or "**" in text:
            return HIDDEN
        if text != HIDDEN and self.field.check_clear and (reason := self.field.check_clear(text)):
            raise ValueError(reason)
        return text

    def show(self, value: Any, view: Any, extra: Any = None) -> str:
        """Give the masked form; without it dots, or nothing when the field is empty."""
        return str(extra) if extra is not None else self.plain(value) or ""

    def plain(self, value: Any) -> Any:
        """Give a masked form, which has stars, as it is; for anything else dots, or null."""
        return value if value and "*" in value else HIDDEN if value else None

    def cell(self, value: Any, extra: Any = None) -> Any:
        """Give the masked form; without it dots."""
        return extra if extra is not None else self.plain(value)


class BlindIndexCodec(Codec):
    """Finds whole values; shows nothing."""

    field: BlindIndexField

    def show(self, value: Any, view: Any, extra: Any = None) -> str:
        """Nothing: the index is of no use to a reader."""
        return ""

    def plain(self, value: Any) -> Any:
        """Nothing."""

    def cell(self, value: Any, extra: Any = None) -> Any:
        """Nothing."""

    def condition(self, path: str, values: Sequence[str]) -> Q:
        """Equal values have equal indexes."""
        return Q(**{f"{path}__in": [blind_index(self.field.of, value) for value in values]})
