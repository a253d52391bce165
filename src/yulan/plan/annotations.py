"""What an attentive reader notes in the text of 沪府发〔2007〕11号: slips kept as printed, at their lines (§2.3)."""

from collections import defaultdict

from yulan.kernel.text import Text, _

NOTES: tuple[tuple[int, Text], ...] = (
    (17, _("Two keywords of the header do not occur in the text.")),
    (31, _("The title of the five-year plan repeats the word for “plan”.")),
    (35, _("The guideline is worded otherwise at line 75.")),
    (39, _("An agreement is signed, not a project: one agreement may hold several projects.")),
    (39, _("Dehong is named inside the sentence on four prefectures.")),
    (43, _("The event named here is not the forum of line 159.")),
    (51, _("The response scheme is named otherwise at line 279.")),
    (63, _("A word joins two nouns where one belongs to the other.")),
    (75, _("The sentence is broken by a line break; joined when read in.")),
    (101, _("An English word stands in the sentence.")),
    (107, _("The same sentence as at line 115.")),
    (115, _("The same sentence as at line 107.")),
    (153, _("The sentence is broken by a line break; joined when read in.")),
    (231, _("From here on bullets are a single dash.")),
    (275, _("A character is missing in “quality”, and a conjunction stands for a particle.")),
)


def by_line() -> dict[int, list[Text]]:
    """Give the notes by line."""
    found: dict[int, list[Text]] = defaultdict(list)
    for line, text in NOTES:
        found[line].append(text)
    return found
