"""The lifecycle in the database: no way leads over an illegal pair, whoever asks, by whatever channel."""

from typing import Any

import pytest

from yulan.engines.projects.lifecycle import AID_PROJECT
from yulan.engines.projects.models import AidProject
from yulan.engines.projects.tests.machine import ILLEGAL, STATES, TRANSITIONS
from yulan.kernel.access import SYSTEM, Refused
from yulan.kernel.resource import resource_named
from yulan.kernel.resource.write import Invalid, edit, move
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import change_set, head
from yulan.registry.parties.tests.makers import make_actor, make_organisation
from yulan.registry.records.services import load_records

pytestmark = pytest.mark.django_db
PROJECTS = resource_named("projects")
MOVES = sorted({(name, target) for _source, name, target in TRANSITIONS})


@pytest.fixture(autouse=True)
def dictionaries(db: None) -> None:
    load_records(by=SYSTEM)


def make_project(state: str) -> AidProject:
    """Make a project in a state, with next to nothing filled in."""
    with change_set(by=SYSTEM, reason="made for a test") as changes:
        fields = {"code": f"P-{state}", "name": "演示项目", "year": 2007, "region": "652900", "sector": "education"}
        return changes.create(AidProject(supporter=make_organisation(), total=100, state=state, **fields))


def put(project: AidProject) -> str:
    """Give the state as it is stored."""
    return AidProject.objects.values_list("state", flat=True).get(pk=project.pk)


@pytest.mark.parametrize("state", STATES)
def test_no_move_joins_an_illegal_pair(state):
    project, seen = make_project(state), set()
    there = head()
    for name, target in MOVES:
        if (state, target) not in ILLEGAL:
            continue
        with pytest.raises(Refused) as refusal:
            move(PROJECTS, project, name, by=SYSTEM, opinion="同意")
        assert refusal.value.status == 409
        assert str(AID_PROJECT.states[state].label) in refusal.value.reasons[0]
        seen.add(target)
    assert seen == {target for target in STATES if (state, target) in ILLEGAL} - {"IDEA"}, "nothing leads to IDEA"
    assert (put(project), head()) == (state, there)


@pytest.mark.parametrize("state", STATES)
def test_no_field_of_a_form_sets_the_state(state):
    project, officer = make_project(state), make_actor("officer")
    assert "state" not in PROJECTS.writable(officer)
    for other in STATES:
        with pytest.raises((Invalid, Refused)):
            edit(PROJECTS, project, {"state": other}, version=project.version, by=officer)
    assert put(project) == state


@pytest.mark.parametrize(("source", "name", "target"), sorted(TRANSITIONS))
def test_a_move_is_made_by_its_roles_alone(source, name, target):
    project, chosen = make_project(source), AID_PROJECT.find(name, source)
    others = {"officer", "head", "leader", "finance", "district", "field", "recipient", "auditor", "evaluator"}
    for role in others - set(chosen.roles):
        with pytest.raises(Refused) as refusal:
            move(PROJECTS, project, name, by=make_actor(role), opinion="同意")
        assert refusal.value.status == 403, role
    assert put(project) == source


def test_every_reason_is_given_at_once_and_nothing_is_written():
    project = make_project("DRAFT")
    with pytest.raises(Refused) as refusal:
        move(PROJECTS, project, "submit", by=make_actor("recipient"))
    assert refusal.value.status == 409
    assert len(refusal.value.reasons) == 3, "form, pairing and sources"
    assert (put(project), len(timeline(project))) == ("DRAFT", 1)


def test_a_decision_without_an_opinion_is_refused():
    project: Any = make_project("PRECHECK")
    field = make_actor("field")
    with pytest.raises(Refused, match="opinion"):
        move(PROJECTS, project, "return", by=field, opinion="  ")
    returned = move(PROJECTS, project, "return", by=field, opinion="缺可行性研究")
    assert (returned.state, timeline(returned)[0]["reason"]) == ("RETURNED", "缺可行性研究")
