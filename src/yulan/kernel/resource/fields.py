"""Codecs of what is chosen from a list or names another record; and which codec a field has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from yulan.kernel.lifecycle import Lifecycle
from yulan.kernel.money import MoneyField
from yulan.kernel.resource.codec import Cell, Codec, Unit, View, english, one_of
from yulan.kernel.resource.values import Day, Integer, Moment, Money, Month, Number, Year, YesNo
from yulan.kernel.text import Bilingual, _


class Choice(Codec):
    """One of a list: accepts the code and the label in either language."""

    kind = "choice"

    def __init__(
        self,
        field: models.Field[Any, Any] | None = None,
        choices: Callable[[], Sequence[tuple[str, Any]]] | None = None,
    ) -> None:
        super().__init__(field)
        self._choices = choices or (lambda: field.flatchoices)  # type: ignore[union-attr]
        self._cache: dict[str | None, tuple[dict[str, str], dict[str, str]]] = {}

    def words(self) -> Mapping[str, str]:
        """Give label → code, in the active language, codes included."""
        return self._tables()[1]

    def _tables(self) -> tuple[dict[str, str], dict[str, str]]:
        lang = get_language()
        if lang not in self._cache:
            labels = {str(code): str(label) for code, label in self._choices()}
            self._cache[lang] = labels, {**{label: code for code, label in labels.items()}, **{c: c for c in labels}}
        return self._cache[lang]

    def parse(self, raw: Cell, unit: Unit = "") -> str:
        """Read a code or a label."""
        text = str(raw).strip()
        found = self.words().get(text)
        if found is None:
            raise ValueError(_("“%(text)s” is not in the list.") % {"text": text[:60]})
        return found

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """The label."""
        return "" if value in (None, "") else self._tables()[0].get(str(value), str(value))

    def cell(self, value: Any, extra: Any = None) -> Any:
        """The label."""
        return self.show(value, View())

    def options(self) -> list[tuple[str, str]]:
        """All of them."""
        return list(self._tables()[0].items())


class StateCodec(Choice):
    """A lifecycle's state."""

    kind = "state"

    def __init__(self, lifecycle: Lifecycle, field: models.Field[Any, Any]) -> None:
        super().__init__(field, lifecycle.choices)
        self.lifecycle = lifecycle


def _possible(keys: Iterable[str]) -> list[str]:
    """Leave out keys that no record can have: PostgreSQL refuses to be asked for them."""
    return [key for key in keys if "\x00" not in key]


class Reference(Codec):
    """Another record, named by its key."""

    kind = "reference"

    def __init__(self, field: models.ForeignKey[Any, Any], key: str) -> None:
        super().__init__(field)
        self.limit = None
        self.target: type[models.Model] = field.related_model
        self.key = key

    def _pks(self, keys: Collection[str]) -> dict[str, int]:
        """Look up keys, one query for nine hundred."""
        wanted = _possible(keys)
        found: dict[str, int] = {}
        for start in range(0, len(wanted), 900):
            rows = self.target._default_manager.filter(**{f"{self.key}__in": wanted[start : start + 900]})
            found.update((str(key), pk) for key, pk in rows.values_list(self.key, "pk"))
        return found

    def _absent(self, key: str) -> str:
        return _("There is no %(kind)s “%(key)s”.") % {"kind": one_of(self.target), "key": key[:60]}

    def parse(self, raw: Cell, unit: str = "") -> int:
        """Read a key; give the target's primary key."""
        text = str(raw).strip()
        found = self._pks([text])
        if text not in found:
            raise ValueError(self._absent(text))
        return found[text]

    def parse_column(self, cells: Sequence[Cell], unit: str = "") -> tuple[list[Any], dict[int, str]]:
        """Read a column of keys."""
        keys = [None if cell in (None, "") else str(cell).strip() for cell in cells]
        found = self._pks({key for key in keys if key})
        wrong = {index: self._absent(key) for index, key in enumerate(keys) if key and key not in found}
        return [found.get(key) if key else None for key in keys], wrong

    def condition(self, path: str, values: Sequence[str]) -> Q:
        """By key."""
        return Q(**{f"{path}__{self.key}__in": _possible(values)})

    @cached_property
    def name(self) -> models.Field[Any, Any] | None:
        """Give the field that names a record of the target, in Chinese where it has two; None: its key does."""
        fields = {field.name: field for field in self.target._meta.concrete_fields}
        named = (fields[name] for name in ("name_zh", "title_zh", "name", "title") if name in fields)
        plain = (one for one in named if type(codec_for(one)) is Codec)
        return next((one for one in plain if english(one) or one.name == "name"), None)

    def called(self, keys: Collection[str]) -> dict[str, str]:
        """Give key → what the record is called in the active language; a key that names none is left out."""
        rows = self.target._default_manager.filter(**{f"{self.key}__in": _possible(keys)[:900]})
        return {str(getattr(row, self.key)): str(row) for row in rows}


class Name(Codec):
    """A name kept in Chinese with the English one beside it: shown in the reader's language, the other if blank."""

    def __init__(self, field: models.Field[Any, Any]) -> None:
        super().__init__(field)
        self.companion = english(field)

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """Give the reader's."""
        return Bilingual(value or "", extra or "").in_(view.lang)


def codec_for(field: models.Field[Any, Any]) -> Codec:
    """Choose the codec of a model field."""
    if hasattr(field, "codec"):
        found: Codec = field.codec()
        return found
    if field.choices:
        return Choice(field)
    if isinstance(field, MoneyField):
        return Money(field)
    if isinstance(field, models.IntegerField):
        return Year(field) if field.name.endswith("year") else Integer(field)
    if isinstance(field, models.DateField) and field.name == "month":
        return Month(field)
    for kind, codec in _BY_CLASS:
        if isinstance(field, kind):
            return codec(field)
    return Codec(field)


_BY_CLASS: tuple[tuple[type[models.Field[Any, Any]], type[Codec]], ...] = (
    (models.DecimalField, Number),
    (models.DateTimeField, Moment),
    (models.DateField, Day),
    (models.BooleanField, YesNo),
)
