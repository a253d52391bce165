"""The declaration of a record type, and the register of all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.text import capfirst

from yulan.kernel.access import EVERYTHING, NOTHING, Actor, Everywhere, Scope
from yulan.kernel.lifecycle import Lifecycle
from yulan.kernel.money import UNIT_LABELS
from yulan.kernel.records import BOOKKEEPING
from yulan.kernel.resource.codec import Codec, View, english, one_of
from yulan.kernel.resource.fields import Name, Reference, StateCodec, codec_for
from yulan.kernel.text import _
from yulan.kernel.trail import ChangeSet

RowCheck = Callable[..., tuple[str, Any] | None]
"""A rule over one row: (field, reason) when broken. Its parameters name the columns it looks at, and it is asked only
where all of these have a value. Used on forms, API and import alike."""


SOURCE = re.compile(r"\s*[(（](?:R\d{3}|requirements|需求)[^)）]*[)）]")
"""Where a record type is asked for, which helps those who work on the code only."""
IN_WORDS = {"name_zh": _("Name"), "title_zh": _("Name"), "reason_zh": _("Reason")}
"""What a column of Chinese wordings is called where it is shown in the reader's language."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` as declared ("supporter.name"), `path` for queries ("supporter__name")."""

    name: str
    path: str
    label: Any
    codec: Codec
    stored: bool = True
    link: bool = False

    def heading(self, view: View) -> str:
        """Give the label for people; that of an amount names the unit the reader has chosen."""
        if self.codec.kind != "money":
            return str(self.label)
        return _("%(label)s (%(unit)s)") % {"label": self.label, "unit": UNIT_LABELS[view.unit]}

    def in_words(self) -> Column:
        """Give the column as people read it: a record by its name in their language, where files have its key."""
        codec, stem = self.codec, self.path.rpartition("__")[0]
        if isinstance(codec, Reference) and codec.name is not None:
            return replace(self, path=f"{stem}__{codec.name.name}", codec=Name(codec.name))
        if type(codec) is Codec and codec.field is not None and english(codec.field):
            return replace(self, codec=Name(codec.field), label=IN_WORDS.get(self.name, self.label))
        return self


