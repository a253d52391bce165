"""Organisations, their tree, pairings and the shipped facts, on the database."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from yulan.kernel.access import SYSTEM, Grant
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import TrailEntry, change_set
from yulan.registry.parties import scopes, services
from yulan.registry.parties.models import Organisation, Pairing
from yulan.registry.parties.tests.makers import make_organisation, make_pairing
from yulan.registry.regions.history import Gazetteer

pytestmark = pytest.mark.django_db

THE_DAY = date(2007, 3, 28)
EIGHT = {"542300", "652900", "532600", "532500", "530800", "533400", "500101", "420506"}


def test_path_is_the_place_in_the_tree():
    city = make_organisation("SH", kind="government")
    office = make_organisation("SH-CCO", parent=city)
    assert (city.path, office.path) == ("SH.", "SH.SH-CCO.")


def test_what_is_under_an_organisation_begins_with_its_path():
    city = make_organisation("SH")
    make_organisation("SHA")  # begins alike, but is not under it
    office = make_organisation("SH-CCO", parent=city)
    found = Organisation.objects.filter(scopes.ORGANISATIONS.rows(Grant("officer", organisation=city.path)))
    assert set(found) == {city, office}


def test_a_branch_moves_whole():
    city, other = make_organisation("SH"), make_organisation("CN")
    office = make_organisation("SH-CCO", parent=city)
    centre = make_organisation("SH-CENTRE", parent=office)
    services.change_organisation(office, by=SYSTEM, parent=other, note="moved")
    centre.refresh_from_db()
    assert (office.path, centre.path, office.note) == ("CN.SH-CCO.", "CN.SH-CCO.SH-CENTRE.", "moved")
    services.change_organisation(office, by=SYSTEM, parent=None)
    centre.refresh_from_db()
    assert centre.path == "SH-CCO.SH-CENTRE."


def test_nothing_is_part_of_itself():
    city = make_organisation("SH")
    office = make_organisation("SH-CCO", parent=city)
    with pytest.raises(ValidationError, match="parent"):
        services.change_organisation(city, by=SYSTEM, parent=office)


def test_the_code_stays():
    with pytest.raises(ValidationError, match="code"):
        services.change_organisation(make_organisation("SH"), by=SYSTEM, code="SHANGHAI")


def test_database_refuses_a_wrong_path():
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(pk=make_organisation("SH").pk).update(path="CN.")


def test_credit_code_is_checked_and_kept_once():
    kept = make_organisation(uscc="9111 0000 6000 37341l")
    assert kept.uscc == "91110000600037341L"
    with pytest.raises(ValidationError, match="uscc"):
        make_organisation(uscc="91110000600037341L")
    with pytest.raises(ValidationError, match="uscc"):
        make_organisation(uscc="91110000600037342L")
    assert make_organisation(uscc="").uscc is make_organisation(uscc="").uscc is None


def test_unknown_region_kind_and_code_are_refused():
    for wrong in ({"region": "999999"}, {"kind": "club"}, {"code": "sh"}):
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            make_organisation(**wrong)


def test_an_organisation_ends_and_is_succeeded():
    old, new = make_organisation("OPAD"), make_organisation("NRRA")
    services.succeed_organisation(old, new, date(2021, 2, 25), by=SYSTEM, reason="reform")
    assert list(Organisation.objects.in_force(date(2021, 2, 24)).filter(code="OPAD")) == [old]
    assert not Organisation.objects.in_force(date(2021, 2, 25)).filter(code="OPAD").exists()
    assert list(new.forerunners.all()) == [old]
    assert timeline(old)[0]["after"] == {"valid_to": "2021-02-25", "successor_id": new.pk}


def test_a_part_does_not_succeed_the_whole():
    whole = make_organisation("SH")
    with pytest.raises(ValidationError, match="successor"):
        services.succeed_organisation(whole, make_organisation("PART", parent=whole), THE_DAY, by=SYSTEM)


def test_dates_in_order_on_the_database_too():
    with pytest.raises(ValidationError):
        make_organisation(valid_from=date(2007, 1, 1), valid_to=date(2007, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(pk=make_organisation().pk).update(
            valid_from=date(2007, 1, 1), valid_to=date(2006, 1, 1)
        )


def test_an_organisation_in_use_stays():
    pairing = make_pairing()
    with pytest.raises(ProtectedError), change_set(by=SYSTEM) as cs:
        cs.remove(pairing.supporter)


def test_pairing_is_in_force_from_a_day_until_another():
    pairing = make_pairing(since=date(2001, 1, 1), valid_to=date(2011, 1, 1))
    days = (date(2000, 12, 31), date(2001, 1, 1), date(2010, 12, 31), date(2011, 1, 1))
    assert [Pairing.objects.in_force(day).filter(pk=pairing.pk).exists() for day in days] == [False, True, True, False]


def test_pairing_is_recorded_once():
    pairing = make_pairing()
    with pytest.raises(ValidationError, match="registered already"):
        make_pairing(supporter=pairing.supporter)
    services.end_pairing(pairing, date(2010, 1, 1), by=SYSTEM)
    assert make_pairing(supporter=pairing.supporter, since=date(2010, 1, 1))


def test_facts_load_once():
    assert services.load_parties(SYSTEM) == {"organisations": 51, "pairings": 25}
    entries = TrailEntry.objects.count()
    assert services.load_parties(SYSTEM) == {"organisations": 0, "pairings": 0}
    assert TrailEntry.objects.count() == entries


def test_eight_pairings_on_the_day_of_the_plan():
    services.load_parties(SYSTEM)
    valid = Pairing.objects.in_force(THE_DAY)
    assert len(valid) == 8
    assert {row.region for row in valid} == EIGHT
    assert {row.supporter.code for row in valid} == {"SH"}
    assert not [row for row in valid if row.unverified or not row.basis or not row.source]
    gazetteer = Gazetteer.load()
    assert all(gazetteer.span(row.region, THE_DAY) for row in valid)
    assert {row.programme for row in valid if row.region.startswith("53")} == {"relief"}


def test_today_s_pairings_stand_beside_and_are_unverified():
    services.load_parties(SYSTEM)
    today = date(2026, 1, 1)
    later = Pairing.objects.filter(valid_from__gt=THE_DAY)
    assert later.count() == 17
    assert all(row.unverified for row in later)
    regions = set(Pairing.objects.in_force(today).values_list("region", flat=True))
    assert {"653125", "632600", "210200", "350400", "542300"} <= regions
    assert "652900" not in regions
    gazetteer = Gazetteer.load()
    assert all(gazetteer.span(row.region, today) for row in later)


def test_offices_of_the_districts_of_2007_and_today():
    services.load_parties(SYSTEM)
    offices = Organisation.objects.filter(kind="cooperation_office").exclude(code="SH-CCO")
    then = {row.region for row in offices.in_force(THE_DAY)}
    assert then == {span.code for span in Gazetteer.load().within("310000", THE_DAY) if span.level == "county"}
    assert len(then) == 19
    assert len(offices.in_force(date(2026, 1, 1))) == 16
    assert offices.get(code="SH-NANHUI").successor.code == "SH-PUDONG"
    assert all(row.path == f"SH.{row.code}." for row in offices)


def test_offices_follow_the_chain_of_successors():
    services.load_parties(SYSTEM)
    office = Organisation.objects.get(code="CN-OPAD")
    assert (office.successor.code, office.successor.successor.code) == ("CN-NRRA", "CN-MARA")


def test_region_scope_reaches_both_codes_of_shigatse():
    services.load_parties(SYSTEM)
    grant = Grant("recipient", regions=Gazetteer.load().prefixes("540200"))
    found = set(Pairing.objects.filter(scopes.PAIRINGS.rows(grant)).values_list("region", flat=True))
    assert {"542300", "540223"} <= found
    assert all(code.startswith("54") for code in found)


@pytest.mark.parametrize(
    ("region", "code"),
    [
        ("542300", "PAIR-01"),
        ("540200", "PAIR-01"),  # the same prefecture under its code of 2014
        ("542322", "PAIR-01"),  # a county in it
        ("540222", "PAIR-01"),  # the same county under its code of 2014
        ("652901", "PAIR-02"),
        ("530800", "PAIR-05"),
        ("500101", "PAIR-07"),
    ],
)
def test_a_pairing_covers_a_territory_under_all_its_codes(region, code):
    services.load_parties(SYSTEM)
    assert [row.code for row in Pairing.objects.in_force(THE_DAY).covering(region)] == [code]


@pytest.mark.parametrize("region", ["533100", "540100", "540000", "310000", "420500"])
def test_other_places_are_not_covered(region):
    services.load_parties(SYSTEM)
    assert not Pairing.objects.in_force(THE_DAY).covering(region)
