"""Search finds exactly what a scan finds: brute force against the index, on whichever engine the tests run."""

from itertools import pairwise

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from yulan.kernel import search
from yulan.kernel.search import FIELD, SearchDoc, SearchRow, index, matches, normalise, register_synonyms, remove
from yulan.kernel.search import count as count_found

# Few letters, so that the same bigrams come in other orders; two planes beyond the first; folding and widths.
LETTERS = st.sampled_from("文山州中心aAbＡ1 ß\u3000\n\t𠮷\U00100000ﬁéE\u0301-*\"'%_\\:&|!()\x00\x1f\u200b")
TEXTS = st.text(LETTERS, max_size=12)
LONG = st.text(LETTERS, max_size=60)


def find(model: str, q: str) -> set[int]:
    sql, params = matches(model, q).as_sql(None, connection)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM kernel_searchdoc WHERE model = %s AND object_id IN {sql}", [model, *params])
        return {row[0] % 2**40 for row in cursor.fetchall()}


def scan(model: str, q: str) -> set[int]:
    words = normalise(q)[: search.LONGEST_QUERY].split()
    docs = SearchDoc.objects.filter(model=model).values_list("object_id", "haystack")
    return {key for key, haystack in docs if all(word in haystack for word in words)}


class TestExact(TestCase):
    @settings(max_examples=80)
    @given(
        st.lists(st.tuples(st.integers(1, 8), TEXTS, LONG), max_size=20),
        st.lists(st.integers(1, 8), max_size=2),
        st.lists(TEXTS, max_size=6),
        st.data(),
    )
    def test_the_index_finds_what_a_scan_finds(self, rows, gone, queries, data):
        """After inserts, changes and removals; for made-up queries and for pieces of what is there."""
        index([SearchRow("a", key, title, text) for key, title, text in rows])
        index([SearchRow("b", key, text, title) for key, title, text in rows[:3]])
        for key, title, text in rows[3:6]:
            index([SearchRow("a", key, title + "改", text)])
        remove("a", gone)
        pieces = [
            haystack
            for haystack in SearchDoc.objects.order_by("model", "object_id").values_list("haystack", flat=True)
            if haystack
        ]
        for haystack in pieces[:5]:
            start = data.draw(st.integers(0, len(haystack) - 1))
            queries.append(haystack[start : start + data.draw(st.integers(1, 9))])
        queries += [f"{one} {other}" for one, other in pairwise(queries)]
        for q in queries:
            for model in ("a", "b"):
                assert find(model, q) == scan(model, q), q
                assert count_found(model, q) == len(scan(model, q))


@given(LONG, LONG)
def test_folding_twice_is_folding_once_and_leaves_no_separator(one, other):
    folded = normalise(f"{one}{other}")
    assert normalise(folded) == folded
    assert FIELD not in folded


def test_what_a_searcher_does_not_mean_is_folded():
    assert normalise(" ＸＭ２００７\u3000Ｗenshan\x00文\u200b山 ") == "xm2007 wenshan 文山"
    assert normalise("\ue000䶮") == "\ue000䶮"


@pytest.mark.django_db
class TestFound:
    @pytest.fixture(autouse=True)
    def rows(self):
        titles = [
            "文山州中心小学",
            "砚山县卫生院",
            "重庆市万州区移民就业基地",
            "六安茶谷",
            "厦门路小学",
            "XM2007-001 长宁区",
        ]
        index(SearchRow("a", key, title, f"上海市\n第{key}期\nCafé") for key, title in enumerate(titles, 1))

    @pytest.mark.parametrize(
        ("q", "found"),
        [
            ("文山", {1}),
            ("山", {1, 2}),
            ("学", {1, 5}),
            ("小学", {1, 5}),
            ("小学 文山", {1}),
            ("山文", set()),
            ("文山州中心小学", {1}),
            ("ws", {1, 2}),
            ("wsz", {1}),
            ("wenshan", {1}),
            ("WenShan", {1}),
            ("luan", {4}),
            ("chongqing", {3}),
            ("cqs", {3}),
            ("xiamen", {5}),
            ("changning", {6}),
            ("xm2007-001", {6}),
            ("ＸＭ２００７", {6}),
            ("café", {1, 2, 3, 4, 5, 6}),
            ("上海市第", set()),
            ("第3期", {3}),
            ("", {1, 2, 3, 4, 5, 6}),
            ("  ", {1, 2, 3, 4, 5, 6}),
            ('"', set()),
            ("AND OR NOT NEAR", set()),
            ("小学*", set()),
        ],
    )
    def test_queries(self, q, found):
        assert find("a", q) == found

    def test_models_do_not_mix(self):
        index([SearchRow("b", 1, "文山")])
        assert find("b", "文山") == {1}
        remove("b", [1, 2])
        assert find("b", "文山") == set()
        assert find("a", "文山") == {1}
        assert find("never indexed", "文山") == set()

    def test_a_long_or_wide_query_is_answered(self):
        assert find("a", "文山" * 5000) == set()
        assert find("a", " ".join(f"文{n}" for n in range(300))) == set()
        assert find("a", "文山 " * 3000) == {1}
        assert find("a", "".join(f"{chr(0x4E00 + n)} " for n in range(3000))) == set()

    def test_a_long_text_is_indexed_up_to_the_limit(self):
        text = "".join(chr(0x4E00 + n % 20000) for n in range(80_000)) + "终点"
        index([SearchRow("a", 9, "长文", text)])
        assert find("a", text[50_000:50_040]) == {9}
        assert find("a", "终点") == set()

    def test_synonyms_widen_a_query(self):
        known = list(search._synonyms)
        try:
            register_synonyms("对口支援", "对口帮扶", "帮扶")
            register_synonyms("对口支援", "对口帮扶", "帮扶")
            assert len(search._synonyms) == len(known) + 1
            index(
                SearchRow("s", key, title)
                for key, title in enumerate(["对口支援项目", "对口帮扶项目", "帮扶", "支援"], 1)
            )
            assert find("s", "对口支援") == {1, 2, 3}
            assert find("s", "对口帮扶项目") == {1, 2}
            assert find("s", "支援") == {1, 4}
        finally:
            search._synonyms[:] = known


@pytest.mark.django_db
class TestMatches:
    @pytest.fixture(autouse=True)
    def groups(self):
        names = ["砚山县文山路", "文山州", "文山", "上海"]
        made = Group.objects.bulk_create(Group(name=name) for name in names)
        index(
            SearchRow("auth.group", group.pk, group.name, "文山州志" if group.name == "上海" else "") for group in made
        )
        self.keys = {group.name: group.pk for group in made}

    def test_it_filters_a_queryset(self):
        rows = Group.objects.filter(pk__in=matches("auth.group", "ws")).exclude(name="文山")
        assert set(rows.values_list("name", flat=True)) == {"文山州", "砚山县文山路"}
        assert rows.count() == 2
        assert not rows.filter(pk__in=matches("auth.group", "上海")).exists()

    def test_a_new_title_replaces_the_old_one(self):
        key = self.keys["文山"]
        index([SearchRow("auth.group", key, "日喀则"), SearchRow("auth.group", key, "江孜")])
        assert [group.pk for group in Group.objects.filter(pk__in=matches("auth.group", "江孜"))] == [key]
        for gone in ("日喀则", "rikaze"):
            assert not Group.objects.filter(pk__in=matches("auth.group", gone)).exists()
