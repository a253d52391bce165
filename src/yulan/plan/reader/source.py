"""A file to its blocks: what kind it is (by content, not by name), how large it may be, and plain refusals."""

from pathlib import Path

from yulan.plan.reader.blocks import Block
from yulan.plan.reader.decode import BINARY, decode
from yulan.plan.reader.paragraphs import refuse_cut
from yulan.plan.reader.reading import PlanError
from yulan.plan.reader.web import looks_like_html, read_html
from yulan.plan.reader.word import DAMAGED, read_docx

MAX_BYTES = 20 * 2**20
MAX_CHARACTERS = 1_500_000
"""Ten times the longest five-year plan. Beyond it a file is a yearbook or an attack."""
MAX_BLOCKS = 100_000
MAX_LINE = 40_000
"""Characters of one paragraph; a longer one has lost its line ends, and with them its outline."""
KINDS = (".txt", ".text", ".md", ".docx", ".html", ".htm")


def read_blocks(path: Path) -> list[Block]:
    """The blocks of a .txt, .docx or .html file that have text. Raises PlanError before reading what is too large."""
    data = _bytes(path)
    if data.startswith(b"PK\x03\x04"):
        blocks = read_docx(data)
    elif path.suffix.lower() == ".docx":
        raise PlanError(BINARY if b"\x00" in data[:4096] else DAMAGED)
    else:
        text = decode(data)
        page = looks_like_html(text) or path.suffix.lower() in (".html", ".htm")
        blocks = read_html(text) if page else _lines(text)
        if blocks and not page:
            refuse_cut(text, blocks)
    if not blocks:
        raise PlanError("The file holds no text.")
    if len(blocks) > MAX_BLOCKS or sum(len(block.text) for block in blocks) > MAX_CHARACTERS:
        raise PlanError(f"The text is longer than any plan (over {MAX_CHARACTERS:,} characters); split the file.")
    if any(len(block.text) > MAX_LINE for block in blocks):
        raise PlanError(f"A paragraph has over {MAX_LINE:,} characters: the line ends are lost. Save the file again.")
    return blocks


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise PlanError(f"{path} is a folder and no file; name the file in it.")
        if not path.is_file():
            raise PlanError(f"There is no file {path.name or path}.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise PlanError(f"The file has {size / 2**20:.0f} MB; a plan may have at most {MAX_BYTES // 2**20} MB.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, PlanError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise PlanError(f"The file {path.name} cannot be opened: {reason}.") from error
    if not data.strip():
        raise PlanError("The file is empty.")
    return data


def _lines(text: str) -> list[Block]:
    """Each physical line that is not blank; two or more lines of three or more cells parted by tabs are a table."""
    lines = text.split("\n")
    rows = [sum(bool(cell.strip()) for cell in line.split("\t")) > 2 for line in lines]
    beside = [before or after for before, after in zip([False, *rows], [*rows[1:], False], strict=False)]
    return [
        Block(number, line, cells=row and near)
        for number, (line, row, near) in enumerate(zip(lines, rows, beside, strict=True), 1)
        if line.strip()
    ]