class Resource:
    """Base of every declaration; see the package docstring for the options."""

    model: ClassVar[type[models.Model]]
    channel: ClassVar[str] = ""
    key: ClassVar[str] = "code"
    scope: ClassVar[Scope] = Everywhere()
    read: ClassVar[str] = ""
    write: ClassVar[Mapping[str, str]] = {}
    columns: ClassVar[str] = ""
    filters: ClassVar[str] = ""
    search: ClassVar[str] = ""
    order: ClassVar[str] = ""
    public: ClassVar[str] = ""
    groups: ClassVar[Mapping[Any, str]] = {}
    under: ClassVar[str] = ""
    lifecycle: ClassVar[Lifecycle | None] = None
    checks: ClassVar[Sequence[RowCheck]] = ()
    inputs: ClassVar[Mapping[str, models.Field[Any, Any]]] = {}
    name: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()
        _register(cls())

    # What there is

    @property
    def title(self) -> str:
        """Give the plural label, as a heading."""
        return capfirst(str(self.model._meta.verbose_name_plural))

    @property
    def one(self) -> str:
        """Give the singular label, as it stands in a sentence."""
        return one_of(self.model)

    @property
    def about(self) -> str:
        """Give what the record type is for: its docstring's first line in the reader's language, without the source."""
        line = str(_((self.__doc__ or "").strip().split("\n")[0])) if self.__doc__ else ""
        return SOURCE.sub("", line)

    @cached_property
    def fields(self) -> dict[str, Column]:
        """Give every stored field a person may see, by name."""
        found = (f for f in self.model._meta.concrete_fields if f.name not in BOOKKEEPING and not f.primary_key)
        return {field.name: self.column(field.name) for field in found}

    def column(self, name: str) -> Column:
        """Resolve a declared name: a field, a path over references, or a property of the model."""
        *steps, last = name.split(".")
        model = self.model
        for step in steps:
            model = model._meta.get_field(step).related_model  # type: ignore[assignment]
        try:
            field = model._meta.get_field(last)
        except FieldDoesNotExist:
            label = getattr(getattr(model, last).fget, "label", last.replace("_", " "))
            return Column(name, name.replace(".", "__"), label, Codec(), stored=False)
        if not isinstance(field, models.Field):
            raise TypeError(f"{self.name}: {name} is not a column")
        first: Any = self.model._meta.get_field(steps[0]) if steps else field
        label = first.verbose_name if last.startswith(("name", "title")) else field.verbose_name
        if isinstance(field, models.ForeignKey):
            key = key_of(field.related_model)
            return Column(name, "__".join([*steps, last, key]), field.verbose_name, Reference(field, key), link=True)
        codec = self._codec(field) if not steps else codec_for(field)
        return Column(name, "__".join([*steps, last]), label, codec)

    def input(self, name: str) -> Column:
        """Give an input of a move: a field of the record, or one declared in `inputs`."""
        if name in self.fields:
            return self.fields[name]
        field = self.inputs[name]
        field.set_attributes_from_name(name)
        return Column(name, "", field.verbose_name, codec_for(field), stored=False)

    def _codec(self, field: models.Field[Any, Any]) -> Codec:
        if self.lifecycle and field.name == self.lifecycle.field:
            return StateCodec(self.lifecycle, field)
        return codec_for(field)

    @cached_property
    def listed(self) -> list[Column]:
        """Give the columns of the list page."""
        return [self.column(name) for name in (self.columns.split() or list(self.fields)[:7])]

    @cached_property
    def filtered(self) -> list[Column]:
        """Give what can be filtered by."""
        names = self.filters.split()
        if self.lifecycle and self.lifecycle.field not in names:
            names.append(self.lifecycle.field)
        return [self.column(name) for name in names]

    @cached_property
    def ordering(self) -> list[str]:
        """Give the default order, always ended by the primary key in the direction of the last name, as indexes are."""
        names = self.order.split() or [self.key]
        return [*names, "-pk" if names[-1].startswith("-") else "pk"]

    @cached_property
    def joins(self) -> list[str]:
        """Give the relations over which a record, its columns and its place are read."""
        places = (getattr(self.scope, "organisation", ""), getattr(self.scope, "region", ""))
        paths = [column.path for column in self.listed if column.stored]
        own = {f.name for f in self.model._meta.concrete_fields if f.is_relation}
        return sorted(own | {path.rpartition("__")[0] for path in (*paths, *places) if "__" in path})

    @cached_property
    def tables(self) -> list[type[models.Model]]:
        """Give every table that rows, columns and places are drawn from: what answers are dated by."""
        paths = [column.name.replace(".", "__") for column in (*self.listed, *self.filtered, *self.fields.values())]
        paths += [path for path in vars(self.scope).values() if isinstance(path, str)]
        found = {self.model: None}
        for path in paths:
            model: Any = self.model
            for step in path.split("__"):
                field = next((f for f in model._meta.concrete_fields if f.name == step), None)
                model = field.related_model if field else None
                if model is None:
                    break
                found[model] = None
        return list(found)

    # Who sees what

    @cached_property
    def readers(self) -> frozenset[str]:
        """Give the roles that see rows."""
        return frozenset(self.read.split()) | self.writers

    @cached_property
    def writers(self) -> frozenset[str]:
        """Give the roles that fill in fields."""
        return frozenset(role for roles in self.write for role in roles.split())

    def public_rows(self) -> Q:
        """Give the rows anyone may see, once `public` names columns; all unless overridden."""
        return EVERYTHING

    def reach(self, actor: Actor, roles: Iterable[str]) -> Q:
        """Give the rows an actor reaches in one of these roles."""
        if actor.unlimited:
            return EVERYTHING
        parts = [self.scope.rows(grant) for grant in actor.grants_as(frozenset(roles))]
        if any(part == EVERYTHING for part in parts):
            return EVERYTHING
        return Q(*parts, _connector=Q.OR) if parts else NOTHING

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        """The only door to the table: the rows this actor may see."""
        rows = self.model._default_manager.all()
        reached = self.reach(actor, self.readers)
        if self.public and reached != EVERYTHING:
            shown = self.public_rows()
            reached = shown if reached == NOTHING or shown == EVERYTHING else reached | shown
        return rows if reached == EVERYTHING else rows.filter(reached)

    def opens_to(self, actor: Actor) -> bool:
        """Say whether the actor has any business here."""
        return bool(self.public) or actor.has(self.readers)

    def visible_columns(self, actor: Actor, columns: Sequence[Column]) -> list[Column]:
        """Drop the columns that only the roles in `readers` may see."""
        if actor.has(self.readers):
            return list(columns)
        allowed = set(self.public.split())
        return [column for column in columns if column.name in allowed]

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Give the attributes of the model that nobody is shown."""
        known = {name for name, column in self.fields.items() if column.codec.as_is is None}
        return frozenset(
            f.attname for f in self.model._meta.concrete_fields if f.name not in known and not f.primary_key
        )

    def told(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Give the body of a trail entry as it may be read: without the values that nobody is shown."""
        found = dict(body)
        for name in ("before", "after"):
            if isinstance(found.get(name), dict):
                found[name] = {key: value for key, value in found[name].items() if key not in self.hidden}
        if "same" in found:
            found["same"] = {key: value for key, value in found["same"].items() if key not in self.hidden}
        if "rows" in found:
            kept = [index for index, name in enumerate(found["fields"]) if name not in self.hidden]
            found["fields"] = [found["fields"][index] for index in kept]
            rows = (
                (key, *(part and [part[index] for index in kept] for part in parts)) for key, *parts in found["rows"]
            )
            found["rows"] = [list(row) for row in rows]
        return found

    def covers(self, actor: Actor, obj: Any, roles: Iterable[str]) -> bool:
        """Say whether one of the actor's grants in these roles reaches the record."""
        if actor.unlimited:
            return True
        return any(self.scope.covers(grant, obj) for grant in actor.grants_as(frozenset(roles)))

    def shows_all_of(self, actor: Actor, obj: Any) -> bool:
        """Say whether the actor sees the whole record, not only its public columns."""
        return actor.has(self.readers) and self.covers(actor, obj, self.readers)

    def writable(self, actor: Actor) -> list[str]:
        """Give the fields the actor may fill in, in the model's order."""
        names: set[str] = set()
        for roles, fields in self.write.items():
            if actor.unlimited or not actor.roles.isdisjoint(roles.split()):
                names |= self._editable if fields == "*" else set(fields.split())
        if self.lifecycle:
            names.discard(self.lifecycle.field)
        return [name for name in self.fields if name in names]

    def sheet(self, actor: Actor) -> list[str]:
        """Give the columns of a workbook the actor fills in: the key by which rows are matched, and their fields."""
        names = self.writable(actor)
        return names if self.key in names or not names else [self.key, *names]

    @cached_property
    def _editable(self) -> set[str]:
        return {name for name, column in self.fields.items() if column.codec.field and column.codec.field.editable}

    @cached_property
    def demanded(self) -> list[str]:
        """Give the fields a new record cannot do without; where the room makes records, those it asks somebody for."""
        asked = {name for names in self.write.values() for name in names.split()}
        given = self._editable if "*" in asked or type(self).make is Resource.make else asked
        state = self.lifecycle.field if self.lifecycle else ""
        fields = ((name, column.codec.field) for name, column in self.fields.items() if name in given and name != state)
        return [name for name, field in fields if field is not None and is_required(field)]

    def can_create(self, actor: Actor) -> bool:
        """Say whether the actor may fill in all that a new record needs."""
        writable = self.writable(actor)
        return bool(writable) and set(self.demanded) <= set(writable)

    def is_open(self, obj: Any) -> bool:
        """Say whether the record's state lets its fields be changed."""
        return self.lifecycle is None or self.lifecycle.states[getattr(obj, self.lifecycle.field)].open

    # What writing does

    def make(self, changes: ChangeSet, values: dict[str, Any], by: Actor) -> Any:
        """Create a record from read values. Override to call a room's verb."""
        return changes.create(self.model(**values))  # type: ignore[type-var]

    def change(self, changes: ChangeSet, obj: Any, values: dict[str, Any], by: Actor) -> Any:
        """Change a record. Override to call a room's verb."""
        return changes.update(obj, **values)

    @cached_property
    def plain_writes(self) -> bool:
        """True when neither verb is overridden, so that many rows can go in at once."""
        return type(self).make is Resource.make and type(self).change is Resource.change

    def stored(self, keys: Sequence[Any], attnames: Sequence[str]) -> Iterable[tuple[Any, ...]]:
        """Give (key, pk, version, values…) of the records with these keys, as an import compares them."""
        rows = self.model._default_manager.filter(**{f"{self.key}__in": keys})
        return rows.values_list(self.key, "pk", "version", *attnames)

    # What pages add

    def actions(self, obj: Any, actor: Actor) -> list[dict[str, Any]]:
        """Give further buttons of a record's page: {label, url}."""
        return []

    def sections(self, obj: Any, actor: Actor) -> list[dict[str, Any]]:
        """Give further sections of a record's page: {template, context}; the public sees them too."""
        return []

    def brief(self, obj: Any) -> list[tuple[Column, Any]]:
        """Give what somebody who decides about a record has to see besides the columns of its list, with the values."""
        return []

    def url(self, pk: object = None) -> str:
        """Give the address of the list, or of one record."""
        return f"/{self.name}/" if pk is None else f"/{self.name}/{pk}"


def is_required(field: models.Field[Any, Any]) -> bool:
    """Say whether a field has to be filled in."""
    return not (field.null or field.blank or field.has_default())


_by_name: dict[str, Resource] = {}
_by_model: dict[type[models.Model], Resource] = {}


def _register(resource: Resource) -> None:
    if not hasattr(resource, "model"):
        return
    if resource.name in _by_name and type(_by_name[resource.name]).__module__ != type(resource).__module__:
        raise ValueError(f"two resources are named {resource.name}")
    _by_name[resource.name] = resource
    _by_model.setdefault(resource.model, resource)


def all_resources() -> list[Resource]:
    """Give every declared resource."""
    return list(_by_name.values())


def resource_named(name: str) -> Resource | None:
    """Find a resource by its address."""
    return _by_name.get(name)


def resource_of(model: type[models.Model]) -> Resource | None:
    """Find the resource of a model."""
    return _by_model.get(model)


def key_of(model: type[models.Model]) -> str:
    """Give the field by which a record of this model is named in files."""
    found = _by_model.get(model)
    if found:
        return found.key
    return "code" if any(f.name == "code" for f in model._meta.concrete_fields) else "pk"
