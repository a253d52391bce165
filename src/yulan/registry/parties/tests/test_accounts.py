"""Accounts, roles, delegation and tokens."""

import threading
import time
from datetime import date, timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from yulan.kernel.access import SYSTEM, Actor, Grant, Refused
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import TrailEntry, change_set
from yulan.registry.parties import rules, services
from yulan.registry.parties.models import Account, ApiToken, Assignment
from yulan.registry.parties.tests.makers import make_account, make_actor, make_organisation, make_person

pytestmark = pytest.mark.django_db

DAY = date(2007, 3, 28)


def test_an_actor_has_the_grants_of_the_day(django_assert_num_queries):
    city = make_organisation("SH")
    office = make_organisation("SH-HUANGPU", parent=city)
    account = make_account("li")
    services.assign_role(account, "district", by=SYSTEM, organisation=office, valid_from=date(2001, 1, 1))
    services.assign_role(account, "field", by=SYSTEM, region="540200", valid_from=DAY, valid_to=date(2010, 1, 1))
    account = Account.objects.get(username="li")
    with django_assert_num_queries(1):
        actor = account.actor(DAY)
    district, field = actor.grants
    assert (district.role, district.organisation, district.regions) == ("district", "SH.SH-HUANGPU.", ())
    assert (field.role, field.regions) == ("field", ("5402", "5423"))
    assert (actor.name, actor.label, actor.account_id) == ("li", "li 先生", account.pk)
    assert [g.role for g in account.actor(date(2010, 1, 1)).grants] == ["district"]
    assert account.actor(date(2000, 12, 31)).grants == ()


def test_an_inactive_account_may_nothing():
    account = make_account("li", "officer")
    services.close_account(account, by=make_actor("sysadmin"), reason="left")
    assert account.actor().grants == ()


def test_sign_in_by_password_leaves_no_write():
    account = make_account("li")
    services.set_password(account, "玉兰花开-2007-春天", by=SYSTEM)
    entries = TrailEntry.objects.count()
    version = Account.objects.get(pk=account.pk).version
    assert authenticate(username="li", password="玉兰花开-2007-春天") == account
    assert authenticate(username="li", password="wrong") is None
    assert Account.objects.get(pk=account.pk).version == version
    assert TrailEntry.objects.count() == entries


def test_an_account_without_password_is_not_entered_by_one():
    assert not make_account("li").has_usable_password()


def test_passwords_leave_no_hash_in_the_trail():
    account = make_account("li")
    services.set_password(account, "玉兰花开-2007-春天", by=account.actor())
    assert timeline(account)[0]["action"] == "set password"
    assert "scrypt" not in "".join(TrailEntry.objects.values_list("body", flat=True))
    with pytest.raises(ValidationError):
        services.set_password(account, "short", by=SYSTEM)
    with pytest.raises(Refused):
        services.set_password(account, "玉兰花开-2007-夏天", by=make_actor("secadmin"))


@pytest.mark.parametrize("role", ["officer", "secadmin", "auditadmin"])
def test_only_the_system_administrator_opens_accounts(role):
    with pytest.raises(Refused, match=r"System administrator|系统管理员"):
        services.open_account("new", "New", by=make_actor(role))


@pytest.mark.parametrize("role", ["officer", "sysadmin", "auditadmin"])
def test_only_the_security_administrator_gives_roles(role):
    with pytest.raises(Refused):
        services.assign_role(make_account(), "officer", by=make_actor(role))


def test_nobody_gives_a_role_to_themself():
    account = make_account("sec", "secadmin")
    with pytest.raises(Refused, match="themself"):
        services.assign_role(account, "officer", by=account.actor())


def test_three_administrators_are_three_hands():
    person = make_person()
    make_account("one", "sysadmin", person=person)
    two = make_account("two", person=person)
    for role in ("secadmin", "auditadmin"):
        with pytest.raises(Refused) as refused:
            services.assign_role(two, role, by=SYSTEM)
        assert refused.value.status == 409
    make_account("three", "secadmin", person=make_person())


