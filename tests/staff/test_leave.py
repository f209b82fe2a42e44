"""Leave: who arranges it, who stands in, and what that gives for how long."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from backend.kernel.clock import BEIJING, MovableClock, now, today
from backend.kernel.errors import AppError
from backend.staff import Permission, Role, grants_of, holds, is_absent, may, responsible_for
from backend.staff.accounts import deactivate_account
from backend.staff.assignments import end_role
from backend.staff.demo import CHANGLE_REGISTRY, DISTRICT, XINCHENG_REGISTRY
from backend.staff.leave import end_leave, take_leave
from tests.staff.support import account, assignments, member, node


def leave(of: str, first: int, last: int, by: str, stand_in: str | None = None) -> None:
    """A leave in days from today."""
    days = [today() + timedelta(days=step) for step in (first, last)]
    take_leave(account(of).id, *days, by=account(by), stand_in_id=account(stand_in).id if stand_in else None)


def refusal(*arguments: object) -> AppError:
    """What a leave is refused with."""
    with pytest.raises(AppError) as caught:
        leave(*arguments)  # type: ignore[arg-type]
    return caught.value


def decides(username: str, code: str) -> bool:
    """Whether somebody decides appointments of a registry."""
    return may(account(username), Permission.DECIDE_APPOINTMENTS, node(code).id)


def test_a_stand_in_holds_the_role_on_the_days_of_the_leave(clock: MovableClock) -> None:
    member("from-elsewhere", Role.COUNTER_CLERK, DISTRICT, home=XINCHENG_REGISTRY)
    leave("registrar-1", 1, 2, "head-1", "from-elsewhere")
    midnight = datetime.combine(today() + timedelta(days=1), time(), BEIJING)
    seen = []
    for hours in (-1, 0, 47, 48):
        clock.move_to(midnight + timedelta(hours=hours))
        seen.append((decides("from-elsewhere", XINCHENG_REGISTRY), is_absent(account("registrar-1"), today())))
    assert seen == [(False, False), (True, True), (True, True), (False, False)]


def test_a_new_arrangement_replaces_the_old() -> None:
    leave("registrar-1", 0, 3, "supervisor-2", "registrar-2")
    leave("registrar-1", 0, 5, "supervisor-2", "head-2")
    assert not decides("registrar-2", XINCHENG_REGISTRY)
    assert decides("head-2", XINCHENG_REGISTRY)


def test_coming_back_ends_it() -> None:
    leave("registrar-1", 0, 3, "supervisor-2", "registrar-2")
    end_leave(account("registrar-1").id, by=account("registrar-1"))
    assert not decides("registrar-2", XINCHENG_REGISTRY)
    assert account("registrar-1").absent_from is None


def test_the_console_is_told_for_whom_one_acts() -> None:
    absent = account("registrar-4")
    assert dict(grants_of(account("registrar-3")).standing_in_for()) == {absent.id: "孙丽"}
    assert not grants_of(account("registrar-1")).standing_in_for()


def test_an_absent_colleagues_work_is_the_stand_ins(clock: MovableClock) -> None:
    me, absent = account("registrar-3"), account("registrar-4")
    assert responsible_for(me, grants_of(me)) == {me.id, absent.id}
    other = account("registrar-1")
    assert responsible_for(other, grants_of(other)) == {other.id}
    clock.move_to(datetime.combine(date(2027, 5, 24), time(9), BEIJING))  # the day after the leave
    assert responsible_for(me, grants_of(me)) == {me.id}


def test_one_arranges_fourteen_days_for_oneself() -> None:
    leave("registrar-1", 0, 13, "registrar-1", "registrar-3")
    assert set(refusal("registrar-1", 0, 14, "registrar-1", "registrar-3").errors) == {"last"}
    leave("registrar-1", 0, 14, "head-1", "registrar-3")


def test_one_asks_a_colleague_of_ones_own_place() -> None:
    assert set(refusal("registrar-1", 0, 1, "registrar-1", "registrar-2").errors) == {"stand_in"}
    leave("registrar-1", 0, 1, "registrar-1", "head-1")


def test_nobody_lends_power_to_themselves() -> None:
    assert set(refusal("registrar-1", 0, 1, "head-1", "head-1").errors) == {"stand_in"}
    assert set(refusal("registrar-1", 0, 1, "registrar-1", "registrar-1").errors) == {"stand_in"}
    member("admin-9", Role.ADMINISTRATOR, DISTRICT)
    assert set(refusal("privacy", 0, 1, "admin-9", "admin-9").errors) == {"stand_in"}


def test_only_who_leads_them_arranges_for_others() -> None:
    assert refusal("registrar-1", 0, 1, "head-2").code == "not_found"
    assert refusal("registrar-1", 0, 1, "registrar-3").code == "not_found"
    assert refusal("admin", 0, 1, "head-1").code == "not_found"
    with pytest.raises(AppError) as caught:
        end_leave(account("registrar-4").id, by=account("head-1"))
    assert caught.value.code == "not_found"


@pytest.mark.parametrize(
    ("first", "last", "fields"),
    [(2, 1, {"last"}), (-3, -1, {"last"}), (91, 92, {"first"}), (0, 190, {"last"})],
)
def test_days_that_make_no_leave(first: int, last: int, fields: set[str]) -> None:
    assert set(refusal("registrar-1", first, last, "head-1").errors) == fields


def test_a_leave_that_has_begun_may_be_noted() -> None:
    leave("registrar-1", -5, 1, "head-1", "registrar-3")
    assert is_absent(account("registrar-1"), today())


def test_who_is_away_or_has_left_does_not_stand_in() -> None:
    assert set(refusal("registrar-2", 0, 1, "head-2", "registrar-4").errors) == {"stand_in"}
    leave("registrar-2", 10, 11, "head-2", "registrar-4")  # back by then
    deactivate_account(account("registrar-3").id, by=account("admin"))
    assert set(refusal("registrar-1", 0, 1, "head-1", "registrar-3").errors) == {"stand_in"}
    assert refusal("registrar-3", 0, 1, "head-1").code == "state_conflict"


def test_what_was_lent_is_not_lent_on() -> None:
    """registrar-3 stands in for registrar-4; whoever stands in for registrar-3 gets what is registrar-3's own."""
    leave("registrar-3", 0, 2, "supervisor-2", "registrar-1")
    assert decides("registrar-3", CHANGLE_REGISTRY)
    assert not decides("registrar-1", CHANGLE_REGISTRY)
    lent = [held.node_id for held in assignments("registrar-1") if held.stand_in_for is not None]
    assert lent == [node(XINCHENG_REGISTRY).id]


def test_taking_a_role_takes_it_from_the_stand_in() -> None:
    end_role(assignments("registrar-4")[0].id, by=account("admin"))
    lent = [held for held in assignments("registrar-3") if held.stand_in_for is not None]
    assert [held.ends_at for held in lent] == [now()]
    assert not decides("registrar-3", CHANGLE_REGISTRY)
    assert decides("registrar-3", XINCHENG_REGISTRY)


def test_a_stand_in_holds_no_longer_than_the_role(clock: MovableClock) -> None:
    ends = now() + timedelta(days=1)
    end_role(assignments("registrar-1")[0].id, by=account("admin"), ends_at=ends)
    member("from-elsewhere", None, XINCHENG_REGISTRY)
    leave("registrar-1", 0, 5, "head-1", "from-elsewhere")
    assert holds(account("from-elsewhere"), Permission.DECIDE_APPOINTMENTS)
    clock.move_to(ends)
    assert not holds(account("from-elsewhere"), Permission.DECIDE_APPOINTMENTS)
