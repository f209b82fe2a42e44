"""Bulk moves: a time for everybody, their free choice, and no counter touched (domain-rules §2.5-4)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from itertools import pairwise

import sqlalchemy as sa

from backend.kernel.clock import BEIJING, MovableClock
from backend.marriage.cancel import cancel_appointment
from backend.marriage.capacity.answer import accept_time, keep_unanswered, own_moves
from backend.marriage.capacity.place import place_waiting
from backend.marriage.capacity.rules import LineState
from backend.marriage.capacity.start import start_move
from backend.marriage.capacity.wishes import Action, Wish
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Closure, Via
from backend.marriage.no_shows import note_absences
from backend.marriage.offices import OfficeView
from backend.marriage.open_slots import open_slots
from backend.marriage.opening import ClosedSpan
from backend.marriage.reschedule import reschedule_appointment
from backend.marriage.rules import State
from backend.storage import transaction
from tests.marriage.support import at, book, code_of, make_person, row, told, waiting
from tests.marriage_capacity.support import (
    assert_nothing_oversold,
    change,
    close_and_move,
    closing,
    line_of,
    lines_of,
    moves,
    slot_id_of,
    slots_of,
)

THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)


def booked_on(place: OfficeView, day: date, count: int) -> list[uuid.UUID]:
    """So many couples, one in each half hour of a day."""
    free = slots_of(place, day)
    return [book(free[index].id, index).appointment_id for index in range(count)]


def test_everybody_has_a_place_before_anybody_is_told(place: OfficeView, officer: uuid.UUID) -> None:
    couples = booked_on(place, THURSDAY, 6)
    close_and_move(place, officer, THURSDAY)
    for couple_id in couples:
        line, appointment = line_of(couple_id), row(couple_id)
        assert line.state is LineState.OFFERED
        assert line.new_starts_at is not None
        assert line.new_starts_at.astimezone(BEIJING).date() == FRIDAY
        assert appointment.rescheduled == 0
        assert appointment.state is State.BOOKED
        assert told(couple_id)[-1] == "marriage.moved_by_registry"
        assert min(waiting(couple_id).values()).date() == THURSDAY  # the day before the new day
    assert_nothing_oversold()
    assert not slots_of(place, THURSDAY) or all(slot.capacity == 0 for slot in slots_of(place, THURSDAY))


def test_the_nearest_time_of_the_day_is_kept(place: OfficeView, officer: uuid.UUID) -> None:
    (couple_id,) = booked_on(place, THURSDAY, 1)
    close_and_move(place, officer, THURSDAY)
    line = line_of(couple_id)
    assert line.new_starts_at == line.old_starts_at + timedelta(days=1)


def test_whoever_says_nothing_keeps_the_new_time(place: OfficeView, officer: uuid.UUID, clock: MovableClock) -> None:
    (couple_id,) = booked_on(place, date(2026, 12, 10), 1)
    close_and_move(place, officer, date(2026, 12, 10))
    until = line_of(couple_id).answer_until
    assert until == at("2026-11-25 20:00")
    new = slot_id_of(couple_id)
    assert keep_unanswered() == 0
    clock.move_to(at("2026-11-25 20:00"))
    assert keep_unanswered() == 1
    assert line_of(couple_id).state is LineState.KEPT
    assert slot_id_of(couple_id) == new
    assert own_moves(row(couple_id).booked_by) == []


def test_a_yes_is_noted_once(place: OfficeView, officer: uuid.UUID) -> None:
    (couple_id,) = booked_on(place, THURSDAY, 1)
    close_and_move(place, officer, THURSDAY)
    person = row(couple_id).booked_by
    (own,) = own_moves(person)
    accept_time(own.id, person)
    accept_time(own.id, person)
    assert line_of(couple_id).state is LineState.ACCEPTED
    assert code_of(lambda: accept_time(own.id, make_person())) == "not_found"


def test_another_time_is_free_of_every_limit(place: OfficeView, officer: uuid.UUID, clock: MovableClock) -> None:
    """Neither the number of moves nor the cut-off of the day before stands in their way, and nothing is counted."""
    person = make_person()
    couple_id = book(slots_of(place, THURSDAY)[0].id, 1, person).appointment_id
    for place_of_day in (1, 2):
        reschedule_appointment(couple_id, slots_of(place, THURSDAY)[place_of_day].id, person, Via.API)
    clock.move_to(at("2026-11-25 18:00"))
    friday = slots_of(place, FRIDAY)[0].id
    assert code_of(lambda: reschedule_appointment(couple_id, friday, person, Via.API)) == "too_late"
    close_and_move(place, officer, THURSDAY)
    wanted = slots_of(place, date(2026, 12, 1))[0]
    reschedule_appointment(couple_id, wanted.id, person, Via.API)
    assert slot_id_of(couple_id) == wanted.id
    assert row(couple_id).rescheduled == 2
    assert line_of(couple_id).state is LineState.CHOSEN
    assert_nothing_oversold()


def test_giving_up_is_possible_until_the_deadline(place: OfficeView, officer: uuid.UUID) -> None:
    (couple_id,) = booked_on(place, THURSDAY, 1)
    close_and_move(place, officer, THURSDAY)
    cancel_appointment(couple_id, row(couple_id).booked_by)
    assert line_of(couple_id).state is LineState.GIVEN_UP
    assert row(couple_id).state is State.CANCELLED
    assert_nothing_oversold()


def test_what_comes_free_on_a_closed_day_is_nobodys(place: OfficeView, officer: uuid.UUID) -> None:
    """Cancelled before the move was started: the slot has no room for anybody else."""
    couples = booked_on(place, THURSDAY, 2)
    change(place, closing(THURSDAY), officer)
    old = slot_id_of(couples[0])
    cancel_appointment(couples[0], row(couples[0]).booked_by)
    assert [slot.capacity for slot in slots_of(place, THURSDAY) if slot.id == old] == [0]
    assert code_of(lambda: book(old, 9)) == "slot_full"


def test_starting_twice_is_once(place: OfficeView, officer: uuid.UUID) -> None:
    booked_on(place, THURSDAY, 3)
    move_id = close_and_move(place, officer, THURSDAY)
    assert start_move(place, move_id, officer) == 3
    assert len(lines_of(move_id)) == 3
    assert place_waiting(move_id) == 0


def test_nobody_is_absent_on_a_day_that_was_closed(place: OfficeView, officer: uuid.UUID, clock: MovableClock) -> None:
    (couple_id,) = booked_on(place, THURSDAY, 1)
    change(place, closing(THURSDAY), officer)
    clock.move_to(at("2026-11-26 18:00"))
    note_absences()
    assert row(couple_id).state is State.BOOKED


def test_without_a_free_time_they_wait_and_are_told(place: OfficeView, officer: uuid.UUID, clock: MovableClock) -> None:
    """The horizon is full of closed days; the next morning releases one more."""
    (couple_id,) = booked_on(place, THURSDAY, 1)
    last = date(2026, 12, 23)
    change(place, closing(date(2026, 11, 27), last), officer)
    close_and_move(place, officer, THURSDAY)
    assert line_of(couple_id).state is LineState.WAITING
    assert told(couple_id)[-1] == "marriage.move_waiting"
    assert waiting(couple_id) == {}
    clock.move_to(at("2026-11-24 08:31"))
    open_slots()
    place_waiting()
    line = line_of(couple_id)
    assert line.state is LineState.OFFERED
    assert line.new_starts_at is not None
    assert line.new_starts_at.astimezone(BEIJING).date() == date(2026, 12, 24)


def test_when_the_registry_opens_after_all_the_rest_stays(
    place: OfficeView, officer: uuid.UUID, clock: MovableClock
) -> None:
    (couple_id,) = booked_on(place, THURSDAY, 1)
    change(place, closing(date(2026, 11, 27), date(2026, 12, 23)), officer)
    close_and_move(place, officer, THURSDAY)
    assert line_of(couple_id).state is LineState.WAITING
    span = ClosedSpan(THURSDAY, THURSDAY)
    closure_id = _closure_id(THURSDAY)
    change(place, Wish(Action.REOPEN, THURSDAY, THURSDAY, closure_id=closure_id, span=span), officer)
    clock.advance(timedelta(minutes=2))
    place_waiting()
    assert line_of(couple_id).state is LineState.ENDED
    assert told(couple_id)[-1] == "marriage.move_not_needed"
    assert waiting(couple_id)
    assert line_of(couple_id).old_starts_at == next(
        slot.starts_at for slot in slots_of(place, THURSDAY) if slot.id == slot_id_of(couple_id)
    )


def test_a_move_nobody_needs_is_forgotten(place: OfficeView, officer: uuid.UUID) -> None:
    booked_on(place, THURSDAY, 1)
    change(place, closing(THURSDAY), officer)
    assert len(moves()) == 1
    wish = Wish(
        Action.REOPEN, THURSDAY, THURSDAY, closure_id=_closure_id(THURSDAY), span=ClosedSpan(THURSDAY, THURSDAY)
    )
    change(place, wish, officer)
    assert moves() == []


def test_longer_business_moves_whole(place: OfficeView, officer: uuid.UUID) -> None:
    """Forty minutes lie over two half hours, before and after."""
    room = slots_of(place, THURSDAY, Area.DIVORCE_ROOM)
    starts = next(slot for slot, later in pairwise(room) if slot.ends_at == later.starts_at)
    couple_id = book(starts.id, 3, kind=Kind.DIVORCE_APPLICATION).appointment_id
    close_and_move(place, officer, THURSDAY)
    assert line_of(couple_id).state is LineState.OFFERED
    assert_nothing_oversold()


def _closure_id(day: date) -> uuid.UUID:
    with transaction() as session:
        return session.scalars(sa.select(Closure.id).where(Closure.first_day == day)).one()
