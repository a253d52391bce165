"""The OpenAPI 3.1 document, drawn from the declarations."""

from typing import Any

from yulan import __version__
from yulan.kernel.resource.declare import Column, Resource, all_resources
from yulan.kernel.text import _

JSON = "application/json"
PROBLEM = "application/problem+json"
_TYPES: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "year": {"type": "integer"},
    "decimal": {"type": "string", "description": "decimal number"},
    "money": {"type": "string", "description": "yuan, two decimals"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
}
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


def _schema(column: Column) -> dict[str, Any]:
    found = dict(_TYPES.get(column.codec.kind, {"type": "string"}))
    found["type"] = [found["type"], "null"]
    return found | {"title": str(column.label)}


def _problems(*codes: int) -> dict[str, Any]:
    return {str(code): {"$ref": "#/components/responses/Problem"} for code in codes}


def _one(name: str, text: str, status: str = "200") -> dict[str, Any]:
    return {status: {"description": text, "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}}}}


def _summary(text: Any, resource: Resource, plural: bool = False) -> str:
    return str(text % {"kind": resource.title if plural else resource.one})


def _parameters(resource: Resource) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": "q", "in": "query", "description": str(_("Search")), "schema": {"type": "string", "maxLength": 200}},
        {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 10**6}},
        {"name": "size", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200}},
        {
            "name": "sort",
            "in": "query",
            "description": str(_("Column to sort by; with a minus sign downwards")),
            "schema": {"type": "string"},
        },
    ]
    for column in resource.filtered:
        if column.stored and not column.codec.private:
            found.append(
                {"name": column.name, "in": "query", "description": str(column.label), "schema": {"type": "string"}}
            )
    return found


KEY = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
ONCE = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"}}


def _page_of(name: str) -> dict[str, Any]:
    numbers = {key: {"type": "integer"} for key in ("count", "page", "pages", "size")}
    rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    return {"type": "object", "required": ["count", "results"], "properties": {**numbers, "results": rows}}


def _trail_path(resource: Resource) -> dict[str, Any]:
    return {
        "parameters": [KEY],
        "get": {
            "tags": [str(resource.title)],
            "operationId": f"{resource.name}.trail",
            "summary": _summary(_("Who changed it: %(kind)s"), resource),
            "responses": {
                "200": {"description": "Entries, newest first", "content": {JSON: {"schema": {"type": "object"}}}},
                **_problems(400, 401, 403, 404),
            },
        },
    }


def _paths(resource: Resource) -> dict[str, Any]:
    name, title = resource.name, str(resource.title)
    base = f"/api/v1/{name}"
    found: dict[str, Any] = {
        f"{base}/": {
            "get": {
                "tags": [title],
                "operationId": f"{name}.list",
                "summary": _summary(_("List: %(kind)s"), resource, plural=True),
                "parameters": _parameters(resource),
                "responses": {
                    "200": {"description": "A page of rows", "content": {JSON: {"schema": _page_of(name)}}},
                    "304": {"description": "Unchanged"},
                    **_problems(400, 401, 403),
                },
            },
        },
        f"{base}/{{id}}": {
            "parameters": [KEY],
            "get": {
                "tags": [title],
                "operationId": f"{name}.read",
                "summary": _summary(_("One: %(kind)s"), resource),
                "responses": {
                    **_one(name, "The record"),
                    "304": {"description": "Unchanged"},
                    **_problems(400, 401, 403, 404),
                },
            },
        },
        f"{base}/{{id}}/trail": _trail_path(resource),
    }
    private = [column for column in resource.filtered if column.codec.private]
    if private:
        found[f"{base}/search"] = _search_path(resource, private)
    if resource.write:
        _add_writing(found, resource)
    if resource.lifecycle:
        found[f"{base}/{{id}}/moves/{{move}}"] = _move_path(resource)
    return found


