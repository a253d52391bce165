"""Bytes of a text file to characters: UTF-8, UTF-16 with a mark, GB 18030 (which holds GBK and GB 2312).

A file cut in the middle of a character, a binary file and an unknown encoding are refused.
"""

import codecs
import re

from yulan.plan.reader.reading import PlanError

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
FOREIGN = (
    (b"%PDF", "a PDF; save its text as .docx or .txt"),
    (b"\xd0\xcf\x11\xe0", "an old binary Office file; save it as .docx"),
    (b"\x89PNG", "a picture; the text has to be recognised first"),
    (b"\xff\xd8\xff", "a picture; the text has to be recognised first"),
    (b"GIF8", "a picture; the text has to be recognised first"),
    (b"{\\rtf", "a rich-text file; save it as .docx or .txt"),
    (b"\x1f\x8b", "a compressed archive; unpack it first"),
    (b"7z\xbc\xaf", "a compressed archive; unpack it first"),
    (b"Rar!", "a compressed archive; unpack it first"),
)
CUT = "The text stops in the middle of a character: the file is truncated. Get the whole file again."
BINARY = "This is a binary file, not text. Give the plan as .txt, .docx or .html."
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")


def decode(data: bytes) -> str:
    """The characters of a text file, line ends made one. Raises PlanError."""
    for magic, what in FOREIGN:
        if data.startswith(magic):
            raise PlanError(f"This is {what}.")
    text = _characters(data).lstrip("\ufeff")
    if _CONTROL.search(text):
        raise PlanError(BINARY)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")


def _characters(data: bytes) -> str:
    for mark, name in MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], name)
    if b"\x00" in data:
        raise PlanError(BINARY)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise PlanError(CUT) from error
    return _gb18030(data)


def _strictly(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        cut = error.reason in ("unexpected end of data", "truncated data") or error.end >= len(data)
        raise PlanError(CUT if cut else f"The file says it is {name.upper()} but is not; save it as UTF-8.") from error


def _gb18030(data: bytes) -> str:
    reader = codecs.getincrementaldecoder("gb18030")("strict")
    try:
        text = reader.decode(data, final=False)
    except UnicodeDecodeError as error:
        raise PlanError("The encoding is neither UTF-8 nor GB 18030; save the file as UTF-8.") from error
    if not _everyday(text):
        raise PlanError(BINARY)
    if reader.getstate()[0]:
        raise PlanError(CUT)
    return text


def _everyday(text: str) -> bool:
    """True if nearly all characters are those of GB 2312: bytes of another kind decode to rare ones."""
    beyond = [c for c in text[:200_000] if c > "\x7f"]
    return sum(len(c.encode("gb2312", "ignore")) == 2 for c in beyond) >= 0.9 * len(beyond)