def test_exclusive_roles_may_follow_each_other():
    account = make_account()
    first = services.assign_role(account, "auditor", by=SYSTEM, valid_from=date(2006, 1, 1), valid_to=DAY)
    services.assign_role(account, "evaluator", by=SYSTEM, valid_from=DAY)
    with pytest.raises(Refused):
        services.assign_role(account, "auditor", by=SYSTEM, valid_from=date(2008, 1, 1), valid_to=date(2009, 1, 1))
    assert services.roles_held(account, date(2006, 6, 1), DAY) == {"auditor"}
    assert first.valid_to == DAY


@pytest.mark.parametrize("pair", [tuple(sorted(pair)) for pair in rules.EXCLUSIVE])
@pytest.mark.parametrize("same_account", [True, False])
def test_database_refuses_exclusive_roles_in_one_hand(pair, same_account):
    person = make_person()
    account = make_account("", pair[0], person=person)
    other = account if same_account else make_account("", person=person)
    rows = [Assignment(account=other, role=pair[1], valid_from=DAY)]
    with pytest.raises(IntegrityError, match="one hand"), transaction.atomic(), change_set(by=SYSTEM) as cs:
        cs.insert_many(Assignment, rows)
    ended = services.assign_role(other, "officer", by=SYSTEM, valid_from=DAY)
    with pytest.raises(IntegrityError, match="one hand"), transaction.atomic():
        Assignment.objects.filter(pk=ended.pk).update(role=pair[1])


def test_database_knows_the_same_pairs_as_the_rules():
    import importlib

    migration = importlib.import_module("yulan.registry.parties.migrations.0002_exclusive_roles")
    assert {frozenset(pair) for pair in migration.PAIRS} == set(rules.EXCLUSIVE)


def test_unknown_roles_are_refused():
    with pytest.raises(ValidationError, match="role"):
        services.assign_role(make_account(), "king", by=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_give_both_roles():
    account = make_account("li")
    done: list[str] = []
    start = threading.Barrier(2)

    def give(role):
        start.wait()
        try:
            services.assign_role(Account.objects.get(username="li"), role, by=SYSTEM)
            done.append(role)
        except (Refused, IntegrityError):
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=give, args=(role,)) for role in ("auditor", "evaluator")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert account.assignments.count() == 1


def test_a_role_is_lent_for_a_time_in_the_other_s_name():
    office = make_organisation("SH-CCO")
    head, deputy = make_account("head", "head", organisation=office), make_account("deputy")
    today = timezone.localdate()
    lent = services.delegate_role(
        head.assignments.get(), deputy, by=head.actor(), valid_to=today + timedelta(days=7), reason="leave"
    )
    actor = deputy.actor()
    assert actor.name == "deputy"
    assert actor.grants == (Grant("head", "SH-CCO.", (), "head 先生"),)
    assert deputy.actor(today + timedelta(days=7)).grants == ()
    assert timeline(lent)[0]["after"]["delegated_by_id"] == head.pk


def test_what_is_lent_is_bounded():
    head, deputy, third = make_account("head", "head"), make_account("deputy"), make_account("third")
    mine, today = head.assignments.get(), timezone.localdate()
    week = today + timedelta(days=7)
    with pytest.raises(Refused):
        services.delegate_role(mine, third, by=deputy.actor(), valid_to=week)
    with pytest.raises(Refused, match="all of that time"):
        services.delegate_role(mine, deputy, by=head.actor(), valid_from=date(2000, 1, 1), valid_to=week)
    with pytest.raises(ValidationError, match="themself"):
        services.delegate_role(mine, head, by=head.actor(), valid_to=week)
    lent = services.delegate_role(mine, deputy, by=head.actor(), valid_to=week)
    with pytest.raises(Refused, match="further"):
        services.delegate_role(lent, third, by=deputy.actor(), valid_to=week)


def test_lending_respects_exclusion():
    auditor, evaluator = make_account("", "auditor"), make_account("", "evaluator")
    with pytest.raises(Refused, match="one hand"):
        services.delegate_role(
            auditor.assignments.get(), evaluator, by=auditor.actor(), valid_to=timezone.localdate() + timedelta(days=1)
        )


def test_a_role_that_ends_takes_along_what_was_lent():
    head, deputy = make_account("head", "head"), make_account("deputy")
    week = timezone.localdate() + timedelta(days=7)
    services.delegate_role(head.assignments.get(), deputy, by=head.actor(), valid_to=week)
    assert deputy.actor().roles == {"head"}
    services.end_assignment(head.assignments.get(), by=make_actor("secadmin"), reason="moved")
    assert head.actor().grants == deputy.actor().grants == ()


