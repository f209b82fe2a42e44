"""Many at once: those who give up, those who wait, and those who try to slip in between."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.marriage import freed
from backend.marriage.book import book_appointment
from backend.marriage.cancel import cancel_appointment
from backend.marriage.confirm import confirm_appointment
from backend.marriage.models import Slot, Via
from backend.marriage.refuse import refuse_appointment
from backend.marriage.waiting.join import WaitingRequest, join_waiting
from backend.marriage.waiting.leave import expire_offers, leave_waiting, pass_offer
from backend.marriage.waiting.models import WaitingEntry
from backend.marriage.waiting.offer import offer_left_over
from backend.marriage.waiting.rules import WaitingState
from backend.marriage.waiting.take import accept_offer
from backend.storage import Database, transaction, use_database
from tests.concurrency.support import all_at_once, couple, new_person, new_slot, request, taken_and_booked
from tests.marriage.support import KIND, REGISTRAR

CALLERS = 30
Pairs = list[tuple[uuid.UUID, uuid.UUID]]


@pytest.fixture
def crowd(office: uuid.UUID, clean_database: Database, database_url: str) -> Iterator[Database]:
    """A registry with a connection for every caller."""
    wide = Database(database_url, pool_size=CALLERS)
    use_database(wide)
    yield wide
    use_database(clean_database)
    wide.engine.dispose()


def full_slot(clock: MovableClock, capacity: int, first: int = 0) -> tuple[uuid.UUID, Pairs]:
    """A slot at two in the night whose places are all booked: its id, and appointment and person of each."""
    slot_id = new_slot(clock().replace(hour=2, minute=first % 60) + timedelta(days=3), capacity)
    booked = []
    for index in range(capacity):
        person = new_person(clock())
        made = book_appointment(request(slot_id, 20_000 + first * 100 + index, person))
        booked.append((made.appointment_id, person))
    return slot_id, booked


def line(slot_id: uuid.UUID, clock: MovableClock, count: int, first: int = 0) -> Pairs:
    """So many couples wait for a slot, one after the other: entry and person of each."""
    entries = []
    for index in range(count):
        clock.advance(timedelta(milliseconds=1))
        person = new_person(clock())
        wish = WaitingRequest(KIND, couple(30_000 + first * 100 + index), True, person, Via.API, slot_id=slot_id)
        entries.append((join_waiting(wish), person))
    return entries


def standing(entries: Pairs) -> list[WaitingState]:
    with transaction() as session:
        return [session.get_one(WaitingEntry, entry_id).state for entry_id, _ in entries]


def slip_in(slot_id: uuid.UUID, gives_up: Pairs, clock: MovableClock) -> Counter[str]:
    """Everybody gives up while others book as fast as they can."""
    others = [new_person(clock()) for _ in range(CALLERS - len(gives_up))]

    def act(index: int) -> None:
        if index < len(gives_up):
            cancel_appointment(*gives_up[index])
            return
        person = others[index - len(gives_up)]
        for _ in range(15):  # people press again and again
            with suppress(AppError):
                book_appointment(request(slot_id, 40_000 + index, person))
                return
        raise AppError("slot_full", "")

    return all_at_once(CALLERS, act)


def test_what_is_given_up_goes_down_the_line_and_to_nobody_else(crowd: Database, clock: MovableClock) -> None:
    slot_id, booked = full_slot(clock, 6)
    waiting = line(slot_id, clock, 10)
    outcomes = slip_in(slot_id, booked, clock)
    assert outcomes == Counter(done=6, slot_full=CALLERS - 6)
    assert taken_and_booked(slot_id) == (6, 6)
    assert standing(waiting) == [WaitingState.OFFERED] * 6 + [WaitingState.WAITING] * 4


def test_without_the_guard_others_slip_in(
    crowd: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offer by a job, after the commit, as most programs do: what the test above would say nothing about otherwise."""
    slot_id, booked = full_slot(clock, 6)
    waiting = line(slot_id, clock, 10)
    monkeypatch.setattr(freed, "_listeners", {})
    for one in booked:
        cancel_appointment(*one)
    assert slip_in(slot_id, [], clock) == Counter(done=6, slot_full=CALLERS - 6)  # before the job has run
    offer_left_over()
    assert standing(waiting) == [WaitingState.WAITING] * 10
    taken, rows = taken_and_booked(slot_id)
    assert taken == rows == 6  # the counter holds all the same; only the line was cheated


