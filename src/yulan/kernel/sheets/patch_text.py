"""Child side: add a reason column to a text table; records without a reason keep their bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from yulan.kernel.sheets import guard
from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.parse import FIELD, delimiter

PIECE = 1_000


def annotate(data: bytes, job: dict[str, Any]) -> Iterator[bytes]:
    """Give the table in its own encoding and with its own separator, in pieces."""
    encoding = guard.encoding(data)
    table = _Table(data, encoding, job)
    encoder = io.BytesIO()
    out = io.TextIOWrapper(encoder, encoding=encoding, errors="replace", newline="")
    for number, (raw, record) in enumerate(table.records(), 1):
        out.write(table.patched(number, raw, record))
        if number % PIECE == 0:
            out.flush()
            yield encoder.getvalue()
            encoder.seek(0)
            encoder.truncate()
    out.flush()
    yield encoder.getvalue()


class _Table:
    """The table's records with their raw text, and where the reasons go."""

    def __init__(self, data: bytes, encoding: str, job: dict[str, Any]) -> None:
        self.data, self.encoding = data, encoding
        self.separator = delimiter(data, encoding)
        self.texts = {int(row): text for row, text in job["reasons"].items()}
        self.texts[job["header_row"]] = job["heading"]
        self.width, self.old = 0, False
        for number, (_, record) in enumerate(self.records(), 1):
            self.width = max(self.width, len(record))
            if number == job["header_row"] and job["heading"] in record:
                self.old, self.column = True, record.index(job["heading"])
        if not self.old:
            self.column = self.width

    def records(self) -> Iterator[tuple[str, list[str]]]:
        """Each record as it stands and as its cells."""
        csv.field_size_limit(FIELD)
        taken: list[str] = []

        def lines() -> Iterator[str]:
            for line in io.TextIOWrapper(io.BytesIO(self.data), encoding=self.encoding, newline=""):
                taken.append(line)
                yield line

        reader = csv.reader(lines(), delimiter=self.separator, strict=True)
        try:
            for record in reader:
                yield "".join(taken), record
                taken.clear()
        except csv.Error:
            raise SheetError("bad_quotes", line=reader.line_num) from None

    def patched(self, number: int, raw: str, record: list[str]) -> str:
        """The record's text with its reason, or as it was."""
        text = self.texts.get(number)
        if text is None and not (self.old and len(record) > self.column and record[self.column]):
            return raw
        body = raw.rstrip("\r\n")
        ending = raw[len(body) :] or "\n"
        reason = "'" + text if text and text.startswith(guard.RISKY) else text or ""
        if not self.old:
            missing = self.width - max(len(record), 1)
            return body + self.separator * (missing + 1) + _quoted(reason, self.separator) + ending
        cells = record + [""] * (self.column + 1 - len(record))
        cells[self.column] = reason
        return self.separator.join(_quoted(cell, self.separator) for cell in cells) + ending


def _quoted(cell: str, separator: str) -> str:
    if any(mark in cell for mark in (separator, '"', "\r", "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell
