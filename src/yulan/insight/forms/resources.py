"""Typed-in facts, declared."""

from yulan.insight.forms.models import Fact
from yulan.kernel.access import Place
from yulan.kernel.resource import Resource


class Facts(Resource):
    """Numbers that no room gives yet: entered once, read by every form."""

    model = Fact
    channel = "reports"
    scope = Place(region="region", organisation="")
    read = "officer head leader finance auditor evaluator field recipient"
    write = {"officer head field recipient": "code indicator region year value source"}
    columns = "indicator region year value indicator.unit source"
    filters = "indicator region year"
    search = "code source"
