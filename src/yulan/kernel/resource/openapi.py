"""The OpenAPI 3.1 document, drawn from the declarations."""

from typing import Any

from yulan import __version__
from yulan.kernel.access import SYSTEM
from yulan.kernel.resource.declare import Column, Resource, all_resources
from yulan.kernel.resource.query import RANGED, SIZES
from yulan.kernel.text import _

Part = dict[str, Any]
JSON = "application/json"
PROBLEM = "application/problem+json"
_TYPES: dict[str, Part] = {
    "integer": {"type": "integer"},
    "year": {"type": "integer"},
    "decimal": {"type": "string", "description": _("decimal number")},
    "money": {"type": "string", "description": _("yuan, two decimals")},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
}
NUMBER: Part = {"type": "integer"}
ANYONE: list[Part] = [{}, {"token": []}]
SIGNED_IN: list[Part] = [{"token": []}]
PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["title", "status", "reasons"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "reasons": {"type": "array", "items": {"type": "string"}},
        "errors": {"type": "object"},
    },
}


# Parts of a description


def _ref(name: str) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: str, /, **properties: Part) -> Part:
    return {"type": "object", "required": required.split(), "properties": properties, "additionalProperties": False}


def _several(one: Part) -> Part:
    return {"type": "array", "items": one}


def _schema(column: Column) -> Part:
    found = dict(_TYPES.get(column.codec.kind, {"type": "string"}))
    found["type"] = [found["type"], "null"]
    return found | {"title": str(column.label)}


def _body(schema: Part, *, required: bool = True) -> Part:
    return {"required": required, "content": {JSON: {"schema": schema}}}


def _told(schema: Part, text: object, status: int = 200, *headers: str) -> Part:
    """Describe an answer and the headers it always has."""
    known = {name: {"required": True, "schema": {"type": "string"}} for name in headers}
    return {str(status): {"description": text, "headers": known, "content": {JSON: {"schema": schema}}}}


def _problems(*codes: int) -> Part:
    return {str(code): {"$ref": "#/components/responses/Problem"} for code in codes}


UNCHANGED = {"304": {"description": _("Unchanged")}}


def _operation(resource: Resource, name: str, text: Any, answers: Part, *, plural: bool = False, **more: Any) -> Part:
    return {
        "tags": [resource.title],
        "operationId": f"{resource.name}.{name}",
        "summary": str(text % {"kind": resource.title if plural else resource.one}),
        "security": SIGNED_IN,
        "responses": answers,
    } | more


# Parameters


def _asked(name: str, schema: Part, description: object = "") -> Part:
    """Describe a parameter of an address."""
    about = {"description": description} if description else {}
    return {"name": name, "in": "query", "schema": schema} | about


KEY = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
ONCE = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"}}
MATCH = {"name": "If-Match", "in": "header", "schema": {"type": "string"}}


def _parameters(resource: Resource) -> list[Part]:
    orders = [sign + column.name for column in resource.listed if column.stored for sign in ("", "-")]
    found = [
        _asked("q", {"type": "string"}, _("Search")),
        _asked("page", {"type": "integer", "minimum": 1, "maximum": 10**6}),
        _asked("size", {"type": "integer", "minimum": 1, "maximum": SIZES[-1]}),
        _asked("published", {"type": "integer", "minimum": 1, "maximum": 1}, _("Only rows that anyone may see")),
        _asked("sort", {"type": "string", "enum": orders}, _("Column to sort by; with a minus sign downwards")),
    ]
    chosen = [resource.column(resource.key), *resource.filtered]
    for column in {column.name: column for column in chosen}.values():
        if column.stored and not column.codec.private:
            one = _filter(column)
            found.append(_asked(column.name, _several(one), column.label))
            if column.codec.kind in RANGED:
                found += [_asked(f"{column.name}.{bound}", one, column.label) for bound in ("from", "to")]
    return found


def _filter(column: Column) -> Part:
    """Describe one value of a filter."""
    kind, limit = column.codec.kind, column.codec.limit
    if kind in ("choice", "state"):
        return {"type": "string", "enum": [code for code, _label in column.codec.options() or ()]}
    if kind in ("integer", "year"):
        return NUMBER | {"minimum": 0, "maximum": 2**63 - 1}
    if kind in ("decimal", "money"):
        return {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,2})?$"}
    found = {name: value for name, value in _TYPES.get(kind, {"type": "string"}).items() if name != "description"}
    return found | ({"pattern": r"^[^\x00]*$"} | ({"maxLength": limit} if limit else {}) if kind == "text" else {})


# Addresses


def _page_of(name: str) -> Part:
    numbers = dict.fromkeys(("count", "page", "pages", "size"), NUMBER)
    return _object("count page pages size results", **numbers, results=_several(_ref(name)))


