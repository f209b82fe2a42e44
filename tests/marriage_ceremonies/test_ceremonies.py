"""A couple's ceremony: when it may be held, who is told, what the weather and the registration do to it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.marriage.ceremonies.arrange import assign_officiant, place_ceremony
from backend.marriage.ceremonies.book import call_off, cancel_ceremony
from backend.marriage.ceremonies.couples import own_registration
from backend.marriage.ceremonies.follow import finish_held, follow_registrations
from backend.marriage.ceremonies.queries import fitting_sessions, free_sessions, venue
from backend.marriage.ceremonies.rules import CeremonyState, Misfit, Registration, misfit
from backend.marriage.ceremonies.weather import Switched, lift_switch, switch_indoors
from backend.marriage.models import Appointment
from backend.marriage.rules import State
from backend.storage import transaction
from tests.marriage.support import at, code_of
from tests.marriage_ceremonies.support import Couple, bookings, cells, hold, make_officiant, row, told, waiting

Make = Callable[..., Couple]
THURSDAY = at("2026-11-26 00:00").date()


@pytest.mark.parametrize(
    ("registered", "starts", "why"),
    [
        (False, "2026-11-26 10:20", Misfit.BEFORE),
        (False, "2026-11-26 10:30", None),
        (False, "2026-11-27 09:00", Misfit.NOT_YET),
        (True, "2026-12-26 09:00", None),
        (True, "2026-12-27 09:00", Misfit.TOO_LATE),
        (True, "2026-11-25 09:00", Misfit.BEFORE),
    ],
)
def test_the_day_of_a_ceremony(registered: bool, starts: str, why: Misfit | None) -> None:
    assert misfit(Registration(at("2026-11-26 10:30"), registered), at(starts), 30) is why


def test_booked_for_both_and_reminded(garden: uuid.UUID, couple: Make) -> None:
    two = couple()
    made = hold(two, garden)
    assert (made.state, cells(garden), bookings()) == (CeremonyState.BOOKED, 3, 1)
    assert told(two.first) == told(two.second) == ["ceremony_booked"]
    assert waiting(made.id, two.second) == {"in_three_days": "11-23 10:00", "tomorrow": "11-25 20:00"}
    assert code_of(lambda: hold(two, garden, "2026-11-26 11:30")) == "already_booked"


def test_a_reminder_whose_moment_is_past_is_left_out(garden: uuid.UUID, couple: Make, clock: MovableClock) -> None:
    clock.move_to(at("2026-11-24 09:00"))
    two = couple()
    assert waiting(hold(two, garden).id, two.first) == {"tomorrow": "11-25 20:00"}


def test_what_is_refused(garden: uuid.UUID, couple: Make) -> None:
    two, others = couple(), couple(1)
    assert code_of(lambda: hold(two, garden, guests=11)) == "invalid"
    assert code_of(lambda: hold(two, garden, "2026-11-26 10:00")) == "invalid"
    assert code_of(lambda: hold(two, garden, "2026-11-26 11:10")) == "slot_full", "not where a session begins"
    assert code_of(lambda: hold(Couple(two.appointment_id, others.first, others.second), garden)) == "not_found"
    assert bookings() == 0


def test_a_taken_session_leads_to_the_nearest(garden: uuid.UUID, couple: Make) -> None:
    hold(couple(), garden)
    with pytest.raises(AppError) as refused:
        hold(couple(1), garden)
    assert refused.value.code == "slot_full"
    nearest = [
        {"starts_at": f"2026-11-26T{start}:00+08:00", "ends_at": f"2026-11-26T{end}:00+08:00"}
        for start, end in (("10:30", "11:00"), ("11:30", "12:00"), ("10:00", "10:30"))
    ]
    assert refused.value.extra["free"] == nearest


def test_either_of_the_two_cancels_and_the_place_is_free(garden: uuid.UUID, couple: Make) -> None:
    two = couple()
    made = hold(two, garden)
    cancel_ceremony(made.id, two.second)
    cancel_ceremony(made.id, two.first)
    assert (row(made.id).state, bookings(), waiting(made.id, two.first)) == (CeremonyState.CANCELLED, 0, {})
    assert told(two.first) == ["ceremony_booked", "ceremony_cancelled"]
    assert hold(couple(1), garden).state is CeremonyState.BOOKED


def test_another_couples_is_not_there(garden: uuid.UUID, couple: Make) -> None:
    made = hold(couple(), garden)
    assert code_of(lambda: cancel_ceremony(made.id, couple(1).first)) == "not_found"


def test_the_weather_moves_everybody_indoors(
    garden: uuid.UUID, hall: uuid.UUID, registrar: uuid.UUID, couple: Make, clock: MovableClock
) -> None:
    clock.move_to(at("2026-11-25 18:00"))
    early, late, inside = couple(), couple(1), couple(2)
    first, second = hold(early, garden), hold(late, garden, "2026-11-26 11:30")
    hold(inside, hall, "2026-11-26 11:30")
    assert switch_indoors(garden, THURSDAY, "有雨", registrar) == Switched(2, 1, 0)
    assert (row(first.id).venue_id, row(first.id).starts_at) == (hall, at("2026-11-26 11:00"))
    assert row(second.id).starts_at == at("2026-11-26 10:30"), "half past eleven is taken; the nearest that is free"
    assert (cells(garden), cells(hall)) == (0, 9)
    assert told(early.second) == ["ceremony_booked", "ceremony_moved"]
    assert code_of(lambda: hold(couple(3), garden, "2026-11-26 15:00")) == "slot_full"
    assert free_sessions(venue(garden), THURSDAY, THURSDAY) == []
    assert code_of(lambda: switch_indoors(garden, THURSDAY, "有雨", registrar)) == "state_conflict"
    lift_switch(garden, THURSDAY)
    assert hold(couple(4), garden, "2026-11-26 15:00").venue_id == garden


def test_a_late_switch_is_told_all_the_same(
    garden: uuid.UUID, registrar: uuid.UUID, couple: Make, clock: MovableClock
) -> None:
    two = couple()
    hold(two, garden)
    clock.move_to(at("2026-11-25 20:01"))
    switch_indoors(garden, THURSDAY, "有雨", registrar)
    assert told(two.first)[-1] == told(two.second)[-1] == "ceremony_moved_late"


def test_without_room_indoors_somebody_telephones(
    garden: uuid.UUID, hall: uuid.UUID, registrar: uuid.UUID, couple: Make
) -> None:
    for index in range(1, 3):
        hold(couple(index, "2026-11-26 15:30"), hall, f"2026-11-26 16:{'00' if index == 1 else '30'}")
    two = couple(0, "2026-11-26 15:30")
    made = hold(two, garden, "2026-11-26 16:30")
    assert switch_indoors(garden, THURSDAY, "大风", registrar) == Switched(0, 0, 1)
    assert (row(made.id).needs_place, row(made.id).venue_booking_id, waiting(made.id, two.first)) == (True, None, {})
    assert told(two.first)[-1] == "ceremony_without_place"
    place_ceremony(made.id, hall, at("2026-11-27 09:00"), registrar)
    assert (row(made.id).needs_place, row(made.id).starts_at) == (False, at("2026-11-27 09:00"))


def test_an_officiant_is_at_one_place_at_a_time(
    garden: uuid.UUID, hall: uuid.UUID, officiant: uuid.UUID, registrar: uuid.UUID, couple: Make
) -> None:
    outside, inside = hold(couple(), garden), hold(couple(1), hall)
    assign_officiant(outside.id, officiant, registrar)
    assert code_of(lambda: assign_officiant(inside.id, officiant, registrar)) == "slot_full"
    assert row(inside.id).officiant_id is None
    assign_officiant(outside.id, None, registrar)
    assign_officiant(inside.id, officiant, registrar)
    assert row(inside.id).officiant_id == officiant


def test_the_officiant_comes_along_to_another_time(
    garden: uuid.UUID, office: uuid.UUID, officiant: uuid.UUID, registrar: uuid.UUID, couple: Make
) -> None:
    made, other = hold(couple(), garden), hold(couple(1), garden, "2026-11-26 14:00")
    second = make_officiant(office, "李老师")
    assign_officiant(made.id, officiant, registrar)
    assign_officiant(other.id, second, registrar)
    place_ceremony(made.id, garden, at("2026-11-26 15:00"), registrar)
    assert (row(made.id).officiant_id, cells(officiant)) == (officiant, 3)


def test_the_ceremony_follows_the_registration(garden: uuid.UUID, couple: Make) -> None:
    two, safe = couple(), couple(1)
    made, other = hold(two, garden), hold(safe, garden, "2026-11-26 11:30")
    with transaction() as session:
        session.get_one(Appointment, two.appointment_id).state = State.CANCELLED
    assert follow_registrations() == 1
    assert (row(made.id).state, row(other.id).state) == (CeremonyState.CANCELLED, CeremonyState.BOOKED)
    assert told(two.first)[-1] == "ceremony_cancelled"
    assert follow_registrations() == 0


def test_after_registration_there_are_thirty_days(garden: uuid.UUID, couple: Make, clock: MovableClock) -> None:
    two = couple(0, "2026-11-20 10:00", served=True)
    with transaction():
        appointment = own_registration(two.appointment_id, two.second)
        assert appointment is not None
        fits = fitting_sessions(appointment, venue(garden), 3)
    assert next(one.starts_at for one in fits) == at("2026-11-23 09:30"), "from now on"
    made = hold(two, garden, "2026-12-20 09:00")
    assert follow_registrations() == 0
    clock.move_to(made.ends_at + timedelta(minutes=1))
    assert finish_held() == 1
    assert (row(made.id).state, bookings()) == (CeremonyState.HELD, 0)
    assert code_of(lambda: call_off(made.id, "晚了", uuid.uuid4())) == "state_conflict"
