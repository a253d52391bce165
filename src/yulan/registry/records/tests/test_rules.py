"""Codes and the regulation's lifecycle, without a database; and the shipped data as text."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from yulan.kernel.access import SYSTEM
from yulan.kernel.lifecycle import Firing
from yulan.registry.records import rules, services

SHIPPED = tomllib.loads((services.HERE / "dictionaries.toml").read_text("utf-8"))


@pytest.mark.parametrize("code", ["education", "whole_village", "532600", "a1_b2"])
def test_good_codes(code):
    assert rules.bad_code(code) is None


@pytest.mark.parametrize("code", ["", "Education", "a b", "_a", "a__b", "教育", "a-b"])
def test_bad_codes_get_a_reason_with_an_example(code):
    assert "whole_village" in rules.bad_code(code)


def test_only_a_replaced_regulation_is_revised():
    class Regulation:
        class successors:
            exists = staticmethod(lambda: False)

    firing = Firing(SYSTEM, date(2008, 1, 1))
    assert rules.is_replaced(Regulation(), firing)
    Regulation.successors.exists = staticmethod(lambda: True)
    assert rules.is_replaced(Regulation(), firing) is None


def test_a_closed_regulation_has_no_way_out():
    assert rules.REGULATION.is_terminal("revised")
    assert rules.REGULATION.is_terminal("repealed")
    assert {move.name for move in rules.REGULATION.from_state("to_be_revised")} == {"revise", "keep", "repeal"}


@pytest.mark.parametrize("code", SHIPPED)
def test_a_set_has_as_many_members_as_the_plan_states(code):
    entry = SHIPPED[code]
    assert all(entry[key] for key in ("zh", "en", "source"))
    assert len(entry["terms"]) == entry.get("stated", len(entry["terms"]))


@pytest.mark.parametrize("code", SHIPPED)
def test_every_term_has_a_code_and_two_names(code):
    rows = SHIPPED[code]["terms"] + SHIPPED[code].get("extra", [])
    assert all(len(row) in (3, 4) and all(row) for row in rows)
    assert not [row for row in rows if rules.bad_code(row[0])]
    assert len({row[0] for row in rows}) == len({row[1] for row in rows}) == len({row[2] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("delta_topics", 12),  # C12
        ("scheme_6122", 11),  # C13
        ("six_batches", 6),  # C14
        ("five_farm_platforms", 5),
        ("four_specialities", 4),
        ("platforms", 10),
        ("four_prefectures", 4),  # C15
        ("northeast_industries", 8),
        ("association_subjects", 7),
        ("training_kinds", 6),
        ("dispatch_kinds", 7),
        ("talent_systems", 4),
        ("talent_projects", 5),
        ("fund_rules", 5),
        ("outoffice_services", 6),
        ("six_awarenesses", 6),
        ("five_techniques", 5),
        ("fund_sources", 8),
    ],
)
def test_members_are_as_many_as_requirements_count(code, count):
    assert len(SHIPPED[code]["terms"]) == count


def test_parts_of_a_set():
    parts = [row[3] for row in SHIPPED["scheme_6122"]["terms"]]
    assert [parts.count(part) for part in ("base", "destination", "brand", "leading_city")] == [6, 1, 2, 2]
    assert [row[3] for row in SHIPPED["delta_topics"]["terms"]].count("new") == 6


def test_shipped_files_name_no_machine_path():
    for file in Path(services.HERE).glob("*.toml"):
        assert "/work" not in file.read_text("utf-8")
