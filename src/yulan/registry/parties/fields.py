"""Personal fields of a record: ciphertext in the database, masked for readers; and what finds them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from yulan.registry.parties.codec import BlindIndexCodec, SealedCodec

    _Text = models.TextField[str, str]
    _Line = models.CharField[str | None, str | None]
else:
    _Text = models.TextField
    _Line = models.CharField


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


class BlindIndexField(_Line):
    """The blind index of the personal field `of`: 32 hexadecimal digits, by which whole values are found.

    The trail does not keep it: whoever is erased must not be found there either.
    """

    untold = True

    def __init__(self, verbose_name: Any = None, *, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(verbose_name, **options | {"max_length": 32, "editable": False})

    def deconstruct(self) -> Any:
        """Leave out what every such field has."""
        name, path, args, options = super().deconstruct()
        del options["max_length"], options["editable"]
        return name, path, args, {**options, "of": self.of}

    def codec(self) -> "BlindIndexCodec":
        """Bring the reader of filters."""
        from yulan.registry.parties.codec import BlindIndexCodec

        return BlindIndexCodec(self)
