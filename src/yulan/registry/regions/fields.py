"""A column that names a region by its code, as it was said on the record's date."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

from yulan.kernel.text import _

if TYPE_CHECKING:
    from yulan.registry.regions.codec import RegionCodec

    _Text = models.CharField[str, str]
else:
    _Text = models.CharField


class RegionCodeField(_Text):
    """Six digits of GB/T 2260. ``on`` names the record's date field: names are shown, and read, as of that day.

    Any code that was ever in force is accepted (a record keeps the code of its day); others are refused.
    """

    def __init__(self, *args: Any, on: str = "", **kwargs: Any) -> None:
        kwargs["max_length"] = 6
        self.on = on
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Leave out what every such field has."""
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, {**kwargs, "on": self.on} if self.on else kwargs

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Refuse a code that no region ever had."""
        super().validate(value, model_instance)
        from yulan.registry.regions.selectors import gazetteer

        if value and value not in gazetteer():
            raise ValidationError(_("No region has the code “%(code)s”.") % {"code": value}, code="unknown_region")

    def codec(self) -> "RegionCodec":
        """How imports, forms, pages and the API read and show it."""
        from yulan.registry.regions.codec import RegionCodec

        return RegionCodec(self)
