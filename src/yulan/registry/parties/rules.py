"""The roles, what excludes what, the code lists of parties, and the checks of their numbers. Pure.

Roles are those of the table "Roles, and the one thing each does every day": sixteen rows, of which row 8 and row 16
hold several accounts that must never be in one hand (requirements §4.1: the auditor is not the evaluator).
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from stdnum import exceptions
from stdnum.cn import ric, uscc

from yulan.kernel.access import Allowed, Denied, Verdict
from yulan.kernel.text import Text, _

CHANNELS = ("todo", "projects", "funds", "cooperation", "people", "platforms", "reports")
"""待办 · 项目 · 资金 · 合作 · 人员 · 平台 · 报表."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its row in the table, label, landing page, the one thing done every day, the channels it sees."""

    code: str
    row: int
    label: Text
    landing: str
    daily: Text
    channels: tuple[str, ...]


def _role(code: str, row: int, label: Text, landing: str, daily: Text, channels: str) -> Role:
    return Role(code, row, label, landing, daily, CHANNELS if channels == "all" else tuple(channels.split()))


ROLES: tuple[Role, ...] = (
    _role("officer", 1, _("Officer"), "/todo", _("Clear today's queue, nearest legal deadline first"), "all"),
    _role("head", 2, _("Division head"), "/sign", _("Sign or send back"), "all"),
    _role("leader", 3, _("City leader"), "/cockpit", _("See what is off track"), "todo projects funds reports"),
    _role(
        "finance",
        4,
        _("Finance"),
        "/funds/desk",
        _("Pay and reconcile, unmatched first"),
        "todo projects funds reports",
    ),
    _role("district", 5, _("District office"), "/forms/", _("Fill in only the missing cells"), "all"),
    _role("field", 6, _("Field team"), "/m", _("Photo and progress of one site"), "todo projects funds people reports"),
    _role(
        "recipient",
        7,
        _("Recipient department"),
        "/apply",
        _("Apply, or answer a return"),
        "todo projects funds people reports",
    ),
    _role("auditor", 8, _("Auditor"), "/audit", _("Draw a sample, open a finding"), "todo projects funds reports"),
    _role(
        "evaluator",
        8,
        _("Third-party evaluator"),
        "/audit",
        _("Score a project with evidence"),
        "todo projects reports",
    ),
    _role("enterprise", 9, _("Enterprise"), "/match", _("Match, declare interest, bid"), "todo cooperation platforms"),
    _role("operator", 10, _("Platform operator"), "/desk", _("Answer the request queue"), "todo platforms reports"),
    _role(
        "outoffice", 11, _("Out-of-town office"), "/brief/new", _("File one brief"), "todo cooperation people reports"
    ),
    _role("seconded", 12, _("Seconded person"), "/me", _("Daily log, courses, leave"), "todo people"),
    _role("doctor", 13, _("Doctor"), "/tele/queue", _("Next consultation"), "todo platforms"),
    _role("dispatcher", 14, _("Dispatcher"), "/water/board", _("Next leg"), "todo platforms"),
    _role("citizen", 15, _("Public"), "/", _("Where the money went"), ""),
    _role("sysadmin", 16, _("System administrator"), "/admin/health", _("Health of the system"), "todo people"),
    _role("secadmin", 16, _("Security administrator"), "/admin/access", _("Review who may do what"), "todo people"),
    _role("auditadmin", 16, _("Audit administrator"), "/admin/trail", _("Verify the trail"), "todo people reports"),
)

ROLE = {role.code: role for role in ROLES}
ROLE_CHOICES = [(role.code, role.label) for role in ROLES]
ROLE_LABELS = dict(ROLE_CHOICES)

EXCLUSIVE: tuple[frozenset[str], ...] = (
    frozenset(("auditor", "evaluator")),
    frozenset(("sysadmin", "secadmin")),
    frozenset(("sysadmin", "auditadmin")),
    frozenset(("secadmin", "auditadmin")),
)
"""Pairs of roles that one person never holds on the same day (experience rows 8 and 16, requirements §4.1)."""


def conflicting_roles(held: Collection[str], new: str) -> str | None:
    """Give the reason why a person who holds some roles may not be given another; None when nothing is against it."""
    against = sorted(role for role in held if role != new and frozenset((role, new)) in EXCLUSIVE)
    if not against:
        return None
    labels = ", ".join(str(ROLE[role].label) for role in against)
    return str(_("“%(new)s” and “%(held)s” must never be in one hand.")) % {"new": ROLE[new].label, "held": labels}


def exclusive_with(role: str) -> tuple[str, ...]:
    """Name the roles that exclude this one, sorted."""
    return tuple(sorted({other for pair in EXCLUSIVE if role in pair for other in pair} - {role}))


def channels_of(roles: Iterable[str]) -> tuple[str, ...]:
    """Give the channels that somebody with these roles sees, in the menu's order."""
    seen = {channel for role in roles if role in ROLE for channel in ROLE[role].channels}
    return tuple(channel for channel in CHANNELS if channel in seen)


