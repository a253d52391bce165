"""Persons: sealed under a key each, found by blind indexes, shown masked."""

from typing import Any

from django.db import models
from django.db.models import Q

from yulan.kernel import secrets
from yulan.kernel.records import Record
from yulan.kernel.text import Text, _
from yulan.registry.parties import rules
from yulan.registry.parties.columns import check_code
from yulan.registry.parties.fields import BlindIndexField, SealedField


class PersonQuerySet(models.QuerySet["Person", Any]):
    """Persons; those fetched together are unmasked together."""

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh:
            batch = [found for found in self._result_cache or () if isinstance(found, Person)]
            for person in batch:
                person._batch = batch

    def with_name(self, name: str) -> "PersonQuerySet":
        """Find persons by their whole name."""
        return self.filter(name_index=secrets.blind_index("name", name))

    def with_identity_number(self, number: str) -> "PersonQuerySet":
        """Find the person with an identity number."""
        return self.filter(identity_index=secrets.blind_index("identity_number", number))

    def with_phone(self, phone: str) -> "PersonQuerySet":
        """Find persons by phone."""
        return self.filter(phone_index=secrets.blind_index("phone", phone))


def _masked(field: str) -> property:
    """Make the property that gives a personal field masked, under the field's label."""

    def read(person: "Person") -> str:
        return person.masked(field)

    read.label: Text = rules.PERSONAL_FIELDS[field]  # type: ignore[attr-defined, misc]
    return property(read)


class Person(Record):
    """Somebody, whose personal fields are sealed under a key of their own (`subject`) and shown masked.

    The clear value is given only by `services.reveal_field`, which leaves a trail entry. An erased person's key is
    destroyed: the row stays, nobody can read it.
    """

    code = models.CharField(_("Code"), max_length=30, unique=True, validators=[check_code])
    subject = models.CharField(max_length=100, unique=True, editable=False, default=secrets.new_subject)
    name = SealedField(_("Name"), kind="name")
    name_index = BlindIndexField(_("Name"), of="name", blank=True, db_index=True)
    identity_number = SealedField(_("Identity number"), kind="identity", blank=True, check=rules.bad_identity_number)
    identity_index = BlindIndexField(_("Identity number"), of="identity_number", null=True, blank=True, unique=True)
    phone = SealedField(_("Phone"), kind="phone", blank=True)
    phone_index = BlindIndexField(_("Phone"), of="phone", blank=True, db_index=True)
    bank = SealedField(_("Bank account"), kind="bank", blank=True)
    health = SealedField(_("Health"), kind="health", blank=True)
    organisation = models.ForeignKey(
        "parties.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="persons",
        verbose_name=_("Organisation"),
    )
    title = models.CharField(_("Title"), max_length=60, blank=True)
    erased = models.BooleanField(_("Erased"), default=False, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("Person")
        verbose_name_plural = _("Persons")

    _batch: list["Person"]
    _masks: dict[str, str]

    def masked(self, field: str) -> str:
        """Give a personal field masked; "" when it is empty or the person was erased."""
        if not hasattr(self, "_masks"):
            _mask_together(getattr(self, "_batch", None) or [self])
        return self._masks[field]

    masked_name = _masked("name")
    masked_identity_number = _masked("identity_number")
    masked_phone = _masked("phone")
    masked_bank = _masked("bank")
    masked_health = _masked("health")

    def __str__(self) -> str:
        return self.code


def _mask_together(persons: list[Person]) -> None:
    """Open and mask the personal fields of persons with one query per five hundred."""
    items = [(person.subject, field, getattr(person, field)) for person in persons for field in rules.PERSONAL_FIELDS]
    opened = iter(secrets.open_all(items))
    for person in persons:
        person._masks = {
            field: secrets.mask(person._meta.get_field(field).kind, next(opened) or "")  # type: ignore[union-attr]
            for field in rules.PERSONAL_FIELDS
        }


def verify_erasures() -> list[str]:
    """Say whom an erasure has not wholly reached: a key or an index is left, or the record is still open."""
    gone = Q(subject__in=secrets.PersonKey.objects.filter(wrapped=None).values("subject"))
    indexed = Q(name_index__gt="") | Q(identity_index__gt="") | Q(phone_index__gt="")
    rows = Person.objects.filter(Q(erased=True) & (~gone | indexed) | Q(erased=False) & gone)
    return [f"person {code}: not wholly erased" for code in rows.values_list("code", flat=True)]
