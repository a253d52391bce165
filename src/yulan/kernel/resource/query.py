"""Reading a resource: filter, search, sort and page, from the parameters of an address. Pages, API and export share it.

Parameters: `q` (search), `<column>` (repeatable), `<column>.from` and `<column>.to` (dates, numbers, money),
`sort` (column, or -column), `page`, `size` (at most 200), `published=1` (only rows that anyone may see). Personal
values come veiled: `addressed` makes such parameters of what was typed into a form or sent in a body.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db.models import Case, F, OrderBy, Q, QuerySet, Value, When
from django.http import QueryDict

from yulan.kernel import search, secrets
from yulan.kernel.access import EVERYTHING, Actor
from yulan.kernel.resource.codec import Codec
from yulan.kernel.resource.declare import Column, Resource
from yulan.kernel.resource.reading import read_columns, read_objects
from yulan.kernel.text import _
from yulan.kernel.trail import catch_up, version_of

SIZES = (50, 100, 200)
HIDDEN = "••••"
NUMBER = _("personal numbers do not belong in an address: use the search of all records, or a field made for them")
RANGED = frozenset(("date", "integer", "year", "decimal", "money"))
"""Kinds of values that can be filtered from one bound to another."""
RESERVED = frozenset(("q", "sort", "page", "size", "published", "format", "columns", "unit", "lang", "ids"))
PUBLISHED = Column("published", "", _("Rows"), Codec(), stored=False)


class BadQuery(ValueError):
    """A parameter cannot be read; `parameter` names it."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(f"{parameter}: {reason}")
        self.parameter, self.reason = parameter, reason


