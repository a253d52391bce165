"""All checks of a text against itself, in the order of its lines. What they compare is in sums, lists and shares."""

from collections.abc import Sequence

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.figures import Statement
from yulan.plan.reader.lists import list_checks
from yulan.plan.reader.reading import Check
from yulan.plan.reader.shares import share_checks
from yulan.plan.reader.sums import Breakdown, sum_checks


def read_checks(
    paragraphs: Sequence[Paragraph],
    statements: Sequence[Statement],
    found: Sequence[Breakdown],
    tabled: Sequence[Breakdown],
) -> list[Check]:
    """Every comparison the text allows; ``found`` are its totals, ``tabled`` those of tables. Nothing is corrected."""
    totals = {part.figure.id: each.total for each in found for part in each.parts}
    sums = sum_checks([*found, *tabled])
    checks = [*sums, *list_checks(paragraphs), *share_checks(paragraphs, statements, totals)]
    return sorted(checks, key=lambda check: check.line)
