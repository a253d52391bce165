"""A personal field of a record: ciphertext in the database, masked for readers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from yulan.registry.parties.codec import SealedCodec

    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


HIDDEN = "••••"
"""What any reader sees of a sealed field that is not empty."""


class SealedField(_Text):
    """Text sealed under the key of the record's `subject` (kernel.secrets).

    `kind` says how it is masked; `check` gives the reason why a clear value is refused. The clear value is at most
    500 characters.
    """

    def __init__(
        self, verbose_name: Any = None, *, kind: str, check: Callable[[str], str | None] | None = None, **options: Any
    ) -> None:
        self.kind = kind
        self.check_clear = check
        super().__init__(verbose_name, **options)

    def deconstruct(self) -> Any:
        """Leave the check to the models: it is a rule, not part of the table."""
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "kind": self.kind}

    def codec(self) -> "SealedCodec":
        """Bring the reader and writer of cells."""
        from yulan.registry.parties.codec import SealedCodec

        return SealedCodec(self)
