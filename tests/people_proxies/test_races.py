"""Two do something at the same moment: one of them is first, and nothing is in between."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa

from backend.kernel.ids import new_id
from backend.people.life_events.record import Report, record_life_event
from backend.people.life_events.rules import EventKind, Source
from backend.people.proxies import acting_for, record_act
from backend.people.proxies.answer import confirm_as_principal, confirm_as_staff, confirm_by_code, decline, give_code
from backend.people.proxies.cut import cut
from backend.people.proxies.models import ActOnBehalf
from backend.people.proxies.rules import Confirmation, TieState
from backend.storage import database, transaction
from tests.concurrency.support import all_at_once, identity_number
from tests.people_proxies.support import MOTHER, ask, make_person, moves_of, staff_account, state_of, stored

ROUNDS = range(6)


def wait_for_a_waiter() -> None:
    """Until somebody waits for a lock in this database."""
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with database().engine.connect() as connection:
            if connection.scalar(waiting):
                return
    raise AssertionError("nobody waits")


def race(*calls: Callable[[], object]) -> Counter[str]:
    """Let all go at one moment; the outcomes."""
    return all_at_once(len(calls), lambda index: calls[index]())


def pair_of(serial: int) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """Helper, principal and a tie that waits."""
    named = ("王秀英", identity_number(date(1941, 1, 1), serial + 1))
    helper, principal = make_person(("李红梅", identity_number(date(1971, 1, 1), serial + 1))), make_person(named)
    return helper, principal, ask(helper, named)


@pytest.mark.parametrize("serial", ROUNDS)
def test_two_confirmations_at_once_are_one(serial: int):
    helper, principal, tie_id = pair_of(serial)
    staff = staff_account()
    code = give_code(tie_id, principal, staff)
    outcome = race(
        lambda: confirm_as_principal(tie_id, principal),
        lambda: confirm_by_code(tie_id, helper, code, may_try=True),
        lambda: confirm_as_staff(tie_id, principal, staff, "看过户口簿"),
    )
    assert outcome == {"done": 1, "state_conflict": 2}
    tie = stored(tie_id)
    assert tie.confirmation in set(Confirmation)
    assert (tie.confirmed_by_staff is None) == (tie.confirmation is not Confirmation.STAFF)
    assert [name for name, _, _ in moves_of(tie_id)].count("confirmed") == 1


@pytest.mark.parametrize("serial", ROUNDS)
def test_agreeing_against_withdrawing(serial: int):
    helper, principal, tie_id = pair_of(serial)
    outcome = race(lambda: confirm_as_principal(tie_id, principal), lambda: cut(tie_id, helper))
    assert state_of(tie_id) is TieState.CUT  # whoever was first: confirmed and cut, or cut and not confirmed any more
    confirmed = stored(tie_id).confirmation is not None
    assert outcome == ({"done": 2} if confirmed else {"done": 1, "state_conflict": 1})


@pytest.mark.parametrize("serial", ROUNDS)
def test_agreeing_against_declining(serial: int):
    _, principal, tie_id = pair_of(serial)
    outcome = race(lambda: confirm_as_principal(tie_id, principal), lambda: decline(tie_id, principal))
    assert outcome == {"done": 1, "state_conflict": 1}


def test_asking_many_times_at_once_is_one_request():
    helper = make_person(("李红梅", identity_number(date(1971, 1, 1), 1)))
    outcome = all_at_once(6, lambda _index: ask(helper, MOTHER))
    assert outcome == {"done": 1, "state_conflict": 5}


def test_asking_for_many_at_once_keeps_the_limit():
    helper = make_person(("李红梅", identity_number(date(1971, 1, 1), 1)))
    outcome = all_at_once(8, lambda index: ask(helper, ("赵无名", identity_number(date(1940, 1, 1), index + 1))))
    assert outcome == {"done": 5, "too_many_principals": 3}


@pytest.mark.parametrize("serial", ROUNDS)
def test_agreeing_against_a_death(serial: int):
    _, principal, tie_id = pair_of(serial)
    report = Report(EventKind.DEATH, staff_account(), Source.POLICE, date(2026, 11, 20), "派出所通知")
    outcome = race(lambda: confirm_as_principal(tie_id, principal), lambda: record_life_event(principal, report))
    assert outcome["done"] >= 1
    assert set(outcome) <= {"done", "counter_needed", "state_conflict"}
    assert state_of(tie_id) is TieState.CUT


def test_a_cut_waits_for_what_is_being_done_under_the_tie():
    helper, principal, tie_id = pair_of(0)
    confirm_as_principal(tie_id, principal)
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            authority = acting_for(helper, principal, "meals")
            cutting = pool.submit(cut, tie_id, principal)
            wait_for_a_waiter()
            record_act(authority, "meals.ordered", "meal_order", new_id())
            assert not cutting.done()
        cutting.result(timeout=10)
    assert state_of(tie_id) is TieState.CUT
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ActOnBehalf)) == 1
