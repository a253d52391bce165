"""Posting to the ledger, one entry with two legs per commit, on disk: Yulan beside django-ledger.

The same SQLite settings: write-ahead log, `synchronous=FULL`, so that a commit waits for the disk. Yulan moves the
balances of both accounts, refuses what is not there, numbers and chains the entry, and writes and signs the trail.
django-ledger makes and posts a journal entry by its own `commit_txs`, here within one transaction: left to itself it
would commit more than once.

Both post a hundred entries first: by then what is kept is kept, and the log has the size it is written over in.

Equal: the number of entries, and what the receiving account holds.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from benchmarks.ground import desk
from benchmarks.measure import LEDGER, Comparison, Measure, Side, Work

FIRST, ENTRIES = 100, 400
FEN = 12_345


def yulan(work: Work) -> None:
    """Allocate from a budget line."""
    from yulan.engines.funds.ledger import post
    from yulan.engines.funds.models import Balance, BudgetLine, Fund
    from yulan.engines.funds.rules import Posting
    from yulan.engines.funds.services import create_line
    from yulan.kernel.access import SYSTEM
    from yulan.kernel.trail import change_set
    from yulan.registry.parties.models import Organisation

    (_projects, by), day = desk(), date(2006, 2, 1)
    city = Organisation.objects.get(code="SH-CCO")
    with change_set(by=SYSTEM) as changes:
        fund = changes.create(Fund(code="F", name_zh="基金", owner=city, year=2006, source="municipal"))
    about = {"fund": fund, "region": "540200", "programme": "support", "recipient": city, "approved_on": day}
    line = BudgetLine(code="L", amount=10**12, **about)
    create_line(line, by=SYSTEM)

    def enter(number: int) -> None:
        post(Posting("allocate", "L", FEN, day, f"key {number}", f"P{number % 50}", "memo", "document"), by=by)

    _post(work, enter)
    held = Balance.objects.filter(account__kind="allocated", account__line=line).values_list("amount", flat=True)
    work.answers |= {"entries": FIRST + work.few(ENTRIES), "fen": sum(held)}


def django_ledger(work: Work) -> None:
    """From the treasury to what is in transit."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import transaction
    from django_ledger.io import roles
    from django_ledger.models import EntityModel, TransactionModel

    call_command("migrate", interactive=False, verbosity=0)
    user = get_user_model().objects.create_user("officer")
    entity = EntityModel.create_entity(name="City", use_accrual_method=True, admin=user, fy_start_month=1)
    entity.create_chart_of_accounts(assign_as_default=True, commit=True, coa_name="chart")
    assets = (("1010", roles.ASSET_CA_CASH), ("1020", roles.ASSET_CA_RECEIVABLES))
    treasury, transit = (
        entity.create_account(code=code, role=role, name=code, balance_type="debit", active=True)
        for code, role in assets
    )
    ledger, at = entity.create_ledger(name="Ledger", posted=True), datetime(2006, 2, 1, tzinfo=UTC)
    yuan = Decimal(FEN).scaleb(-2)

    def enter(number: int) -> None:
        legs = [
            {"account": treasury, "amount": yuan, "tx_type": "credit", "description": "memo"},
            {"account": transit, "amount": yuan, "tx_type": "debit", "description": "memo"},
        ]
        with transaction.atomic():
            ledger.commit_txs(je_timestamp=at, je_txs=legs, je_posted=True, je_desc=f"key {number}")

    _post(work, enter)
    held = TransactionModel.objects.filter(account=transit, tx_type="debit", journal_entry__posted=True)
    amounts = list(held.values_list("amount", flat=True))
    work.answers |= {"entries": len(amounts), "fen": int(sum(amounts) * 100)}


def _post(work: Work, enter: Callable[[int], None]) -> None:
    """Post entries numbered from 0 on, all but the first ones timed."""
    count = work.few(ENTRIES)
    for number in range(FIRST):
        enter(number)
    with work.timed("entry", count):
        for number in range(FIRST, FIRST + count):
            enter(number)


PEER = Side("django_ledger", django_ledger, "", LEDGER, writes=True, packages=("django-ledger",))
COMPARISON = Comparison(
    "Ledger, one entry per commit",
    (Side("yulan", yulan, "empty", writes=True), PEER),
    (
        Measure("elapsed, to disk", "entries per s", "yulan", "entry wall", PEER.name, "entry wall", 10, rate=True),
        Measure("CPU", "entries per CPU s", "yulan", "entry", PEER.name, "entry", 10, rate=True),
    ),
)
