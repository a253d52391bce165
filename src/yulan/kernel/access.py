"""Who may do what, where: role × place. Deny by default.

An *actor* is a person (or a program) with dated *grants*: a role at a place, the place being a branch of the
organisation tree and a part of the map. A *scope* turns grants into rows. A *verdict* is Allowed or Denied
with the reasons the person reads. Rooms name roles; this module does not.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Model, Q

EVERYTHING = Q()
NOTHING = Q(pk__in=())


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at a place.

    `organisation` is a materialised tree path such as "1.4." (empty: not tied to an organisation);
    `regions` are code prefixes such as ("5402", "5423") (empty: the whole map); `delegated_by` names the
    person on whose behalf the role is used.
    """

    role: str
    organisation: str = ""
    regions: tuple[str, ...] = ()
    delegated_by: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person or program, always passed explicitly as `by`."""

    name: str
    grants: tuple[Grant, ...] = ()
    label: str = ""
    account_id: int | None = None
    unlimited: bool = False
    roles: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", frozenset(grant.role for grant in self.grants))

    @property
    def signed_in(self) -> bool:
        """True for everyone but the anonymous visitor."""
        return bool(self.name)

    def has(self, roles: Collection[str]) -> bool:
        """Say whether one of `roles` is held somewhere."""
        return self.unlimited or not self.roles.isdisjoint(roles)

    def grants_as(self, roles: Collection[str]) -> Iterator[Grant]:
        """Give the grants whose role is one of `roles`."""
        return (grant for grant in self.grants if grant.role in roles)

    def __str__(self) -> str:
        return self.label or self.name


VISITOR = Actor("")
SYSTEM = Actor("system", unlimited=True)


class Verdict:
    """Allowed, or Denied with reasons; true when allowed."""

    reasons: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return not self.reasons


class Allowed(Verdict):
    """Yes."""


@dataclass(frozen=True)
class Denied(Verdict):
    """No, and why: every reason, in the words the person reads."""

    reasons: tuple[str, ...]


def judge(reasons: Iterable[str | None]) -> Verdict:
    """Collect all reasons that are not None into one verdict."""
    found = tuple(reason for reason in reasons if reason)
    return Denied(found) if found else Allowed()


class Refused(Exception):
    """A verb was not allowed; answered with 403, or 409 when the record's state is the cause."""

    def __init__(self, *reasons: str, status: int = 403) -> None:
        super().__init__(*reasons)
        self.reasons = tuple(reasons)
        self.status = status


class Scope(Protocol):
    """Which rows a grant reaches."""

    def rows(self, grant: Grant) -> Q:
        """Give the condition on the table; NOTHING when the grant reaches no row."""
        ...

    def covers(self, grant: Grant, obj: Model) -> bool:
        """Say the same of one record, without a query."""
        ...


def _reach(obj: Any, path: str) -> Any:
    for part in path.split("__"):
        obj = getattr(obj, part, None)
    return obj


@dataclass(frozen=True)
class Place:
    """Rows by place: fields holding an organisation path and a region code.

    A grant tied to an organisation reaches rows under its branch; one tied to regions reaches rows on that
    part of the map; tied to both, either is enough when `either`, else both are needed. A grant tied to
    neither reaches all rows.
    """

    organisation: str = ""
    region: str = ""
    either: bool = False

    def _organisation(self, grant: Grant) -> Q | None:
        if not (grant.organisation and self.organisation):
            return None
        return Q(**{f"{self.organisation}__startswith": grant.organisation})

    def _region(self, grant: Grant) -> Q | None:
        if not (grant.regions and self.region):
            return None
        return Q(*((f"{self.region}__startswith", prefix) for prefix in grant.regions), _connector=Q.OR)

    def rows(self, grant: Grant) -> Q:
        """Give the condition for one grant."""
        tied = [part for part in (self._organisation(grant), self._region(grant)) if part is not None]
        if not tied:
            return NOTHING if grant.organisation or grant.regions else EVERYTHING
        return Q(*tied, _connector=Q.OR if self.either else Q.AND)

    def covers(self, grant: Grant, obj: Model) -> bool:
        """Judge one record by the same rule."""
        verdicts: list[bool] = []
        if grant.organisation and self.organisation:
            verdicts.append(str(_reach(obj, self.organisation) or "").startswith(grant.organisation))
        if grant.regions and self.region:
            verdicts.append(str(_reach(obj, self.region) or "").startswith(grant.regions))
        if not verdicts:
            return not (grant.organisation or grant.regions)
        return any(verdicts) if self.either else all(verdicts)


@dataclass(frozen=True)
class Everywhere:
    """Rows that have no place: dictionaries, regulations, the plan."""

    def rows(self, grant: Grant) -> Q:
        """Every row."""
        return EVERYTHING

    def covers(self, grant: Grant, obj: Model) -> bool:
        """Every record."""
        return True