def _search_path(resource: Resource, private: list[Column]) -> dict[str, Any]:
    """Describe the list by personal values, which go in the body."""
    named = {one["name"]: one["schema"] for one in _parameters(resource)}
    named |= {column.name: {"type": "string", "title": str(column.label)} for column in private}
    return {
        "post": {
            "tags": [str(resource.title)],
            "operationId": f"{resource.name}.search",
            "summary": _summary(_("List by personal values: %(kind)s"), resource, plural=True),
            "requestBody": {"content": {JSON: {"schema": {"type": "object", "properties": named}}}},
            "responses": {
                "200": {"description": "A page of rows", "content": {JSON: {"schema": _page_of(resource.name)}}},
                **_problems(400, 401, 403, 422),
            },
        }
    }


def _add_writing(found: dict[str, Any], resource: Resource) -> None:
    name, title, base = resource.name, str(resource.title), f"/api/v1/{resource.name}"
    body = {"content": {JSON: {"schema": {"$ref": f"#/components/schemas/{name}.in"}}}}
    found[f"{base}/"]["post"] = {
        "tags": [title],
        "operationId": f"{name}.create",
        "summary": _summary(_("Create: %(kind)s"), resource),
        "parameters": [ONCE],
        "requestBody": {"required": True, **body},
        "responses": {**_one(name, "Created", "201"), **_problems(400, 401, 403, 409, 412, 422)},
    }
    found[f"{base}/{{id}}"]["patch"] = {
        "tags": [title],
        "operationId": f"{name}.change",
        "summary": _summary(_("Change: %(kind)s"), resource),
        "parameters": [{"name": "If-Match", "in": "header", "schema": {"type": "string"}}],
        "requestBody": {"required": True, **body},
        "responses": {**_one(name, "Changed"), **_problems(400, 401, 403, 404, 409, 412, 422, 428)},
    }


def _move_path(resource: Resource) -> dict[str, Any]:
    assert resource.lifecycle
    moves = sorted({move.name for move in resource.lifecycle.moves})
    properties: dict[str, Any] = {"opinion": {"type": "string"}, "version": {"type": "integer"}}
    needed = {name for move in resource.lifecycle.moves for name in move.needs}
    properties |= {name: _schema(resource.input(name)) for name in sorted(needed)}
    return {
        "parameters": [KEY, {"name": "move", "in": "path", "required": True, "schema": {"enum": moves}}],
        "post": {
            "tags": [str(resource.title)],
            "operationId": f"{resource.name}.move",
            "summary": _summary(_("Move: %(kind)s"), resource),
            "parameters": [ONCE],
            "requestBody": {"content": {JSON: {"schema": {"type": "object", "properties": properties}}}},
            "responses": {**_one(resource.name, "Moved"), **_problems(400, 401, 403, 404, 409, 412, 422)},
        },
    }


def _schemas(resource: Resource) -> dict[str, Any]:
    columns = {c.name: c for c in (*resource.listed, *resource.fields.values())}
    out = {name: _schema(column) for name, column in columns.items()}
    writable = {name for names in resource.write.values() for name in names.split()}
    chosen = resource.fields if "*" in writable else {n: c for n, c in resource.fields.items() if n in writable}
    return {
        resource.name: {
            "type": "object",
            "title": str(resource.one),
            "required": ["id"],
            "properties": {"id": {"type": "integer"}, "version": {"type": "integer"}, **out},
        },
        f"{resource.name}.in": {
            "type": "object",
            "properties": {name: _schema(column) for name, column in chosen.items()},
        },
    }


def _feed() -> dict[str, Any]:
    number = {"type": "integer", "minimum": 0}
    return {
        "get": {
            "tags": [str(_("Feed of changes"))],
            "operationId": "feed",
            "summary": str(_("What happened, in the order of commits")),
            "parameters": [
                {"name": "after", "in": "query", "schema": number},
                {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500}},
            ],
            "responses": {
                "200": {"description": "Events", "content": {JSON: {"schema": {"type": "object"}}}},
                **_problems(400, 401),
            },
        }
    }


def describe() -> dict[str, Any]:
    """Give the whole document."""
    paths: dict[str, Any] = {"/api/v1/feed": _feed()}
    schemas: dict[str, Any] = {"Problem": PROBLEM_SCHEMA}
    for resource in all_resources():
        paths |= _paths(resource)
        schemas |= _schemas(resource)
    problem = {
        "description": "Refused, with the reasons",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": str(_("Yulan")), "version": __version__, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Problem": problem},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
