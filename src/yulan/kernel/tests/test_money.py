"""Money: reading, showing, capital numerals, shares."""

import re
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction
from django.test.utils import isolate_apps
from hypothesis import given, settings
from hypothesis import strategies as st

from yulan.kernel.money import MoneyField, capital, fen, fen_of_cell, fen_of_cells, shares, show_money, wan, yi, yuan

AMOUNTS = st.integers(-(2**63) + 1, 2**63 - 1)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("0", "元", 0),
        ("123.45", "元", 12345),
        ("１２３．４５", "元", 12345),
        ("￥1,234.56", "元", 123456),
        ("－５０", "元", -5000),
        ("-¥50", "元", -5000),
        ("−1.5", "元", -150),
        ("4.13", "亿元", 41_300_000_000),
        ("174.82亿元", "元", 1_748_200_000_000),
        (" 6000 万元 ", "元", 6_000_000_000),
        ("0.000001", "万元", 1),
        (7, "万元", 7_000_000),
        (7, "fen", 7),
        (Decimal("1.6"), "亿元", 16_000_000_000),
        (Decimal("1E+3"), "元", 100_000),
        (Decimal("0E+99"), "元", 0),
        ("1841.7", "亿元", 18_417_000_000_000),
        ("92233720368547758.07", "元", 2**63 - 1),
    ],
)
def test_an_amount_is_read_exactly(value, unit, expected):
    assert fen(value, unit) == expected


@pytest.mark.parametrize(
    ("value", "unit", "reason"),
    [
        (1.5, "元", "not an exact amount"),
        (True, "元", "not an exact amount"),
        (None, "元", "not an exact amount"),
        ("", "元", "is not an amount"),
        ("1,23", "元", "is not an amount"),
        ("1,234,5", "元", "is not an amount"),
        ("12.", "元", "is not an amount"),
        ("5²", "元", "is not an amount"),
        ("١٢", "元", "is not an amount"),
        ("1e5", "元", "is not an amount"),
        ("NaN", "元", "is not an amount"),
        ("约100", "元", "is not an amount"),
        ("=1+1", "元", "is not an amount"),
        ("9" * 10_000, "元", "is not an amount"),
        ("0.001", "元", "at most 2 decimals"),
        ("1.2345678", "万元", "at most 6 decimals"),
        (Decimal("NaN"), "元", "is not an amount"),
        (Decimal("Infinity"), "元", "is not an amount"),
        (Decimal("1E+999999"), "元", "out of range"),
        (Decimal("1E-999999"), "元", "out of range"),
        ("92233720368547758.08", "元", "too large"),
        ("1", "美元", "unknown unit"),
    ],
)
def test_an_inexact_or_unreadable_amount_is_refused(value, unit, reason):
    with pytest.raises(ValueError, match=reason):
        fen(value, unit)


CELLS = st.one_of(
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, max_value=10**13, min_value=-(10**13)).map(float),
    st.decimals(allow_nan=False, allow_infinity=False, places=10, max_value=10**5, min_value=0).map(float),
)


@settings(max_examples=1000)
@given(CELLS, st.sampled_from(["fen", "元", "万元", "亿元"]))
def test_the_number_of_a_cell_is_its_shortest_decimal(number, unit):
    try:
        expected = fen(Decimal(repr(number)), unit)
    except ValueError:
        with pytest.raises(ValueError, match=r"amount|out of range|at most|too large"):
            fen_of_cell(number, unit)
    else:
        assert fen_of_cell(number, unit) == expected
        assert fen_of_cells([None, number], unit) in (([None, expected], []), ([None, None], [1]))


def test_the_plain_numbers_of_a_column_are_read_at_once():
    assert fen_of_cells([1.1, None, 0.0, 3], "万元") == ([1_100_000, None, 0, 3_000_000], [])
    odd = [-0.01, 0.001, 1e14, float("nan"), float("inf"), "3", True]
    assert fen_of_cells([1.0, *odd, 2], "元") == ([100, *[None] * 7, 200], list(range(1, 8)))
    assert fen_of_cells([1.0, None], "美元") == ([None, None], [0])


@given(AMOUNTS, st.sampled_from(["fen", "元", "万元", "亿元"]))
def test_shown_and_read_again_is_the_same(amount, unit):
    assert fen(show_money(amount, unit), unit) == amount


@given(AMOUNTS)
def test_the_three_units_agree(amount):
    assert yuan(amount) * 100 == wan(amount) * 10**6 == yi(amount) * 10**10 == amount


