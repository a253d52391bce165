"""Funds, budget lines, disbursements and the ledger, declared. What is booked is read only: corrected by reversal."""

from dataclasses import replace
from typing import Any

from django.db.models import Q

from yulan.engines.funds import services
from yulan.engines.funds.disbursement import DISBURSEMENT, SCOPE
from yulan.engines.funds.models import Account, BudgetLine, Disbursement, Entry, Fund
from yulan.engines.funds.selectors import projects_called
from yulan.kernel.access import Actor, Place
from yulan.kernel.money import MoneyField
from yulan.kernel.resource import Column, Resource
from yulan.kernel.text import _
from yulan.kernel.trail import ChangeSet

READERS = "officer head leader finance auditor evaluator district field recipient"


class Funds(Resource):
    """Special funds by year, source and owner."""

    model = Fund
    channel = "funds"
    scope = Place("owner__path")
    read = "officer head leader finance auditor evaluator district"
    write = {"finance": "code name_zh name_en owner year source subject"}
    columns = "name_zh code owner year source subject"
    filters = "year source owner"
    search = "code name_zh name_en"
    order = "-year code"
    public = "code name_zh name_en owner year source"


class BudgetLines(Resource):
    """What a fund gives to one recipient area under one programme; the ledger follows the amount."""

    model = BudgetLine
    channel = "funds"
    under = "fund"
    scope = Place("fund__owner__path", "region", either=True)
    read = READERS
    write = {"finance": "fund code region programme recipient amount approved_on doc_no"}
    columns = "code fund.year region programme amount approved_on doc_no"
    filters = "fund region programme"
    search = "code doc_no"
    order = "-fund__year code"
    public = "code fund fund.year region programme amount approved_on doc_no"

    def make(self, changes: ChangeSet, values: dict[str, Any], by: Actor) -> BudgetLine:
        """Open its accounts and book the budget."""
        return services.create_line(BudgetLine(**values), by=by)

    def change(self, changes: ChangeSet, obj: BudgetLine, values: dict[str, Any], by: Actor) -> BudgetLine:
        """Book the difference when the amount changes."""
        return services.change_line(obj, by=by, **values)


class Disbursements(Resource):
    """Tranches of money on their way from the budget line to the payee, confirmed by both sides.

    Made by the verbs `allocate` and `plan_disbursement`; from then on only their moves change them.
    """

    model = Disbursement
    channel = "funds"
    scope = SCOPE
    read = READERS
    columns = "code project line.region amount payee status moved_on"
    filters = "project line status"
    search = "code project payee invoice_no contract_no"
    order = "-id"
    lifecycle = DISBURSEMENT
    inputs = {"received": MoneyField(_("Amount that arrived"))}

    def actions(self, obj: Disbursement, actor: Actor) -> list[dict[str, Any]]:
        """Lead to the project it pays for."""
        found = projects_called([obj.project]).get(obj.project)
        return [{"label": _("Open the project"), "url": found[1]}] if found else []

    def brief(self, obj: Disbursement) -> list[tuple[Column, Any]]:
        """Show what the budget line still has."""
        return [(replace(self.fields["amount"], label=_("Left on the budget line")), obj.line.left)]

    groups = {
        _("Money"): "code project tranche line amount moved_on",
        _("Papers"): "payee doc_no invoice_no contract_no",
        _("Who did it"): "made_by allocated_by approved_by instructed_by received_by requested_by paid_by verified_by",
    }


class LedgerAccounts(Resource):
    """Places where money lies: one of each kind for every budget line."""

    model = Account
    channel = "funds"
    scope = Place("line__fund__owner__path", "line__region", either=True)
    read = READERS
    columns = "line kind line.region"
    filters = "kind line"
    search = "code"
    public = "code kind line line.region"


class LedgerEntries(Resource):
    """The ledger of both sides: one amount from one account to another, never changed, reversed when wrong."""

    model = Entry
    channel = "funds"
    under = "disbursement"
    key = "key"
    scope = Place("source__line__fund__owner__path", "source__line__region", either=True)
    read = READERS
    columns = "date kind project amount payee memo key"
    filters = "kind project date source target disbursement.status"
    order = "-id"
    public = "key date kind project source target amount memo disbursement.status"

    def public_rows(self) -> Q:
        """Give what was booked for projects: their plan has been issued, or nothing would be booked."""
        return ~Q(project="")
