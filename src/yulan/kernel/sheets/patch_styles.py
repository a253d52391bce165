"""Child side: a red cell style and a bold red one, added to the styles of a workbook that may have none.

Source: ECMA-376 Part 1 §18.8 (styles), Part 2 §10 (content types).
"""

from __future__ import annotations

import re

from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.guard import Entry
from yulan.kernel.sheets.parts import WORKBOOK_RELATIONS, Changed, elements, prefix, resolve, small

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
STYLES = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="{MAIN}">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
).encode()
FILL = b'<fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/><bgColor indexed="64"/></patternFill></fill>'
FONT = b'<font>%b<sz val="11"/><color rgb="FF9C0006"/></font>'
BOLD = b"<b/>"
XF = b'<xf numFmtId="49" fontId="%d" fillId="%d"%b applyNumberFormat="1" applyFont="1" applyFill="1"/>'
Changes = dict[str, Changed]


def add_styles(entries: dict[str, Entry], data: bytes) -> tuple[Changes, int, int]:
    """Add a red style and a bold one for the heading; give the changed parts and the two style numbers."""
    relations = small(entries, data, WORKBOOK_RELATIONS)
    part = next(
        (
            resolve(relation["Target"])
            for _, relation in elements(relations)
            if relation.get("Type", "").endswith("/styles") and resolve(relation["Target"]) in entries
        ),
        None,
    )
    changes: Changes = {} if part else _new_styles(entries, data, relations)
    name = part or "xl/styles.xml"
    xml = small(entries, data, name) if part else STYLES
    mark = prefix(xml, b"styleSheet")
    numbers = []
    xml, fill = _add(xml, mark, b"fills", b"fill", FILL)
    links = b' borderId="0" xfId="0"' if b"cellStyleXfs" in xml else b""
    for bold in (b"", BOLD):
        xml, font = _add(xml, mark, b"fonts", b"font", FONT % bold)
        xml, number = _add(xml, mark, b"cellXfs", b"xf", XF % (font, fill, links))
        numbers.append(number)
    changes[name] = xml
    return changes, numbers[0], numbers[1]


def _add(xml: bytes, mark: bytes, group: bytes, child: bytes, new: bytes) -> tuple[bytes, int]:
    """Append an element (written without prefix) to a group and count it; give its number."""
    match = re.search(rb"<%b%b(?=[\s>])([^>]*)>(.*?)</%b%b>" % (mark, group, mark, group), xml, re.DOTALL)
    if match is None or b"<!" in match[2]:
        raise SheetError("odd")
    count = len(re.findall(rb"<%b%b(?=[\s/>])" % (mark, child), match[2]))
    attributes = re.sub(rb'(\scount=["\'])\d+', rb"\g<1>%d" % (count + 1), match[1])
    marked = re.sub(rb"<(/?)(?=\w)", rb"<\1" + mark, new)
    return (
        xml[: match.start(1)] + attributes + b">" + match[2] + marked + xml[match.end(2) :],
        count,
    )


def _new_styles(entries: dict[str, Entry], data: bytes, relations: bytes) -> Changes:
    """Register a styles part in a package that has none."""
    types = small(entries, data, "[Content_Types].xml")
    relation = f'Relationship Id="rIdReasonStyles" Type="{OFFICE}/styles" Target="/xl/styles.xml"'
    override = f'Override PartName="/xl/styles.xml" ContentType="{STYLES_TYPE}"'
    return {
        WORKBOOK_RELATIONS: _last_child(relations, b"Relationships", relation),
        "[Content_Types].xml": _last_child(types, b"Types", override),
    }


def _last_child(xml: bytes, root: bytes, element: str) -> bytes:
    mark = prefix(xml, root)
    at = xml.rindex(b"</%b%b" % (mark, root))
    return xml[:at] + b"<%b%b/>" % (mark, element.encode()) + xml[at:]
