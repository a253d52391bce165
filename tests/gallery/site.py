"""Draws the samples and serves them under the real content security policy, with no database and no rooms.

`python -m tests.gallery` serves on 127.0.0.1; `--shots DIR [name …]` shoots every page, `--axe` runs axe on each.
"""

import mimetypes
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
STATIC = [ROOT / "src/yulan/kernel/static", ROOT / "src/yulan/site/static"]
POLICY = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'"


def prepare() -> None:
    """Configure Django for templates only, unless it already is."""
    if not settings.configured:
        settings.configure(
            SECRET_KEY="gallery", USE_I18N=True, USE_TZ=True, TIME_ZONE="Asia/Shanghai",
            LANGUAGE_CODE="zh-hans", STATIC_URL="/static/",
            LANGUAGES=[("zh-hans", "中文"), ("en", "English")], LOCALE_PATHS=[ROOT / "src/yulan/locale"],
            INSTALLED_APPS=["django.contrib.staticfiles"],
        )  # fmt: skip
        django.setup()


def engine(missing: str = "") -> Any:
    """Give an engine over the kernel's templates; `missing` shows where a variable is not there."""
    from django.template import Engine

    return Engine(
        dirs=[str(ROOT / "src/yulan/kernel/templates"), str(Path(__file__).parent / "templates")],
        libraries={
            "yulan": "yulan.kernel.templatetags.yulan",
            "i18n": "django.templatetags.i18n",
            "static": "django.templatetags.static",
        },
        string_if_invalid=missing,
    )  # fmt: skip


def draw(name: str, lang: str, templates: Any = None, **more: Any) -> str:
    """Draw one page of the samples."""
    from django.http import QueryDict
    from django.template import Context
    from django.utils.translation import override

    from tests.gallery.samples import pages

    template, context = pages(lang)[name]
    path = f"/{lang}/{name}"
    request = SimpleNamespace(path=path, get_full_path=lambda: path, GET=QueryDict())
    with override(lang):
        given = context | {"csrf_token": "x", "request": request} | more
        return str((templates or engine()).get_template(template).render(Context(given)))


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Serve /LANG/NAME, /static/… and a sample search."""
    from django.contrib.staticfiles import finders

    path = environ["PATH_INFO"]
    query = {k: v[0] for k, v in parse_qs(environ.get("QUERY_STRING", "")).items()}
    kind, body, status = "text/html; charset=utf-8", b"", "200 OK"
    try:
        if path.startswith("/static/"):
            name = path.removeprefix("/static/")
            file = next((p / name for p in STATIC if (p / name).is_file()), None) or finders.find(name)
            if file is None:
                import django_htmx

                file = Path(django_htmx.__path__[0]) / "static" / name
            body, kind = Path(str(file)).read_bytes(), mimetypes.guess_type(name)[0] or "application/octet-stream"
        elif path == "/search":
            body = draw("search-fragment" if environ["REQUEST_METHOD"] == "POST" else "search", "zh-hans").encode()
        elif path.endswith("/lookup"):
            body = '<option value="532600">文山州</option><option value="532623">西畴县</option>'.encode()
        else:
            lang, _slash, name = path.strip("/").partition("/")
            if lang not in ("zh-hans", "en"):  # where a sample link leads
                lang, name = "zh-hans", "detail"
            body = draw(name, lang, **{k: v for k, v in query.items() if k in ("theme", "size", "contrast")}).encode()
    except (KeyError, ValueError, OSError) as error:
        status, kind, body = "404 Not Found", "text/plain", repr(error).encode()
    start(status, [("Content-Type", kind), ("Content-Security-Policy", POLICY), ("Content-Length", str(len(body)))])
    return [body]


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def serve(port: int = 0) -> Any:
    """Serve from a thread; give the server (its address in `server_port`)."""
    prepare()
    server = make_server("127.0.0.1", port, application, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
