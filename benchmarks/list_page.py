"""The list page: fifty rows of 3,000 and of 300,000 projects, for a signed-in city officer who may see them all.

Server time is the CPU time of a request through the WSGI application with all middleware, session, compression and the
whole page, SQLite in the same process; no socket and no browser. Warm: the count of the rows is kept until the table
changes; the page after a change, which counts anew, stands on a line of its own. There is no peer.

Checked: the page shows the fifty projects that come first in the world's arithmetic, and the number of all.
"""

import gzip
import re
from statistics import median

from benchmarks import world
from benchmarks.asking import get
from benchmarks.measure import Comparison, Measure, Side, Work, cpu

PATH = "/projects/"


def small(work: Work) -> None:
    """Among 3,000."""
    _ask(work, 3_000)


def large(work: Work) -> None:
    """Among 300,000."""
    _ask(work, 300_000)


def _ask(work: Work, count: int) -> None:
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from yulan.registry.parties.models import Account
    from yulan.site.wsgi import application

    client = Client()
    client.force_login(Account.objects.get(username="officer"))
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    headers = {"Cookie": cookies, "Accept": "text/html", "Accept-Language": "zh-CN", "Accept-Encoding": "gzip"}
    answer = get(application, PATH, headers)
    page = gzip.decompress(answer.body).decode()
    shown = list(dict.fromkeys(re.findall(r"B\d{7}", page)))
    work.answers[f"page of {count}"] = {"shown": shown == world.first_page(count), "count": f"{count:,}" in page}
    if not all(work.answers[f"page of {count}"].values()):
        raise AssertionError(f"the page of {count} shows {shown[:3]} …")
    with CaptureQueriesContext(connection) as asked:
        get(application, PATH, headers)
    work.figures["queries"] = float(len(asked))
    work.repeat("page", lambda: get(application, PATH, headers))
    fresh = []
    for _ in range(5):
        cache.clear()
        began = cpu()
        get(application, PATH, headers)
        fresh.append(cpu() - began)
    work.figures["fresh"] = median(fresh)


def _measures(side: str, among: str) -> tuple[Measure, ...]:
    return (
        Measure(f"50 of {among}", "ms CPU", side, "page", target=15, scale=1000),
        Measure(f"50 of {among}, elapsed", "ms", side, "page wall", scale=1000),
        Measure(f"50 of {among}, nothing kept", "ms CPU", side, "fresh", scale=1000),
        Measure(f"50 of {among}", "queries", side, "queries", target=6),
    )


COMPARISON = Comparison(
    "List page",
    (Side("small", small, "projects-3000"), Side("large", large, "projects-300000")),
    (*_measures("small", "3,000"), *_measures("large", "300,000")),
)
