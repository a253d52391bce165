"""Signing in: failures are counted for every process, and nobody locks out another."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from yulan.kernel.access import SYSTEM
from yulan.registry.parties import services, throttle
from yulan.registry.parties.throttle import TRIES, WAIT, SignInTries

PASSWORD = "a fictional passphrase"


@pytest.fixture
def account(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return services.open_account("li", "李", by=SYSTEM, password=PASSWORD)


def enter(password="wrong", username="li", **where):
    client = Client(headers={"accept-language": "en"})
    return client.post("/sign-in", {"username": username, "password": password}, **where)


def exhaust(**where):
    for _turn in range(TRIES):
        assert enter(**where).status_code == 403
        cache.clear()  # as in another process, or after a restart


def test_after_ten_failures_one_waits_whatever_process_answers(account):
    exhaust()
    refused = enter(PASSWORD)
    assert refused.status_code == 429
    assert 840 < int(refused["Retry-After"]) <= WAIT.total_seconds()
    assert re.search(r"Wait 1[45] minutes", refused.content.decode())
    SignInTries.objects.update(since=timezone.now() - WAIT + timedelta(seconds=30))
    assert "Wait 1 minute." in enter(PASSWORD).content.decode()
    SignInTries.objects.update(since=timezone.now() - WAIT)
    assert enter(PASSWORD).status_code == 302


def test_the_owner_still_gets_in_from_elsewhere_and_others_from_there(account):
    services.open_account("zhao", "赵", by=SYSTEM, password=PASSWORD)
    exhaust()
    assert enter(PASSWORD, REMOTE_ADDR="10.1.2.3").status_code == 302
    assert enter(PASSWORD, "zhao").status_code == 302
    assert enter(PASSWORD).status_code == 429


def test_a_right_password_starts_anew(account):
    enter()
    assert enter(PASSWORD).status_code == 302
    assert not SignInTries.objects.exists()


def test_no_name_and_no_address_is_kept(account):
    enter(REMOTE_ADDR="10.1.2.3")
    row = SignInTries.objects.values().get()
    assert re.fullmatch("[0-9a-f]{64}", row["key"])


def test_behind_a_proxy_the_address_is_the_one_it_added(account, settings):
    far, other = "203.0.113.9", "198.51.100.4"
    exhaust(headers={"x-forwarded-for": other})
    assert enter(PASSWORD, headers={"x-forwarded-for": far}).status_code == 429, "no proxy: the header is only a claim"
    settings.TLS = True
    exhaust(headers={"x-forwarded-for": far})
    assert enter(PASSWORD, headers={"x-forwarded-for": f"{other}, {far}"}).status_code == 429
    assert enter(PASSWORD, headers={"x-forwarded-for": f"{far}, {other}"}).status_code == 302


def test_an_ipv6_subscriber_is_one(rf):
    keys = {throttle.key_of(rf.get("/", REMOTE_ADDR=f"2001:db8:1:2::{n}"), "li") for n in range(3)}
    assert len(keys) == 1
    assert throttle.address_of(rf.get("/", REMOTE_ADDR="2001:db8:1:3::1")) == "2001:db8:1:3::/64"
    assert throttle.address_of(rf.get("/", REMOTE_ADDR="")) == ""


@pytest.mark.django_db(transaction=True)
def test_many_at_once_gain_nothing():
    def attempt(_turn):
        try:
            return throttle.count_try("k")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(attempt, range(TRIES + 6)))
    assert sum(not wait for wait in waits) == TRIES
    assert throttle.sweep_tries() == 0
    SignInTries.objects.update(since=timezone.now() - WAIT)
    assert throttle.sweep_tries() == 1
