"""How imports, forms, pages and the API read and show a region."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext

from yulan.kernel.period import today
from yulan.kernel.resource.codec import Codec, View
from yulan.kernel.text import _
from yulan.registry.regions.fields import RegionCodeField
from yulan.registry.regions.history import AmbiguousRegion, UnknownRegion
from yulan.registry.regions.names import name_in
from yulan.registry.regions.selectors import gazetteer

_WITH_NAME = re.compile(r"^(\d{6})\s+\D")


class RegionCodec(Codec):
    """Reads a code or a name; shows the name on the record's date, or today's."""

    kind = "region"

    def __init__(self, field: RegionCodeField) -> None:
        super().__init__(field)
        self.limit = None
        self.companion = field.on

    def parse(self, raw: Any, unit: str = "") -> str:
        """Give the code as said: 日喀则地区 gives 542300, 日喀则市 540200. ValueError says what is wrong."""
        text = str(raw).strip().removesuffix(".0")
        if found := _WITH_NAME.match(text):
            text = found.group(1)
        try:
            return gazetteer().code_of(text, today())
        except AmbiguousRegion as error:
            shown = gettext(", ").join(f"{span.code} {span.name}" for span in error.candidates[:6])
            message = _("“%(name)s” may be %(regions)s; write the code.")
            raise ValueError(message % {"name": text[:60], "regions": shown}) from None
        except UnknownRegion as error:
            if not error.suggestions:
                raise ValueError(_("No region is called “%(name)s”.") % {"name": text[:60]}) from None
            close = gettext(", ").join(error.suggestions[:3])
            message = _("No region is called “%(name)s”; did you mean %(close)s?")
            raise ValueError(message % {"name": text[:60], "close": close}) from None

    def condition(self, path: str, values: Sequence[str]) -> Q:
        """The region, what lies in it, and what its territory was called at other times."""
        prefixes = {prefix for value in values for prefix in gazetteer().prefixes(self.parse(value))}
        return Q(*((f"{path}__startswith", prefix) for prefix in sorted(prefixes)), _connector=Q.OR)

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """The name on the day ``extra`` (today when there is none); the code itself if no region has it."""
        register, day = gazetteer(), extra if isinstance(extra, date) else today()
        return name_in(register.name(value, day), view.lang) if value in register else value or ""

    def cell(self, value: Any, extra: Any = None) -> Any:
        """Code and name, for people, such as 530800 思茅市; it reads back to the same code."""
        return f"{value} {self.show(value, View(), extra)}" if value else value

    def cells(self, values: Sequence[Any], beside: Sequence[Any] | None = None) -> Sequence[Any]:
        """Code and name of a column; few regions were ever renamed, and only of these does the day matter."""
        renamed = {code for code in set(values) if len(gazetteer().spans(code)) > 1}
        if beside is None or not renamed:
            return super().cells(values)
        days = [day if code in renamed else None for code, day in zip(values, beside, strict=True)]
        return super().cells(values, days)
