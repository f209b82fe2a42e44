"""One place is sold once (docs/adr/0002): forty callers, many rounds, and the same with the guard taken away."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.marriage import places
from backend.marriage.book import book_appointment
from backend.marriage.cancel import cancel_appointment
from backend.marriage.hold import hold_place, release_hold
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Appointment, Slot, Via
from backend.marriage.places import Part
from backend.marriage.reschedule import reschedule_appointment
from backend.storage import Database, database, transaction, use_database
from tests.concurrency.support import MINUTES, all_at_once, meeting, new_person, new_slot, request, taken_and_booked
from tests.marriage.support import make_office

CALLERS = 40
ROUNDS = 12


@pytest.fixture
def crowd(clean_database: Database, clock: MovableClock, database_url: str) -> Iterator[Callable[[int], uuid.UUID]]:
    """A registry with a connection for every caller; makes slots of a given capacity."""
    wide = Database(database_url, pool_size=CALLERS)
    use_database(wide)
    import_year(2026, year_from_library(2026), "chinesecalendar")
    make_office()
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

    all_looked = meeting(CALLERS)

    def count_then_take(_: int) -> None:
        with transaction() as session:
            row = session.execute(
                sa.text("SELECT taken, capacity FROM marriage_slots WHERE id = :id"), {"id": slot_id}
            ).one()
            all_looked.wait()
            if row.taken + MINUTES <= row.capacity:
                session.execute(
                    sa.text("UPDATE marriage_slots SET taken = taken + :minutes WHERE id = :id"),
                    {"id": slot_id, "minutes": MINUTES},
                )

    try:
        all_at_once(CALLERS, count_then_take)
        assert taken_and_booked(slot_id)[0] == CALLERS
    finally:
        with database().engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM marriage_slots WHERE id = :id"), {"id": slot_id})
            connection.execute(
                sa.text(
                    "ALTER TABLE marriage_slots ADD CONSTRAINT ck_marriage_slots_taken_within_capacity"
                    " CHECK (taken >= 0 AND taken <= capacity)"
                )
            )


def room_of(start: datetime, windows: int) -> list[uuid.UUID]:
    """Two half hours of the divorce room, one after the other."""
    return [new_slot(start + timedelta(minutes=30 * step), windows, Area.DIVORCE_ROOM) for step in (0, 1)]


def minutes_taken(slot_ids: list[uuid.UUID]) -> list[int]:
    """Window-minutes taken of each slot."""
    with transaction() as session:
        return [session.get_one(Slot, slot_id).taken for slot_id in slot_ids]


@pytest.mark.usefixtures("crowd")
def test_what_spans_two_slots_is_sold_whole_or_not_at_all(clock: MovableClock) -> None:
    """Forty minutes in half hours: some book both slots, others hold them and give them back."""
    people = [new_person(clock()) for _ in range(20)]
    for turn in range(4):
        room = room_of(clock().replace(hour=3, minute=0) + timedelta(days=3, hours=2 * turn), 3)

        def act(index: int, slots: list[uuid.UUID] = room, turn: int = turn) -> None:
            if index % 10 == 9:
                hold_place(slots[0], people[index], Kind.DIVORCE_APPLICATION)
                release_hold(people[index])
            else:
                wanted = request(slots[0], 20_000 + 100 * turn + index, people[index])
                book_appointment(replace(wanted, kind=Kind.DIVORCE_APPLICATION))

        assert set(all_at_once(20, act)) <= {"done", "slot_full"}
        with transaction() as session:
            mine = sa.select(sa.func.count()).select_from(Appointment)
            booked = session.scalar(mine.where(Appointment.slot_id == room[0], Appointment.active)) or 0
        assert minutes_taken(room) == [30 * booked, 10 * booked]
        assert 1 <= booked <= 3  # two callers hold at most two of three


@pytest.mark.usefixtures("crowd")
def test_without_the_lock_two_slots_are_sold_many_times(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same statement with both guards off: what fits is counted before the others are done."""
    monkeypatch.setattr(places, "make_ready", lambda _: None)
    slow = places._TAKE_ALL.text.replace("SELECT count(*) AS places", "SELECT count(*) AS places, pg_sleep(0.5)")
    monkeypatch.setattr(places, "_TAKE_ALL", sa.text(slow))
    room = room_of(clock().replace(hour=3, minute=0) + timedelta(days=4), 1)
    with database().engine.begin() as connection:
        connection.execute(
            sa.text("ALTER TABLE marriage_slots DROP CONSTRAINT ck_marriage_slots_taken_within_capacity")
        )

    def take(_: int) -> None:
        with transaction():
            places.take_place([Part(room[0], 30), Part(room[1], 10)])

    try:
        all_at_once(8, take)
        assert minutes_taken(room)[0] > 30
    finally:
        with database().engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM marriage_slots WHERE id = ANY(:ids)"), {"ids": room})
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
