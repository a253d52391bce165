"""The demonstration world, loaded once for all tests of this file and rolled back at the end."""

import hashlib
import time
from collections import Counter
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.http import QueryDict

from yulan.demo.anomalies import ANOMALIES, planted
from yulan.demo.cast import actors
from yulan.demo.journeys import SCENES
from yulan.demo.places import HORIZON, VILLAGES
from yulan.demo.services import load_demo
from yulan.engines.funds import selectors as funds
from yulan.engines.funds.disbursement import DISBURSEMENT
from yulan.engines.funds.models import Balance, BudgetLine, Disbursement, Entry, Fund
from yulan.engines.projects.lifecycle import AID_PROJECT
from yulan.engines.projects.models import ON_THE_WAY, AidProject, FundingSource, MonthlyReport, ProjectSite
from yulan.engines.projects.resources import Projects
from yulan.insight.forms.catalogue import fill_f49, fill_f50
from yulan.insight.forms.models import Fact
from yulan.kernel.access import SYSTEM, Refused
from yulan.kernel.deadlines import deadlines_of
from yulan.kernel.firing import may_fire
from yulan.kernel.lifecycle import Firing
from yulan.kernel.resource.exporting import export
from yulan.kernel.resource.query import Query
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import change_set
from yulan.kernel.verify import verify_all
from yulan.plan.models import Measure
from yulan.registry.parties.models import Account, Organisation, Person
from yulan.registry.parties.rules import ROLE
from yulan.registry.records.services import load_records
from yulan.registry.regions.history import Gazetteer

SECONDS = 60
PUBLISHED = {
    ("5423",): (259, "4.13"),
    ("6529",): (388, "1.6"),
    ("5326", "5325", "5308", "5334"): (625, "4.29"),
    ("500101", "420506"): (218, "1.25"),
}
NINTH = {"year__gte": 2001, "year__lte": 2005}


@contextmanager
def loaded():
    """The world in a transaction that is rolled back; gives what was counted and the processor seconds it took."""
    with transaction.atomic():
        start = time.process_time()
        counts = load_demo(by=SYSTEM)
        yield counts, time.process_time() - start
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), loaded() as found:
        yield found


def digest():
    """What an export of all projects says."""
    rows = b"".join(export(Query(Projects(), SYSTEM, QueryDict()), "json"))
    return hashlib.sha256(rows).hexdigest()


def within(prefixes, path="region"):
    return Q(*((f"{path}__startswith", prefix) for prefix in prefixes), _connector=Q.OR)


def test_loads_in_time_and_never_twice(world):
    counts, seconds = world
    assert seconds <= SECONDS
    assert counts["projects"] == 3000
    assert 15_000 <= counts["entries"] <= 25_000
    assert load_demo(by=SYSTEM) == {}


@pytest.mark.parametrize("prefixes", PUBLISHED)
def test_areas_have_the_published_projects_and_funds(world, prefixes):
    projects, funds_ = PUBLISHED[prefixes]
    found = AidProject.objects.filter(within(prefixes), **NINTH).aggregate(n=Count("pk"), aid=Sum("aid_amount"))
    assert found == {"n": projects, "aid": round(float(funds_) * 10**10)}


def test_the_register_shows_which_printed_figure_is_off(world):
    rows = AidProject.objects.filter(**NINTH)
    assert rows.count() == 1490
    assert rows.filter(year=2005).aggregate(n=Count("pk"), aid=Sum("aid_amount")) == {"n": 448, "aid": 32_900_000_000}


def test_villages_are_the_published_ones(world):
    kinds = ("pilot_village", "key_village")
    assert ProjectSite.objects.filter(kind__in=kinds, project__year__lte=2005).count() == VILLAGES
    assert ProjectSite.objects.filter(kind="magnolia_village").exists()


def test_money_of_the_ninth_agrees_at_every_stage(world):
    stages = funds.chains(year=[2001, 2002, 2003, 2004, 2005])[()].stages
    assert set(stages.values()) == {112_700_000_000}


def test_every_state_has_rows_and_the_years_grow(world):
    states = Counter(AidProject.objects.values_list("state", flat=True))
    assert states.keys() == AID_PROJECT.states.keys()
    assert min(states.values()) >= 5
    years = Counter(AidProject.objects.filter(year__gte=2006).values_list("year", flat=True))
    assert [years[y] for y in sorted(years)] == sorted(years.values())
    assert set(AidProject.objects.filter(year__lte=2005).values_list("state", flat=True)) == {"CLOSED"}


