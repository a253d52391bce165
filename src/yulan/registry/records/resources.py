"""Dictionaries, terms and regulations as resources. Public: they are what all other figures are read by."""

from typing import Any

from yulan.kernel.access import Actor
from yulan.kernel.resource import Resource
from yulan.kernel.trail import ChangeSet
from yulan.registry.records import rules, terms
from yulan.registry.records.models import Dictionary, Regulation, Term

KEEPERS = " ".join(rules.KEEPERS)


class Dictionaries(Resource):
    """Named sets of the plan and code lists of the work (requirements §3.4)."""

    model = Dictionary
    channel = "reports"
    write = {KEEPERS: "code name_zh name_en source stated note"}
    columns = "name_zh code stated source"
    search = "code name_zh name_en"
    public = "code name_zh name_en source stated note"

    def make(self, changes: ChangeSet, values: dict[str, Any], by: Actor) -> Dictionary:
        """Open one; drop-downs are read anew."""
        terms.forget()
        return changes.create(Dictionary(**values))

    def change(self, changes: ChangeSet, obj: Dictionary, values: dict[str, Any], by: Actor) -> Dictionary:
        """Change one; drop-downs are read anew."""
        terms.forget()
        return changes.update(obj, **values)


class Terms(Resource):
    """Members of dictionaries, in both languages."""

    model = Term
    under = "dictionary"
    channel = "reports"
    key = "key"
    write = {KEEPERS: "key dictionary code name_zh name_en order part extra valid_from valid_to"}
    columns = "name_zh dictionary code part extra"
    filters = "dictionary part extra"
    search = "code name_zh name_en"
    order = "dictionary__code order"
    public = "key dictionary code name_zh name_en order part extra valid_from valid_to"

    def make(self, changes: ChangeSet, values: dict[str, Any], by: Actor) -> Term:
        """Add a term; drop-downs are read anew."""
        terms.forget()
        return changes.create(Term(**values))

    def change(self, changes: ChangeSet, obj: Term, values: dict[str, Any], by: Actor) -> Term:
        """Change a term; drop-downs are read anew."""
        terms.forget()
        return changes.update(obj, **values)


class Regulations(Resource):
    """Regulations, plans and other documents that the work rests on (R012)."""

    model = Regulation
    channel = "reports"
    write = {KEEPERS: "code doc_no title title_en issuer issued_on replaces scope clause use unverified note"}
    columns = "title code doc_no issuer issued_on clause use status"
    filters = "issuer use unverified issued_on"
    search = "title title_en doc_no issuer"
    public = "code doc_no title title_en issuer issued_on status replaces scope clause use unverified note"
    lifecycle = rules.REGULATION
