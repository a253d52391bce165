"""The plan's records, declared."""

from yulan.kernel.access import Everywhere, Place
from yulan.kernel.resource import Resource
from yulan.plan import rules
from yulan.plan.models import Figure, Indicator, IndicatorOverlap, Measure, PlanDocument, PlanNode, ProgressNote

READERS = "officer head leader finance district field recipient auditor evaluator operator outoffice"


class PlanDocuments(Resource):
    """Plans that are followed here."""

    model = PlanDocument
    channel = "reports"
    read = READERS
    write = {"head": "*"}
    columns = "title_zh doc_no issuer signed_on start_year end_year"
    search = "code title_zh title_en doc_no"
    public = "code title_zh title_en doc_no issuer signed_on published_on start_year end_year cycle source_url"


class PlanParts(Resource):
    """Chapters, goals, tasks and safeguards of a plan."""

    model = PlanNode
    channel = "reports"
    read = READERS
    write = {"head": "*"}
    columns = "clause title_zh kind parent line"
    filters = "kind document"
    search = "clause title_zh title_en"
    order = "position"
    public = "code clause kind title_zh title_en parent line"


class Measures(Resource):
    """The plan's measures: lead unit, years, state."""

    model = Measure
    channel = "reports"
    read = READERS
    write = {"officer head": "lead co_units milestone start_year end_year"}
    columns = "code title_zh node lead.name_zh start_year end_year state"
    filters = "node lead state"
    search = "code title_zh title_en"
    order = "position"
    public = "code title_zh title_en node lead lead.name_zh co_units start_year end_year milestone state line"
    lifecycle = rules.MEASURE


class ProgressNotes(Resource):
    """What was done for a measure, with evidence."""

    model = ProgressNote
    under = "measure"
    channel = "reports"
    scope = Place("measure__lead__path")
    read = READERS
    write = {"officer head district outoffice": "code measure on text percent evidence"}
    columns = "code measure on percent text evidence"
    filters = "measure on"
    search = "code text evidence"
    order = "-on code"


class Indicators(Resource):
    """Numbers that can be asked for, with unit and calibre."""

    model = Indicator
    channel = "reports"
    scope = Everywhere()
    read = READERS
    write = {"head": "*"}
    columns = "name_zh code unit calibre stock_flow note"
    filters = "calibre stock_flow"
    search = "code name_zh name_en"
    public = "code name_zh name_en unit calibre stock_flow note"


class IndicatorOverlaps(Resource):
    """Pairs of indicators that may count the same thing."""

    model = IndicatorOverlap
    channel = "reports"
    read = READERS
    write = {"head": "*"}
    columns = "one other reason_zh"
    public = "code one other reason_zh reason_en"


class Figures(Resource):
    """Published figures with qualifier, period and line."""

    model = Figure
    channel = "reports"
    read = READERS
    write = {"head": "*"}
    columns = "code indicator value qualifier indicator.unit region_text period_start period_end line suspect"
    filters = "indicator qualifier suspect"
    search = "code region_text note"
    public = "code document indicator indicator.unit value qualifier region region_text region_text_en "
    public += "period_start period_end line suspect note"