def landing_of(roles: Collection[str]) -> str:
    """Give the page on which somebody with these roles lands: that of the first role in the table's order."""
    return next((role.landing for role in ROLES if role.code in roles), "/")


ORGANISATION_KINDS = (
    ("central", _("Central authority")),
    ("government", _("Government")),
    ("department", _("Government department")),
    ("cooperation_office", _("Cooperation office")),
    ("leading_group", _("Leading group")),
    ("coordination", _("Regional coordination body")),
    ("outoffice", _("Out-of-town office")),
    ("rep_office", _("Representative office in Shanghai")),
    ("field_team", _("Field team")),
    ("recipient", _("Recipient department")),
    ("institution", _("Public institution")),
    ("school", _("School")),
    ("hospital", _("Hospital")),
    ("mass", _("Mass organisation")),
    ("charity", _("Charity")),
    ("association", _("Association or chamber")),
    ("enterprise", _("Enterprise")),
    ("auditor", _("Audit body")),
    ("evaluator", _("Evaluation body")),
    ("park", _("Industrial park")),
    ("collective", _("Group of organisations")),
)

PROGRAMMES = (
    ("support", _("Paired assistance")),
    ("relief", _("Paired poverty relief")),
    ("collaboration", _("East–west collaboration")),
    ("cooperation", _("Paired cooperation")),
)
"""支援 · 帮扶 · 协作 · 合作: the plan helps Yunnan (帮扶) and supports the others (支援), requirements §2.3(15)."""

PAIRING_LEVELS = (
    ("city", _("City")),
    ("district", _("District")),
    ("town", _("Town")),
    ("village", _("Village")),
    ("school", _("School")),
    ("hospital", _("Hospital")),
    ("society", _("Social organisation")),
)

CODE = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")


def bad_code(code: str) -> str | None:
    """Give the reason why an organisation's code is refused: capital letters and digits, joined by hyphens."""
    if CODE.fullmatch(code):
        return None
    return str(_("Write a code in capital letters, digits and hyphens, such as SH-CCO."))


def path_of(parent_path: str, code: str) -> str:
    """Give the place of an organisation in the tree: the codes from the root to it, each ended by a full stop."""
    return f"{parent_path}{code}."


def _number_fault(error: exceptions.ValidationError) -> str:
    if isinstance(error, exceptions.InvalidLength):
        return str(_("It must have 18 characters."))
    if isinstance(error, exceptions.InvalidChecksum):
        return str(_("The check digit is wrong: look for a mistyped or exchanged character."))
    if isinstance(error, exceptions.InvalidComponent):
        return str(_("It holds no real date of birth or division code."))
    return str(_("It holds a character that does not belong there."))


def bad_uscc(number: str) -> str | None:
    """Give the reason why a unified social credit code (GB 32100) is refused; None when it is right."""
    try:
        uscc.validate(number)
    except exceptions.ValidationError as error:
        return f"{_('Not a unified social credit code.')} {_number_fault(error)}"
    return None


def bad_identity_number(number: str) -> str | None:
    """Give the reason why an identity number (GB 11643) is refused; None when it is right."""
    try:
        ric.validate(number)
    except exceptions.ValidationError as error:
        return f"{_('Not an identity number.')} {_number_fault(error)}"
    return None


def tidy_number(number: str) -> str:
    """Give a USCC or identity number as it is stored: capital letters, no spaces or hyphens."""
    return re.sub(r"[\s-]", "", number).upper()


def backwards(valid_from: date | None, valid_to: date | None) -> str | None:
    """Give the reason why two dates are refused; `valid_to` is the first day no longer in force."""
    if valid_from and valid_to and valid_to <= valid_from:
        return str(_("The end must come after the beginning."))
    return None


PERSONAL_FIELDS = {
    "name": _("Name"),
    "identity_number": _("Identity number"),
    "phone": _("Phone"),
    "bank": _("Bank account"),
    "health": _("Health"),
}

_EVERYBODY_AT_WORK = (
    "officer head finance district field recipient auditor evaluator operator outoffice doctor secadmin"
)

REVEALERS = {
    field: frozenset(roles.split())
    for field, roles in {
        "name": _EVERYBODY_AT_WORK,
        "identity_number": "officer head finance auditor",
        "phone": "officer head district field recipient operator outoffice doctor dispatcher",
        "bank": "finance auditor",
        "health": "doctor",
    }.items()
}
"""Who may look at the clear value of which personal field. Not from the plan: narrow, to be confirmed in use."""


def may_reveal(roles: Collection[str], field: str) -> Verdict:
    """Say whether somebody with these roles may see the clear value of a personal field; KeyError: no such field."""
    if REVEALERS[field].isdisjoint(roles):
        return Denied((str(_("Your role sees this field masked.")),))
    return Allowed()