@pytest.mark.parametrize(
    ("amount", "unit", "decimals", "expected"),
    [
        (123456, "元", None, "1,234.56"),
        (-123456, "元", None, "-1,234.56"),
        (100, "元", None, "1.00"),
        (41_300_000_000, "亿元", None, "4.13"),
        (41_300_000_000, "万元", None, "41,300"),
        (41_300_000_000, "万元", 2, "41,300.00"),
        (50_000, "万元", 1, "0.1"),
        (49_999, "万元", 1, "0.0"),
        (-49_999, "万元", 1, "0.0"),
        (-50_000, "万元", 1, "-0.1"),
        (12345, "fen", None, "12,345"),
        (250, "元", 0, "3"),
        (0, "亿元", None, "0"),
        (2**63 - 1, "元", None, "92,233,720,368,547,758.07"),
    ],
)
def test_an_amount_is_shown(amount, unit, decimals, expected):
    assert show_money(amount, unit, decimals=decimals) == expected


# The first seven are the annex's own examples (first wording where it allows two); the rest were written out by hand.
CAPITALS = """
1,409.50 壹仟肆佰零玖元伍角
6,007.14 陆仟零柒元壹角肆分
1,680.32 壹仟陆佰捌拾元零叁角贰分
107,000.53 壹拾万柒仟元零伍角叁分
16,409.02 壹万陆仟肆佰零玖元零贰分
325.04 叁佰贰拾伍元零肆分
1.00 壹元整
0.00 零元整
0.01 壹分
0.09 玖分
0.10 壹角
0.90 玖角
0.11 壹角壹分
0.99 玖角玖分
1.01 壹元零壹分
1.10 壹元壹角
1.11 壹元壹角壹分
9.00 玖元整
10.00 壹拾元整
10.01 壹拾元零壹分
10.10 壹拾元零壹角
10.11 壹拾元零壹角壹分
11.00 壹拾壹元整
15.60 壹拾伍元陆角
20.00 贰拾元整
21.30 贰拾壹元叁角
99.99 玖拾玖元玖角玖分
100.00 壹佰元整
100.05 壹佰元零伍分
100.50 壹佰元零伍角
101.00 壹佰零壹元整
101.50 壹佰零壹元伍角
110.00 壹佰壹拾元整
110.50 壹佰壹拾元零伍角
123.45 壹佰贰拾叁元肆角伍分
1,000.00 壹仟元整
1,001.00 壹仟零壹元整
1,010.00 壹仟零壹拾元整
1,011.00 壹仟零壹拾壹元整
1,100.00 壹仟壹佰元整
1,101.00 壹仟壹佰零壹元整
1,110.00 壹仟壹佰壹拾元整
5,432.10 伍仟肆佰叁拾贰元壹角
10,000.00 壹万元整
10,001.00 壹万零壹元整
10,010.00 壹万零壹拾元整
10,100.00 壹万零壹佰元整
11,000.00 壹万壹仟元整
20,020.02 贰万零贰拾元零贰分
50,607.08 伍万零陆佰零柒元零捌分
100,000.00 壹拾万元整
100,500.00 壹拾万零伍佰元整
105,000.00 壹拾万伍仟元整
150,000.00 壹拾伍万元整
1,000,000.00 壹佰万元整
1,000,001.00 壹佰万零壹元整
1,005,000.00 壹佰万伍仟元整
1,050,000.00 壹佰零伍万元整
3,070,400.05 叁佰零柒万零肆佰元零伍分
10,000,000.00 壹仟万元整
10,010,000.00 壹仟零壹万元整
10,001,000.00 壹仟万壹仟元整
60,000,000.00 陆仟万元整
75,190,000.00 柒仟伍佰壹拾玖万元整
100,000,000.00 壹亿元整
100,000,001.00 壹亿零壹元整
100,005,000.00 壹亿零伍仟元整
100,100,000.00 壹亿零壹拾万元整
110,000,000.00 壹亿壹仟万元整
125,000,000.00 壹亿贰仟伍佰万元整
160,000,000.00 壹亿陆仟万元整
413,000,000.00 肆亿壹仟叁佰万元整
1,000,005,000.00 壹拾亿零伍仟元整
1,010,000,000.00 壹拾亿壹仟万元整
1,127,000,000.00 壹拾壹亿贰仟柒佰万元整
17,482,000,000.00 壹佰柒拾肆亿捌仟贰佰万元整
30,700,000,000.00 叁佰零柒亿元整
184,170,000,000.00 壹仟捌佰肆拾壹亿柒仟万元整
1,000,000,000,000.00 壹万亿元整
1,000,200,000,000.00 壹万零贰亿元整
9,999,999,999,999,999.99 玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分
-12.30 负壹拾贰元叁角
"""
GOLDEN = [tuple(line.split()) for line in CAPITALS.strip().splitlines()]


