"""How often signing in may fail: counted in the database, so that it holds for every process and after a restart.

Counted are a name and an address together. By the name alone a stranger could lock out its owner; by the address
alone a whole office would wait for one colleague.
"""

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

TRIES, WAIT = 10, timedelta(minutes=15)


class SignInTries(models.Model):
    """Tries under one name from one address since a moment; `key` is a keyed hash, the table names neither."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "parties"

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.count}"


def key_of(request: HttpRequest, username: str) -> str:
    """Give what tries are counted under."""
    return salted_hmac("yulan.sign-in", f"{address_of(request)}\0{username.casefold()}", algorithm="sha256").hexdigest()


def address_of(request: HttpRequest) -> str:
    """Give where a request comes from: behind a TLS proxy the last address, which the proxy has added.

    Of an IPv6 address the network of 64 bits, which is what one subscriber has.
    """
    passed = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() if settings.TLS else ""
    text = passed or request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(text)
    except ValueError:
        return text
    return str(ip_network((address, 64), strict=False) if isinstance(address, IPv6Address) else address)


def count_try(key: str) -> timedelta:
    """Count a try before it is made, so that many at once gain nothing; give how long to wait, zero to go on."""
    now = timezone.now()
    rows = SignInTries.objects.filter(key=key)
    with transaction.atomic():
        SignInTries.objects.bulk_create([SignInTries(key=key, since=now)], ignore_conflicts=True)
        rows.filter(since__lte=now - WAIT).update(count=0, since=now)
        rows.update(count=F("count") + 1)
        found = rows.get()
    return found.since + WAIT - now if found.count > TRIES else timedelta()


def forget_tries(key: str) -> None:
    """Start anew: the password was right."""
    SignInTries.objects.filter(key=key).delete()


def sweep_tries() -> int:
    """Drop what no longer counts; give how many rows went."""
    return SignInTries.objects.filter(since__lte=timezone.now() - WAIT).delete()[0]
