"""A place that comes free goes to whoever is next in line, in the transaction that frees it, and to nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.marriage.apply_plan import apply_plan
from backend.marriage.book import Booked
from backend.marriage.cancel import cancel_appointment
from backend.marriage.confirm import confirm_appointment
from backend.marriage.hold import hold_place, release_hold
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Appointment, AppointmentEvent, Slot, Via
from backend.marriage.offers import full_days
from backend.marriage.offers import office as office_view
from backend.marriage.places import release_expired_holds
from backend.marriage.refuse import refuse_appointment
from backend.marriage.reschedule import reschedule_appointment
from backend.marriage.rules import State
from backend.marriage.waiting.join import join_waiting
from backend.marriage.waiting.leave import end_over, expire_offers, leave_waiting, pass_offer
from backend.marriage.waiting.offer import offer_left_over
from backend.marriage.waiting.rules import WaitingState
from backend.marriage.waiting.take import accept_offer
from backend.storage import transaction
from messages.models import OutboxState
from messages.notices import notice
from tests.concurrency.support import all_at_once
from tests.marriage.support import (
    REGISTRAR,
    at,
    book,
    code_of,
    couple,
    history,
    make_person,
    make_slot,
    number,
    places,
    row,
    waiting,
)
from tests.marriage.support import told as told_of
from tests.marriage_waiting.support import entry, offer, states, told, wait, wait_for_slot, wish

WAITING, OFFERED, BOOKED, ENDED = (
    WaitingState.WAITING,
    WaitingState.OFFERED,
    WaitingState.BOOKED,
    WaitingState.ENDED,
)


@pytest.fixture
def full(slot: uuid.UUID) -> Booked:
    """The only place of Thursday is taken by couple 0."""
    return book(slot, 0, make_person())


def owner(booked: Booked) -> uuid.UUID:
    return row(booked.appointment_id).booked_by


def cancel(booked: Booked) -> None:
    cancel_appointment(booked.appointment_id, owner(booked))


def test_a_full_day_is_told_from_one_that_is_closed(office: uuid.UUID, slot: uuid.UUID, full: Booked) -> None:
    place = office_view(office)
    assert place is not None
    first, last = date(2026, 11, 24), date(2026, 11, 29)
    assert full_days(place, Kind.MARRIAGE_REGISTRATION, first, last) == [date(2026, 11, 26)]
    cancel(full)
    assert full_days(place, Kind.MARRIAGE_REGISTRATION, first, last) == []


def test_the_next_in_line_is_offered_that_very_place(
    office: uuid.UUID, slot: uuid.UUID, full: Booked, clock: MovableClock
) -> None:
    first = wait(office, 1)
    clock.advance(timedelta(minutes=1))
    second = wait(office, 2)
    cancel(full)
    assert states(first, second) == [OFFERED, WAITING]
    kept = offer(first)
    assert kept is not None
    assert (kept.slot_id, kept.hold_expires_at) == (slot, clock() + timedelta(minutes=30))
    assert places(slot) == (1, 1)  # nobody else can have it
    assert code_of(lambda: book(slot, 3)) == "slot_full"
    assert code_of(lambda: hold_place(slot, make_person())) == "slot_full"
    [message] = told(first)
    assert message.notice == "marriage.waiting_offered"
    assert message.data["time"] == "2026年11月26日 10:00"
    assert message.data["until"] == "11月23日09:31"


def test_accepting_books_exactly_that_place(office: uuid.UUID, slot: uuid.UUID, full: Booked) -> None:
    person = make_person()
    waits = wait(office, 1, person)
    assert code_of(lambda: accept_offer(waits, person, Via.API)) == "state_conflict"
    cancel(full)
    assert code_of(lambda: accept_offer(waits, make_person(), Via.API)) == "not_found"
    taken = accept_offer(waits, person, Via.API)
    made = row(taken.appointment_id)
    assert (made.state, made.slot_id, made.number, made.booked_by) == (State.BOOKED, slot, taken.number, person)
    assert places(slot) == (1, 1)
    assert states(waits) == [BOOKED]
    assert history(made.id)[0][:2] == ("offered", "system")
    assert [name for name, *_ in history(made.id)] == ["offered", "booked"]
    assert sorted(waiting(made.id)) == ["marriage.reminder_day_before", "marriage.reminder_two_hours"]
    assert told_of(made.id) == ["marriage.booked"]
    assert [message.state for message in told(waits)] == [OutboxState.CANCELLED]  # answered before it went out
    again = accept_offer(waits, person, Via.API)
    assert again.number == taken.number
    with transaction() as session:
        names = session.scalars(
            sa.text("SELECT count(*) FROM marriage_parties WHERE appointment_id = :id"), {"id": made.id}
        )
        assert names.one() == 2


FREEING: dict[str, Callable[[Booked, uuid.UUID], object]] = {
    "cancel": lambda booked, _: cancel(booked),
    "refuse": lambda booked, _: refuse_appointment(booked.appointment_id, REGISTRAR, "身份证过期"),
    "reschedule": lambda booked, other: reschedule_appointment(booked.appointment_id, other, owner(booked), Via.API),
}


@pytest.mark.parametrize("how", FREEING)
def test_whatever_frees_a_place(office: uuid.UUID, slot: uuid.UUID, full: Booked, how: str) -> None:
    waits = wait(office, 1)
    other = make_slot(office, "2026-11-27 14:00")
    FREEING[how](full, other)
    assert states(waits) == [OFFERED]
    assert places(slot) == (1, 1)


def test_a_hold_that_is_given_back_or_runs_out(office: uuid.UUID, slot: uuid.UUID, clock: MovableClock) -> None:
    typing = make_person()
    hold_place(slot, typing)
    first, second = wait(office, 1), wait(office, 2)
    release_hold(typing)
    assert states(first) == [OFFERED]
    leave_waiting(first, entry(first).person_id)
    assert states(first, second) == [WaitingState.LEFT, OFFERED]
    leave_waiting(second, entry(second).person_id)
    hold_place(slot, typing)
    third = wait(office, 3)
    clock.advance(timedelta(minutes=6))
    assert code_of(lambda: book(slot, 4)) == "slot_full"  # it is the line's, though nobody has swept it yet
    with transaction():
        release_expired_holds()
    assert states(third) == [OFFERED]


def test_more_windows_go_to_the_line(office: uuid.UUID, calendar_2026: None, clock: MovableClock) -> None:
    place = office_view(office)
    assert place is not None
    day = date(2026, 11, 26)
    apply_plan(place, [day])
    with transaction() as session:
        session.execute(sa.update(Slot).values(taken=Slot.capacity, capacity=Slot.capacity))
    waits = wait(office, 1)
    assert states(waits) == [WAITING]
    with transaction() as session:
        session.execute(sa.update(Slot).where(Slot.area == Area.MARRIAGE_HALL).values(capacity=30, taken=30))
    apply_plan(place, [day])  # back to the plan, which has more in some half hours
    assert states(waits) == [OFFERED]


def test_who_lets_it_pass_waits_on_and_is_not_asked_again_for_it(
    office: uuid.UUID, slot: uuid.UUID, full: Booked, clock: MovableClock
) -> None:
    first = wait(office, 1)
    clock.advance(timedelta(seconds=1))
    second = wait(office, 2)
    cancel(full)
    assert pass_offer(first, entry(first).person_id) is WAITING
    assert states(first, second) == [WAITING, OFFERED]
    pass_offer(second, entry(second).person_id)
    assert states(first, second) == [WAITING, WAITING]
    assert places(slot) == (0, 1)  # both have declined it; now it is anybody's
    assert book(slot, 3).number


def test_who_waits_for_one_slot_alone_is_done_when_they_decline(slot: uuid.UUID, full: Booked) -> None:
    waits = wait_for_slot(slot, 1)
    cancel(full)
    assert pass_offer(waits, entry(waits).person_id) is ENDED


def test_an_offer_left_unanswered_goes_on(
    office: uuid.UUID, slot: uuid.UUID, full: Booked, clock: MovableClock
) -> None:
    first = wait(office, 1)
    clock.advance(timedelta(seconds=1))
    second = wait(office, 2)
    cancel(full)
    clock.advance(timedelta(minutes=29, seconds=59))
    assert expire_offers() == 0
    clock.advance(timedelta(seconds=1))
    assert code_of(lambda: accept_offer(first, entry(first).person_id, Via.API)) == "too_late"
    assert expire_offers() == 1
    assert states(first, second) == [WAITING, OFFERED]
    assert [message.notice for message in told(first)] == ["marriage.waiting_offered", "marriage.waiting_passed"]
    assert places(slot) == (1, 1)
    assert expire_offers() == 0


def test_to_its_last_moment_an_offer_is_theirs(
    office: uuid.UUID, slot: uuid.UUID, full: Booked, clock: MovableClock
) -> None:
    """An instant before it ends they accept while the tick looks for what is over; a second later nothing is over."""
    first = wait(office, 1)
    clock.advance(timedelta(seconds=1))
    second = wait(office, 2)
    cancel(full)
    clock.advance(timedelta(minutes=30) - timedelta(microseconds=1))
    acts = (lambda: accept_offer(first, entry(first).person_id, Via.API), expire_offers)
    assert all_at_once(2, lambda index: acts[index]()) == {"done": 2}
    clock.advance(timedelta(seconds=1))
    assert expire_offers() == 0
    assert states(first, second) == [BOOKED, WAITING]
    assert places(slot) == (1, 1)


def test_at_night_it_is_kept_until_the_morning(
    office: uuid.UUID, slot: uuid.UUID, full: Booked, clock: MovableClock
) -> None:
    waits = wait(office, 1)
    clock.move_to(at("2026-11-23 22:00"))
    cancel(full)
    kept = offer(waits)
    assert kept is not None
    assert kept.hold_expires_at == at("2026-11-24 08:30")
    [message] = told(waits)
    assert notice(message.notice).earliest(message.next_at, message.not_after) == at("2026-11-24 08:00")
    clock.move_to(at("2026-11-24 08:29"))
    assert expire_offers() == 0
    assert accept_offer(waits, entry(waits).person_id, Via.CHAT).number


def test_nothing_is_offered_too_late_to_be_answered(
    office: uuid.UUID, slot: uuid.UUID, full: Booked, clock: MovableClock
) -> None:
    """Booking for Thursday closes on Wednesday at three; at twenty to three half an hour is no longer left."""
    waits = wait(office, 1)
    clock.move_to(at("2026-11-25 14:40"))
    cancel(full)
    assert states(waits) == [WAITING]
    assert places(slot) == (0, 1)
    assert end_over() == 1
    assert states(waits) == [ENDED]
    assert [message.notice for message in told(waits)] == ["marriage.waiting_ended"]


def test_one_of_a_couple_waits_once(office: uuid.UUID, slot: uuid.UUID, full: Booked) -> None:
    wait(office, 1)
    assert code_of(lambda: wait(office, 1)) == "already_waiting"
    assert code_of(lambda: wait(office, 0)) == "already_booked"


def test_only_what_is_full_and_open_can_be_waited_for(office: uuid.UUID, slot: uuid.UUID) -> None:
    with pytest.raises(AppError) as free:
        wait(office, 1)
    assert (free.value.code, len(free.value.extra["alternatives"])) == ("state_conflict", 1)  # type: ignore[arg-type]
    person = make_person()
    for first, last, told_words in (
        (date(2027, 1, 5), date(2027, 1, 6), "还没放出"),
        (date(2026, 11, 28), date(2026, 11, 29), "不办这件事"),
        (date(2026, 11, 27), date(2026, 11, 26), "不能早于"),
        (date(2026, 11, 26), date(2027, 1, 26), "一个月以内"),
    ):
        with pytest.raises(AppError) as refused:
            join_waiting(wish(office, 1, person, first, last))
        assert refused.value.code == "invalid"
        assert told_words in refused.value.user_text


def test_who_is_too_young_is_told_when_joining(office: uuid.UUID, slot: uuid.UUID, full: Booked) -> None:
    young = [replace(couple(1)[0], id_number=number(date(2008, 1, 1), 1)), couple(1)[1]]
    with pytest.raises(AppError) as refused:
        join_waiting(replace(wish(office, 1, make_person()), parties=young))
    assert refused.value.extra["problems"] == ["under_age"]


def test_a_longer_business_is_offered_only_where_all_of_it_fits(office: uuid.UUID, calendar_2026: None) -> None:
    """Forty minutes in half hours: what comes free must reach."""
    nine = make_slot(office, "2026-11-26 09:00", 1, Area.DIVORCE_ROOM)
    make_slot(office, "2026-11-26 09:30", 1, Area.DIVORCE_ROOM)
    there = book(nine, 0, kind=Kind.DIVORCE_APPLICATION)
    waits = join_waiting(wish(office, 1, make_person(), kind=Kind.DIVORCE_APPLICATION))
    cancel(there)
    kept = offer(waits)
    assert kept is not None
    assert (kept.slot_id, kept.minutes) == (nine, 40)
    leave_waiting(waits, entry(waits).person_id)
    with transaction() as session:
        assert session.scalars(sa.select(sa.func.sum(Slot.taken))).one() == 0


def test_what_was_left_over_is_offered_by_the_tick(office: uuid.UUID, slot: uuid.UUID, full: Booked) -> None:
    """A place can come free the very moment somebody gets in line, unseen by either."""
    waits = wait(office, 1)
    with transaction() as session:
        session.execute(sa.update(Appointment).values(state=State.CANCELLED))
        session.execute(sa.update(Slot).values(taken=0))
    assert offer_left_over() == 1
    assert states(waits) == [OFFERED]
    assert offer_left_over() == 0


def test_confirming_one_settles_the_rest(office: uuid.UUID, slot: uuid.UUID, full: Booked) -> None:
    """A couple may book elsewhere while they wait; once a registrar has confirmed that, the next in line moves up."""
    couple_waits, next_waits = wait(office, 1), wait(office, 2)
    cancel(full)
    assert states(couple_waits) == [OFFERED]
    other = make_slot(office, "2026-11-27 14:00")
    booked = book(other, 1)
    confirm_appointment(booked.appointment_id, REGISTRAR)
    assert states(couple_waits, next_waits) == [ENDED, OFFERED]
    assert places(slot) == (1, 1)
    assert told(couple_waits)[-1].notice == "marriage.waiting_ended"
    assert "已经约好" in told(couple_waits)[-1].data["hint"]


def test_whoever_has_booked_meanwhile_is_passed_over_and_keeps_their_place_in_line(
    office: uuid.UUID, slot: uuid.UUID, full: Booked
) -> None:
    first, second = wait(office, 1), wait(office, 2)
    other = make_slot(office, "2026-11-27 14:00")
    booked = book(other, 1)
    cancel(full)
    assert states(first, second) == [WAITING, OFFERED]
    refuse_appointment(booked.appointment_id, REGISTRAR, "身份证过期")
    leave_waiting(second, entry(second).person_id)
    assert states(first) == [OFFERED]  # refused, so they are still in line


def test_every_move_of_an_offer_is_written_down(office: uuid.UUID, slot: uuid.UUID, full: Booked) -> None:
    waits = wait(office, 1)
    cancel(full)
    pass_offer(waits, entry(waits).person_id)
    with transaction() as session:
        rows = session.execute(
            sa.text("SELECT name, actor_kind FROM marriage_waiting_events WHERE entry_id = :id ORDER BY id"),
            {"id": waits},
        ).all()
        names = session.scalars(
            sa.select(AppointmentEvent.name).where(AppointmentEvent.to_state == State.EXPIRED)
        ).all()
    assert [tuple(one) for one in rows] == [("joined", "resident"), ("offered", "system"), ("passed", "resident")]
    assert list(names) == ["hold_expired"]