def _paths(resource: Resource) -> Part:
    base, record = f"/api/v1/{resource.name}", _ref(resource.name)
    opens: Part = {"security": ANYONE if resource.public else SIGNED_IN}
    page = _told(_page_of(resource.name), _("A page of rows"), 200, "ETag")
    one = _told(record, _("The record"), 200, "ETag")
    trail = _told(_object("results", results=_several({"type": "object"})), _("Entries, newest first"))
    asked: Part = {"parameters": _parameters(resource)} | opens
    answers = page | UNCHANGED | _problems(400, 401, 403)
    found: Part = {
        f"{base}/": {"get": _operation(resource, "list", _("List: %(kind)s"), answers, plural=True, **asked)},
        f"{base}/{{id}}": {
            "parameters": [KEY],
            "get": _operation(
                resource, "read", _("One: %(kind)s"), one | UNCHANGED | _problems(400, 401, 403, 404), **opens
            ),
        },
        f"{base}/{{id}}/trail": {
            "parameters": [KEY],
            "get": _operation(resource, "trail", _("Who changed it: %(kind)s"), trail | _problems(400, 401, 403, 404)),
        },
    }
    if any(column.codec.private for column in resource.filtered):
        found[f"{base}/search"] = {"post": _searching(resource) | opens}
    if resource.can_create(SYSTEM):
        found[f"{base}/"]["post"] = _creating(resource)
    if resource.write:
        found[f"{base}/{{id}}"]["patch"] = _changing(resource)
    if resource.lifecycle:
        found[f"{base}/{{id}}/moves/{{move}}"] = _moving(resource)
    return found


def _searching(resource: Resource) -> Part:
    """Describe the list by personal values, which go in the body."""
    named = {one["name"]: one["schema"] for one in _parameters(resource) if one["schema"]["type"] != "array"}
    private = (column for column in resource.filtered if column.codec.private)
    named |= {column.name: {"type": "string", "title": str(column.label)} for column in private}
    answers = _told(_page_of(resource.name), _("A page of rows")) | _problems(400, 401, 403, 422)
    text = _("List by personal values: %(kind)s")
    return _operation(
        resource, "search", text, answers, plural=True, requestBody=_body(_object("", **named), required=False)
    )


def _creating(resource: Resource) -> Part:
    answers = _told(_ref(resource.name), _("Created"), 201, "ETag", "Location")
    answers |= _problems(400, 401, 403, 409, 412, 422)
    body = _body(_ref(f"{resource.name}.in"))
    return _operation(resource, "create", _("Create: %(kind)s"), answers, parameters=[ONCE], requestBody=body)


def _changing(resource: Resource) -> Part:
    answers = _told(_ref(resource.name), _("Changed"), 200, "ETag")
    answers |= _problems(400, 401, 403, 404, 409, 412, 422, 428)
    body = _body(_ref(f"{resource.name}.change"))
    return _operation(resource, "change", _("Change: %(kind)s"), answers, parameters=[MATCH], requestBody=body)


def _moving(resource: Resource) -> Part:
    moves = resource.lifecycle.moves if resource.lifecycle else ()
    named = {"type": "string", "enum": sorted({move.name for move in moves})}
    needed = sorted({name for move in moves for name in move.needs})
    inputs = {name: _schema(resource.input(name)) for name in needed}
    given = _object("", opinion={"type": ["string", "null"]}, version={"type": ["integer", "null"]}, **inputs)
    answers = _told(_ref(resource.name), _("Moved"), 200, "ETag") | _problems(400, 401, 403, 404, 409, 412, 422)
    body = _body(given, required=False)
    return {
        "parameters": [KEY, {"name": "move", "in": "path", "required": True, "schema": named}],
        "post": _operation(resource, "move", _("Move: %(kind)s"), answers, parameters=[ONCE], requestBody=body),
    }


def _schemas(resource: Resource) -> Part:
    columns = {c.name: c for c in (*resource.listed, *resource.fields.values())}
    out = {name: _schema(column) for name, column in columns.items()}
    given = {name: _schema(resource.fields[name]) for name in resource.writable(SYSTEM)}
    return {
        resource.name: _object("id", id=NUMBER, version=NUMBER, **out) | {"title": resource.one},
        f"{resource.name}.in": _object(" ".join(name for name in resource.demanded if name in given), **given),
        f"{resource.name}.change": _object("", version=NUMBER, **given),
    }


def _feed() -> Part:
    number = NUMBER | {"minimum": 0, "maximum": 10**18 - 1}
    event = {"seq": number, "set": number, "at": _TYPES["moment"], "event": {"type": "string"}, "ids": _several(number)}
    events = _several(_object(" ".join(event), **event))
    told = _object("after last head results", after=number, last=number, head=number, results=events)
    return {
        "get": {
            "tags": [str(_("Feed of changes"))],
            "operationId": "feed",
            "summary": str(_("What happened, in the order of commits")),
            "parameters": [_asked("after", number), _asked("limit", number | {"minimum": 1})],
            "responses": _told(told, _("Events")) | _problems(400, 401),
        }
    }


def describe() -> Part:
    """Give the whole document."""
    paths: Part = {"/api/v1/feed": _feed()}
    schemas: Part = {"Problem": PROBLEM_SCHEMA}
    for resource in all_resources():
        paths |= _paths(resource)
        schemas |= _schemas(resource)
    problem = {"description": _("Refused, with the reasons"), "content": {PROBLEM: {"schema": _ref("Problem")}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": str(_("Yulan")), "version": __version__, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "security": ANYONE,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Problem": problem},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
