"""Verbs: budget lines, disbursements and their moves, reversals. What moves money posts through `ledger`."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from django.db.models import Max
from django.utils import timezone

from yulan.engines.funds.disbursement import DISBURSEMENT, SCOPE, STEP_OF, booking_date
from yulan.engines.funds.ledger import demand, enter, mirror_of, open_accounts, row_of
from yulan.engines.funds.models import Balance, BudgetLine, Disbursement, Entry
from yulan.engines.funds.rules import Posting, account
from yulan.kernel.access import Actor, Refused
from yulan.kernel.firing import effect, fire
from yulan.kernel.lifecycle import Firing
from yulan.kernel.period import today
from yulan.kernel.text import _
from yulan.kernel.trail import ChangeSet, change_set


def create_line(line: BudgetLine, *, by: Actor) -> BudgetLine:
    """Open a budget line: the record, its accounts, and its approved budget in the ledger."""
    with change_set(by=by) as cs:
        cs.create(line)
        open_accounts([line], by=by)
        _follow(cs, line)
    return line


def change_line(line: BudgetLine, *, by: Actor, **changes: Any) -> BudgetLine:
    """Change a budget line; the ledger follows a changed amount. Raises Short below what is allocated, Stale."""
    with change_set(by=by) as cs:
        cs.update(line, **changes)
        _follow(cs, line)
    return line


def _follow(cs: ChangeSet, line: BudgetLine) -> None:
    """Book the difference between the approved budget and the ledger's."""
    source = Balance.objects.filter(account__code=account("appropriation", line.code))
    change = line.amount + (source.values_list("amount", flat=True).first() or 0)
    if change:
        _enter(
            cs,
            Posting(
                "budget" if change > 0 else "reduce",
                line.code,
                abs(change),
                line.approved_on,
                key=f"budget:{line.code}:{line.version}",
                memo=str(line.fund),
                doc_no=line.doc_no,
            ),
        )


def _enter(cs: ChangeSet, posting: Posting) -> Entry:
    demand(posting)
    return enter(cs, row_of(posting, cs.by, timezone.now()))


def reverse_entry(entry: Entry, *, by: Actor, reason: str, on: date | None = None) -> Entry:
    """Correct an entry by its mirror image. Asked again, gives the one there is.

    Refused: without a reason, for a reversal, for an entry of a disbursement (reverse that), and when the money has
    gone on from where the entry put it (Short).
    """
    if not by.has(("finance",)):
        raise Refused(str(_("Your role may not do this.")))
    if not reason.strip():
        raise Refused(str(_("Give the reason.")), status=422)
    if entry.kind == "reverse":
        raise Refused(str(_("A reversal is not reversed: post anew.")), status=409)
    if entry.disbursement_id:
        raise Refused(str(_("Reverse the disbursement, not its entry.")), status=409)
    with change_set(by=by, reason=reason) as cs:
        return entry.reversals.first() or _mirror(cs, entry, on or today(), reason)


def _mirror(cs: ChangeSet, entry: Entry, on: date, reason: str) -> Entry:
    if on < entry.date:
        raise Refused(str(_("A reversal is not booked before its entry.")), status=409)
    return enter(cs, mirror_of(entry, cs.by, timezone.now(), on, _one_line(reason)))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


# Disbursements


def plan_disbursement(line: BudgetLine, project: str, amount: int, *, by: Actor, payee: str = "") -> Disbursement:
    """Plan the next tranche of a project (state BUDGETED); no money moves yet. Raises ValidationError."""
    with change_set(by=by) as cs:
        return cs.create(_tranche(line, project, amount, by, payee=payee))


def allocate(
    line: BudgetLine, *, project: str, amount: int, on: date, doc_no: str, key: str, by: Actor
) -> Disbursement:
    """Allocate money to a project by the decision `doc_no` of another engine: a disbursement already allocated.

    Asked again with the same key, gives the first one. Raises Short when the line has less, KeyReused.
    """
    with change_set(by=by) as cs:
        first = Disbursement.objects.filter(entries__key=key).first()
        made = first or cs.create(
            _tranche(line, project, amount, by, status="ALLOCATED", allocated_by=by.name, moved_on=on)
        )
        memo = made.code
        _enter(cs, Posting("allocate", line.code, amount, on, key, project, memo, doc_no, "", made.pk))
        return made


