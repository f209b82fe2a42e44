"""Every role × every permission × where the place lies: what `may` says, and that nothing else says otherwise."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from backend.kernel.clock import MovableClock, now
from backend.staff import Permission, Role, grants_of, holds, may, visible_nodes
from backend.staff.assignments import give_role
from backend.staff.demo import CANTEENS, COMMUNITIES, DISTRICT, STREETS, XINCHENG_REGISTRY
from backend.storage import Database
from tests.console.support import counted_queries
from tests.staff.support import account, member, node

P = Permission

# What the bureau agreed on, written down a second time on purpose: a change of one must be a change of the other.
AGREED = {
    Role.REGISTRAR: {
        P.READ_APPOINTMENTS,
        P.DECIDE_APPOINTMENTS,
        P.READ_DIVORCES,
        P.DECIDE_DIVORCES,
        P.READ_ARCHIVE,
        P.WORK_ARCHIVE,
        P.ATTEND_MESSAGES,
        P.READ_PERSONS,
        P.VERIFY_PERSONS,
        P.ASK_EXPORT,
    },
    Role.REGISTRY_HEAD: {
        P.PLAN_CAPACITY,
        P.APPROVE_ARCHIVE,
        P.READ_APPOINTMENTS,
        P.DECIDE_APPOINTMENTS,
        P.READ_DIVORCES,
        P.DECIDE_DIVORCES,
        P.READ_ARCHIVE,
        P.WORK_ARCHIVE,
        P.ATTEND_MESSAGES,
        P.READ_PERSONS,
        P.VERIFY_PERSONS,
        P.ASK_EXPORT,
        P.APPROVE_EXPORT,
        P.ARRANGE_LEAVE,
    },
    Role.COUNTER_CLERK: {P.READ_PERSONS, P.VERIFY_PERSONS, P.RECORD_LIFE_EVENTS},
    Role.PRIVACY_OFFICER: {P.HANDLE_RIGHTS, P.READ_PERSONS},
    Role.AUDITOR: {P.READ_AUDIT, P.ASK_EXPORT},
    Role.SOCIAL_WORKER: {P.CARE_CONTACTS},
    Role.COUNSELLOR: {P.COUNSEL, P.CALL_BACK},
    Role.COUNSELLING_SUPERVISOR: {P.SUPERVISE_COUNSELLING, P.CALL_BACK},
    Role.SUPERVISOR: {
        P.READ_DIVORCES,
        P.SUPERVISE_CARE,
        P.READ_APPOINTMENTS,
        P.ATTEND_MESSAGES,
        P.APPROVE_EXPORT,
        P.ARRANGE_LEAVE,
        P.APPROVE_SETTINGS,
    },
    Role.ADMINISTRATOR: {
        P.PLAN_CAPACITY,
        P.READ_APPOINTMENTS,
        P.ATTEND_MESSAGES,
        P.MANAGE_STAFF,
        P.ARRANGE_LEAVE,
        P.MANAGE_SETTINGS,
        P.APPROVE_SETTINGS,
    },
}
# A role over the second street reaches the street and what lies below it, and nothing above or beside.
INSIDE = (STREETS[1], COMMUNITIES[1][1], CANTEENS[1], "wanghe-counter")
OUTSIDE = (DISTRICT, STREETS[0], COMMUNITIES[0][0], CANTEENS[0], "changle-counter", XINCHENG_REGISTRY)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gives_what_was_agreed_where_it_was_given(role: Role) -> None:
    holder = member("holder", role, STREETS[1], home=DISTRICT)
    for permission, code in product(Permission, (*INSIDE, *OUTSIDE)):
        expected = permission in AGREED[role] and code in INSIDE
        assert may(holder, permission, node(code).id) is expected, (permission, code)


@pytest.mark.parametrize("role", list(Role))
def test_all_ways_of_asking_say_the_same(role: Role) -> None:
    holder = member("holder", role, STREETS[1], home=DISTRICT)
    inside = {node(code).id for code in (STREETS[1], *COMMUNITIES[1], CANTEENS[1], "wanghe-counter")}
    grants = grants_of(holder)
    for permission in Permission:
        has = permission in AGREED[role]
        assert holds(holder, permission) is grants.hold(permission) is has
        assert visible_nodes(holder, permission) == grants.nodes(permission) == (inside if has else frozenset())


def test_nobody_reads_the_trail_and_anything_else() -> None:
    assert [role for role in Role if P.READ_AUDIT in AGREED[role]] == [Role.AUDITOR]
    # A list that is taken away asks for its own permission too, so this opens the trail's list alone.
    assert AGREED[Role.AUDITOR] == {P.READ_AUDIT, P.ASK_EXPORT}


def test_an_administrator_sees_no_residents() -> None:
    about_residents = {P.READ_PERSONS, P.VERIFY_PERSONS, P.RECORD_LIFE_EVENTS, P.HANDLE_RIGHTS, P.DECIDE_APPOINTMENTS}
    assert not AGREED[Role.ADMINISTRATOR] & about_residents


def test_several_roles_add_up_each_in_its_place() -> None:
    holder = member("holder", Role.COUNTER_CLERK, STREETS[0])
    give_role(holder.id, Role.REGISTRAR, node(XINCHENG_REGISTRY).id, by=account("admin"))
    assert may(holder, P.RECORD_LIFE_EVENTS, node(COMMUNITIES[0][0]).id)
    assert may(holder, P.DECIDE_APPOINTMENTS, node(XINCHENG_REGISTRY).id)
    assert not may(holder, P.RECORD_LIFE_EVENTS, node(XINCHENG_REGISTRY).id)
    assert not may(holder, P.DECIDE_APPOINTMENTS, node(STREETS[0]).id)
    together = visible_nodes(holder, P.READ_PERSONS)
    assert {node(STREETS[0]).id, node(XINCHENG_REGISTRY).id} < together


def test_a_role_holds_in_its_time_only(clock: MovableClock) -> None:
    holder, place = member("holder", None, STREETS[0]), node(STREETS[0]).id
    begins, ends = now() + timedelta(days=1), now() + timedelta(days=3)
    give_role(holder.id, Role.COUNTER_CLERK, place, by=account("admin"), starts_at=begins, ends_at=ends)
    seen = []
    for moment in (begins - timedelta(seconds=1), begins, ends - timedelta(seconds=1), ends):
        clock.move_to(moment)
        seen.append(may(holder, P.READ_PERSONS, place))
    assert seen == [False, True, True, False]


def test_everything_held_is_read_in_one_query(clean_database: Database) -> None:
    holder = account("registrar-3")  # holds one role of their own and one as a stand-in
    with counted_queries(clean_database) as few:
        grants = grants_of(holder)
    assert len(grants.given) == 2
    assert len(few) == 1
