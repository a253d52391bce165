"""Full-text search that finds what a substring scan finds, in Chinese and Latin script, at index speed.

The haystack of a record is its normalised title, each line of its text and the pinyin of its title, joined by a
character that no query can hold. At every place of it begins one gram: two characters, or four in a run of Latin
letters and digits, whose pairs are too common; a gram ends with the first character after such a run. SQLite
(FTS5) looks up a word as a phrase of grams, which is exact; PostgreSQL (tsvector) looks up their set and checks
the haystacks found, because positions in a tsvector end at 16,383. Less than a gram is looked up as a prefix.
A query's words must all occur, anywhere.
"""

import re
import string
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from operator import add
from typing import Any, NamedTuple

from django.db import connection, migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.expressions import Expression

from yulan.kernel.pinyin import readings

FIELD = "\u2028"  # between fields; normalise() leaves none in a query
LONGEST = 60_000  # characters of a haystack that are indexed; a tsvector holds 1 MB
LONGEST_QUERY = 200  # characters of a query that are looked for
_OBJECTS = 40  # bits of a document's id that are the object's id; above them the model's number
_RUNS = re.compile("([a-z0-9]+)")  # characters whose pairs are too common to find much by
_BREAK = "\n"  # between grams: neither a haystack nor a query has one
_STEP = 500

_TOKENIZER = "ascii tokenchars '{}'".format((string.punctuation + " ").replace("'", "''"))
SQLITE_DDL = (
    "CREATE VIRTUAL TABLE kernel_searchfts USING fts5(grams, content='', columnsize=0, "
    f"""tokenize='{_TOKENIZER.replace("'", "''")}')""",
    "INSERT INTO kernel_searchfts (kernel_searchfts, rank) VALUES ('hashsize', 16777216)",
)
POSTGRES_DDL = (
    "ALTER TABLE kernel_searchdoc ADD COLUMN grams tsvector NOT NULL",
    "CREATE INDEX kernel_searchdoc_grams ON kernel_searchdoc USING gin (grams)",
)