def _tranche(line: BudgetLine, project: str, amount: int, by: Actor, **fields: Any) -> Disbursement:
    number = _next_tranche(project)
    code = f"{project}-{number:02}"
    return Disbursement(code=code, project=project, tranche=number, line=line, amount=amount, made_by=by.name, **fields)


def _next_tranche(project: str) -> int:
    last: int | None = Disbursement.objects.filter(project=project).aggregate(last=Max("tranche"))["last"]
    return (last or 0) + 1


def move_disbursement(
    disbursement: Disbursement,
    move: str,
    *,
    by: Actor,
    on: date | None = None,
    opinion: str = "",
    version: int | None = None,
    **papers: Any,
) -> Disbursement:
    """Take a disbursement a step further and post what the step moves, both or neither.

    `move` is one of DISBURSEMENT; `on` the booking date (default today); `papers` what the move needs (doc_no,
    received, amount, payee, invoice_no, contract_no). Raises Refused with every reason, Short, Stale.
    """
    data = papers if on is None else {**papers, "moved_on": on}
    return fire(
        disbursement,
        move,
        by=by,
        lifecycle=DISBURSEMENT,
        covers=_covers,
        opinion=opinion,
        data=data,
        version=version,
    )


def _covers(by: Actor, obj: Any, roles: tuple[str, ...]) -> bool:
    return by.unlimited or any(SCOPE.covers(grant, obj) for grant in by.grants_as(roles))


def _post_step(kind: str, cs: ChangeSet, obj: Disbursement, firing: Firing) -> Mapping[str, Any]:
    """Effect: post the entry of a move. The opinion stays in the trail: what is booked may be public."""
    day = booking_date(firing)
    amount = firing.data.get("amount", obj.amount)
    posting = Posting(
        kind,
        obj.line.code,
        amount,
        day,
        key=f"{obj.code}:{kind}:{obj.version}",
        project=obj.project,
        memo=obj.code,
        doc_no=firing.data.get("doc_no", obj.doc_no),
        payee=firing.data.get("payee", obj.payee),
        disbursement=obj.pk,
    )
    _enter(cs, posting)
    return {"moved_on": day, "amount": amount}


for _move, _kind in STEP_OF.items():
    effect(DISBURSEMENT, _move)(partial(_post_step, _kind))


@effect(DISBURSEMENT, "approve")
def _approve(cs: ChangeSet, obj: Disbursement, firing: Firing) -> None:
    """Approve a part or all; the rest stays allocated."""
    _leave_rest(cs, obj, firing)


@effect(DISBURSEMENT, "request_use")
def _request(cs: ChangeSet, obj: Disbursement, firing: Firing) -> Mapping[str, Any]:
    """Post the request; what is not asked for stays in the special account."""
    _leave_rest(cs, obj, firing)
    return _post_step("draw" if obj.status == "CARRIED" else "request", cs, obj, firing)


def _leave_rest(cs: ChangeSet, obj: Disbursement, firing: Firing) -> None:
    rest = obj.amount - firing.data.get("amount", obj.amount)
    if rest:
        _continue(cs, obj, rest, obj.status)


@effect(DISBURSEMENT, "reverse")
def _reverse(cs: ChangeSet, obj: Disbursement, firing: Firing) -> Mapping[str, Any]:
    """Mirror the payment and its request; the money lies in the special account again, as a tranche of its own."""
    day = booking_date(firing)
    paid, asked = _last(obj, "pay"), _last(obj, "request", "draw")
    for entry in (paid, asked):
        _mirror(cs, entry, day, obj.code)
    _continue(cs, obj, obj.amount, "CARRIED" if asked.kind == "draw" else "RECEIVED", moved_on=day)
    return {"moved_on": day}


def _last(obj: Disbursement, *kinds: str) -> Entry:
    found: Entry | None = obj.entries.filter(kind__in=kinds).order_by("pk").last()
    if found is None:
        raise Refused(str(_("The ledger holds no payment of this tranche.")), status=409)
    return found


_KEPT = ["project", "line_id", "doc_no", "moved_on"]
_KEPT += ["made_by", "allocated_by", "approved_by", "instructed_by", "received_by"]


def _continue(cs: ChangeSet, obj: Disbursement, amount: int, state: str, **fields: Any) -> Disbursement:
    """Open a tranche for money that is already on its way."""
    tranche = _next_tranche(obj.project)
    kept = {name: getattr(obj, name) for name in _KEPT}
    code = f"{obj.project}-{tranche:02}"
    return cs.create(Disbursement(**{**kept, **fields}, code=code, tranche=tranche, amount=amount, status=state))
