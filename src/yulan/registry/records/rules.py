"""Codes and the lifecycle of regulations. Pure.

R012: a regulation is in force, to be revised, revised (a newer text replaces it) or repealed.
"""

import re
from typing import Any

from yulan.kernel.lifecycle import Firing, Lifecycle, Move, State
from yulan.kernel.text import _

KEEPERS = ("officer", "head")
"""The roles that keep the register: the planning desk of the cooperation office (requirements §4.1)."""

CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")

USES = (
    ("itself", _("The plan itself")),
    ("basis", _("Basis of the plan")),
    ("implement", _("To be carried out")),
    ("amend", _("To be amended")),
    ("completed", _("Completed")),
)
"""What the plan does with a document it cites."""


def bad_code(code: str) -> str | None:
    """Give the reason why a dictionary or term code is refused: lower-case words joined by underscores."""
    if CODE.fullmatch(code):
        return None
    return str(_("Write a code in lower-case letters, digits and underscores, such as whole_village."))


def term_key(dictionary: str, code: str) -> str:
    """Name a term across dictionaries: sectors.education."""
    return f"{dictionary}.{code}"


def is_replaced(regulation: Any, firing: Firing) -> str | None:
    """A newer regulation says that it replaces this one."""
    if regulation.successors.exists():
        return None
    return str(_("Register the new text first and let it name this one as replaced."))


REGULATION = Lifecycle(
    "status",
    (
        State("in_force", _("In force"), tone="ok", open=True),
        State("to_be_revised", _("To be revised"), tone="warn", open=True),
        State("revised", _("Revised"), tone=""),
        State("repealed", _("Repealed"), tone="bad"),
    ),
    (
        Move("mark", _("Mark for revision"), ("in_force",), "to_be_revised", KEEPERS, opinion=True),
        Move("revise", _("Close as revised"), ("to_be_revised",), "revised", KEEPERS, (is_replaced,)),
        Move("keep", _("Keep unchanged"), ("to_be_revised",), "in_force", KEEPERS, opinion=True),
        Move("repeal", _("Repeal"), ("in_force", "to_be_revised"), "repealed", ("head",), opinion=True, danger=True),
    ),
)
