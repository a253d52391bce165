"""Funds and budget lines, accounts, entries with their seals and balances, closings, disbursements.

Entry, Seal, Account and Closing are append-only. Balances are written by the database alone, as entries go in
(migrations/0002_ledger.py); a balance below zero is refused there, except on a source.
"""

from typing import Any

from django.db import models
from django.db.models import F, Q

from yulan.engines.funds import rules
from yulan.engines.funds.disbursement import DISBURSEMENT
from yulan.kernel.append_only import Counted, Ordinal
from yulan.kernel.money import MoneyField
from yulan.kernel.records import Record
from yulan.kernel.text import Bilingual, _
from yulan.registry.parties.rules import PROGRAMMES
from yulan.registry.records.fields import TermField
from yulan.registry.regions.fields import RegionCodeField
from yulan.registry.regions.models import called


class Fund(Record):
    """A special fund (专项资金) of one year, source and owner; `subject` is the budget subject code of that year."""

    code = models.CharField(_("Code"), max_length=30, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    owner = models.ForeignKey("parties.Organisation", models.PROTECT, related_name="funds", verbose_name=_("Owner"))
    year = models.PositiveSmallIntegerField(_("Budget year"))
    source = TermField("fund_sources", _("Source"))
    subject = models.CharField(_("Budget subject"), max_length=20, blank=True)

    class Meta:
        ordering = ["-year", "code"]
        verbose_name = _("Fund")
        verbose_name_plural = _("Funds")

    @property
    def name(self) -> Bilingual:
        """The name in both languages."""
        return Bilingual(self.name_zh, self.name_en)

    def __str__(self) -> str:
        return str(self.name)


class BudgetLine(Record):
    """What a fund gives to one recipient area under one programme. `amount` is the approved budget in fen.

    The ledger follows it, booked on `approved_on`; `recipient` keeps the special account (受援地财政专户).
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="lines", verbose_name=_("Fund"))
    code = models.CharField(_("Code"), max_length=40, unique=True)
    region = RegionCodeField(_("Recipient area"))
    programme = models.CharField(_("Programme"), max_length=20, choices=PROGRAMMES)
    recipient = models.ForeignKey(
        "parties.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="budget_lines",
        verbose_name=_("Keeper of the special account"),
    )
    amount = MoneyField(_("Approved budget"))
    approved_on = models.DateField(_("Approved on"))
    doc_no = models.CharField(_("Document number"), max_length=60, blank=True)

    class Meta:
        ordering = ["-fund__year", "code"]
        verbose_name = _("Budget line")
        verbose_name_plural = _("Budget lines")

    @property
    def left(self) -> int:
        """What may still be allocated, in fen; one query."""
        pot = Balance.objects.filter(account__code=rules.account("treasury", self.code), project="")
        return pot.values_list("amount", flat=True).first() or 0

    def __str__(self) -> str:
        return f"{self.code} {called(self.region, self.approved_on)} {self.get_programme_display()}"


class Account(models.Model):
    """A place where money lies: one of each kind for every budget line; `code` is kind:line."""

    code = models.CharField(_("Code"), max_length=60, unique=True)
    kind = models.CharField(
        _("Kind"), max_length=20, choices=[(kind.name, kind.label) for kind in rules.ACCOUNT_KINDS.values()]
    )
    line = models.ForeignKey(BudgetLine, models.PROTECT, related_name="accounts", verbose_name=_("Budget line"))
    limited = models.BooleanField(_("Never below zero"))
    by_project = models.BooleanField(_("Kept by project"))

    class Meta:
        ordering = ["code"]
        verbose_name = _("Account")
        verbose_name_plural = _("Accounts")
        constraints = [models.UniqueConstraint(fields=["line", "kind"], name="funds_account_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.code.partition(':')[2]}"

    @property
    def holder(self) -> Any:
        """The organisation that keeps it: the fund's owner, or on the recipient side the line's recipient."""
        return self.line.fund.owner if self.kind in rules.GIVER_KINDS else self.line.recipient


class Balance(models.Model):
    """What lies on an account for one project ("": the account is one pot), in fen. Kept by the database."""

    account = models.ForeignKey(
        Account, models.PROTECT, to_field="code", related_name="balances", db_index=False, verbose_name=_("Account")
    )
    project = models.CharField(_("Project"), max_length=40, blank=True)
    limited = models.BooleanField()
    amount = MoneyField(_("Balance"), signed=True)

    class Meta:
        verbose_name = _("Balance")
        verbose_name_plural = _("Balances")
        constraints = [
            models.UniqueConstraint(fields=["account", "project"], name="funds_balance_once"),
            models.CheckConstraint(condition=Q(amount__gte=0) | Q(limited=False), name="funds_balance_covered"),
        ]
        indexes = [models.Index(fields=["project"], name="funds_balance_project")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.project}".strip()


def _is_blank_or_other(stamp: str, earlier: str) -> Q:
    return Q(**{stamp: ""}) | ~Q(**{stamp: F(earlier)})


class Disbursement(Record):
    """A tranche of money for one project on its way from the budget line to the payee (requirements §5.2).

    `moved_on` is the booking date of the last move that posted. Who did each step is stamped by the lifecycle; the
    database refuses that one person does two that check each other.
    """

    code = models.CharField(_("Code"), max_length=48, unique=True)
    project = models.CharField(_("Project"), max_length=40)
    tranche = models.PositiveSmallIntegerField(_("Tranche"))
    line = models.ForeignKey(BudgetLine, models.PROTECT, related_name="disbursements", verbose_name=_("Budget line"))
    amount = MoneyField(_("Amount"))
    status = models.CharField(_("Status"), max_length=20, default="BUDGETED", choices=DISBURSEMENT.choices())
    payee = models.CharField(_("Payee"), max_length=120, blank=True)
    doc_no = models.CharField(_("Transfer order number"), max_length=60, blank=True)
    invoice_no = models.CharField(_("Invoice number"), max_length=60, blank=True)
    contract_no = models.CharField(_("Contract number"), max_length=60, blank=True)
    moved_on = models.DateField(_("Last booked on"), null=True, blank=True)
    made_by = models.CharField(_("Made by"), max_length=150, blank=True)
    allocated_by = models.CharField(_("Allocated by"), max_length=150, blank=True)
    approved_by = models.CharField(_("Approved by"), max_length=150, blank=True)
    instructed_by = models.CharField(_("Instructed by"), max_length=150, blank=True)
    received_by = models.CharField(_("Receipt confirmed by"), max_length=150, blank=True)
    requested_by = models.CharField(_("Requested by"), max_length=150, blank=True)
    paid_by = models.CharField(_("Paid by"), max_length=150, blank=True)
    verified_by = models.CharField(_("Verified by"), max_length=150, blank=True)

    class Meta:
        ordering = ["project", "tranche"]
        verbose_name = _("Disbursement")
        verbose_name_plural = _("Disbursements")
        indexes = [models.Index(fields=["status", "moved_on"], name="funds_disbursement_status")]
        constraints = [
            models.UniqueConstraint(fields=["project", "tranche"], name="funds_tranche_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="funds_disbursement_amount"),
            models.CheckConstraint(
                condition=_is_blank_or_other("approved_by", "made_by")
                & _is_blank_or_other("approved_by", "allocated_by")
                & _is_blank_or_other("received_by", "instructed_by")
                & _is_blank_or_other("paid_by", "requested_by")
                & _is_blank_or_other("verified_by", "requested_by")
                & _is_blank_or_other("verified_by", "paid_by"),
                name="funds_maker_checker",
                violation_error_message=_("Nobody checks their own act."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Entry(models.Model):
    """One amount from one account to another. Append-only; corrected by a reversing entry, once."""

    id = Counted(primary_key=True)
    kind = models.CharField(_("Kind"), max_length=12, choices=rules.KINDS)
    date = models.DateField(_("Date"))
    source = models.ForeignKey(
        Account,
        models.PROTECT,
        to_field="code",
        db_column="source",
        db_index=False,
        related_name="given",
        verbose_name=_("From account"),
    )
    target = models.ForeignKey(
        Account,
        models.PROTECT,
        to_field="code",
        db_column="target",
        db_index=False,
        related_name="taken",
        verbose_name=_("To account"),
    )
    project = models.CharField(_("Project"), max_length=40, blank=True)
    amount = MoneyField(_("Amount"))
    memo = models.CharField(_("Summary"), max_length=200, blank=True)
    doc_no = models.CharField(_("Document number"), max_length=60, blank=True)
    payee = models.CharField(_("Payee"), max_length=120, blank=True)
    key = models.CharField(_("Key"), max_length=100)
    reverse_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="reversals",
        verbose_name=_("Reversal of"),
    )
    disbursement = models.ForeignKey(
        Disbursement,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="entries",
        verbose_name=_("Disbursement"),
    )
    by = models.CharField(_("Posted by"), max_length=150)
    at = models.DateTimeField(_("Posted at"))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("Ledger entry")
        verbose_name_plural = _("Ledger entries")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="funds_entry_key"),
            models.UniqueConstraint(
                fields=["reverse_of"], condition=Q(reverse_of__isnull=False), name="funds_reversed_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="funds_entry_amount"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="funds_entry_moves"),
            models.CheckConstraint(
                condition=Q(kind="reverse", reverse_of__isnull=False)
                | (~Q(kind="reverse") & Q(reverse_of__isnull=True)),
                name="funds_entry_reversal",
            ),
        ]
        indexes = [
            models.Index(fields=["source", "date"], name="funds_entry_source"),
            models.Index(fields=["target", "date"], name="funds_entry_target"),
            models.Index(fields=["project", "date"], name="funds_entry_project"),
            models.Index(
                fields=["disbursement"], condition=Q(disbursement__isnull=False), name="funds_entry_disbursement"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def number(self) -> int:
        """The voucher number: gap-free, in the order of commits."""
        return self.seal.seq


class Seal(models.Model):
    """The place of an entry in the chain: hash = SHA-256(previous hash, newline, the entry's canonical text)."""

    seq = Ordinal(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.seq)


class Closing(models.Model):
    """Books closed up to and including a day: nothing more is booked then or before. Never reopened."""

    until = models.DateField(_("Closed until"), unique=True)
    by = models.CharField(_("Closed by"), max_length=150)
    at = models.DateTimeField(_("Closed at"))

    class Meta:
        ordering = ["-until"]
        verbose_name = _("Closing")
        verbose_name_plural = _("Closings")

    def __str__(self) -> str:
        return self.until.isoformat()
