"""The interface for programs, explained: drawn from the same OpenAPI document that programs read."""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yulan.kernel.pages.policy import anyone
from yulan.kernel.resource.openapi import describe
from yulan.kernel.text import _

METHODS = ("get", "post", "patch")


@anyone
@require_safe
def docs_page(request: HttpRequest) -> HttpResponse:
    """Show every address with its parameters, bodies and answers."""
    document = describe()
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, entry in document["paths"].items():
        for method in METHODS:
            if method in entry:
                operation = entry[method]
                groups[operation["tags"][0]].append(_operation(document, path, method, entry, operation))
    page = {
        "title": _("Open data and API"),
        "groups": [{"title": title, "operations": rows} for title, rows in groups.items()],
        "version": document["info"]["version"],
    }
    return render(request, "yulan/apidocs.html", {"page": page})


def _operation(
    document: dict[str, Any], path: str, method: str, entry: dict[str, Any], operation: dict[str, Any]
) -> dict[str, Any]:
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "parameters": [*entry.get("parameters", []), *operation.get("parameters", [])],
        "body": _fields(document, operation.get("requestBody")),
        "answers": ", ".join(sorted(operation["responses"])),
    }


def _fields(document: dict[str, Any], body: dict[str, Any] | None) -> list[dict[str, str]]:
    if not body:
        return []
    schema = body["content"]["application/json"]["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return [
        {"name": name, "title": field.get("title", ""), "type": _type(field)}
        for name, field in schema.get("properties", {}).items()
    ]


def _type(field: dict[str, Any]) -> str:
    kind = field.get("type", "")
    name = kind[0] if isinstance(kind, list) else kind
    return f"{name} ({field['format']})" if "format" in field else str(name)
