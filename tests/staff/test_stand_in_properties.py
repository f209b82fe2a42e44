"""Whatever is arranged in whatever order: nobody holds more than somebody was given of their own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.kernel.clock import MovableClock, now, today
from backend.kernel.errors import AppError
from backend.staff import Permission, Role, grants_of
from backend.staff.accounts import deactivate_account
from backend.staff.assignments import end_role
from backend.staff.leave import end_leave, take_leave
from backend.staff.models import RoleAssignment, StaffAccount
from backend.storage import transaction
from tests.console.support import TUESDAY
from tests.staff.support import account

PEOPLE = ("registrar-1", "registrar-3", "registrar-4", "head-1", "supervisor", "auditor", "admin-2", "privacy")

person, days = st.sampled_from(PEOPLE), st.integers(0, 6)
leave = st.tuples(st.just("leave"), person, person, person, days, days)
back = st.tuples(st.just("back"), person, person)
take = st.tuples(st.just("take"), person, days)
gone = st.tuples(st.just("gone"), person)
later = st.tuples(st.just("later"), st.integers(1, 72))
steps = st.lists(st.one_of(leave, leave, leave, back, take, gone, later), min_size=3, max_size=14)


class _Undo(Exception):
    """Takes an example back, so that the next begins anew."""


def do(step: tuple[object, ...], clock: MovableClock) -> None:
    """Take one step as the console would; a refusal is an outcome like any other."""
    with suppress(AppError):
        _do(step, clock)


def _do(step: tuple[object, ...], clock: MovableClock) -> None:
    match step:
        case ("leave", str(of), str(by), str(stand_in), int(first), int(length)):
            begins = today() + timedelta(days=first)
            ends = begins + timedelta(days=length)
            take_leave(account(of).id, begins, ends, by=account(by), stand_in_id=account(stand_in).id)
        case ("back", str(of), str(by)):
            end_leave(account(of).id, by=account(by))
        case ("take", str(whose), int(in_days)):
            with transaction() as session:
                mine = sa.select(RoleAssignment.id).where(RoleAssignment.account_id == account(whose).id)
                role = session.scalars(mine.order_by(RoleAssignment.starts_at, RoleAssignment.id)).first()
            if role is not None:
                end_role(role, by=None, ends_at=now() + timedelta(days=in_days) if in_days else None)
        case ("gone", str(whose)):
            deactivate_account(account(whose).id, by=None)
        case ("later", int(hours)):
            clock.advance(timedelta(hours=hours))


def nobody_holds_more_than_was_given() -> None:
    """Each power in a colleague's stead is one that the colleague holds of their own at this moment."""
    with transaction() as session:
        everybody = session.scalars(sa.select(StaffAccount)).all()
    held = {each.id: grants_of(each).given for each in everybody}
    own = {each: {(g.role, g.nodes) for g in grants if g.stand_in_for is None} for each, grants in held.items()}
    for holder, grants in held.items():
        for grant in grants:
            if grant.stand_in_for is not None:
                assert grant.stand_in_for != holder
                assert (grant.role, grant.nodes) in own[grant.stand_in_for]
        roles = {grant.role for grant in grants}
        assert not {Role.AUDITOR, Role.ADMINISTRATOR} <= roles
    for each in everybody:
        if not each.active:
            assert held[each.id] == []


def nothing_grew(before: set[tuple[str, object]]) -> None:
    """No step gives the bureau as a whole a power over a place that nobody had."""
    assert powers() <= before


def powers() -> set[tuple[str, object]]:
    """Every permission over every place that somebody holds."""
    with transaction() as session:
        everybody = session.scalars(sa.select(StaffAccount)).all()
    return {(p, n) for each in everybody for grants in [grants_of(each)] for p in Permission for n in grants.nodes(p)}


def _example(clock: MovableClock, taken: list[tuple[object, ...]]) -> Callable[[], None]:
    def run() -> None:
        clock.move_to(TUESDAY)
        with transaction():
            before = powers()
            for step in taken:
                do(step, clock)
                nobody_holds_more_than_was_given()
            nothing_grew(before)
            raise _Undo

    return run


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(taken=steps)
def test_no_sequence_of_stand_ins_gives_more_than_was_given(
    clock: MovableClock, taken: list[tuple[object, ...]]
) -> None:
    with suppress(_Undo):
        _example(clock, taken)()
