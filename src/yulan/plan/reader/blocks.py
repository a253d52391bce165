"""What a file gives before it is understood: blocks (a printed line, paragraph or table row) and joined paragraphs."""

from bisect import bisect_right
from dataclasses import dataclass, field

from yulan.plan.reader.numerals import narrow


@dataclass(frozen=True, slots=True)
class Block:
    """One physical line of a text, paragraph of a Word file or block of a page.

    ``mark`` is a list number that the file holds apart from the text, ``heading`` a heading level (0: none), ``cells``
    True for a table row (cells parted by tabs).
    """

    line: int
    text: str
    mark: str = ""
    heading: int = 0
    cells: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A whole paragraph: the wording as printed, and where each joined piece began.

    ``plain`` is the text with full-width digits made narrow, character for character, for reading numbers.
    """

    text: str
    pieces: tuple[tuple[int, int], ...]
    mark: str = ""
    heading: int = 0
    cells: bool = False
    plain: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", narrow(self.text))

    @property
    def line(self) -> int:
        """The line on which the paragraph begins."""
        return self.pieces[0][1]

    def line_at(self, offset: int) -> int:
        """The line that holds the character at this offset."""
        return self.pieces[bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1][1]