def test_the_golden_table_is_large_enough():
    assert len(set(GOLDEN)) >= 60


@pytest.mark.parametrize(("amount", "words"), GOLDEN)
def test_capital_numerals(amount, words):
    assert capital(fen(amount)) == words


def read_capital(words: str) -> int:
    """Read capital numerals by position, knowing nothing of how they are written."""
    sign, words = (-1, words[1:]) if words[0] == "负" else (1, words)
    whole, _yuan, rest = words.rpartition("元")
    total = section = digit = 0
    for char in whole:
        if char in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(char)
        elif char in "拾佰仟":
            section += digit * 10 ** ("拾佰仟".index(char) + 1)
            digit = 0
        elif char == "万":
            total += (section + digit) * 10**4
            section = digit = 0
        else:
            assert char == "亿"
            total = (total + section + digit) * 10**8
            section = digit = 0
    cents = re.fullmatch(r"整|零?(?:(.)角)?(?:(.)分)?", rest)
    assert cents, rest
    jiao, last = ("零壹贰叁肆伍陆柒捌玖".index(c or "零") for c in cents.groups())
    return sign * ((total + section + digit) * 100 + jiao * 10 + last)


@given(st.one_of(st.integers(-(10**18) + 1, 10**18 - 1), st.integers(0, 10**9), st.integers(0, 10**5)))
def test_capital_numerals_read_back(amount):
    words = capital(amount)
    assert read_capital(words) == amount
    assert "零零" not in words
    assert words.endswith("整") == (amount % 100 == 0)


def test_beyond_the_settled_wording_is_refused():
    with pytest.raises(ValueError, match="no wording"):
        capital(10**18)


def test_shares_of_the_four_areas_add_to_one_hundred():
    parts = [fen(text, "亿元") for text in ("4.13", "1.6", "4.29", "1.25")]
    assert [str(share) for share in shares(parts)] == ["36.65", "14.20", "38.06", "11.09"]
    assert sum(shares(parts)) == 100
    assert [str(share) for share in shares(parts, decimals=0)] == ["37", "14", "38", "11"]


def test_shares_of_nothing_and_of_debt():
    assert shares([]) == []
    assert [str(share) for share in shares([0, 0])] == ["0.00", "0.00"]
    with pytest.raises(ValueError, match="negative"):
        shares([1, -1])


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=40).filter(any), st.integers(0, 6))
def test_shares_always_add_up_and_stay_within_one_step(parts, decimals):
    given_out = shares(parts, decimals)
    step = Decimal(1).scaleb(-decimals)
    assert sum(given_out) == 100
    assert all(abs(got - Decimal(part) * 100 / sum(parts)) < step for got, part in zip(given_out, parts, strict=True))


@pytest.fixture(scope="module")
@isolate_apps("yulan.kernel")
def budget():
    class Budget(models.Model):
        granted = MoneyField()
        balance = MoneyField(signed=True, default=0)

        class Meta:
            app_label = "kernel"

        def __str__(self):
            return str(self.granted)

    return Budget


def test_a_money_field_refuses_what_is_not_whole_fen(budget):
    for wrong in (1.5, Decimal("1.5"), True, "1.5", "壹"):
        with pytest.raises(ValidationError):
            budget(granted=wrong).full_clean()
    with pytest.raises(ValidationError, match="0"):
        budget(granted=-1).full_clean()
    budget(granted=0, balance=-1).full_clean()


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_a_negative_or_broken_amount(budget):
    with connection.schema_editor() as editor:
        editor.create_model(budget)
    budget.objects.create(granted=2**62, balance=-(2**62))
    assert budget.objects.aggregate(total=models.Sum("granted")) == {"total": 2**62}
    for wrong in (1.5, Decimal(2)):
        with pytest.raises(TypeError, match="whole fen"):
            budget.objects.create(granted=wrong)
    for column, wrong in (("granted", "-1"), ("granted", "'1.5'"), ("balance", "'1.5'")):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE kernel_budget SET {column} = {wrong}")
    assert budget.objects.get().granted == 2**62
    with connection.schema_editor() as editor:
        editor.delete_model(budget)


def test_a_migration_says_only_what_differs(budget):
    granted, balance = budget._meta.get_field("granted"), budget._meta.get_field("balance")
    assert granted.deconstruct()[1:] == ("yulan.kernel.money.MoneyField", [], {})
    assert balance.deconstruct()[3] == {"signed": True, "default": 0}
    assert len(granted.clone().validators) == len(granted.validators)
