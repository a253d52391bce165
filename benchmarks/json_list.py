"""The list of projects as JSON, fifty of 3,000 with every column, by bearer token: Yulan beside Django REST framework.

The peer (`peers/api.py`) has a ModelSerializer, one query with joins for the rows and one for the count, token
authentication and the middleware of `startproject`; Yulan has its own middleware, permissions by role and place, and
tags. Both answer a city officer, who sees all rows: no condition on either side. Nothing is compressed. "Unchanged" is
Yulan's answer to a reader who shows the tag of what he has (304, after looking whether a table changed) beside the
peer's full answer: the peer has none of its own.

Equal: the parsed JSON, to the last field.
"""

import json

from benchmarks.asking import get
from benchmarks.measure import PEERS, Comparison, Measure, Side, Work

PATH = "/api/v1/projects/"


def yulan(work: Work) -> None:
    """In full, and unchanged."""
    from yulan.site.wsgi import application

    headers = {"Accept": "application/json", "Authorization": f"Bearer {(work.var / 'token').read_text()}"}
    full = get(application, PATH, headers)
    work.answers["list"] = json.loads(full.body)
    known = headers | {"If-None-Match": full.headers["ETag"]}
    work.answers["unchanged"] = get(application, PATH, known).status
    assert work.answers["unchanged"] == 304
    work.repeat("full", lambda: get(application, PATH, headers))
    work.repeat("unchanged", lambda: get(application, PATH, known))


def rest_framework(work: Work) -> None:
    """In full."""
    from django.core.wsgi import get_wsgi_application
    from rest_framework.authtoken.models import Token

    from benchmarks.peers import tables
    from yulan.registry.parties.models import Account

    tables()
    application = get_wsgi_application()
    token = Token.objects.create(user=Account.objects.get(username="officer")).key
    headers = {"Accept": "application/json", "Authorization": f"Token {token}"}
    work.answers["list"] = json.loads(get(application, PATH, headers).body)
    work.repeat("full", lambda: get(application, PATH, headers))


PEER = Side("rest_framework", rest_framework, "projects-3000", PEERS, writes=True, packages=("djangorestframework",))
COMPARISON = Comparison(
    "JSON list, 50 rows",
    (Side("yulan", yulan, "projects-3000", packages=("orjson",)), PEER),
    (
        Measure("in full", "requests per CPU s", "yulan", "full", PEER.name, "full", 4, rate=True),
        Measure("unchanged (304)", "requests per CPU s", "yulan", "unchanged", PEER.name, "full", 20, rate=True),
    ),
)