def test_answers_expiry_and_leaving_at_once_leave_the_counter_right(crowd: Database, clock: MovableClock) -> None:
    for turn in range(4):
        slot_id, booked = full_slot(clock, 3, turn + 1)
        waiting = line(slot_id, clock, 8, turn + 1)
        for one in booked:
            cancel_appointment(*one)
        clock.advance(timedelta(minutes=30 if turn % 2 else 5))

        def act(index: int, entries: Pairs = waiting) -> None:
            entry_id, person = entries[index // 3]
            if index % 3 == 0:
                accept_offer(entry_id, person, Via.API)
            elif index % 3 == 1:
                pass_offer(entry_id, person)
            elif index < 12:
                expire_offers()
            else:
                leave_waiting(entry_id, person)

        outcomes = all_at_once(24, act)
        assert set(outcomes) <= {"done", "state_conflict", "too_late"}
        offer_left_over()
        taken, rows = taken_and_booked(slot_id)
        assert taken == rows <= 3
        kept = standing(waiting)
        assert kept.count(WaitingState.OFFERED) + kept.count(WaitingState.BOOKED) == taken
        if WaitingState.WAITING in kept:
            assert taken == 3  # nobody waits beside an empty place


def test_confirm_and_cancel_at_once(crowd: Database, clock: MovableClock) -> None:
    """Whichever comes first; the other is told how it stands now, and a freed place goes down the line."""
    for turn in range(8):
        slot_id, [(appointment_id, person)] = full_slot(clock, 1, turn + 1)
        waiting = line(slot_id, clock, 1, turn + 1)

        def act(index: int, one: uuid.UUID = appointment_id, who: uuid.UUID = person) -> None:
            if index % 3 == 0:
                cancel_appointment(one, who)
            elif index % 3 == 1:
                confirm_appointment(one, REGISTRAR)
            else:
                refuse_appointment(one, REGISTRAR, "身份证过期")

        outcomes = all_at_once(9, act)
        assert set(outcomes) <= {"done", "state_conflict"}
        assert standing(waiting) == [WaitingState.OFFERED]
        assert taken_and_booked(slot_id) == (1, 1)


def test_two_registrars_confirm_one_couple(crowd: Database, clock: MovableClock) -> None:
    _, [(appointment_id, _)] = full_slot(clock, 1)
    assert all_at_once(6, lambda _: confirm_appointment(appointment_id, REGISTRAR)) == Counter(done=1, state_conflict=5)


def test_confirming_many_settles_each_rest_once(crowd: Database, clock: MovableClock) -> None:
    """Couples who wait for one slot have booked another; all are confirmed at the same moment."""
    slot_id, booked = full_slot(clock, 4)
    waiting = line(slot_id, clock, 8)
    for one in booked:
        cancel_appointment(*one)
    other = new_slot(clock().replace(hour=3, minute=0) + timedelta(days=3), 8)
    elsewhere = [
        book_appointment(request(other, 30_000 + index, person)).appointment_id
        for index, (_, person) in enumerate(waiting[:4])
    ]
    outcomes = all_at_once(4, lambda index: confirm_appointment(elsewhere[index], REGISTRAR))
    assert outcomes == Counter(done=4)
    offer_left_over()
    assert standing(waiting) == [WaitingState.ENDED] * 4 + [WaitingState.OFFERED] * 4
    with transaction() as session:
        slot = session.get_one(Slot, slot_id)
        assert slot.taken == slot.capacity
        assert session.scalar(sa.text("SELECT count(*) FROM marriage_slots WHERE taken > capacity")) == 0
