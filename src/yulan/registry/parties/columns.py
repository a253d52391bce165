"""What the models of this room share: dated rows, codes, checks as validators."""

import secrets
from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from yulan.kernel.period import in_force
from yulan.kernel.text import _
from yulan.registry.parties import rules


class DatedQuerySet(models.QuerySet[Any, Any]):
    """Rows with `valid_from` and `valid_to`."""

    def in_force(self, on: date) -> Self:
        """Keep the rows in force on a day."""
        return self.filter(in_force(on))


def in_order(name: str) -> models.CheckConstraint:
    """Demand that a row ends after it begins."""
    message = _("The end must come after the beginning.")
    return models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name=name, violation_error_message=message)


def check_code(code: str) -> None:
    """Validate a code."""
    if reason := rules.bad_code(code):
        raise ValidationError(reason)


def check_uscc(number: str) -> None:
    """Validate a unified social credit code."""
    if reason := rules.bad_uscc(number):
        raise ValidationError(reason)


def new_code() -> str:
    """Give a code to a row that nobody names: ten random characters."""
    return secrets.token_hex(5).upper()
