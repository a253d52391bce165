"""Funds as a Django app."""

from django.apps import AppConfig


class FundsConfig(AppConfig):
    """Funds, budget lines, the ledger, disbursements."""

    name = "yulan.engines.funds"
    label = "funds"
    clauses = ("四(二)",)
    verifiers = ("yulan.engines.funds.verify.verify_ledger",)
