"""Deletes what nothing needs any more: `yulan sweep`, to be run every night."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from yulan.kernel.access import SYSTEM
from yulan.kernel.files import sweep_files
from yulan.kernel.idempotency import forget_keys
from yulan.kernel.notices import forget_notices
from yulan.kernel.resource.imports import sweep_uploads
from yulan.registry.parties.throttle import sweep_tries

READ = timedelta(days=365)
"""How long a message that was read is kept."""
REPEATED = timedelta(days=30)
"""How long a request may be repeated under its key and still happen once."""


def sweep() -> dict[str, int]:
    """Sweep; give how many of what went."""
    now = timezone.now()
    return {
        "stored files that no record names": sweep_files(by=SYSTEM),
        "uploaded workbooks": sweep_uploads(),
        "messages that were read": forget_notices(now - READ),
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
        "answers to requests that may be repeated": forget_keys(now - REPEATED),
        "counts of failed sign-ins": sweep_tries(),
    }
