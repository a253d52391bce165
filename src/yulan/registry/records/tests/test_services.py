"""Dictionaries and regulations on the database."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from yulan.kernel.access import SYSTEM, Actor, Grant, Refused
from yulan.kernel.firing import fire
from yulan.kernel.trail import TrailEntry, change_set
from yulan.registry.records import rules, services, terms
from yulan.registry.records.fields import TermField
from yulan.registry.records.models import Dictionary, Regulation, Term

pytestmark = pytest.mark.django_db

OFFICER = Actor("wang", (Grant("officer"),))


@pytest.fixture(autouse=True)
def nothing_kept():
    terms.forget()
    yield
    terms.forget()


def make_dictionary(code="colours", **terms_):
    made = services.add_dictionary(code, "颜色", "Colours", by=SYSTEM)
    for term, (zh, en) in terms_.items():
        services.add_term(made, term, zh, en, by=SYSTEM)
    return made


def make_regulation(code="REG-90", **fields):
    with change_set(by=SYSTEM) as cs:
        return cs.create(Regulation(code=code, title="某办法", **fields))


def test_all_sets_and_nineteen_regulations_load_once():
    first = services.load_records(SYSTEM)
    assert first["dictionaries"] == Dictionary.objects.count() == 48
    assert first["terms"] == Term.objects.count()
    assert first["regulations"] == Regulation.objects.count() == 19
    entries = TrailEntry.objects.count()
    assert services.load_records(SYSTEM) == {"dictionaries": 0, "terms": 0, "regulations": 0}
    assert TrailEntry.objects.count() == entries


def test_what_is_shipped_passes_its_own_checks():
    services.load_records(SYSTEM)
    for model in (Dictionary, Regulation):
        for row in model.objects.all():
            row.full_clean()
    for row in Term.objects.filter(dictionary__code__in=("delta_topics", "four_specialities", "sectors")):
        row.full_clean()


def test_loading_keeps_what_people_changed():
    services.load_records(SYSTEM)
    term = Term.objects.get(dictionary__code="sectors", code="culture")
    services.rename_term(term, "文体", "Culture and sports", by=OFFICER)
    services.load_records(SYSTEM)
    term.refresh_from_db()
    assert term.name_zh == "文体"


def test_three_regulations_are_to_be_revised():
    services.load_records(SYSTEM)
    marked = Regulation.objects.filter(status="to_be_revised")
    assert {row.code for row in marked} == {"REG-04", "REG-05", "REG-18"}
    assert Regulation.objects.exclude(doc_no="").count() == 8


def test_members_counted_and_not_counted():
    services.load_records(SYSTEM)
    for dictionary in Dictionary.objects.exclude(stated=None):
        assert dictionary.terms.filter(extra=False).count() == dictionary.stated
    assert Term.objects.get(extra=True).name_zh == "茶叶"


def test_a_number_is_registered_once_but_may_be_missing():
    make_regulation(doc_no="沪府发〔2001〕43号")
    make_regulation("REG-91")
    make_regulation("REG-92")
    with pytest.raises(ValidationError, match="registered already"):
        make_regulation("REG-93", doc_no="沪府发〔2001〕43号")


def test_regulation_goes_its_way():
    def move(row, name, **more):
        return fire(row, name, by=OFFICER, lifecycle=rules.REGULATION, covers=lambda *_: True, **more)

    old = make_regulation()
    with pytest.raises(Refused, match="opinion"):
        move(old, "mark")
    old = move(old, "mark", opinion="clause 四(二)")
    with pytest.raises(Refused) as refused:
        move(old, "revise")
    assert refused.value.status == 409
    make_regulation("REG-91", replaces=old)
    assert move(old, "revise").status == "revised"


def test_terms_have_dates():
    colours = make_dictionary(red=("红", "Red"), blue=("蓝", "Blue"))
    services.end_term(colours.terms.get(code="red"), date(2008, 1, 1), by=OFFICER)
    assert [t.code for t in Term.objects.in_force(date(2007, 12, 31))] == ["red", "blue"]
    assert [t.code for t in Term.objects.in_force(date(2008, 1, 1))] == ["blue"]


def test_a_term_is_in_a_dictionary_once_on_the_database_too():
    colours = make_dictionary(red=("红", "Red"))
    with pytest.raises(ValidationError):
        services.add_term(colours, "red", "赤", "Crimson", by=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic(), change_set(by=SYSTEM) as cs:
        cs.insert_many(Term, [Term(key="x", dictionary=colours, code="red", name_zh="赤", name_en="Crimson")])


def test_field_offers_terms_in_the_reader_s_language():
    make_dictionary(red=("红", "Red"))
    field = TermField("colours")
    with translation.override("zh-hans"):
        assert list(field.choices) == [("red", "红")]
    with translation.override("en"):
        assert list(field.choices) == [("red", "Red")]
        assert terms.label("colours", "red") == "Red"
        assert terms.label("colours", "gone") == "gone"


def test_field_sees_a_change_at_once():
    colours = make_dictionary(red=("红", "Red"))
    field = TermField("colours")
    with pytest.raises(ValidationError, match="Use one of: red"), translation.override("en"):
        field.clean("blue", None)
    services.add_term(colours, "blue", "蓝", "Blue", by=SYSTEM)
    assert field.clean("blue", None) == "blue"


def test_field_sees_a_change_of_another_process(monkeypatch):
    colours = make_dictionary(red=("红", "Red"))
    field = TermField("colours")
    assert [code for code, _ in field.choices] == ["red"]
    with change_set(by=SYSTEM) as cs:  # as another process would: nothing is told to this one
        cs.create(Term(dictionary=colours, code="blue", name_zh="蓝", name_en="Blue", order=2))
    assert [code for code, _ in field.choices] == ["red"]
    monkeypatch.setattr(terms, "RECHECK", 0.0)
    assert [code for code, _ in field.choices] == ["red", "blue"]


def test_field_asks_the_database_once(django_assert_num_queries):
    make_dictionary(red=("红", "Red"))
    terms.forget()
    field = TermField("colours")
    with django_assert_num_queries(3):
        for _ in range(50):
            assert field.clean("red", None)


def test_blank_is_refused_unless_allowed():
    make_dictionary(red=("红", "Red"))
    with pytest.raises(ValidationError):
        TermField("colours").clean("", None)
    assert TermField("colours", blank=True).clean("", None) == ""


def test_migrations_do_not_hold_the_terms():
    _, path, args, options = TermField("colours", "Colour").deconstruct()
    assert path == "yulan.registry.records.fields.TermField"
    assert (args, options["dictionary"]) == ([], "colours")
    assert "choices" not in options


def test_cells_hold_the_name_in_either_language_or_the_code():
    colours = make_dictionary(red=("红", "Red"))
    codec = TermField("colours").codec()
    assert [codec.parse(cell) for cell in ("红", "Red", "red", " 红 ")] == ["red"] * 4
    with pytest.raises(ValueError, match="蓝"):
        codec.parse("蓝")
    services.add_term(colours, "blue", "蓝", "Blue", by=SYSTEM)
    assert codec.parse("蓝") == "blue"
    with translation.override("zh-hans"):
        assert codec.cell("blue") == "蓝"
        assert codec.options() == [("red", "红"), ("blue", "蓝")]
