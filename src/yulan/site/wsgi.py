"""The web server's entry: `gunicorn yulan.site.wsgi`."""

import os
import tempfile
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

Start = Callable[..., Any]
App = Callable[[dict[str, Any], Start], Iterable[bytes]]

TOO_LARGE = "413 Content Too Large"
IN_MEMORY = 1024 * 1024


class WholeBody:
    """Reads a chunked request body, which carries no length and which Django would take for empty.

    Bodies longer than `limit` bytes are answered 413, whether the length is declared or found by reading.
    """

    def __init__(self, app: App, limit: int) -> None:
        self.app, self.limit = app, limit

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Answer one request."""
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > self.limit:
            return self._refuse(start_response)
        if "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            return self.app(environ, start_response)
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as body:
            while piece := environ["wsgi.input"].read(65536):
                body.write(piece)
                if body.tell() > self.limit:
                    return self._refuse(start_response)
            environ["CONTENT_LENGTH"] = str(body.tell())
            body.seek(0)
            environ["wsgi.input"] = body
            return self.app(environ, start_response)

    def _refuse(self, start_response: Start) -> Iterable[bytes]:
        text = f"The request is larger than {self.limit // 1048576} MB. Send it in parts.\n".encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))]
        headers.append(("X-Content-Type-Options", "nosniff"))
        start_response(TOO_LARGE, [*headers, ("Connection", "close")])
        return [text]


def build() -> App:
    """Give the application with its guards, after Django is set up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yulan.site.settings")
    django = get_wsgi_application()
    from django.conf import settings

    return WholeBody(django, settings.MAX_BODY)


application = build()
