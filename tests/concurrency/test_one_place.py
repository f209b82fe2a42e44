"""One place is sold once (docs/adr/0002): forty callers, many rounds, and the same with the guard taken away."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.demonstration.load import load_demonstration
from backend.kernel.clock import MovableClock
from backend.marriage.book import book_appointment
from backend.marriage.cancel import cancel_appointment
from backend.marriage.hold import hold_place
from backend.marriage.models import Via
from backend.marriage.reschedule import reschedule_appointment
from backend.storage import Database, database, transaction, use_database
from tests.concurrency.support import all_at_once, new_person, new_slot, request, taken_and_booked

CALLERS = 40
ROUNDS = 12


@pytest.fixture
def crowd(
    app: Flask, clean_database: Database, clock: MovableClock, database_url: str
) -> Iterator[Callable[[int], uuid.UUID]]:
    """The demonstration bureau with a connection for every caller; makes slots of a given capacity."""
    wide = Database(database_url, pool_size=CALLERS)
    use_database(wide)
    load_demonstration(app.extensions["settings"])
    start = clock().replace(hour=2, minute=0) + timedelta(days=3)
    made = 0

    def slot(capacity: int) -> uuid.UUID:
        nonlocal made
        made += 1
        return new_slot(start + timedelta(minutes=made), capacity)

    yield slot
    use_database(clean_database)
    wide.engine.dispose()


def test_forty_callers_on_one_place(crowd: Callable[[int], uuid.UUID], clock: MovableClock) -> None:
    people = [new_person(clock()) for _ in range(CALLERS)]
    for turn in range(ROUNDS):
        slot_id = crowd(1)
        outcomes = all_at_once(
            CALLERS, lambda i, s=slot_id, t=turn: book_appointment(request(s, t * CALLERS + i, people[i]))
        )
        assert outcomes == Counter(done=1, slot_full=CALLERS - 1)
        assert taken_and_booked(slot_id) == (1, 1)


def test_without_the_guard_the_place_is_sold_many_times(
    crowd: Callable[[int], uuid.UUID], clock: MovableClock, database_url: str
) -> None:
    """Count first, then insert, and no CHECK: what the tests above would say nothing about if this did not fail."""
    slot_id = crowd(1)
    with database().engine.begin() as connection:
        connection.execute(
            sa.text("ALTER TABLE marriage_slots DROP CONSTRAINT ck_marriage_slots_taken_within_capacity")
        )

    def count_then_take(_: int) -> None:
        with transaction() as session:
            row = session.execute(
                sa.text("SELECT taken, capacity FROM marriage_slots WHERE id = :id"), {"id": slot_id}
            ).one()
            time.sleep(0.02)  # the pause every real program has between looking and acting
            if row.taken < row.capacity:
                session.execute(sa.text("UPDATE marriage_slots SET taken = taken + 1 WHERE id = :id"), {"id": slot_id})

    try:
        all_at_once(CALLERS, count_then_take)
        assert taken_and_booked(slot_id)[0] > 1
    finally:
        with database().engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM marriage_slots WHERE id = :id"), {"id": slot_id})
            connection.execute(
                sa.text(
                    "ALTER TABLE marriage_slots ADD CONSTRAINT ck_marriage_slots_taken_within_capacity"
                    " CHECK (taken >= 0 AND taken <= capacity)"
                )
            )


def test_one_person_cannot_book_twice_however_fast(crowd: Callable[[int], uuid.UUID], clock: MovableClock) -> None:
    """E8: the same couple presses on many phones and slots at once (domain-rules §2.4)."""
    people = [new_person(clock()) for _ in range(10)]
    for turn in range(4):
        slots = [crowd(1) for _ in range(10)]
        outcomes = all_at_once(10, lambda i, s=slots, t=turn: book_appointment(request(s[i], 5000 + t, people[i])))
        assert outcomes == Counter(done=1, already_booked=9)
        assert sum(taken_and_booked(slot_id)[0] for slot_id in slots) == 1


def test_holds_and_bookings_share_the_places(crowd: Callable[[int], uuid.UUID], clock: MovableClock) -> None:
    people = [new_person(clock()) for _ in range(20)]
    slot_id = crowd(3)

    def take(index: int) -> None:
        if index % 2:
            hold_place(slot_id, people[index])
        else:
            book_appointment(request(slot_id, 7000 + index, people[index]))

    outcomes = all_at_once(20, take)
    assert outcomes["done"] == 3
    assert taken_and_booked(slot_id) == (3, 3)


def test_an_expired_hold_gives_way_to_the_next_caller(crowd: Callable[[int], uuid.UUID], clock: MovableClock) -> None:
    """Nobody waits for the sweep: a full slot frees its dead holds first."""
    slot_id = crowd(1)
    hold_place(slot_id, new_person(clock()))
    clock.advance(timedelta(minutes=6))
    people = [new_person(clock()) for _ in range(8)]
    outcomes = all_at_once(8, lambda i: book_appointment(request(slot_id, 8000 + i, people[i])))
    assert outcomes == Counter(done=1, slot_full=7)
    assert taken_and_booked(slot_id) == (1, 1)


def test_couples_who_swap_places_never_wait_in_a_circle(crowd: Callable[[int], uuid.UUID], clock: MovableClock) -> None:
    """Slots are locked in the order of their ids; without it these deadlock."""
    pairs = []
    one, other = crowd(20), crowd(20)
    for index in range(20):
        person = new_person(clock())
        booked = book_appointment(request(one if index % 2 else other, 9000 + index, person))
        pairs.append((booked.appointment_id, other if index % 2 else one, person))
    outcomes = all_at_once(20, lambda i: reschedule_appointment(*pairs[i], Via.API))
    assert outcomes == Counter(done=20)
    assert taken_and_booked(one) == (10, 10)
    assert taken_and_booked(other) == (10, 10)


def test_cancel_and_book_never_lose_both(crowd: Callable[[int], uuid.UUID], clock: MovableClock) -> None:
    """domain-rules §8-4: whoever gives a place up and whoever takes it leave a counter that agrees with the rows."""
    slot_id = crowd(1)
    holder = new_person(clock())
    people = [new_person(clock()) for _ in range(10)]
    for turn in range(6):
        mine = book_appointment(request(slot_id, 10_000 + turn, holder))

        def act(index: int, own: uuid.UUID = mine.appointment_id, t: int = turn) -> None:
            if index == 0:
                cancel_appointment(own, holder)
            else:
                book_appointment(request(slot_id, 11_000 + 100 * t + index, people[index]))

        all_at_once(10, act)
        taken, rows = taken_and_booked(slot_id)
        assert taken == rows <= 1
        _clear(slot_id)


def test_cancelling_twice_at_once_frees_one_place(crowd: Callable[[int], uuid.UUID], clock: MovableClock) -> None:
    slot_id, person = crowd(5), new_person(clock())
    booked = book_appointment(request(slot_id, 12_000, person))
    other = book_appointment(request(slot_id, 12_001, new_person(clock())))
    outcomes = all_at_once(8, lambda _: cancel_appointment(booked.appointment_id, person))
    assert outcomes == Counter(done=8)
    assert taken_and_booked(slot_id) == (1, 1)
    assert other.number


def _clear(slot_id: uuid.UUID) -> None:
    with transaction() as session:
        rows = session.execute(
            sa.text("SELECT id, booked_by FROM marriage_appointments WHERE slot_id = :id AND active"), {"id": slot_id}
        ).all()
    for row in rows:
        cancel_appointment(row.id, row.booked_by)


def test_the_isolation_level_is_pinned(clean_database: Database) -> None:
    with transaction() as session:
        assert session.scalar(sa.text("SHOW transaction_isolation")) == "read committed"
