"""Roles, exclusions and numbers, without a database."""

from datetime import date

import pytest
from django.utils import translation

from yulan.kernel.access import Allowed, Denied
from yulan.registry.parties import rules


def test_sixteen_rows_and_two_of_several_accounts():
    rows = [role.row for role in rules.ROLES]
    assert sorted(set(rows)) == list(range(1, 17))
    assert rows == sorted(rows)
    assert {row: rows.count(row) for row in (8, 16)} == {8: 2, 16: 3}
    assert len(rules.ROLE) == len(rules.ROLES) == 19


def test_every_role_is_complete():
    for role in rules.ROLES:
        assert all((role.code, str(role.label), str(role.daily), role.landing.startswith("/")))
        assert set(role.channels) <= set(rules.CHANNELS)


def test_a_role_sees_only_its_channels():
    assert rules.channels_of(["officer"]) == rules.CHANNELS
    assert rules.channels_of(["finance"]) == ("todo", "projects", "funds", "reports")
    assert rules.channels_of(["doctor", "finance"]) == ("todo", "projects", "funds", "platforms", "reports")
    assert rules.channels_of([]) == rules.channels_of(["citizen", "stranger"]) == ()


def test_landing_page_is_that_of_the_foremost_role():
    assert rules.landing_of({"finance", "head"}) == "/sign"
    assert rules.landing_of(set()) == "/"


@pytest.mark.parametrize(
    ("held", "new"),
    [
        ({"auditor"}, "evaluator"),
        ({"evaluator"}, "auditor"),
        ({"sysadmin"}, "secadmin"),
        ({"secadmin", "officer"}, "auditadmin"),
        ({"auditadmin"}, "sysadmin"),
    ],
)
def test_exclusive_roles_are_refused_with_their_names(held, new):
    with translation.override("en"):
        reason = rules.conflicting_roles(held, new)
    assert str(rules.ROLE[new].label) in reason
    assert "never be in one hand" in reason


@pytest.mark.parametrize(
    ("held", "new"),
    [(set(), "auditor"), ({"auditor"}, "auditor"), ({"officer", "head"}, "finance"), ({"sysadmin"}, "officer")],
)
def test_other_roles_go_together(held, new):
    assert rules.conflicting_roles(held, new) is None


def test_exclusions_are_mutual():
    for pair in rules.EXCLUSIVE:
        one, other = pair
        assert other in rules.exclusive_with(one)
        assert one in rules.exclusive_with(other)
    assert rules.exclusive_with("officer") == ()


@pytest.mark.parametrize("number", ["91110000600037341L", "9111 0000 6000 37341l"])
def test_right_credit_codes(number):
    assert rules.bad_uscc(number) is None
    assert rules.tidy_number(number) == "91110000600037341L"


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("91110000600037342L", "check digit"),
        ("9111000060003734", "18 characters"),
        ("A1110000600037341L", "does not belong"),
        ("91110000600037341I", "does not belong"),
        ("", "18 characters"),
    ],
)
def test_wrong_credit_codes_say_why(number, why):
    with translation.override("en"):
        assert why in rules.bad_uscc(number)


@pytest.mark.parametrize("number", ["310000190001010079", "11010519491231002X", "11010519491231002x"])
def test_right_identity_numbers(number):
    assert rules.bad_identity_number(number) is None


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("310000190001010072", "check digit"),
        ("31000019000101007", "18 characters"),
        ("310000190013010076", "date of birth"),
        ("3100001900010100A1", "does not belong"),
    ],
)
def test_wrong_identity_numbers_say_why(number, why):
    with translation.override("en"):
        assert why in rules.bad_identity_number(number)


@pytest.mark.parametrize("code", ["SH", "SH-CCO", "CN-5423-A1"])
def test_organisation_codes(code):
    assert rules.bad_code(code) is None


@pytest.mark.parametrize("code", ["", "sh", "SH CCO", "SH.CCO", "SH-", "SH%", "上海"])
def test_other_codes_are_refused(code):
    assert "SH-CCO" in rules.bad_code(code)


def test_paths():
    assert rules.path_of("", "SH") == "SH."
    assert rules.path_of("SH.", "SH-CCO") == "SH.SH-CCO."


def test_dates_in_order():
    assert rules.backwards(date(2007, 1, 1), date(2007, 1, 1))
    assert rules.backwards(date(2007, 1, 1), date(2007, 1, 2)) is None
    assert rules.backwards(date(2007, 1, 1), None) is rules.backwards(None, date(2007, 1, 1)) is None


@pytest.mark.parametrize(
    ("roles", "field", "allowed"),
    [
        (["finance"], "bank", True),
        (["officer"], "bank", False),
        (["doctor"], "health", True),
        (["head", "auditor"], "health", False),
        (["auditor"], "identity_number", True),
        (["citizen"], "name", False),
        (["sysadmin"], "name", False),
    ],
)
def test_who_sees_clear_values(roles, field, allowed):
    verdict = rules.may_reveal(roles, field)
    assert isinstance(verdict, Allowed if allowed else Denied)


def test_every_personal_field_has_somebody_who_sees_it():
    assert rules.REVEALERS.keys() == rules.PERSONAL_FIELDS.keys()
    assert all(roles and roles <= rules.ROLE.keys() for roles in rules.REVEALERS.values())
