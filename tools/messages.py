"""Keeps the Chinese catalogue complete: collects every English message of src/yulan and merges it into the .po.

`python tools/messages.py` merges (translations are kept; messages no longer used go to the end, commented out).
`python tools/messages.py --check` changes nothing and lists what is missing, empty, unsure or badly filled in: exit 1.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "yulan"
PO = SOURCE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
HEAD = "# Chinese (Simplified) messages of Yulan; kept complete by tools/messages.py"
NOISE = re.compile(
    rb'"(Project-Id-Version|POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To'
    rb'|Last-Translator|Language-Team): [^"]*"\n'
)
PLACES = re.compile(r"%\((\w+)\)[a-z]|%[sd]|\{(\w*)\}")


def messages(source: Path) -> Iterator[tuple[str | tuple[str, ...], str | None, str]]:
    """Every message of the Python files and templates under `source`: (msgid, context, file)."""
    for path in sorted([*source.rglob("*.py"), *source.rglob("*.html"), *source.rglob("*.txt")]):
        if "tests" in path.parts or "migrations" in path.parts or path.name.startswith("requirements"):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            yield from ((shown, None, path.relative_to(ROOT).as_posix()) for shown in docstrings(path, text) if shown)
        else:
            if "{%" not in text:
                continue
            text = re.sub(r"(?m)^\s+", "", templatize(text, origin=str(path)))
        for _line, msgid, _comments, context in extract("python", BytesIO(text.encode()), KEYWORDS):
            if msgid and (msgid if isinstance(msgid, str) else msgid[0]).strip():
                yield msgid, context, path.relative_to(ROOT).as_posix()


def docstrings(path: Path, text: str) -> Iterator[str]:
    """First lines of the docstrings that help pages show: those of guards and of declared resources."""
    for node in ast.walk(ast.parse(text)):
        shown = isinstance(node, ast.FunctionDef) and _is_guard(node)
        if path.name == "resources.py":
            shown = shown or (isinstance(node, ast.ClassDef) and _is_resource(node))
        if shown and isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield (ast.get_docstring(node) or "").split("\n")[0]


def _is_guard(node: ast.FunctionDef) -> bool:
    """A guard takes a Firing and gives a reason or None."""
    taken = [ast.unparse(arg.annotation) for arg in node.args.args if arg.annotation]
    return (
        taken[-1:] == ["Firing"]
        and node.returns is not None
        and ast.unparse(node.returns) in ("str | None", "Text | None")
    )


def _is_resource(node: ast.ClassDef) -> bool:
    """A declared resource names its model."""
    return any(isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "model" for part in node.body)


def collected(source: Path) -> Catalog:
    """A catalogue of all messages, each with the files it occurs in."""
    found = Catalog(charset="utf-8")
    for msgid, context, file in messages(source):
        found.add(msgid, locations=[(file, 0)], context=context)
    return found


def kept(po: Path) -> Catalog:
    """The catalogue as it stands; messages commented out earlier can come back with their translation."""
    if not po.exists():
        return Catalog(locale="zh_Hans", charset="utf-8", fuzzy=False)
    with po.open("rb") as file:
        catalog = read_po(file, locale="zh_Hans")
    for message in catalog.obsolete.values():
        catalog[message.id] = message
    catalog.obsolete.clear()
    return catalog


def faults(catalog: Catalog, found: Catalog) -> Iterator[str]:
    """What a reader of the Chinese pages would stumble over."""
    for wanted in found:
        if not wanted.id:
            continue
        message = catalog.get(wanted.id, wanted.context)
        where = ", ".join(file for file, _line in wanted.locations[:2])
        if message is None:
            yield f"missing: {wanted.id!r} ({where})"
        elif not all(strings(message)):
            yield f"empty: {wanted.id!r} ({where})"
        elif message.fuzzy:
            yield f"fuzzy: {wanted.id!r}"
        elif any(places(text) - places(*ids(message)) for text in strings(message)):
            yield f"placeholders differ: {wanted.id!r} -> {message.string!r}"


def ids(message: Message) -> tuple[str, ...]:
    """The msgid and its plural."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def strings(message: Message) -> tuple[str, ...]:
    """The translation, in every plural form (Chinese has one)."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))[:1]


def places(*texts: str) -> set[str]:
    """The placeholders of a message."""
    return {found.group(0) for text in texts for found in PLACES.finditer(text)}


def merge(catalog: Catalog, found: Catalog) -> bytes:
    """The .po file with the collected messages, sorted by msgid, without line numbers (they only make noise)."""
    catalog.update(found, no_fuzzy_matching=True)
    catalog.header_comment = HEAD
    out = BytesIO()
    write_po(out, catalog, width=110, sort_output=True, include_lineno=False, omit_header=False)
    return NOISE.sub(b"", out.getvalue())


def main() -> int:
    """Merge, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    if not settings.configured:
        settings.configure()
    found, catalog = collected(SOURCE), kept(PO)
    if not check:
        PO.parent.mkdir(parents=True, exist_ok=True)
        PO.write_bytes(merge(catalog, found))
        catalog = kept(PO)
    told = list(faults(catalog, found))
    print(*told, sep="\n", end="\n" if told else "")
    print(f"{len(found)} messages, {len(told)} to do")
    return 1 if check and told else 0


if __name__ == "__main__":
    sys.exit(main())
