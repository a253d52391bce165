"""The peer's audit: one row per object written."""

from django.db import models


class History(models.Model):
    """Who wrote which object when, and what it was then."""

    object_id = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=20)
    after = models.JSONField()

    def __str__(self) -> str:
        return f"{self.action} {self.object_id}"