class Block(NamedTuple):
    """Some rows, column by column; `beside` gives each column's companions, None where it has none."""

    ids: Sequence[int]
    columns: list[Sequence[Any]]
    beside: list[Sequence[Any] | None]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force."""

    column: Column
    parameter: str
    values: tuple[str, ...]


def plain_words(q: str) -> str:
    """Give the words of a search as they are looked for. Raises BadQuery for a personal number."""
    if secrets.personal_kind(q):
        raise BadQuery("q", str(NUMBER))
    return q.strip()[:200]


def finder(resource: Resource, q: str) -> Column | None:
    """Give the filter by which a personal number finds a record; None for other words."""
    kind = secrets.personal_kind(q)
    return next((column for column in resource.filtered if kind and column.codec.finds == kind), None)


def addressed(resource: Resource, typed: Mapping[str, Sequence[str]]) -> QueryDict:
    """Give what was typed as parameters of an address: empty ones left out, personal values veiled.

    A personal number among the words of a search becomes the filter that finds by it. Raises BadQuery without one.
    """
    found = QueryDict(mutable=True)
    codecs = {column.name: column.codec for column in resource.filtered if column.codec.private}
    for name, values in typed.items():
        given = [value for value in values if value.strip()]
        if given:
            found.setlist(name, [codecs[name].veil(given[0])] if name in codecs else given)
    if by := finder(resource, found.get("q", "")):
        found[by.name] = by.codec.veil(found.pop("q")[0])
    plain_words(found.get("q", ""))
    return found


@dataclass
class Query:
    """One question to a resource by one actor."""

    resource: Resource
    actor: Actor
    params: QueryDict
    chips: list[Chip] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.q = plain_words(self.params.get("q", ""))
        self.sort = self.params.get("sort", "")
        self.page = self._number("page", 1, 10**6)
        self.size = self._number("size", SIZES[0], SIZES[-1])
        self.published = self._number("published", 0, 1) == 1
        self.condition = self._condition()

    def _number(self, name: str, default: int, most: int) -> int:
        raw = self.params.get(name, "")
        if not raw:
            return default
        if not (raw.isascii() and raw.isdigit() and len(raw) < 10 and 1 <= int(raw) <= most):
            raise BadQuery(name, str(_("A whole number from 1 to %(n)s.") % {"n": most}))
        return int(raw)

    @cached_property
    def columns(self) -> list[Column]:
        """Give the columns of the list that the actor may see."""
        return self.resource.visible_columns(self.actor, self.resource.listed)

    @cached_property
    def filters(self) -> dict[str, Column]:
        """Give what the actor may filter by, under the parameter's name."""
        allowed = self.resource.visible_columns(self.actor, self.resource.filtered)
        return {column.name: column for column in allowed if column.stored}

    @cached_property
    def reached(self) -> Q | None:
        """Give the rows of which the actor sees every column; None when that is so of all rows, or of none."""
        resource = self.resource
        if not (resource.public and self.actor.has(resource.readers)):
            return None
        reached = resource.reach(self.actor, resource.readers)
        return None if reached == EVERYTHING else reached

    def _within(self, column: Column) -> Q | None:
        """Give the rows in which the actor may see a column, where these are not all."""
        return None if column.name in self.resource.public.split() else self.reached

    def _condition(self) -> Q:
        found = Q()
        known = self.filters | ({self.resource.key: self.resource.column(self.resource.key)})
        for parameter in self.params:
            if parameter in RESERVED:
                continue
            ranged = parameter.endswith((".from", ".to"))
            name, _dot, bound = parameter.rpartition(".") if ranged else (parameter, "", "")
            values = [value for value in self.params.getlist(parameter) if value != ""]
            if name not in known or (bound and not _has_bounds(known[name])):
                raise BadQuery(parameter, str(_("There is no such filter.")))
            if values:
                found &= self._bounded(known[name], bound, values, parameter) & (self._within(known[name]) or Q())
                shown = (HIDDEN,) if known[name].codec.private else tuple(values)
                self.chips.append(Chip(known[name], parameter, shown))
        if not self.published:
            return found
        if self.actor.has(self.resource.readers):  # others see no further rows anyway
            self.chips.append(Chip(PUBLISHED, "published", (str(_("published only")),)))
        return found & self.resource.public_rows()

    def _bounded(self, column: Column, bound: str, values: Sequence[str], parameter: str) -> Q:
        try:
            if bound:
                suffix = "gte" if bound == "from" else "lte"
                return Q(**{f"{column.path}__{suffix}": column.codec.parse(values[0])})
            path = column.name.replace(".", "__") if column.codec.kind == "reference" else column.path
            return column.codec.condition(path, values)
        except ValueError as error:
            raise BadQuery(parameter, str(error)) from None

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """Give the visible rows that match, unordered."""
        rows = self.resource.visible_to(self.actor)
        if self.condition:
            rows = rows.filter(self.condition)
        if self.q:
            catch_up()
            rows = rows.filter(pk__in=search.matches(self.resource.model._meta.label_lower, self.q))
        return rows

    @cached_property
    def ordering(self) -> list[Any]:
        """Give the order asked for, else the resource's."""
        if not self.sort:
            return self.resource.ordering
        name, sign = self.sort.removeprefix("-"), "-" if self.sort.startswith("-") else ""
        column = next((c for c in self.columns if c.name == name and c.stored), None)
        if column is None:
            raise BadQuery("sort", str(_("There is no such column.")))
        within = self._within(column)
        if within is None:
            return [f"{sign}{column.path}", f"{sign}pk"]
        return [OrderBy(Case(When(within, then=F(column.path))), descending=bool(sign)), f"{sign}pk"]

    @cached_property
    def version(self) -> int:
        """Give the version of the tables the answer is drawn from."""
        return version_of(*self.resource.tables)

    @cached_property
    def total(self) -> int:
        """Count the rows that match; counted again only when a table changed."""
        try:
            asked = self.rows.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:  # the actor reaches no row at all
            return 0
        key = f"count:{self.version}:" + hashlib.sha256(repr(asked).encode()).hexdigest()
        found = cache.get(key)
        if found is None:
            found = self._count()
            cache.set(key, found, 3600)
        return int(found)

    def _count(self) -> int:
        """Count the rows: of a search among all rows in the index alone."""
        if self.q and not self.condition and not self.resource.visible_to(self.actor).query.where:
            return search.count(self.resource.model._meta.label_lower, self.q)
        return self.rows.count()

    def paged(self) -> QuerySet[Any]:
        """Give the rows of the page asked for, ordered."""
        start = (self.page - 1) * self.size
        return self.rows.order_by(*self.ordering)[start : start + self.size]

    def blocks(self, columns: Sequence[Column], rows: QuerySet[Any]) -> Iterator[Block]:
        """Give rows, many at a time, column by column; properties are read from model objects.

        A column that is not public is empty in the rows that the actor's place does not reach.
        """
        hidden = [index for index, column in enumerate(columns) if self._within(column) is not None]
        marks = (("_reached", Case(When(self.reached, then=Value(True)), default=Value(False))),) if hidden else ()
        beside = [_beside(column) for column in columns]
        paths = tuple(dict.fromkeys(path for path in (*(column.path for column in columns), *beside) if path))
        if all(column.stored for column in columns):
            found = read_columns(rows, paths, marks)
        else:
            found = read_objects(rows.annotate(**dict(marks)), (*paths, *(name for name, _mark in marks)))
        for ids, *values in found:
            at = dict(zip((*paths, "_reached"), values, strict=False))
            block = Block(ids, [at[column.path] for column in columns], [at.get(path) for path in beside])
            for index in hidden:
                block.columns[index] = _where(at["_reached"], block.columns[index])
                more = block.beside[index]
                block.beside[index] = None if more is None else _where(at["_reached"], more)
            yield block


def _has_bounds(column: Column) -> bool:
    """Say whether bounds are read at all; those of personal values are refused in words of their own."""
    return column.codec.kind in RANGED or column.codec.private


def _where(reached: Sequence[bool], values: Sequence[Any]) -> list[Any]:
    """Empty the values of rows that are not reached."""
    return [value if there else None for there, value in zip(reached, values, strict=True)]


def _beside(column: Column) -> str:
    """Give the path of a column's companion."""
    return "__".join([*column.path.split("__")[:-1], column.codec.companion]) if column.codec.companion else ""
