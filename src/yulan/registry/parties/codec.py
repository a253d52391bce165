"""How imports, forms, pages and the API read a personal field, and what they show of it: the masked form."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from yulan.kernel.resource.codec import Codec
from yulan.kernel.secrets import unveil, veil
from yulan.kernel.text import _
from yulan.registry.parties.fields import HIDDEN, BlindIndexField, SealedField

NOT_HERE = _("personal values do not belong in an address: use the form; a program sends them by POST to …/search")


class SealedCodec(Codec):
    """Reads clear text on its way in; on the way out gives the masked form beside the field, or dots."""

    field: SealedField
    as_is = HIDDEN
    private = True

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
    """Finds whole values, which travel veiled; shows nothing."""

    field: BlindIndexField
    private = True

    def __init__(self, field: BlindIndexField) -> None:
        super().__init__(field)
        self.finds = field.of

    def show(self, value: Any, view: Any, extra: Any = None) -> str:
        """Nothing: the index is of no use to a reader."""
        return ""

    def plain(self, value: Any) -> Any:
        """Nothing."""

    def cell(self, value: Any, extra: Any = None) -> Any:
        """Nothing."""

    def parse(self, raw: Any, unit: str = "") -> str:
        """Refuse: there is nothing between two whole values."""
        raise ValueError(NOT_HERE)

    def veil(self, text: str) -> str:
        """Veil a typed value; a veil stays as it is."""
        return veil(self.field.of, text) if unveil(self.field.of, text) is None else text

    def condition(self, path: str, values: Sequence[str]) -> Q:
        """Equal values have equal indexes. ValueError for a value without its veil."""
        indexes = [unveil(self.field.of, value) for value in values]
        if None in indexes:
            raise ValueError(NOT_HERE)
        return Q(**{f"{path}__in": indexes})
