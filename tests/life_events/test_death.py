"""Invariant 1 (domain-rules §8): who is recorded dead has nothing under way; a reversal brings back what it can."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.marriage.check_in import check_in_couple
from backend.marriage.confirm import confirm_appointment
from backend.marriage.hold import hold_place
from backend.marriage.life_events import _ENDS
from backend.marriage.models import Appointment, Via
from backend.marriage.reschedule import reschedule_appointment
from backend.marriage.rules import ACTIVE_STATES, State
from backend.people.life_events.record import preview
from backend.people.life_events.rules import EventKind
from backend.people.proxies import acting_for
from backend.people.proxies.answer import confirm_as_principal
from backend.people.proxies.models import ProxyTie
from backend.people.proxies.rules import TieState
from backend.storage import transaction
from messages.delivery import deliver_due
from messages.models import OutboxMessage, OutboxState, Reminder, ReminderState
from tests.concurrency.support import identity_number
from tests.life_events.support import (
    booked,
    bride,
    dies,
    event,
    events,
    groom,
    lives,
    notices,
    person,
    remind,
    report,
    scheduled,
    silenced,
    tell,
)
from tests.marriage.support import REGISTRAR, at, book, history, make_slot, places, row, waiting
from tests.people_proxies.support import DAUGHTER, ask, make_person, state_of


def nothing_under_way(person_id: uuid.UUID) -> None:
    """Invariant 1: no active booking or hold as one of the couple, no tie, no reminder and no message."""
    with transaction() as session:
        index = person(person_id).id_number_index
        bookings = sa.text(
            "SELECT count(*) FROM marriage_parties WHERE active AND id_number_index = :index"
        ).bindparams(index=index)
        assert session.scalar(bookings) == 0
        holds = sa.select(sa.func.count()).where(Appointment.booked_by == person_id, Appointment.state == State.HELD)
        assert session.scalar(holds) == 0
        ties = sa.select(sa.func.count()).where(
            sa.or_(ProxyTie.helper_id == person_id, ProxyTie.principal_id == person_id),
            ProxyTie.state.in_((TieState.ASKED, TieState.CONFIRMED)),
        )
        assert session.scalar(ties) == 0
    assert scheduled(person_id) == (0, 0)
    assert silenced(person_id)


def test_everything_stops_and_everything_returns(slot: uuid.UUID, other_slot: uuid.UUID):
    man, woman, daughter = groom(), bride(), make_person(DAUGHTER)
    appointment = booked(slot, man).appointment_id
    confirm_appointment(appointment, REGISTRAR)
    hold_place(other_slot, man)
    tie = ask(daughter, ("王小明", identity_number(date(1990, 1, 1), 1)))
    confirm_as_principal(tie, man)
    asked_for = ask(man, ("赵无名", identity_number(date(1940, 1, 1), 1)))
    remind(man)
    tell(man)
    told_before = scheduled(man)
    assert (told_before[0], waiting(appointment).keys()) == (
        3,
        {"marriage.reminder_day_before", "marriage.reminder_two_hours"},
    )

    death = dies(man)
    assert person(man).died_on == date(2026, 11, 22)
    nothing_under_way(man)
    assert (row(appointment).state, places(slot), places(other_slot)) == (State.CANCELLED, (0, 1), (0, 2))
    assert history(appointment)[-1] == ("stopped_by_life_event", "system", State.CONFIRMED, State.CANCELLED, None)
    assert (state_of(tie), state_of(asked_for)) == (TieState.CUT, TieState.CUT)
    assert death.effects == {
        "marriage": {"appointments_stopped": 1, "holds_released": 1},
        "messages": {"reminders_stopped": 1, "messages_stopped": told_before[1]},
        "proxies": {"ties_cut": 2},
    }

    back = lives(man)
    assert back.reverses_id == death.id
    assert person(man).died_on is None
    assert (row(appointment).state, places(slot)) == (State.CONFIRMED, (1, 1))
    assert waiting(appointment).keys() == {"marriage.reminder_day_before", "marriage.reminder_two_hours"}
    assert (state_of(tie), state_of(asked_for)) == (TieState.CONFIRMED, TieState.ASKED)
    assert scheduled(man) == told_before
    assert not silenced(man)
    assert back.not_restored == []
    assert (back.effects["marriage"], back.effects["proxies"]) == (
        {"appointments_restored": 1},
        {"ties_restored": 2},
    )
    with transaction():
        acting_for(daughter, man, "meals")
    assert person(woman).died_on is None


def test_the_preview_counts_and_changes_nothing(slot: uuid.UUID):
    man = groom()
    appointment = booked(slot, man).appointment_id
    remind(man)
    before = scheduled(man)
    assert preview(man, report()) == {
        "marriage": {"appointments_stopped": 1},
        "messages": {"reminders_stopped": 3, "messages_stopped": before[1]},
    }
    assert (row(appointment).state, scheduled(man), events()) == (State.BOOKED, before, 0)
    dies(man)
    assert preview(man, report(EventKind.DEATH_REVERSED))["marriage"] == {"appointments_restored": 1}


def test_the_partner_who_booked_is_told_without_a_word_of_why(slot: uuid.UUID):
    man, woman = groom(), bride()
    appointment = booked(slot, woman).appointment_id
    dies(man)
    assert notices(woman) == ["marriage.booked", "people.booking_stopped"]
    with transaction() as session:
        message = session.scalars(
            sa.select(OutboxMessage).where(OutboxMessage.notice == "people.booking_stopped")
        ).one()
        assert not any(word in str(message.data) for word in ("去世", "王小明", "逝"))
    assert waiting(appointment) == {}
    lives(man)
    assert notices(woman)[-1] == "people.booking_restored"
    assert waiting(appointment).keys() == {"marriage.reminder_day_before", "marriage.reminder_two_hours"}


def test_what_somebody_booked_for_others_stays_theirs(slot: uuid.UUID):
    father = make_person(("王建国", identity_number(date(1950, 1, 1), 1)))
    appointment = booked(slot, father).appointment_id
    death = dies(father)
    assert row(appointment).state is State.BOOKED
    assert death.effects["marriage"] == {"bookings_kept": 1}
    nothing_under_way(father)  # no word goes to him about it any more
    lives(father)
    assert scheduled(father)[0] == 2


def test_a_couple_at_the_desk_ends_without_a_no_show(office: uuid.UUID, clock: MovableClock):
    slot, man = make_slot(office, "2026-11-24 10:00"), groom()
    appointment = booked(slot, man).appointment_id
    clock.move_to(at("2026-11-24 09:50"))
    check_in_couple(appointment, REGISTRAR)
    dies(man)
    assert row(appointment).state is State.FAILED_DOCUMENTS
    nothing_under_way(man)
    back = lives(man)
    assert back.not_restored == [["marriage", "appointment", str(appointment)]]


# --- nothing new ---


def test_nothing_new_begins_for_the_dead(slot: uuid.UUID, other_slot: uuid.UUID):
    man, woman, daughter = groom(), bride(), make_person(DAUGHTER)
    dies(man)
    named = ("王小明", identity_number(date(1990, 1, 1), 1))
    for call in (
        lambda: book(slot, 0, man),
        lambda: book(slot, 0, man, Via.CHAT),
        lambda: book(slot, 0, woman),  # his partner, for both
        lambda: book(slot, 5, man),  # in his name, for others
        lambda: hold_place(slot, man),
        lambda: reschedule_appointment(uuid.UUID(int=1), slot, man, Via.API),
        lambda: ask(man, DAUGHTER),
    ):
        with pytest.raises(AppError) as refused:
            call()
        assert refused.value.code == "counter_needed"
        assert "去世" not in refused.value.user_text
    tie = ask(daughter, named)  # taken like any other, and joined to nobody
    with transaction() as session:
        assert session.get_one(ProxyTie, tie).principal_id is None
    nothing_under_way(man)
    assert places(slot) == (0, 1)
    lives(man)
    assert row(book(slot, 0, woman).appointment_id).state is State.BOOKED


def test_what_is_queued_afterwards_is_never_sent(slot: uuid.UUID):
    man = groom()
    dies(man)
    tell(man, "test:late")
    assert deliver_due({}) == 1
    with transaction() as session:
        [message] = session.scalars(sa.select(OutboxMessage).where(OutboxMessage.key == "test:late"))
    assert (message.state, message.attempts) == (OutboxState.CANCELLED, 0)


def test_what_was_on_its_way_is_not_tried_again():
    man = groom()
    tell(man)
    with transaction() as session:
        session.execute(sa.update(OutboxMessage).values(state=OutboxState.SENDING))
    dies(man)
    with transaction() as session:
        session.execute(sa.update(OutboxMessage).values(state=OutboxState.QUEUED))  # the call failed
    deliver_due({})
    with transaction() as session:
        assert session.scalars(sa.select(OutboxMessage.state)).all() == [OutboxState.CANCELLED]


# --- what cannot be restored ---


def test_a_place_given_away_is_named_and_not_taken_back(slot: uuid.UUID):
    man = groom()
    appointment = booked(slot, man).appointment_id
    dies(man)
    other = book(slot, 7).appointment_id
    back = lives(man)
    assert back.not_restored == [["marriage", "appointment", str(appointment)]]
    assert (row(appointment).state, row(other).state, places(slot)) == (State.CANCELLED, State.BOOKED, (1, 1))
    assert waiting(appointment) == {}


def test_a_partner_who_booked_anew_keeps_that(slot: uuid.UUID, other_slot: uuid.UUID):
    man, woman = groom(), bride()
    appointment = booked(slot, man).appointment_id
    dies(man)
    with transaction() as session:
        session.execute(sa.text("UPDATE persons SET died_on = NULL WHERE id = :id"), {"id": man})
    again = book(other_slot, 0, woman).appointment_id
    with transaction() as session:
        session.execute(sa.text("UPDATE persons SET died_on = '2026-11-22' WHERE id = :id"), {"id": man})
    back = lives(man)
    assert back.not_restored == [["marriage", "appointment", str(appointment)]]
    assert (row(again).state, places(slot), places(other_slot)) == (State.BOOKED, (0, 1), (1, 2))


def test_time_that_has_passed_does_not_return(slot: uuid.UUID, clock: MovableClock):
    man, daughter = groom(), make_person(DAUGHTER)
    appointment = booked(slot, man).appointment_id
    tie = ask(daughter, ("王小明", identity_number(date(1990, 1, 1), 1)))
    remind(man, in_hours=30)
    tell(man, "test:soon", in_hours=5)
    dies(man)
    clock.move_to(at("2026-12-20 09:00"))
    back = lives(man)
    with transaction() as session:
        [reminder] = session.scalars(sa.select(Reminder.id).where(Reminder.subject_kind == "test_matter"))
        [message] = session.scalars(sa.select(OutboxMessage.id).where(OutboxMessage.key == "test:soon"))
    left = {(room, what): row_id for room, what, row_id in back.not_restored}
    assert left["marriage", "appointment"] == str(appointment)
    assert left["messages", "reminder"] == str(reminder)
    assert left["messages", "message"] == str(message)
    assert left["proxies", "tie"] == str(tie)
    assert scheduled(man)[0] == 0


def test_a_request_made_meanwhile_stands_beside_the_old_tie():
    man, daughter = groom(), make_person(DAUGHTER)
    named = ("王小明", identity_number(date(1990, 1, 1), 1))
    old = ask(daughter, named)
    confirm_as_principal(old, man)
    dies(man)
    new = ask(daughter, named)
    back = lives(man)
    assert back.not_restored == [["proxies", "tie", str(old)]]
    assert (state_of(old), state_of(new)) == (TieState.CUT, TieState.ASKED)


def test_two_of_a_couple_and_one_comes_back(slot: uuid.UUID):
    man, woman = groom(), bride()
    appointment = booked(slot, man).appointment_id
    dies(man)
    dies(woman)
    assert lives(man).not_restored == [["marriage", "appointment", str(appointment)]]
    nothing_under_way(woman)


def test_dying_twice_and_coming_back_twice(slot: uuid.UUID):
    man = groom()
    appointment = booked(slot, man).appointment_id
    remind(man)
    tell(man)
    before = scheduled(man)
    for _ in range(3):
        dies(man)
        nothing_under_way(man)
        lives(man)
        assert scheduled(man) == before
        assert row(appointment).state is State.BOOKED
    assert events() == 6


def test_a_restored_reminder_still_follows_its_subject():
    man = groom()
    remind(man)
    dies(man)
    lives(man)
    remind(man, in_hours=48)
    with transaction() as session:
        [reminder] = session.scalars(sa.select(Reminder).where(Reminder.subject_kind == "test_matter"))
    assert (reminder.state, reminder.version) == (ReminderState.WAITING, 3)


def test_active_states_are_all_ended():
    assert set(_ENDS) == set(ACTIVE_STATES)


def test_the_event_keeps_ids_only(slot: uuid.UUID):
    man = groom()
    booked(slot, man)
    remind(man)
    tell(man)
    kept = event(dies(man).id)
    for ids in (one for room in kept.undo.values() for one in room.values()):
        for one in ids:
            uuid.UUID(one.partition(":")[0])
    assert kept.detail == {}
