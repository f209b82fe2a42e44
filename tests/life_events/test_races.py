"""A death recorded while something else goes on: whichever is first, nothing is left under way."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.marriage.cancel import cancel_appointment
from backend.marriage.hold import hold_place
from backend.marriage.models import Via
from backend.people.life_events.record import record_life_event
from backend.people.life_events.rules import EventKind
from backend.storage import transaction
from tests.concurrency.support import all_at_once
from tests.life_events.support import booked, bride, events, groom, report, scheduled
from tests.life_events.test_death import nothing_under_way
from tests.marriage.support import book, make_slot, places
from tests.people_proxies.test_races import wait_for_a_waiter

ROUNDS = range(5)


@pytest.mark.parametrize("via", [Via.API, Via.CHAT])
@pytest.mark.parametrize("index", ROUNDS)
def test_booking_against_a_death(office: uuid.UUID, index: int, via: Via):
    slot, man, woman = make_slot(office, "2026-11-26 10:00"), groom(index), bride(index)
    by = man if index % 2 else woman
    death = report()

    def go(turn: int) -> object:
        return record_life_event(man, death) if turn else book(slot, index, by, via)

    outcome = all_at_once(2, go)
    assert outcome in ({"done": 2}, {"done": 1, "counter_needed": 1})
    nothing_under_way(man)
    assert places(slot) == (0, 1)
    with transaction() as session:
        no_shows = session.scalar(sa.text("SELECT count(*) FROM marriage_appointments WHERE state = 'no_show'"))
    assert no_shows == 0


@pytest.mark.parametrize("index", ROUNDS)
def test_holding_against_a_death(office: uuid.UUID, index: int):
    first, second, man = make_slot(office, "2026-11-26 10:00"), make_slot(office, "2026-11-26 11:00"), groom(index)
    hold_place(first, man)
    death = report()
    outcome = all_at_once(2, lambda turn: record_life_event(man, death) if turn else hold_place(second, man))
    assert outcome in ({"done": 2}, {"done": 1, "counter_needed": 1})
    nothing_under_way(man)
    assert (places(first)[0], places(second)[0]) == (0, 0)


@pytest.mark.parametrize("index", ROUNDS)
def test_cancelling_against_a_death(slot: uuid.UUID, index: int):
    man = groom(index)
    appointment = booked(slot, man, index).appointment_id
    death = report()
    outcome = all_at_once(
        2, lambda turn: record_life_event(man, death) if turn else cancel_appointment(appointment, man)
    )
    assert outcome == {"done": 2}
    nothing_under_way(man)
    assert places(slot) == (0, 1)


@pytest.mark.parametrize("index", ROUNDS)
def test_both_of_a_couple_at_once(slot: uuid.UUID, index: int):
    man, woman = groom(index), bride(index)
    booked(slot, man, index)
    death = report()
    outcome = all_at_once(2, lambda turn: record_life_event((man, woman)[turn], death))
    assert outcome == {"done": 2}
    nothing_under_way(man)
    nothing_under_way(woman)
    assert places(slot) == (0, 1)


def test_two_officers_at_once_record_one_death(slot: uuid.UUID):
    man = groom()
    booked(slot, man)
    death = report()
    assert all_at_once(4, lambda _turn: record_life_event(man, death)) == {"done": 1, "state_conflict": 3}
    back = report(EventKind.DEATH_REVERSED)
    assert all_at_once(4, lambda _turn: record_life_event(man, back)) == {"done": 1, "state_conflict": 3}
    assert events() == 2
    assert (scheduled(man)[0], places(slot)) == (2, (1, 1))


def test_a_booking_waits_for_the_death_that_is_being_recorded(slot: uuid.UUID):
    """Deterministic: the booking begins after the death was written and before it is committed."""
    man = groom()
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            record_life_event(man, report())
            booking = pool.submit(book, slot, 0, man)
            wait_for_a_waiter()
        with pytest.raises(AppError) as refused:
            booking.result(timeout=10)
    assert refused.value.code == "counter_needed"
    nothing_under_way(man)


def test_a_death_waits_for_the_booking_that_is_being_made(slot: uuid.UUID):
    man, death = groom(), report()
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            book(slot, 0, man)
            recording = pool.submit(record_life_event, man, death)
            wait_for_a_waiter()
        recording.result(timeout=10)
    nothing_under_way(man)
    assert places(slot) == (0, 1)