def test_all_eight_areas_have_projects_each_year_they_were_paired(world):
    paired = AidProject.objects.exclude(pairing=None).values_list("pairing__region", "year")
    paired = paired.order_by().distinct()
    years = Counter(region for region, _year in paired)
    assert years.pop("533400") == 7
    assert set(years.values()) == {10}
    assert len(years) == 7


def test_regions_were_paired_and_bear_the_codes_of_the_plan(world):
    register = Gazetteer.load()
    codes = set(AidProject.objects.values_list("region", flat=True))
    assert all(register.span(code, date(2007, 3, 28)) for code in codes)
    outside = AidProject.objects.filter(region__startswith="5331")
    assert outside.exists()
    assert not outside.filter(exception_reason="").exists()
    for project in AidProject.objects.order_by("code")[::60]:
        assert project.exception_reason or project.has_valid_pairing, project.code


def test_sources_add_up(world):
    wrong = AidProject.objects.exclude(state="IDEA").annotate(said=Sum("sources__amount")).exclude(said=F("total"))
    assert not wrong.exists()
    aid = FundingSource.objects.filter(source=F("project__budget_line__fund__source"))
    assert not aid.exclude(amount=F("project__aid_amount")).exists()


@pytest.mark.parametrize(
    "model",
    [AidProject, FundingSource, ProjectSite, MonthlyReport, Fund, BudgetLine, Disbursement, Organisation, Person, Fact],
)
def test_what_was_inserted_in_bulk_is_valid(world, model):
    rows = model.objects.order_by("pk")
    for row in rows[:: max(1, rows.count() // 60)]:
        row.full_clean()


def test_ledger_balances_and_everything_verifies(world):
    assert sum(funds.trial_balance().values()) == 0
    assert not any(verify_all().values())


def test_closed_projects_have_no_open_money_and_lines_are_covered(world):
    closed = AidProject.objects.filter(state__in=("CLOSED", "TERMINATED", "REJECTED")).values("code")
    assert not Balance.objects.filter(project__in=closed, account__kind__in=ON_THE_WAY, amount__gt=0).exists()
    issued = AidProject.objects.exclude(issued_on=None).exclude(state="TERMINATED")
    paid = Entry.objects.filter(kind="allocate").values_list("project").annotate(Sum("amount"))
    assert dict(issued.values_list("code", "aid_amount")).items() <= dict(paid).items()
    waiting = AidProject.objects.filter(issued_on=None).exclude(budget_line=None).select_related("budget_line")
    for line in {project.budget_line for project in waiting}:
        assert sum(p.aid_amount for p in waiting if p.budget_line == line) <= line.left, line.code


def test_nothing_lies_after_the_horizon(world):
    assert not Entry.objects.filter(date__gt=HORIZON).exists()
    assert not AidProject.objects.filter(issued_on__gt=HORIZON).exists()
    assert not MonthlyReport.objects.filter(month__gt=HORIZON).exists()


def test_some_money_is_held_and_some_surplus_has_gone_back(world):
    flows = {kind: funds.flows(kind).get((), 0) for kind in ("hold", "recall", "carry", "recover")}
    assert all(flows.values()), flows
    assert flows["recover"] < flows["carry"]


def test_steps_of_a_project_are_in_order(world):
    wrong = Q(issued_on__gt=F("started_on")) | Q(started_on__gt=F("accepted_on")) | Q(accepted_on__gt=F("handed_on"))
    assert not AidProject.objects.filter(wrong).exists()
    assert not AidProject.objects.filter(publicity_until__gte=F("issued_on")).exists()
    assert not AidProject.objects.filter(audited_amount__gt=F("claimed_amount")).exists()


def test_each_role_has_an_account_that_enters_without_password(world):
    rows = Account.objects.filter(demonstration=True, is_active=True)
    held = set(rows.values_list("assignments__role", flat=True))
    assert held == set(ROLE)
    assert not any(account.has_usable_password() for account in rows)
    assert not any(account.has_usable_password() for account in Account.objects.all())
    places = set(rows.filter(assignments__role="district").values_list("assignments__organisation__code", flat=True))
    assert places == {"SH-HUANGPU", "SH-JINGAN"}


def test_districts_see_their_own_drafts_only(world):
    def drafts(name):
        rows = Projects().visible_to(Account.objects.get(username=name).actor())
        return set(
            rows.filter(state__in=("IDEA", "DRAFT", "SUBMITTED", "REVIEW")).values_list("supporter__code", flat=True)
        )

    assert drafts("district-huangpu") == {"SH-HUANGPU"}
    assert drafts("district-jingan") <= {"SH-JINGAN"}
    assert len(drafts("officer")) > 5


def test_invented_names_say_so(world):
    invented = Organisation.objects.filter(Q(code__startswith="DEMO-") | Q(code__startswith="TEAM-"))
    assert invented.count() > 15
    assert not invented.exclude(name_zh__contains="演示").exists()
    assert not Account.objects.exclude(name__contains="演示").exists()
    assert not AidProject.objects.exclude(content__contains="演示").exists()
    assert not AidProject.objects.exclude(Q(doc_no="") | Q(doc_no__startswith="演示")).exists()
    assert not Entry.objects.exclude(payee="").exclude(payee__contains="演示").exists()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.until)
def test_journeys_stand_where_they_should_by_many_hands(world, scene):
    project = AidProject.objects.get(code=scene.code)
    assert project.state == scene.until
    assert project.supporter.code == scene.supporter
    told = timeline(project)
    if scene.until == "CLOSED":
        assert len({entry["actor"] for entry in told}) >= 7
        assert [entry["action"] for entry in told][:3] == ["close", "evaluate", "hand_over"]


def test_measures_have_leads_notes_and_states(world):
    rows = Measure.objects.all()
    assert rows.count() == 57
    assert rows.filter(lead=None).count() == 5
    assert set(rows.values_list("state", flat=True)) == {"planned", "under_way", "delayed", "achieved", "dropped"}
    assert rows.exclude(notes=None).count() == 52
    assert not rows.filter(state="achieved").exclude(notes__evidence__gt="").exists()


def test_typed_in_facts_add_to_the_published_figures(world):
    sums = dict(Fact.objects.filter(**NINTH).values_list("indicator__code").annotate(Sum("value")).order_by())
    assert sums["dispatched"] == 1800
    assert sums["coop_projects_paired"] == 924


def test_annual_tables_are_filled_but_for_a_few_cells(world):
    for year in range(2001, 2010):
        assert fill_f50(year).fill_rate == 100, year
    assert 80 <= fill_f50(2010).fill_rate < 100
    assert 80 <= fill_f49(2010).fill_rate < 100


# The demonstration's own day


@pytest.fixture
def last_day(world, settings):
    settings.TODAY = HORIZON


def lights(lifecycle, rows):
    """Count the lights of records as of the house's day."""
    return Counter(found.tone for found in deadlines_of(lifecycle, rows) if found)


def test_most_lights_are_green_and_some_are_not(last_day):
    under_way = lights(AID_PROJECT, AidProject.objects.filter(state__in=("CONSTRUCT", "PREPARE", "ACCEPTED")))
    assert under_way["ok"] > under_way["warn"] + under_way["bad"] > under_way["bad"] > 5
    money = Disbursement.objects.all()
    on_the_way = lights(DISBURSEMENT, money.filter(status="INSTRUCTED"))
    assert on_the_way["ok"] > on_the_way["warn"] + on_the_way["bad"]
    assert min(on_the_way.values()) >= 5
    idle = lights(DISBURSEMENT, money.filter(status="RECEIVED"))
    assert idle["ok"] > 5 * idle["bad"] > 0
    ages = [row.age for row in funds.in_transit()]
    assert max(ages) < 150
    assert sorted(ages)[len(ages) // 2] < 30


def test_some_reports_of_the_last_month_are_still_to_come(last_day):
    building = AidProject.objects.filter(state="CONSTRUCT")
    filed = building.filter(reports__month=date(2010, 12, 1)).distinct().count()
    assert 30 < filed < building.count() - 20


def test_somebody_may_make_every_move(last_day):
    people = list(actors().values())
    for move in AID_PROJECT.moves:
        for state in move.sources:
            rows = AidProject.objects.filter(state=state).order_by("-progress", "-code")[:40]
            tried = (
                may_fire(AID_PROJECT, row, move, Firing(by, HORIZON), Projects().covers, inputs=False)
                for row in rows
                for by in people
                if by.has(move.roles)
            )
            assert any(tried), f"{move.name} from {state}"


def test_moves_of_a_journey_were_judged_on_their_days(world):
    played = AidProject.objects.filter(code__in=[scene.code for scene in SCENES])
    late = played.exclude(started_on=None).filter(started_on__gte=F("accepted_on"))
    assert not late.exists()
    assert played.exclude(started_on=None).count() >= 6


# Anomalies: what a plain query finds on the last day is what was planted, no more


@pytest.fixture
def truth(world):
    return {code: set(projects) for code, projects in planted().items()}


def by_hand():
    """Leave out the projects of the journeys, which people took along."""
    return Q(project__in=[scene.code for scene in SCENES])


def test_every_anomaly_is_planted(truth):
    assert {code: len(projects) for code, projects in truth.items()} == {one.code: one.count for one in ANOMALIES}


def test_money_long_in_transit(truth):
    late = {row.project for row in funds.in_transit(HORIZON) if row.age > 60}
    assert late == truth["transit"]


def test_receipts_long_after_the_transfer(truth):
    pairs = Entry.objects.filter(kind="receive", disbursement__isnull=False).values_list(
        "project", "disbursement_id", "date"
    )
    sent = dict(Entry.objects.filter(kind="instruct").values_list("disbursement_id", "date"))
    late = {project for project, tranche, day in pairs if (day - sent[tranche]).days > 60}
    early = truth["late_receipt"] & set(AidProject.objects.filter(year__lt=2008).values_list("code", flat=True))
    assert late == truth["late_receipt"] - early


def test_idle_money(truth):
    rows = Disbursement.objects.filter(status="RECEIVED").exclude(by_hand())
    assert set(rows.filter(moved_on__lt=date(2009, 1, 1)).values_list("project", flat=True)) == truth["idle_two"]
    idle = set(rows.filter(moved_on__lt=date(2010, 7, 1)).values_list("project", flat=True))
    assert idle == truth["idle"] | truth["idle_two"]


def test_money_carried_over(truth):
    rows = Disbursement.objects.filter(status="CARRIED", line__fund__year__lte=HORIZON.year - 2)
    assert set(rows.values_list("project", flat=True)) == truth["carried"]


def test_payments_ahead_of_the_works(truth):
    paid = Disbursement.objects.filter(status__in=("PAID", "VERIFIED")).exclude(by_hand())
    sums = dict(paid.values_list("project").annotate(Sum("amount")))
    rows = AidProject.objects.filter(code__in=sums)
    assert {p.code for p in rows if sums[p.code] * 100 > (p.progress + 10) * p.aid_amount} == truth["paid_ahead"]


def test_doubtful_payees_and_invoices(truth):
    assert (
        set(Entry.objects.filter(payee__contains="个人账户").values_list("project", flat=True))
        == truth["personal_payee"]
    )
    used = Disbursement.objects.exclude(invoice_no="")
    twice = used.values("invoice_no").annotate(n=Count("pk")).filter(n__gt=1).values("invoice_no")
    assert set(used.filter(invoice_no__in=twice).values_list("project", flat=True)) == truth["same_invoice"]


def test_works_behind_unsettled_or_not_public(truth):
    reports = MonthlyReport.objects.filter(planned__gt=F("actual") + 20)
    assert set(reports.values_list("project__code", flat=True)) == truth["behind"]
    accepted = AidProject.objects.filter(state="ACCEPTED", accepted_on__lt=date(2010, 9, 30))
    assert set(accepted.values_list("code", flat=True)) == truth["not_settled"]
    unseen = AidProject.objects.exclude(issued_on=None).filter(publicity_until=None)
    assert set(unseen.values_list("code", flat=True)) == truth["not_public"]
    building = AidProject.objects.filter(state="CONSTRUCT").prefetch_related("reports")
    assert {one.code for one in building if one.overdue_reports(HORIZON)} == truth["no_report"]


def test_villages_helped_twice(truth):
    seen = {}
    rows = ProjectSite.objects.filter(project__sector="whole_village", kind="magnolia_village")
    for project, year, county, name, place in rows.values_list(
        "project__code", "project__year", "region", "name", "project__name"
    ):
        town = place.partition(name)[0] or place
        seen.setdefault((year, county, name, town), set()).add(project)
    twice = {project for projects in seen.values() if len(projects) > 1 for project in projects}
    assert truth["same_village"] <= twice


# Loading again


@pytest.mark.slow
def test_same_world_each_time(django_db_setup, django_db_blocker):
    found = set()
    with django_db_blocker.unblock():
        for _turn in (1, 2):
            with loaded():
                found.add((digest(), Entry.objects.order_by("-seal__seq").values_list("key", "amount", "date")[0]))
    assert len(found) == 1


@pytest.mark.django_db
def test_never_mixed_with_work_of_ones_own():
    load_records(by=SYSTEM)
    with change_set(by=SYSTEM) as cs:
        owner = cs.create(Organisation(code="SH", name_zh="上海市人民政府", kind="government"))
        cs.create(Fund(code="F1", name_zh="自有资金", owner=owner, year=2010, source="municipal"))
    with pytest.raises(Refused) as refused:
        load_demo(by=SYSTEM)
    assert refused.value.status == 409
