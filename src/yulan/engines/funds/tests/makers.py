"""Plain makers of funds, and ledgers written as text.

    play('''
    2005-01-05  budget    L1      1000.00
    2005-02-01  allocate  L1  P1   600.00
    2005-02-02  allocate  L1  P2   600.00  ! Only 400.00 yuan are left on this line.
    =           treasury  L1       400.00
    =           allocated L1  P1   600.00
    ''')

A line is date, kind, budget line, project (none for one-pot steps) and yuan; after "!" stands the refusal it must meet;
a line with "=" says what an account holds. Budget lines named for the first time are opened. `~N` as kind reverses
the Nth entry of the text.
"""

from datetime import date
from itertools import count

import pytest

from yulan.engines.funds import ledger, services
from yulan.engines.funds.models import Balance, BudgetLine, Entry, Fund
from yulan.engines.funds.rules import Posting, account
from yulan.kernel.access import SYSTEM, Actor, Grant, Refused
from yulan.kernel.money import fen
from yulan.kernel.trail import change_set
from yulan.registry.parties.models import Organisation

_serial = count(1)

CITY, PUDONG, RECIPIENT = "SH.", "SH.SH-PD.", "XZ-RKZ."
RIKAZE = ("5402", "5423")

officer = Actor("officer.li", (Grant("officer"),))
head = Actor("head.wang", (Grant("head"),))
finance = Actor("finance.chen", (Grant("finance", organisation=CITY),))
cashier = Actor("cashier.zhou", (Grant("finance", organisation=CITY),))
recipient = Actor("recipient.tashi", (Grant("recipient", regions=RIKAZE),))
treasurer = Actor("treasurer.dawa", (Grant("finance", regions=RIKAZE),))
field = Actor("field.zhang", (Grant("field", regions=RIKAZE),))
auditor = Actor("auditor.sun", (Grant("auditor"),))
stranger = Actor("stranger.hu", (Grant("finance", organisation="SH.SH-MH."), Grant("recipient", regions=("6529",))))


def make_owner(code: str = "SH") -> Organisation:
    found = Organisation.objects.filter(code=code).first()
    if found:
        return found
    with change_set(by=SYSTEM) as cs:
        return cs.create(Organisation(code=code, name_zh="上海市", name_en="Shanghai", kind="government"))


def make_fund(year: int = 2005, owner: Organisation | None = None, source: str = "municipal") -> Fund:
    fund = Fund(
        code=f"F{next(_serial)}",
        name_zh=f"{year}年对口支援专项资金",
        owner=owner or make_owner(),
        year=year,
        source=source,
        subject="2190100",
    )
    with change_set(by=SYSTEM) as cs:
        return cs.insert_many(Fund, [fund])[0]  # the dictionary of sources is another room's data


def make_line(code: str = "", amount: int = 0, fund: Fund | None = None, region: str = "542300") -> BudgetLine:
    fund = fund or make_fund()
    line = BudgetLine(
        fund=fund,
        code=code or f"L{next(_serial)}",
        region=region,
        programme="support",
        amount=amount,
        approved_on=date(fund.year, 1, 5),
        doc_no=f"沪财预〔{fund.year}〕{next(_serial)}号",
    )
    return services.create_line(line, by=finance)


def holds(kind: str, line: str, project: str = "") -> int:
    found = Balance.objects.filter(account=account(kind, line), project=project)
    return found.values_list("amount", flat=True).first() or 0


def make_posting(line: str, kind: str = "allocate", amount: int = 100, **fields) -> Posting:
    values = {"project": "P1", "on": date(2005, 3, 1), "key": f"k{next(_serial)}", **fields}
    return Posting(kind, line, amount, **values)


def play(text: str, by: Actor = finance) -> list[Entry]:
    """Post a text ledger, check what it says; give the entries."""
    entries: list[Entry] = []
    for row in filter(None, map(str.strip, text.splitlines())):
        act, _mark, refusal = (part.strip() for part in row.partition("!"))
        if refusal:
            with pytest.raises(Refused) as refused:
                _act(act.split(), entries, by)
            assert refusal in refused.value.reasons, row
        elif act.startswith("="):
            _, kind, line, *project, yuan = act.split()
            assert holds(kind, line, *project) == fen(yuan), row
        else:
            entries.append(_act(act.split(), entries, by))
    return entries


def _act(words: list[str], entries: list[Entry], by: Actor) -> Entry:
    day, kind = date.fromisoformat(words[0]), words[1]
    if kind.startswith("~"):
        return services.reverse_entry(entries[int(kind[1:]) - 1], by=by, reason="posted in error", on=day)
    line, *project, yuan = words[2:]
    if not BudgetLine.objects.filter(code=line).exists():
        make_line(line)
    key = f"text{next(_serial)}"
    return ledger.post(Posting(kind, line, fen(yuan), day, key, *project, memo="文本账"), by=by)


def total() -> int:
    """The trial balance in one figure."""
    return sum(Balance.objects.values_list("amount", flat=True))
