"""An appointment in the hands of a resident: kept, booked, given up, moved; which place is whose, what is told."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.marriage.book import BookingRequest, book_appointment
from backend.marriage.cancel import cancel_appointment
from backend.marriage.confirm import confirm_appointment
from backend.marriage.couples import PartyInput
from backend.marriage.hold import hold_place, release_hold
from backend.marriage.models import Via
from backend.marriage.parameters import CANCEL_CUTOFF, HOLD_SECONDS, RESCHEDULE_MAX
from backend.marriage.places import release_expired_holds
from backend.marriage.queries import active_appointments
from backend.marriage.refuse import refuse_appointment
from backend.marriage.reschedule import reschedule_appointment
from backend.marriage.rules import State
from backend.parameters import set_value
from backend.storage import transaction
from tests.marriage.support import (
    KIND,
    REGISTRAR,
    at,
    book,
    code_of,
    history,
    make_office,
    make_person,
    make_slot,
    places,
    row,
    told,
    waiting,
)

DAY_BEFORE, TWO_HOURS = "marriage.reminder_day_before", "marriage.reminder_two_hours"


def sweep() -> int:
    with transaction():
        return release_expired_holds()


# --- hold ---


def test_a_hold_takes_the_place_until_it_runs_out(slot: uuid.UUID, clock: MovableClock) -> None:
    held = hold_place(slot, make_person())
    assert held.seconds == 300
    assert places(slot) == (1, 1)
    assert code_of(lambda: book(slot)) == "slot_full"
    clock.advance(timedelta(seconds=299))
    assert sweep() == 0
    clock.advance(timedelta(seconds=1))
    assert sweep() == 1
    assert places(slot) == (0, 1)
    assert [event[0] for event in history(held.hold_id)] == ["held", "hold_expired"]
    assert row(held.hold_id).state is State.EXPIRED


def test_whoever_needs_the_place_does_not_wait_for_the_sweep(slot: uuid.UUID, clock: MovableClock) -> None:
    hold_place(slot, make_person())
    clock.advance(timedelta(seconds=300))
    assert book(slot).number
    assert places(slot) == (1, 1)
    assert sweep() == 0


def test_a_second_hold_gives_the_first_back(slot: uuid.UUID, other_slot: uuid.UUID) -> None:
    person = make_person()
    first = hold_place(slot, person)
    hold_place(other_slot, person)
    assert (places(slot), places(other_slot)) == ((0, 1), (1, 1))
    assert row(first.hold_id).state is State.EXPIRED


def test_a_second_hold_that_fails_keeps_the_first(slot: uuid.UUID, other_slot: uuid.UUID) -> None:
    person = make_person()
    first = hold_place(slot, person)
    book(other_slot)
    assert code_of(lambda: hold_place(other_slot, person)) == "slot_full"
    assert row(first.hold_id).state is State.HELD
    assert places(slot) == (1, 1)


@pytest.mark.parametrize("minutes", [0, 10])
def test_the_same_place_can_be_kept_anew(slot: uuid.UUID, clock: MovableClock, minutes: int) -> None:
    """Also when the first hold has run out and nobody has swept it: it gives its place back once, not twice."""
    person = make_person()
    first = hold_place(slot, person)
    clock.advance(timedelta(minutes=minutes))
    second = hold_place(slot, person)
    assert places(slot) == (1, 1)
    assert (row(first.hold_id).state, row(second.hold_id).state) == (State.EXPIRED, State.HELD)
    assert code_of(lambda: book(slot)) == "slot_full"


def test_a_hold_can_be_given_back_and_need_not_be_there(slot: uuid.UUID) -> None:
    person = make_person()
    hold_place(slot, person)
    release_hold(person)
    release_hold(person)
    assert places(slot) == (0, 1)


def test_a_booking_in_the_chat_is_made_of_the_hold(slot: uuid.UUID) -> None:
    person = make_person()
    held = hold_place(slot, person)
    booked = book(slot, 1, person, Via.CHAT)
    assert booked.appointment_id == held.hold_id
    assert places(slot) == (1, 1)
    assert [event[0] for event in history(held.hold_id)] == ["held", "booked"]
    assert sweep() == 0


def test_a_hold_that_ran_out_is_booked_afresh_while_there_is_room(slot: uuid.UUID, clock: MovableClock) -> None:
    person = make_person()
    held = hold_place(slot, person)
    clock.advance(timedelta(minutes=10))
    booked = book(slot, 1, person, Via.CHAT)
    assert booked.appointment_id != held.hold_id
    assert places(slot) == (1, 1)


def test_how_long_is_the_offices_to_say(slot: uuid.UUID, clock: MovableClock) -> None:
    set_value(HOLD_SECONDS, "xincheng", 60, clock(), "admin")
    assert hold_place(slot, make_person()).expires_at == clock() + timedelta(seconds=60)


# --- book ---


def test_a_booking_is_written_down_and_both_reminders_wait(slot: uuid.UUID) -> None:
    booked = book(slot)
    stored = row(booked.appointment_id)
    assert (stored.state, stored.number, stored.rescheduled) == (State.BOOKED, booked.number, 0)
    assert history(booked.appointment_id) == [("booked", "resident", None, State.BOOKED, None)]
    assert waiting(booked.appointment_id) == {DAY_BEFORE: at("2026-11-25 10:00"), TWO_HOURS: at("2026-11-26 08:00")}
    assert told(booked.appointment_id) == ["marriage.booked"]


def test_in_the_chat_the_reply_is_the_notice(slot: uuid.UUID) -> None:
    assert told(book(slot, via=Via.CHAT).appointment_id) == []


def test_a_reminder_whose_time_is_past_is_left_out(office: uuid.UUID, clock: MovableClock) -> None:
    clock.move_to(at("2026-11-23 10:30"))
    booked = book(make_slot(office, "2026-11-24 10:00"))
    assert set(waiting(booked.appointment_id)) == {TWO_HOURS}


def test_nobody_has_two_at_once(office: uuid.UUID, slot: uuid.UUID, other_slot: uuid.UUID) -> None:
    person = make_person()
    booked = book(slot, 1, person)
    assert code_of(lambda: book(other_slot, 1)) == "already_booked"
    assert places(other_slot) == (0, 1)
    cancel_appointment(booked.appointment_id, person)
    assert book(other_slot, 1).number != booked.number


@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("2026-11-25 14:59", ""),
        ("2026-11-25 15:00", "too_late"),
        ("2026-11-26 08:00", "too_late"),
        ("2026-11-27 10:00", "too_late"),
        ("2026-10-27 08:30", ""),
        ("2026-10-27 08:29", "not_found"),
    ],
)
def test_between_release_and_cut_off(slot: uuid.UUID, clock: MovableClock, now: str, code: str) -> None:
    clock.move_to(at(now))
    if code:
        assert code_of(lambda: book(slot)) == code
        assert code_of(lambda: hold_place(slot, make_person())) == code
        assert places(slot) == (0, 1)
    else:
        assert book(slot).number


def test_a_full_slot_names_the_nearest(office: uuid.UUID, slot: uuid.UUID) -> None:
    free = [make_slot(office, moment) for moment in ("2026-11-24 09:00", "2026-11-26 09:30", "2026-11-27 09:00")]
    far = make_slot(office, "2026-12-10 09:00")
    taken = make_slot(office, "2026-11-26 10:30")
    book(slot, 1)
    book(taken, 2)
    with pytest.raises(AppError) as refused:
        book(slot, 3)
    assert [uuid.UUID(near["id"]) for near in refused.value.extra["alternatives"]] == free  # type: ignore[attr-defined]
    assert far not in free


# --- cancel ---


def test_giving_it_up_frees_the_place_once(slot: uuid.UUID) -> None:
    person = make_person()
    booked = book(slot, person_id=person)
    cancel_appointment(booked.appointment_id, person)
    cancel_appointment(booked.appointment_id, person)
    assert places(slot) == (0, 1)
    assert waiting(booked.appointment_id) == {}
    assert [event[:2] for event in history(booked.appointment_id)] == [
        ("booked", "resident"),
        ("cancelled", "resident"),
    ]


@pytest.mark.parametrize(("now", "late"), [("2026-11-25 16:59", False), ("2026-11-25 17:00", True)])
def test_until_when_it_can_be_given_up(slot: uuid.UUID, clock: MovableClock, now: str, late: bool) -> None:
    person = make_person()
    booked = book(slot, person_id=person)
    clock.move_to(at(now))
    if late:
        assert code_of(lambda: cancel_appointment(booked.appointment_id, person)) == "too_late"
        assert places(slot) == (1, 1)
        assert set(waiting(booked.appointment_id)) == {DAY_BEFORE, TWO_HOURS}
    else:
        cancel_appointment(booked.appointment_id, person)
        assert places(slot) == (0, 1)


def test_the_cut_off_is_the_offices_to_set(slot: uuid.UUID, clock: MovableClock) -> None:
    set_value(CANCEL_CUTOFF, "xincheng", "12:00", clock(), "admin")
    person = make_person()
    booked = book(slot, person_id=person)
    clock.move_to(at("2026-11-25 12:00"))
    with pytest.raises(AppError, match="too_late") as refused:
        cancel_appointment(booked.appointment_id, person)
    assert "12:00" in refused.value.user_text


def test_what_is_not_yours_is_not_there(slot: uuid.UUID, other_slot: uuid.UUID) -> None:
    booked, stranger = book(slot), make_person()
    held = hold_place(other_slot, stranger)
    for appointment_id in (booked.appointment_id, held.hold_id, uuid.uuid4()):
        assert code_of(lambda one=appointment_id: cancel_appointment(one, stranger)) == "not_found"
        assert (
            code_of(lambda one=appointment_id: reschedule_appointment(one, other_slot, stranger, Via.API))
            == "not_found"
        )
    assert row(booked.appointment_id).state is State.BOOKED


# --- move ---


def test_moving_swaps_the_places_and_the_reminders(slot: uuid.UUID, other_slot: uuid.UUID) -> None:
    person = make_person()
    booked = book(slot, person_id=person)
    confirm_appointment(booked.appointment_id, REGISTRAR)
    reschedule_appointment(booked.appointment_id, other_slot, person, Via.API)
    assert (places(slot), places(other_slot)) == ((0, 1), (1, 1))
    moved = row(booked.appointment_id)
    assert (moved.state, moved.rescheduled, moved.number) == (State.BOOKED, 1, booked.number)
    assert waiting(booked.appointment_id) == {DAY_BEFORE: at("2026-11-26 10:00"), TWO_HOURS: at("2026-11-27 12:00")}
    assert history(booked.appointment_id)[-1] == ("rescheduled", "resident", State.CONFIRMED, State.BOOKED, None)
    assert told(booked.appointment_id)[-1] == "marriage.rescheduled"


def test_a_move_that_fails_loses_nothing(slot: uuid.UUID, other_slot: uuid.UUID) -> None:
    person = make_person()
    booked = book(slot, 1, person)
    book(other_slot, 2)
    assert code_of(lambda: reschedule_appointment(booked.appointment_id, other_slot, person, Via.API)) == "slot_full"
    assert row(booked.appointment_id).slot_id == slot
    assert places(slot) == (1, 1)
    assert len(waiting(booked.appointment_id)) == 2


def test_moving_has_a_limit_and_a_cut_off(
    office: uuid.UUID, slot: uuid.UUID, other_slot: uuid.UUID, clock: MovableClock
) -> None:
    person = make_person()
    booked = book(slot, person_id=person)

    def move_to(target: uuid.UUID) -> object:
        return reschedule_appointment(booked.appointment_id, target, person, Via.CHAT)

    assert code_of(lambda: move_to(slot)) == "state_conflict"
    move_to(other_slot)
    move_to(slot)
    assert code_of(lambda: move_to(other_slot)) == "too_late"
    set_value(RESCHEDULE_MAX, "", 10, clock(), "admin")
    clock.move_to(at("2026-11-25 17:00"))
    assert code_of(lambda: move_to(other_slot)) == "too_late"
    assert places(slot) == (1, 1)
    assert told(booked.appointment_id) == ["marriage.booked"], "in the chat the reply is the notice"


def test_the_office_that_is_left_says_until_when(slot: uuid.UUID, clock: MovableClock) -> None:
    elsewhere = make_slot(make_office("changle", position=1), "2026-12-01 10:00")
    set_value(CANCEL_CUTOFF, "xincheng", "12:00", clock(), "admin")
    person = make_person()
    booked = book(slot, person_id=person)
    clock.move_to(at("2026-11-25 12:00"))
    with pytest.raises(AppError, match="too_late") as refused:
        reschedule_appointment(booked.appointment_id, elsewhere, person, Via.API)
    assert "12:00" in refused.value.user_text
    clock.move_to(at("2026-11-25 11:59"))
    reschedule_appointment(booked.appointment_id, elsewhere, person, Via.API)
    assert (places(slot), places(elsewhere)) == ((0, 1), (1, 1))


def test_moving_to_a_day_on_which_one_is_too_young(office: uuid.UUID, clock: MovableClock) -> None:
    """民法典 1047: what was right for the 26th is not for the 24th."""
    person, early = make_person(), make_slot(office, "2026-11-24 10:00")
    pair = [PartyInput("王小明", "100000200411210011"), PartyInput("李小红", "100000200611250026")]
    late = make_slot(office, "2026-11-26 09:00")
    booked = book_appointment(BookingRequest(KIND, late, pair, True, person, Via.API))
    with pytest.raises(AppError) as refused:
        reschedule_appointment(booked.appointment_id, early, person, Via.API)
    assert refused.value.extra["possible_from"] == "2026-11-25"
    assert places(early) == (0, 1)


# --- see ---


def test_whoever_has_one_sees_it_while_it_lies_ahead(office: uuid.UUID, slot: uuid.UUID, other_slot: uuid.UUID) -> None:
    person = make_person()
    later, sooner = book(other_slot, 1, person), book(slot, 2, person)
    book(make_slot(office, "2026-12-01 09:00"), 3)  # somebody else's
    hold_place(make_slot(office, "2026-12-01 10:00"), person)
    assert [found.id for found in active_appointments(person)] == [sooner.appointment_id, later.appointment_id]
    refuse_appointment(sooner.appointment_id, REGISTRAR, "身份证过期")
    assert [found.id for found in active_appointments(person)] == [later.appointment_id]
