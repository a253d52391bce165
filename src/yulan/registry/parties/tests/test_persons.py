"""Persons: sealed, masked, found, revealed, erased."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from yulan.kernel import secrets
from yulan.kernel.access import SYSTEM, Actor, Grant, Refused
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import TrailEntry
from yulan.registry.parties import services
from yulan.registry.parties.codec import SealedCodec
from yulan.registry.parties.fields import HIDDEN
from yulan.registry.parties.models import Person
from yulan.registry.parties.persons import verify_erasures
from yulan.registry.parties.tests.makers import (
    make_account,
    make_actor,
    make_identity_number,
    make_organisation,
    make_person,
)

pytestmark = pytest.mark.django_db

NUMBER = "310000190001012031"
STORED = ((Person, "subject"), (secrets.PersonKey, "subject"))
CLEAR = {"identity_number": NUMBER, "phone": "16012345678", "bank": "0000000000012345678", "health": "高血压"}


def test_nothing_clear_reaches_the_database_or_the_trail():
    person = make_person(name="欧阳修", **CLEAR)
    stored = str(Person.objects.filter(pk=person.pk).values().get()) + "".join(
        TrailEntry.objects.values_list("body", flat=True)
    )
    for text in ("欧阳", *CLEAR.values(), NUMBER[6:14]):
        assert text not in stored
    assert str(person) == person.code


def test_masked_forms():
    person = Person.objects.get(pk=make_person(name="王小明", **CLEAR).pk)
    assert person.masked_name == "王**"
    assert person.masked_identity_number == "310***********2031"
    assert person.masked_phone == "160****5678"
    assert person.masked("bank").endswith("5678")
    assert set(person.masked("health")) == {"*"}


def test_a_list_is_unmasked_with_one_query(django_assert_num_queries):
    for serial in range(20):
        make_person(f"P-{serial}", name=f"李{serial}")
    with django_assert_num_queries(2):
        names = [person.masked_name for person in Person.objects.all()]
    assert len(names) == 20
    assert set(names) == {"李*", "李**"}


def test_found_by_whole_values_only():
    person = make_person(name="王小明", **CLEAR)
    make_person(name="王小红")
    assert list(Person.objects.with_name("王小明")) == [person]
    assert list(Person.objects.with_phone("160-1234-5678")) == [person]
    assert list(Person.objects.with_identity_number("310000 19000101 2031")) == [person]
    assert not Person.objects.with_name("王小").exists()


def test_identity_number_is_checked_and_kept_once():
    person = make_person(identity_number=NUMBER)
    with pytest.raises(ValidationError, match="registered already"):
        make_person(identity_number="310000 19000101 2031")
    with pytest.raises(ValidationError, match="check digit"):
        make_person(identity_number="310000190001012032")
    assert make_person().identity_index is make_person().identity_index is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=make_person().pk).update(identity_index=person.identity_index)


def test_an_unknown_personal_field_is_refused():
    with pytest.raises(ValidationError, match="salary"):
        make_person(salary="9000")
    with pytest.raises(ValidationError, match="name"):
        make_person(name="  ")


def test_change_seals_anew_and_leaves_what_is_dotted():
    person = make_person(name="王小明", **CLEAR)
    services.change_person(person, by=SYSTEM, name="王大明", phone=HIDDEN, bank="", title="处长")
    person = Person.objects.get(pk=person.pk)
    assert (person.masked_name, person.masked_phone, person.bank, person.title) == ("王**", "160****5678", "", "处长")
    assert list(Person.objects.with_name("王大明")) == [person]
    assert not Person.objects.with_name("王小明").exists()


def test_every_look_is_in_the_trail():
    person = make_person(**CLEAR)
    officer = make_actor("officer")
    assert services.reveal_field(person, "phone", by=officer, reason="call about the class") == "16012345678"
    entry = timeline(person)[0]
    assert (entry["action"], entry["after"], entry["actor"]) == ("reveal", {"field": "phone"}, officer.name)
    assert entry["reason"] == "call about the class"
    assert "16012345678" not in str(entry)


@pytest.mark.parametrize(
    ("role", "field", "reason", "status"),
    [("officer", "bank", "to pay", 403), ("officer", "health", "to know", 403), ("finance", "bank", "  ", 409)],
)
def test_a_refused_look_leaves_nothing(role, field, reason, status):
    person, actor = make_person(**CLEAR), make_actor(role)
    entries = TrailEntry.objects.count()
    with pytest.raises(Refused) as refused:
        services.reveal_field(person, field, by=actor, reason=reason)
    assert refused.value.status == status
    assert TrailEntry.objects.count() == entries


def test_a_look_needs_the_place_too():
    here, there = make_organisation(), make_organisation()
    person = make_person(organisation=there, **CLEAR)
    with pytest.raises(Refused, match="outside"):
        services.reveal_field(person, "phone", by=make_actor("district", organisation=here), reason="call")
    inside = make_actor("district", organisation=there)
    assert services.reveal_field(person, "phone", by=inside, reason="call") == "16012345678"


def test_only_the_grant_of_the_right_role_opens():
    person = make_person(organisation=make_organisation(region="540200"), **CLEAR)
    actor = Actor("mixed", (Grant("finance", regions=("5326",)), Grant("field", regions=("5402",))))
    assert not services.may_reveal(actor, "bank", person)
    assert services.may_reveal(actor, "phone", person)


def test_people_see_their_own():
    person = make_person(**CLEAR)
    actor = make_account("", "seconded", person=person).actor()
    assert services.reveal_field(person, "bank", by=actor, reason="check my account") == CLEAR["bank"]
    assert not services.may_reveal(actor, "bank", make_person())


def test_erasure_destroys_the_key_and_what_finds_the_person():
    person = make_person(name="王小明", **CLEAR)
    account = make_account("wang", "seconded", person=person)
    token = services.issue_token("wang", by=SYSTEM, label="phone")
    kept, found_by = person.phone, (person.name_index, person.identity_index, person.phone_index)
    services.erase_person(person, by=make_actor("secadmin"), reason="asked by the person")
    person = Person.objects.get(pk=person.pk)
    account.refresh_from_db()
    assert person.erased
    assert not account.is_active
    assert services.actor_of_token(token) is None
    assert person.masked_name == ""
    assert secrets.open_sealed(person.subject, "phone", kept) is None
    assert not Person.objects.with_name("王小明").exists()
    assert not Person.objects.with_identity_number(NUMBER).exists()
    assert make_person(identity_number=NUMBER)
    assert timeline(person)[0]["action"] == "erase"
    told = "".join(TrailEntry.objects.values_list("body", flat=True))
    assert not [index for index in found_by if index in told], "the trail finds nobody who was erased"
    assert verify_erasures() == []
    with pytest.raises(Refused, match="erased"):
        services.change_person(person, by=SYSTEM, name="王")
    with pytest.raises(Refused, match="erased"):
        services.erase_person(person, by=SYSTEM, reason="again")


def test_whom_an_older_database_brings_back_is_erased_again():
    person, other = make_person(name="王小明", **CLEAR), make_person("P-OTHER", name="李四")
    make_account("wang", "seconded", person=person)
    kept = [Model.objects.filter(**{name: person.subject}).values().get() for Model, name in STORED]
    services.erase_person(person, by=SYSTEM, reason="asked by the person")
    assert services.erase_again(by=SYSTEM) == 0
    for (Model, name), row in zip(STORED, kept, strict=True):
        Model.objects.filter(**{name: person.subject}).update(**row)
    assert verify_erasures() == []
    assert Person.objects.with_phone(CLEAR["phone"]).get().masked_name == "王**"
    assert services.erase_again(by=SYSTEM) == 1
    again = Person.objects.get(pk=person.pk)
    assert (again.erased, again.masked_name, again.accounts.get().is_active) == (True, "", False)
    assert not Person.objects.with_phone(CLEAR["phone"]).exists()
    assert Person.objects.with_name("李四").get() == other
    assert verify_erasures() == []


def test_what_an_erasure_has_not_reached_is_told():
    person, other = make_person("P-1", phone=CLEAR["phone"]), make_person("P-2", name="李四")
    index = other.name_index
    services.erase_person(other, by=SYSTEM, reason="asked by the person")
    Person.objects.filter(pk=other.pk).update(name_index=index)
    secrets.erase(person.subject, by="secadmin", reason="asked")
    assert verify_erasures() == ["person P-1: not wholly erased", "person P-2: not wholly erased"]


def test_erasure_needs_the_security_administrator_and_a_reason():
    person = make_person()
    with pytest.raises(Refused):
        services.erase_person(person, by=make_actor("officer"), reason="x")
    with pytest.raises(Refused, match="why"):
        services.erase_person(person, by=SYSTEM, reason="")


def test_many_at_once(django_assert_max_num_queries):
    rows = [
        {"code": f"P-{n}", "name": f"陈{n}", "identity_number": make_identity_number(order=n)} for n in range(1, 601)
    ]
    with django_assert_max_num_queries(60):
        persons = services.register_persons(rows, by=SYSTEM)
    assert Person.objects.count() == 600
    assert Person.objects.with_identity_number(rows[7]["identity_number"]).get() == persons[7]
    assert Person.objects.with_name("陈8").get().masked_name == "陈*"
    assert TrailEntry.objects.filter(model="parties.person").count() == 1


def test_cells_never_hold_the_clear_value():
    codec = Person._meta.get_field("identity_number").codec()
    assert isinstance(codec, SealedCodec)
    person = make_person(identity_number=NUMBER)
    token = person.identity_number
    assert codec.cell(token) == codec.plain(token) == codec.show(token, None) == HIDDEN
    assert codec.cell("") is codec.plain("") is None
    assert codec.parse(NUMBER) == NUMBER
    assert codec.parse(HIDDEN) == HIDDEN
    with pytest.raises(ValueError, match="identity number"):
        codec.parse("12345")