def test_a_delegation_has_an_end_on_the_database_too():
    one, two = make_account(), make_account()
    with pytest.raises(IntegrityError), transaction.atomic(), change_set(by=SYSTEM) as cs:
        cs.insert_many(Assignment, [Assignment(account=one, role="head", delegated_by=two)])


def test_a_token_acts_as_its_account(django_assert_num_queries):
    office = make_organisation("SH-CCO")
    account = make_account("li", "officer", "finance", organisation=office)
    token = services.issue_token("li", by=account.actor(), label="laptop")
    with django_assert_num_queries(2):
        actor = services.actor_of_token(token)
    assert actor == account.actor()
    assert actor.roles == {"officer", "finance"}
    with django_assert_num_queries(1):  # kept: only asks whether anything changed
        assert services.actor_of_token(token) == actor


def test_what_is_taken_from_a_token_counts_at_once():
    office = make_organisation("SH-CCO")
    account = make_account("li", "officer", "finance", organisation=office)
    token = services.issue_token("li", by=SYSTEM, label="laptop")
    assert services.actor_of_token(token).roles == {"officer", "finance"}
    services.end_assignment(account.assignments.get(role="finance"), by=SYSTEM, reason="moved")
    assert services.actor_of_token(token).roles == {"officer"}
    services.change_organisation(office, by=SYSTEM, parent=make_organisation("SH"))
    assert services.actor_of_token(token).grants[0].organisation == "SH.SH-CCO."
    with change_set(by=SYSTEM) as cs:
        cs.update(ApiToken.objects.get(), expires=timezone.now() + timedelta(milliseconds=50))
    assert services.actor_of_token(token) is not None
    time.sleep(0.06)
    assert services.actor_of_token(token) is None
    with change_set(by=SYSTEM) as cs:
        cs.update(ApiToken.objects.get(), expires=None)
    assert services.actor_of_token(token) is not None
    services.close_account(account, by=SYSTEM, reason="left")
    assert services.actor_of_token(token) is None


def test_a_token_of_somebody_without_roles_is_still_theirs():
    make_account("li")
    token = services.issue_token("li", by=SYSTEM, label="x")
    assert services.actor_of_token(token) == Actor("li", (), "li 先生", Account.objects.get().pk)


def test_a_token_is_kept_as_a_digest_only():
    make_account("li", "officer")
    token = services.issue_token("li", by=SYSTEM, label="laptop")
    assert token.startswith("yulan_")
    stored = str(ApiToken.objects.values().get()) + "".join(TrailEntry.objects.values_list("body", flat=True))
    assert token not in stored


def test_a_token_ends():
    account = make_account("li", "officer")
    token = services.issue_token("li", by=SYSTEM, label="laptop")
    assert services.actor_of_token(token + "x") is None
    assert services.actor_of_token("") is None
    row = ApiToken.objects.get()
    with change_set(by=SYSTEM) as cs:
        cs.update(row, expires=timezone.now() - timedelta(seconds=1))
    assert services.actor_of_token(token) is None
    with change_set(by=SYSTEM) as cs:
        cs.update(row, expires=None)
    assert services.actor_of_token(token)
    services.revoke_token(row, by=account.actor())
    assert services.actor_of_token(token) is None


def test_a_token_sees_only_what_is_in_force_that_day():
    account = make_account("li")
    services.assign_role(account, "officer", by=SYSTEM, valid_from=date(2006, 1, 1), valid_to=date(2008, 1, 1))
    token = services.issue_token("li", by=SYSTEM, label="x", days=None)
    assert services.actor_of_token(token, DAY).roles == {"officer"}
    assert services.actor_of_token(token).roles == set()


def test_tokens_are_issued_to_oneself_or_by_the_system_administrator():
    make_account("li", "officer")
    with pytest.raises(Refused):
        services.issue_token("li", by=make_actor("officer"), label="theft")
    assert services.issue_token("li", by=make_actor("sysadmin"), label="robot")
    with pytest.raises(Account.DoesNotExist):
        services.issue_token("nobody", by=SYSTEM, label="x")