def install_search() -> migrations.RunSQL | migrations.RunPython:
    """Give the migration step that makes the index beside the tables, on both engines."""

    def forwards(_apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        for statement in POSTGRES_DDL if editor.connection.vendor == "postgresql" else SQLITE_DDL:
            editor.execute(statement, None)

    def backwards(_apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        postgres = editor.connection.vendor == "postgresql"
        undo = "ALTER TABLE kernel_searchdoc DROP COLUMN grams" if postgres else "DROP TABLE kernel_searchfts"
        editor.execute(undo, None)

    return migrations.RunPython(forwards, backwards)


class SearchModel(models.Model):
    """The number of a model, which is the upper part of its documents' ids."""

    label = models.CharField(max_length=80, unique=True)

    class Meta:
        app_label = "kernel"

    def __str__(self) -> str:
        return self.label


class SearchDoc(models.Model):
    """What one record is found by. `id` is made of the model's number and the record's id."""

    id = models.BigIntegerField(primary_key=True)
    model = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    title = models.TextField()
    haystack = models.TextField()

    class Meta:
        app_label = "kernel"

    def __str__(self) -> str:
        return self.title


class SearchRow(NamedTuple):
    """A record to index: what it is called, and further text, each line of it a field of its own."""

    model: str
    object_id: int
    title: str
    text: str = ""


def normalise(text: str) -> str:
    """Fold what a searcher does not mean: width, case, compatibility forms, runs of white space, controls."""
    return _remembered(text) if len(text) < 40 else _folded(text)


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    if not folded.isprintable():
        folded = "".join(map(_kept, folded))
    return " ".join(folded.split())


_remembered = lru_cache(maxsize=20_000)(_folded)  # names of places and units come again and again


def _kept(char: str) -> str:
    """Drop invisible format characters; blank out controls and halves of pairs; keep rare private-use ones."""
    category = unicodedata.category(char)
    return "" if category == "Cf" else " " if category in ("Cc", "Cs") else char


def haystack(title: str, text: str) -> str:
    """Give the text that a record is found in: title, fields, pinyin of the title."""
    first = normalise(title)
    fields = (normalise(line) for line in text.split("\n")) if text else ()
    parts = [first, *(field for field in dict.fromkeys(fields) if field not in first)]
    return FIELD.join([*parts, readings(first)])[:LONGEST]


def _windows(text: str) -> list[str]:
    """Give the gram that begins at each place; towards the end they are cut short."""
    found: list[str] = []
    for number, run in enumerate(_RUNS.split(text)):
        start, size = len(found), len(run)
        if number % 2:  # Latin letters and digits, and what comes after them
            longer = text[start : start + size + 1]
            found += [longer[place : place + 4] for place in range(size)]
        else:
            found += map(add, run, [*text[start + 1 : start + size + 1], ""])
    return found


def _grams(text: str) -> str:
    return _BREAK.join(_windows(text))


def _sought(word: str) -> tuple[list[str], bool]:
    """Give the grams to look for, up to the first that reaches the word's end, and whether that one is whole."""
    windows = _windows(word)
    last = next(place for place, gram in enumerate(windows) if place + len(gram) == len(word))
    final = windows[last]
    whole = len(final) == 4 or (len(final) > 1 and not _RUNS.fullmatch(final))
    return windows[: last + 1], whole


def _number(label: str) -> int:
    return SearchModel.objects.get_or_create(label=label)[0].pk << _OBJECTS


def index(rows: Iterable[SearchRow]) -> None:
    """Index records, replacing what was indexed of them before; of two rows for one record the last counts."""
    by_model: dict[str, dict[int, SearchRow]] = {}
    for row in rows:
        by_model.setdefault(row.model, {})[row.object_id] = row
    with transaction.atomic(savepoint=False):  # at a savepoint FTS5 writes out what it has gathered
        for label, found in by_model.items():
            base = _number(label)
            docs = [
                (base + row.object_id, label, row.object_id, row.title.replace("\0", ""), haystack(row.title, row.text))
                for row in sorted(found.values(), key=lambda row: row.object_id)
            ]
            _write_postgres(docs) if connection.vendor == "postgresql" else _write_sqlite(docs)


_Doc = tuple[int, str, int, str, str]
_COLUMNS = "id, model, object_id, title, haystack"
_REPLACE = "ON CONFLICT (id) DO UPDATE SET title = excluded.title, haystack = excluded.haystack"


def _write_postgres(docs: Sequence[_Doc]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO kernel_searchdoc ({_COLUMNS}, grams) "
            "VALUES (%s, %s, %s, %s, %s, array_to_tsvector(string_to_array(%s, chr(10)))) "
            f"{_REPLACE}, grams = excluded.grams",
            [(*doc, _grams(doc[4])) for doc in docs],
        )


def _write_sqlite(docs: Sequence[_Doc]) -> None:
    kept = _haystacks([doc[0] for doc in docs])
    changed = [doc for doc in docs if kept.get(doc[0]) != doc[4]]
    _forget({doc[0]: kept[doc[0]] for doc in changed if doc[0] in kept})
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO kernel_searchdoc ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s) {_REPLACE}", docs)
        cursor.executemany(
            "INSERT INTO kernel_searchfts (rowid, grams) VALUES (%s, %s)",
            [(doc[0], _grams(doc[4])) for doc in changed],
        )


def _haystacks(ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in _parts(ids):
        found.update(SearchDoc.objects.filter(id__in=part).values_list("id", "haystack"))
    return found


def _forget(indexed: Mapping[int, str]) -> None:
    """Take grams out of the FTS5 index, which keeps no text: it must be told what it had."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO kernel_searchfts (kernel_searchfts, rowid, grams) VALUES ('delete', %s, %s)",
            [(key, _grams(text)) for key, text in indexed.items()],
        )


def _parts(ids: Iterable[int]) -> Iterable[list[int]]:
    rest = iter(ids)
    while part := list(islice(rest, _STEP)):
        yield part


def remove(model: str, ids: Iterable[int]) -> None:
    """Take records out of the index; those never indexed are passed over."""
    with transaction.atomic(savepoint=False):
        base = _number(model)
        for part in _parts(base + key for key in ids):
            if connection.vendor == "sqlite":
                _forget(_haystacks(part))
            SearchDoc.objects.filter(id__in=part).delete()


_synonyms: list[tuple[str, ...]] = []


def register_synonyms(*words: str) -> None:
    """Declare words that mean the same, such as 对口支援 and 对口帮扶: a query for one also finds the others."""
    group = tuple(dict.fromkeys(map(normalise, words)))
    if group not in _synonyms:
        _synonyms.append(group)


def variants(word: str) -> tuple[str, ...]:
    """Give a normalised word and what it becomes when a synonym in it, the longest one, is exchanged."""
    inside = [(len(one), one, group) for group in _synonyms for one in group if one in word]
    if not inside:
        return (word,)
    _length, found, group = max(inside)
    return tuple(dict.fromkeys([word, *(word.replace(found, other) for other in group)]))


def _alternatives(q: str) -> list[tuple[str, ...]]:
    return [variants(word) for word in dict.fromkeys(normalise(q)[:LONGEST_QUERY].split(" ")) if word]


class _Found(Expression):
    """What a query finds of one model, as a subquery for either engine: ids of objects, or of documents."""

    def __init__(self, model: str, q: str, documents: bool = False) -> None:
        super().__init__(output_field=models.BigIntegerField())
        self.model, self.words, self.documents = model, _alternatives(q), documents

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        if not self.words:
            column = "id" if self.documents else "object_id"
            return f"(SELECT {column} FROM kernel_searchdoc WHERE {_within('id')})", (self.model, self.model)
        return self._postgres() if connection.vendor == "postgresql" else self._sqlite()

    def _sqlite(self) -> tuple[str, tuple[str | int, ...]]:
        column = "rowid" if self.documents else f"rowid & {(1 << _OBJECTS) - 1}"
        sql = f"(SELECT {column} FROM kernel_searchfts WHERE kernel_searchfts MATCH %s AND {_within('rowid')})"
        return sql, (" AND ".join(map(_any_phrase, self.words)), self.model, self.model)

    def _postgres(self) -> tuple[str, tuple[str | int, ...]]:
        column = "id" if self.documents else "object_id"
        sql = f"SELECT {column} FROM kernel_searchdoc WHERE model = %s AND grams @@ %s::tsquery"
        params: list[str | int] = [self.model, " & ".join(map(_any_set, self.words))]
        for words in self.words:
            if any(len(_sought(word)[0]) > 1 for word in words):  # one gram is exact, a set must be checked
                sql += f" AND ({' OR '.join(['strpos(haystack, %s) > 0'] * len(words))})"
                params += words
        return f"({sql})", tuple(params)


def _within(column: str) -> str:
    """Write the condition that a document is one of a model's; takes the model's label twice."""
    of_model = "FROM kernel_searchmodel WHERE label = %s"
    return f"{column} BETWEEN (SELECT id << {_OBJECTS} {of_model}) AND (SELECT ((id + 1) << {_OBJECTS}) - 1 {of_model})"


def _any_phrase(words: Sequence[str]) -> str:
    """Write alternatives for FTS5: each a phrase of grams, the last of them perhaps a prefix."""
    return "(" + " OR ".join(map(_phrase, words)) + ")"


def _phrase(word: str) -> str:
    grams, whole = _sought(word)
    return '"' + _BREAK.join(grams).replace('"', '""') + ('"' if whole else '" *')


def _any_set(words: Sequence[str]) -> str:
    """Write alternatives for a tsquery: all grams of one of the words."""
    return "(" + " | ".join(f"({_set(word)})" for word in words) + ")"


def _set(word: str) -> str:
    grams, whole = _sought(word)
    quoted = ["'" + gram.replace("\\", "\\\\").replace("'", "''") + "'" for gram in grams]
    return " & ".join(dict.fromkeys([*quoted[:-1], quoted[-1] + ("" if whole else ":*")]))


def matches(model: str, q: str) -> _Found:
    """Give the ids of a model's records that a query finds, for `filter(pk__in=matches(label, q))`.

    Exactly the records whose haystack holds every word of the query (or a synonym); all of them for no word.
    """
    return _Found(model, q)


def count(model: str, q: str) -> int:
    """Count the records of a model that a query finds, in the index alone: for those who may see all of them."""
    sql, params = _Found(model, q, documents=True).as_sql(None, connection)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {sql} AS found", params)
        return int(cursor.fetchone()[0])
