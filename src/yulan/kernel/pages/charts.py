"""Chart options for a page: JSON that cannot end the script element it stands in."""

from typing import Any

import orjson
from django.utils.safestring import SafeString, mark_safe

_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def chart_json(option: dict[str, Any]) -> SafeString:
    """Write an option for `<script type="application/json">`; lazy words are resolved."""
    text = orjson.dumps(option, default=str).decode().translate(_ESCAPES)
    return mark_safe(text)  # noqa: S308 - the three characters that matter are escaped above
