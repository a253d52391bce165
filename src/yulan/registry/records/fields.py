"""A model field whose value is the code of a term of one dictionary."""

from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage
from django.core.exceptions import ValidationError
from django.db import models

from yulan.kernel.text import _
from yulan.registry.records import terms

if TYPE_CHECKING:
    from yulan.registry.records.codec import TermCodec

    _Text = models.CharField[str, str]
else:
    _Text = models.CharField


def _choices(dictionary: str) -> list[tuple[str, str]]:
    return [(code, str(name)) for code, name in terms.terms_of(dictionary).items()]


class TermField(_Text):
    """The code of a term: `sector = TermField("sectors")`.

    Stored as text of up to 40 characters. Choices, labels (`get_sector_display()`) and validation read the
    dictionary as it is now; a term that has ended stays valid, since records are dated.
    """

    def __init__(self, dictionary: str, verbose_name: Any = None, **options: Any) -> None:
        self.dictionary = dictionary
        options.setdefault("max_length", 40)
        options["choices"] = partial(_choices, dictionary)
        super().__init__(verbose_name, **options)

    def deconstruct(self) -> Any:
        """Leave the terms out of migrations: they are data."""
        name, path, args, options = super().deconstruct()
        options.pop("choices", None)
        options["dictionary"] = self.dictionary
        return name, path, args, options

    def codec(self) -> "TermCodec":
        """How imports, forms, pages and the API read and show it."""
        from yulan.registry.records.codec import TermCodec

        return TermCodec(self)

    def _check_choices(self) -> list[CheckMessage]:
        """Ask nothing of the database while Django checks itself."""
        return []

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Refuse a code that is no term of the dictionary, naming those that are."""
        known = terms.terms_of(self.dictionary)
        if value in known or (self.blank and value in self.empty_values):
            return
        if value in self.empty_values:
            raise ValidationError(self.error_messages["blank"], code="blank")
        raise ValidationError(
            _("“%(value)s” is no term of “%(dictionary)s”. Use one of: %(terms)s."),
            code="invalid_choice",
            params={
                "value": value,
                "dictionary": terms.name_of(self.dictionary),
                "terms": ", ".join(known) or _("(the dictionary is empty; load the shipped dictionaries)"),
            },
        )
