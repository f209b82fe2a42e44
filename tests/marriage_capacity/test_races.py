"""Many at once: two officers, couples who answer while they are moved, others who book; and without the guard."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.marriage.book import book_appointment
from backend.marriage.cancel import cancel_appointment
from backend.marriage.capacity import place as placing
from backend.marriage.capacity import start
from backend.marriage.capacity.change import change_days
from backend.marriage.capacity.models import BulkMove, MoveLine
from backend.marriage.capacity.place import place_waiting
from backend.marriage.capacity.preview import preview
from backend.marriage.capacity.rules import LineState
from backend.marriage.capacity.start import start_move
from backend.marriage.models import Via
from backend.marriage.offices import OfficeView, office
from backend.marriage.open_slots import open_slots
from backend.marriage.reschedule import reschedule_appointment
from backend.storage import Database, database, session, transaction, use_database
from tests.concurrency.support import all_at_once, meeting, new_person, request
from tests.marriage.support import make_office, row
from tests.marriage_capacity.support import assert_nothing_oversold, change, closing, lines_of, moves, slots_of
from tests.marriage_divorce.support import make_registrar

CALLERS = 24
THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)


@pytest.fixture
def place(app: object, clean_database: Database, clock: MovableClock, database_url: str) -> Iterator[OfficeView]:
    """A registry with its days laid out, and a connection for every caller."""
    wide = Database(database_url, pool_size=CALLERS)
    use_database(wide)
    import_year(2026, year_from_library(2026), "chinesecalendar")
    office_id = make_office()
    open_slots()
    found = office(office_id)
    assert found is not None
    yield found
    use_database(clean_database)
    wide.engine.dispose()


@pytest.fixture
def officer(place: OfficeView) -> uuid.UUID:
    """An account."""
    return make_registrar()


def fill(place: OfficeView, day: date, clock: MovableClock, first: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Couples in all online places of a day; each with whoever booked."""
    booked: list[tuple[uuid.UUID, uuid.UUID]] = []
    for slot in slots_of(place, day):
        for _ in range(slot.capacity // 30):
            person = new_person(clock())
            made = book_appointment(request(slot.id, first + len(booked), person))
            booked.append((made.appointment_id, person))
    return booked


def test_two_officers_and_the_tick_move_everybody_once(
    place: OfficeView, officer: uuid.UUID, clock: MovableClock
) -> None:
    """While a whole day is moved, others book the days it is moved to."""
    booked = fill(place, THURSDAY, clock, 0)
    move_id = change(place, closing(THURSDAY), officer).move_id
    assert move_id is not None
    rivals = [slot.id for slot in slots_of(place, FRIDAY)]
    people = [new_person(clock()) for _ in range(CALLERS)]

    def act(index: int) -> None:
        if index < 4:
            start_move(place, move_id, officer)
            place_waiting(move_id)
        else:
            book_appointment(request(rivals[index % len(rivals)], 500 + index, people[index]))

    outcomes = all_at_once(CALLERS, act)
    assert outcomes["done"] + outcomes["slot_full"] == CALLERS
    place_waiting(move_id)
    lines = lines_of(move_id)
    assert len(lines) == len(booked)
    assert {line.state for line in lines} == {LineState.OFFERED}
    assert_nothing_oversold()


def test_without_the_locks_two_officers_move_couples_twice(
    place: OfficeView, officer: uuid.UUID, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with both guards off: no lock, and no index that knows an open line."""
    fill(place, THURSDAY, clock, 0)
    move_id = change(place, closing(THURSDAY), officer).move_id
    assert move_id is not None
    monkeypatch.setattr(start, "lock_office", lambda _: None)
    all_looked = meeting(6)

    def look(model: type[BulkMove], row_id: uuid.UUID) -> BulkMove | None:
        found = session().get(model, row_id)
        all_looked.wait()
        return found

    monkeypatch.setattr(start, "locked", look)
    with database().engine.begin() as connection:
        connection.execute(sa.text("DROP INDEX uq_marriage_move_lines_one_open"))
        connection.execute(
            sa.text("ALTER TABLE marriage_move_lines DROP CONSTRAINT uq_marriage_move_lines_move_id_appointment_id")
        )
    try:
        all_at_once(6, lambda _: start_move(place, move_id, officer))
        with transaction() as db:
            count = sa.select(sa.func.count()).select_from(MoveLine).group_by(MoveLine.appointment_id)
            assert set(db.scalars(count)) == {6}
    finally:
        with database().engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM marriage_move_lines"))
            connection.execute(
                sa.text(
                    "CREATE UNIQUE INDEX uq_marriage_move_lines_one_open ON marriage_move_lines (appointment_id)"
                    " WHERE state IN ('waiting', 'offered')"
                )
            )
            connection.execute(
                sa.text(
                    "ALTER TABLE marriage_move_lines ADD CONSTRAINT uq_marriage_move_lines_move_id_appointment_id"
                    " UNIQUE (move_id, appointment_id)"
                )
            )


def test_couples_who_answer_while_they_are_moved(place: OfficeView, officer: uuid.UUID, clock: MovableClock) -> None:
    """Some give up, some choose a time of their own, while two workers look for one."""
    booked = fill(place, THURSDAY, clock, 0)[: CALLERS - 2]
    move_id = change(place, closing(THURSDAY), officer).move_id
    assert move_id is not None
    start_move(place, move_id, officer)
    own_times = [slot.id for slot in slots_of(place, date(2026, 12, 1))]

    def act(index: int) -> None:
        if index < 2:
            place_waiting(move_id)
            return
        if index - 2 >= len(booked):
            return
        appointment_id, person_id = booked[index - 2]
        if index % 3 == 0:
            cancel_appointment(appointment_id, person_id)
        elif index % 3 == 1:
            reschedule_appointment(appointment_id, own_times[index % len(own_times)], person_id, Via.API)

    outcomes = all_at_once(CALLERS, act)
    assert set(outcomes) <= {"done", "slot_full"}
    assert_nothing_oversold()
    assert all(row(appointment_id).rescheduled == 0 for appointment_id, _ in booked)


def test_one_of_two_changes_of_a_day_is_shown_again(place: OfficeView, officer: uuid.UUID, clock: MovableClock) -> None:
    """Two officers look at the same page and confirm at once, while couples book."""
    wish = closing(THURSDAY)
    base = preview(place, wish).base
    outcomes = all_at_once(4, lambda _: change_days(place, wish, base, officer))
    assert outcomes == Counter(done=1, state_conflict=3)
    assert moves() == []


def test_nobody_books_between_the_look_and_the_change(
    place: OfficeView, officer: uuid.UUID, clock: MovableClock
) -> None:
    """Whoever books first makes the officer look again; whoever comes later finds the day closed."""
    wish = closing(THURSDAY)
    slots = [slot.id for slot in slots_of(place, THURSDAY)]
    people = [new_person(clock()) for _ in range(CALLERS)]
    base = preview(place, wish).base

    def act(index: int) -> None:
        if index == 0:
            change_days(place, wish, base, officer)
        else:
            book_appointment(request(slots[index % len(slots)], 900 + index, people[index]))

    outcomes = all_at_once(CALLERS, act)
    closed = not any(slot.capacity > slot.taken for slot in slots_of(place, THURSDAY))
    if closed:
        assert outcomes["state_conflict"] == 0
        assert slots_of(place, THURSDAY) == []
    else:
        assert outcomes["state_conflict"] == 1
    assert_nothing_oversold()


def test_the_search_goes_on_when_a_time_is_taken_under_it(
    place: OfficeView, officer: uuid.UUID, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was free when it was looked for is gone when it is taken: the next time is tried."""
    person = new_person(clock())
    couple = book_appointment(request(slots_of(place, THURSDAY)[0].id, 1, person))
    move_id = change(place, closing(THURSDAY), officer).move_id
    assert move_id is not None
    start_move(place, move_id, officer)
    give = placing.give_time
    taken: list[uuid.UUID] = []

    def slow(case: placing.MoveCase, slot_id: uuid.UUID) -> object:
        if not taken:
            taken.append(slot_id)
            with transaction() as db:
                db.execute(sa.text("UPDATE marriage_slots SET capacity = 0 WHERE id = :id"), {"id": slot_id})
        return give(case, slot_id)

    monkeypatch.setattr(placing, "give_time", slow)
    place_waiting(move_id)
    assert row(couple.appointment_id).slot_id != taken[0]
    assert lines_of(move_id)[0].state is LineState.OFFERED
