"""What every answer says to browsers: no foreign or inline script, no frame, no guessing of types, nothing kept."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import path

from tests.world import HUANGPU, World, body_of
from yulan.kernel.access import SYSTEM
from yulan.kernel.files import attach
from yulan.kernel.pages.policy import anyone
from yulan.kernel.resource import resource_named
from yulan.site.urls import urlpatterns as every

pytestmark = pytest.mark.django_db

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NEVER = ("unsafe-inline", "unsafe-eval", "strict-dynamic", "http:", "https:", "*")
INLINE = (b"<script>", b"<style", b' style="', b" onclick=", b"javascript:")


@anyone
def fault(_request: Any) -> Any:
    raise RuntimeError("a fault of ours")


urlpatterns = [*every, path("fault", fault)]


def personal(house: World) -> Iterator[tuple[str, Any]]:
    """Give answers of every kind to somebody who is signed in."""
    officer, project = house.client("city_officer"), house.record(resource_named("projects"), HUANGPU)
    file = attach(project, SimpleUploadedFile("页.html", b"<script>alert(1)</script>"), by=SYSTEM)
    base = f"/projects/{project.pk}"
    for url in ("/todo", "/projects/", "/persons/new", base, "/projects/99999999", "/projects/?page=x"):
        yield url, officer.get(url)
    for url in ("/projects/export.csv", "/projects/export.xlsx", "/projects/template.xlsx", f"{base}/files/{file.pk}"):
        yield url, officer.get(url)
    yield "search", officer.post("/search", {"q": "QZ"})
    for url in ("/api/v1/projects/", f"/api/v1{base}", f"/api/v1{base}/trail", "/api/v1/feed"):
        yield url, house.program("city_officer").get(url)
        yield f"{url} by session", officer.get(url)


def public(house: World) -> Iterator[tuple[str, Any]]:
    """Give answers of every kind to anybody."""
    visitor, careless = Client(), Client(raise_request_exception=False)
    for url in ("/", "/sign-in", "/plan", "/api/docs", "/api/openapi.json", "/trail/head", "/api/v1/feed"):
        yield url, visitor.get(url)
    for url in ("/static/yulan/app.js", "/static/yulan/favicon.svg", "/static/vendor/echarts.js", "/static/none.js"):
        yield url, visitor.get(url)
    for url in ("/todo", "/nothing-here", "/api/v1/nothing/", "/api/v1/projects/?page=x", "/projects", "/%00"):
        yield url, visitor.get(url)
    yield "304", visitor.get("/api/v1/projects/", headers={"if-none-match": "*"})
    yield "another host", visitor.get("/", headers={"host": "elsewhere.example"})
    yield "405", visitor.get("/sign-out")
    yield "fault", careless.get("/fault")
    for url in ("/sign-in", "/api/v1/projects/"):
        yield f"forged {url}", Client(enforce_csrf_checks=True).post(url, {"username": "x"})


def faults_of(answer: Any) -> Iterator[str]:
    """Say what an answer leaves open."""
    yield from (f"{name}: {answer.get(name)}" for name, value in ALWAYS.items() if answer.get(name) != value)
    policy = dict(part.strip().partition(" ")[::2] for part in answer.get("Content-Security-Policy", "").split(";"))
    if policy.get("default-src") not in ("'self'", "'none'"):
        yield f"policy: {policy}"
    yield from (f"policy: {name} {word}" for name, value in policy.items() for word in NEVER if word in value)
    for cookie in answer.cookies.values():
        if not (cookie["samesite"] == "Lax" and cookie["httponly"]):
            yield f"cookie: {cookie.OutputString()}"
    if answer.get("Content-Type", "").startswith("text/html") and not answer.get("Content-Disposition"):
        body = body_of(answer)
        yield from (f"inline: {word.decode()}" for word in INLINE if word in body)


def test_every_kind_of_answer_is_guarded(house, settings):
    settings.ROOT_URLCONF = __name__
    found = [
        f"{url} ({answer.status_code}) {fault}"
        for url, answer in (*public(house), *personal(house))
        for fault in faults_of(answer)
    ]
    assert not found, "\n".join(found)


def test_what_somebody_was_shown_stays_in_no_cache(house):
    kept = {url: answer.get("Cache-Control", "") for url, answer in personal(house)}
    found = {url: said for url, said in kept.items() if "private" not in said or "no-" not in said}
    assert not found


def test_what_came_without_its_mark_is_refused_in_words(house):
    forged = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    page = forged.post("/language", {"language": "en"})
    assert (page.status_code, "load it anew" in page.content.decode()) == (403, True)
    answer = forged.post("/api/v1/projects/", "{}", content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")


PRODUCTION = """
import django
from django.core.management import call_command
from django.test import Client
django.setup()
call_command("check", deploy=True, fail_level="WARNING")
call_command("migrate", verbosity=0)
plain = Client().get("/sign-in", headers={"host": "yulan.example"})
assert (plain.status_code, plain["Location"]) == (301, "https://yulan.example/sign-in"), plain
secure = Client(headers={"host": "yulan.example", "x-forwarded-proto": "https"})
answer = secure.get("/sign-in")
assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", answer.headers
assert "Strict-Transport-Security" in secure.get("/static/yulan/app.js").headers
assert list(answer.cookies) == ["__Host-csrftoken"], answer.cookies
assert all(cookie["secure"] and cookie["path"] == "/" and not cookie["domain"] for cookie in answer.cookies.values())
assert Client().get("/sign-in", headers={"host": "elsewhere.example", "x-forwarded-proto": "https"}).status_code == 400
assert "Traceback" not in secure.get("/nothing").content.decode()
print("guarded")
"""


@pytest.mark.sqlite
def test_production_behind_a_proxy_is_guarded(tmp_path):
    there = {name: value for name, value in os.environ.items() if not name.startswith(("YULAN_", "DJANGO_ALLOW"))}
    there |= {"YULAN_VAR": str(tmp_path), "YULAN_TLS": "1", "YULAN_HOSTS": "yulan.example"}
    done = subprocess.run([sys.executable, "-c", PRODUCTION], env=there, capture_output=True, text=True, timeout=120)
    assert done.stdout.endswith("guarded\n"), done.stdout + done.stderr
