"""Counting what a Chinese query finds among 200,000 projects: Yulan's index beside a scan with `icontains`.

The scan reads one column per row, the text that the index is made of (code, name, content, pinyin): the cheapest scan
that could give the same answer. The target is for all nine queries together; beside it stand the selective ones, which
find up to a thousand rows, and the broad ones, which find tens of thousands: an index walks through what it finds.

Equal: the numbers found, for every query.
"""

from benchmarks.measure import Comparison, Measure, Side, Work

MODEL = "projects.aidproject"
SELECTIVE = ("门诊楼12345", "龙山白马镇卫生院门诊楼1", "管线199999米", "lsbm", "面积1234平方", "B0012345")
BROAD = ("卫生院", "职业培训中心", "红旗")
SETS = {"all": SELECTIVE + BROAD, "selective": SELECTIVE, "broad": BROAD}


def index(work: Work) -> None:
    """By the index."""
    from yulan.kernel import search

    work.answers |= {query: search.count(MODEL, query) for query in (*SELECTIVE, *BROAD)}
    for name, queries in SETS.items():
        work.repeat(name, lambda queries=queries: [search.count(MODEL, query) for query in queries])


def scan(work: Work) -> None:
    """By icontains."""
    from yulan.kernel.search import SearchDoc

    def count(query: str) -> int:
        return SearchDoc.objects.filter(model=MODEL, haystack__icontains=query).count()

    work.answers |= {query: count(query) for query in (*SELECTIVE, *BROAD)}
    for name, queries in SETS.items():
        work.repeat(name, lambda queries=queries: [count(query) for query in queries], batches=3)


COMPARISON = Comparison(
    "Search, 200,000 records",
    (Side("index", index, "search-200000"), Side("scan", scan, "search-200000")),
    tuple(
        Measure(
            f"{name}: {len(queries)}",
            "ms CPU per query",
            "index",
            name,
            "scan",
            name,
            40 if name == "all" else None,
            scale=1000 / len(queries),
        )
        for name, queries in SETS.items()
    ),
)
