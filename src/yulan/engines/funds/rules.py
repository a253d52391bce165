"""Accounts, the steps of money along its chain, and what an entry must fulfil. Pure.

Requirements §4.3: 预算 → 计划 → 下达 → 拨付 → 支付 → 报账 → 结余 are separate events, never one "amount" column.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from yulan.kernel.money import show_money
from yulan.kernel.text import Text, _

LONGEST = {"key": 100, "project": 40, "memo": 200, "doc_no": 60, "payee": 120}
"""Length of an entry's texts, in characters."""


@dataclass(frozen=True, slots=True)
class AccountKind:
    """A kind of account. One that is not `limited` is a source; one not kept `by_project` is one pot per line."""

    name: str
    label: Text
    limited: bool = True
    by_project: bool = True


ACCOUNT_KINDS = {
    kind.name: kind
    for kind in (
        AccountKind("appropriation", _("Appropriation"), limited=False, by_project=False),
        AccountKind("treasury", _("Available on the line"), by_project=False),
        AccountKind("allocated", _("Allocated")),
        AccountKind("transit", _("In transit")),
        AccountKind("special", _("Special account")),
        AccountKind("requested", _("Requested")),
        AccountKind("held", _("Held")),
        AccountKind("carried", _("Carried over")),
        AccountKind("payee", _("Paid, not yet verified")),
        AccountKind("verified", _("Verified")),
        AccountKind("recovered", _("Recovered")),
    )
}

GIVER_KINDS = frozenset(("appropriation", "treasury", "allocated", "transit", "recovered"))
"""Kinds of account that the giver holds; the others are the recipient's."""

STEPS = {
    "budget": ("appropriation", "treasury", _("Budget")),
    "reduce": ("treasury", "appropriation", _("Budget reduction")),
    "allocate": ("treasury", "allocated", _("Allocation")),
    "withdraw": ("allocated", "treasury", _("Withdrawal of an allocation")),
    "instruct": ("allocated", "transit", _("Transfer instruction")),
    "receive": ("transit", "special", _("Receipt")),
    "request": ("special", "requested", _("Request of use")),
    "refuse": ("requested", "special", _("Refusal of a request")),
    "pay": ("requested", "payee", _("Payment")),
    "verify": ("payee", "verified", _("Verification")),
    "hold": ("special", "held", _("Hold")),
    "release": ("held", "special", _("Release")),
    "recall": ("held", "treasury", _("Recall")),
    "carry": ("special", "carried", _("Carry-over")),
    "draw": ("carried", "requested", _("Request of carried-over money")),
    "recover": ("carried", "recovered", _("Recovery")),
}
"""Kind of entry → from which kind of account to which, and its label. A reversal ("reverse") goes the other way."""

KINDS = [*((name, step[2]) for name, step in STEPS.items()), ("reverse", _("Reversal"))]

CHAIN: dict[str, tuple[str, ...]] = {
    "allocated": ("allocated",),
    "instructed": ("transit",),
    "received": ("special", "held", "carried", "recovered"),
    "requested": ("requested",),
    "paid": ("payee",),
    "verified": ("verified",),
}
"""Stages after the budget → the kinds of account in which money has come that far and no further."""


def account(kind: str, line: str) -> str:
    """Give the code of an account of a budget line."""
    return f"{kind}:{line}"


@dataclass(frozen=True, slots=True)
class Posting:
    """One entry to be posted: `amount` in fen along step `kind`, on the accounts of budget line `line` (its code).

    `on` is the booking date; `key` makes it idempotent; `disbursement` is the id of the disbursement it belongs to.
    """

    kind: str
    line: str
    amount: int
    on: date
    key: str
    project: str = ""
    memo: str = ""
    doc_no: str = ""
    payee: str = ""
    disbursement: int | None = None

    @property
    def source(self) -> str:
        """The account that gives."""
        return f"{STEPS[self.kind][0]}:{self.line}"

    @property
    def target(self) -> str:
        """The account that takes."""
        return f"{STEPS[self.kind][1]}:{self.line}"


def faults(posting: Posting, today: date) -> Iterator[str]:
    """Find what is wrong with a posting by itself, every reason."""
    step = STEPS.get(posting.kind)
    if step is None:
        yield str(_("There is no kind of entry “%(kind)s”.") % {"kind": posting.kind})
    elif not posting.project and posting.kind not in ("budget", "reduce"):
        yield str(_("Name the project."))
    if type(posting.amount) is not int or not 0 < posting.amount < 2**60:
        yield str(_("The amount must be above 0."))
    if posting.on > today:
        yield str(_("The booking date lies in the future."))
    if not posting.key:
        yield str(_("An entry needs an idempotency key."))
    for name, most in LONGEST.items():
        text = getattr(posting, name)
        if len(text) > most or not text.isprintable():
            yield str(_("“%(name)s” takes %(most)s characters on one line.") % {"name": name, "most": most})


def only_left(left: int) -> str:
    """Give the reason why an amount above what is left is refused."""
    return str(_("Only %(left)s yuan are left on this line.") % {"left": show_money(left)})


@dataclass(frozen=True, slots=True)
class Chain:
    """How far money has come: balances in fen by kind of account, of one project, line, region or year.

    The stages are cumulative: what is paid has been received too. What was recalled counts as budgeted only.
    """

    balances: Mapping[str, int]

    def at(self, stage: str) -> int:
        """Give the amount that reached a stage: "budgeted" or one of CHAIN."""
        if stage == "budgeted":
            return -self.balances.get("appropriation", 0)
        names = list(CHAIN)
        further = [kind for name in names[names.index(stage) :] for kind in CHAIN[name]]
        return sum(self.balances.get(kind, 0) for kind in further)

    @property
    def stages(self) -> dict[str, int]:
        """Give every stage."""
        return {stage: self.at(stage) for stage in ("budgeted", *CHAIN)}

    @property
    def in_transit(self) -> int:
        """在途: left one account, not arrived at the other."""
        return self.balances.get("transit", 0)

    @property
    def left(self) -> int:
        """结余: received and neither paid nor recovered."""
        return sum(self.balances.get(kind, 0) for kind in ("special", "requested", "held", "carried"))

    @property
    def recovered(self) -> int:
        """收回: gone back as a surplus."""
        return self.balances.get("recovered", 0)

    @property
    def under_way(self) -> int:
        """Allocated and neither verified nor recovered; 0 when all is settled, as closing a project demands."""
        return self.at("allocated") - self.at("verified") - self.recovered
