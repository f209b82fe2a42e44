"""Any sequence of commands, in any order: no place is sold twice or lost, nobody has two, reminders follow.

domain-rules §8 no. 4: slot capacity is never exceeded; cancel and book again never loses both.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.marriage.cancel import cancel_appointment
from backend.marriage.check_in import check_in_couple
from backend.marriage.close import complete_service, fail_documents, mark_no_show
from backend.marriage.confirm import confirm_appointment
from backend.marriage.hold import hold_place, release_hold
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Appointment, AppointmentEvent, FurtherSlot, Party, Slot, Via
from backend.marriage.places import parts_of, release_expired_holds
from backend.marriage.refuse import refuse_appointment
from backend.marriage.reschedule import reschedule_appointment
from backend.marriage.rules import FREEING_STATES, MOVES, State
from backend.storage import Database, transaction
from messages.models import Reminder, ReminderState
from tests.caches import forget_caches
from tests.conftest import MONDAY_MORNING
from tests.marriage.support import REGISTRAR, book, make_office, make_person, make_slot
from tests.servers import empty_tables

SLOTS = (("2026-11-24 10:00", 1), ("2026-11-25 14:00", 2), ("2026-11-26 09:00", 1), ("2026-12-01 09:00", 1))
# Three half hours in a row, and one with nothing behind it.
ROOMS = (("2026-11-25 09:00", 2), ("2026-11-25 09:30", 1), ("2026-11-25 10:00", 1), ("2026-11-26 16:30", 1))
PEOPLE = 3
COUPLES = 4
REFUSALS = {"slot_full", "already_booked", "too_late", "too_early", "state_conflict", "not_found"}

DESK: dict[str, Callable[[uuid.UUID], object]] = {
    "confirm": lambda one: confirm_appointment(one, REGISTRAR),
    "refuse": lambda one: refuse_appointment(one, REGISTRAR, "身份证过期"),
    "check_in": lambda one: check_in_couple(one, REGISTRAR),
    "serve": lambda one: complete_service(one, REGISTRAR),
    "fail": lambda one: fail_documents(one, REGISTRAR, "照片不合格"),
    "no_show": lambda one: mark_no_show(one, REGISTRAR),
}

which_slot = st.integers(0, len(SLOTS) - 1)
which_room = st.integers(0, len(ROOMS) - 1)
which_person = st.integers(0, PEOPLE - 1)
which_couple = st.integers(0, COUPLES - 1)
which_one = st.integers(0, 3)
which_via = st.sampled_from(Via)


class Life(RuleBasedStateMachine):
    """Three people, four couples, four slots with five places, one registrar and the clock."""

    database: Database
    clock: MovableClock

    def __init__(self) -> None:
        super().__init__()
        empty_tables(self.database)
        forget_caches()
        self.clock.move_to(MONDAY_MORNING)
        import_year(2026, year_from_library(2026), "chinesecalendar")
        office = make_office()
        self.slots = [make_slot(office, moment, capacity) for moment, capacity in SLOTS]
        self.rooms = [make_slot(office, moment, windows, Area.DIVORCE_ROOM) for moment, windows in ROOMS]
        self.people = [make_person() for _ in range(PEOPLE)]
        self.made: list[tuple[uuid.UUID, uuid.UUID]] = []

    def _try(self, command: object, *given: object, **named: object) -> object:
        """Run a command; a refusal must be one of those people are told about."""
        try:
            return command(*given, **named)  # type: ignore[operator]
        except AppError as refusal:
            if refusal.code not in REFUSALS or not refusal.user_text:
                raise
            return None

    def _pick(self, index: int) -> tuple[uuid.UUID, uuid.UUID]:
        return self.made[index % len(self.made)] if self.made else (uuid.UUID(int=0), self.people[0])

    @initialize(slots=st.lists(which_slot, min_size=1, max_size=3))
    def some_are_booked(self, slots: list[int]) -> None:
        for couple, slot in enumerate(slots):
            self.book(slot, couple, couple % PEOPLE, Via.API)

    @rule(slot=which_slot, person=which_person)
    def hold(self, slot: int, person: int) -> None:
        self._try(hold_place, self.slots[slot], self.people[person])

    @rule(slot=which_room, person=which_person)
    def hold_two_slots(self, slot: int, person: int) -> None:
        self._try(hold_place, self.rooms[slot], self.people[person], Kind.DIVORCE_APPLICATION)

    @rule(slot=which_room, couple=which_couple, person=which_person, via=which_via)
    def book_two_slots(self, slot: int, couple: int, person: int, via: Via) -> None:
        """Forty minutes in half hours: all of the first and ten minutes of the next, or nothing."""
        booked = self._try(book, self.rooms[slot], couple, self.people[person], via, kind=Kind.DIVORCE_APPLICATION)
        if booked is not None:
            self.made.append((booked.appointment_id, self.people[person]))  # type: ignore[attr-defined]

    @rule(person=which_person)
    def release(self, person: int) -> None:
        release_hold(self.people[person])

    @rule(slot=which_slot, couple=which_couple, person=which_person, via=which_via)
    def book(self, slot: int, couple: int, person: int, via: Via) -> None:
        booked = self._try(book, self.slots[slot], couple, self.people[person], via)
        if booked is not None:
            self.made.append((booked.appointment_id, self.people[person]))  # type: ignore[attr-defined]

    @rule(one=which_one)
    def cancel(self, one: int) -> None:
        self._try(cancel_appointment, *self._pick(one))

    @rule(one=which_one, slot=which_slot, via=which_via)
    def reschedule(self, one: int, slot: int, via: Via) -> None:
        appointment_id, person = self._pick(one)
        with transaction() as session:
            found = session.get(Appointment, appointment_id)
        divorce = found is not None and found.kind is Kind.DIVORCE_APPLICATION
        slots = self.rooms if divorce else self.slots
        self._try(reschedule_appointment, appointment_id, slots[slot % len(slots)], person, via)

    @rule(one=which_one, act=st.sampled_from(sorted(DESK)))
    def desk(self, one: int, act: str) -> None:
        self._try(DESK[act], self._pick(one)[0])

    @rule(one=which_one, end=st.sampled_from(["serve", "fail", "no_show"]))
    def the_day_comes(self, one: int, end: str) -> None:
        """The couple's slot has begun and the grace is over; they are there, or nobody is."""
        appointment_id = self._pick(one)[0]
        with transaction() as session:
            found = session.get(Appointment, appointment_id)
            starts_at = session.get_one(Slot, found.slot_id).starts_at if found else self.clock()
        self.clock.move_to(max(self.clock(), starts_at + timedelta(minutes=15)))
        if end != "no_show":
            self._try(DESK["check_in"], appointment_id)
        self._try(DESK[end], appointment_id)

    @rule(minutes=st.sampled_from([1, 6, 60]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule()
    def sweep(self) -> None:
        with transaction():
            release_expired_holds()

    @invariant()
    def places_are_counted_right(self) -> None:
        """The counter of a slot is the number of rows that have its place, and never more than there are."""
        with transaction() as session:
            used: Counter[uuid.UUID] = Counter()
            keeping = sa.select(Appointment).where(Appointment.state.not_in(FREEING_STATES))
            for appointment in session.scalars(keeping):
                parts = parts_of(appointment)
                assert sum(part.minutes for part in parts) == appointment.minutes
                used.update({part.slot_id: part.minutes for part in parts})
            for slot in session.scalars(sa.select(Slot)):
                assert slot.taken == used[slot.id] <= slot.capacity
            kept = set(session.scalars(sa.select(FurtherSlot.appointment_id)))
            assert kept <= set(session.scalars(keeping.with_only_columns(Appointment.id)))

    @invariant()
    def nobody_has_two(self) -> None:
        with transaction() as session:
            active = Counter(
                tuple(row) for row in session.execute(sa.select(Party.kind, Party.id_number_index).where(Party.active))
            )
            holds = Counter(session.scalars(sa.select(Appointment.booked_by).where(Appointment.state == State.HELD)))
            carried = session.execute(
                sa.select(Party.active, Appointment.active).join(Appointment, Appointment.id == Party.appointment_id)
            )
            assert all(party == appointment for party, appointment in carried)
        assert all(count == 1 for count in (*active.values(), *holds.values()))

    @invariant()
    def reminders_wait_for_what_lies_ahead(self) -> None:
        """Exactly for appointments somebody may still come to, and at the right moment of the right slot."""
        with transaction() as session:
            ahead = session.execute(
                sa.select(Appointment.id, Slot.starts_at)
                .join(Slot, Slot.id == Appointment.slot_id)
                .where(Appointment.state.in_((State.BOOKED, State.CONFIRMED)))
            ).all()
            rows = session.execute(
                sa.select(Reminder.subject_id, Reminder.not_after, Reminder.due_at).where(
                    Reminder.state == ReminderState.WAITING
                )
            ).all()
        starts: dict[uuid.UUID, datetime] = dict(ahead)  # type: ignore[arg-type]
        waiting = Counter(subject_id for subject_id, _, _ in rows)
        assert set(waiting) <= set(starts), "a reminder waits for nothing"
        assert all(not_after == starts[subject_id] for subject_id, not_after, _ in rows), "of another time"
        for appointment_id, starts_at in starts.items():
            if starts_at - self.clock() > timedelta(hours=2):
                assert waiting[appointment_id] >= 1, "nothing reminds of it"

    @invariant()
    def the_history_is_a_walk_through_the_table(self) -> None:
        with transaction() as session:
            states = {one.id: one.state for one in session.scalars(sa.select(Appointment))}
            events = session.scalars(sa.select(AppointmentEvent).order_by(AppointmentEvent.id)).all()
        stands: dict[uuid.UUID, State | None] = {}
        for event in events:
            assert event.from_state == stands.get(event.appointment_id)
            assert event.from_state is None or event.to_state in MOVES[event.from_state]
            stands[event.appointment_id] = event.to_state
        assert stands == states


def test_any_life(clean_database: Database, clock: MovableClock) -> None:
    """Without the search for the shortest failing life, which takes minutes; add `Phase.shrink` to look for it."""
    machine = type("OneLife", (Life,), {"database": clean_database, "clock": clock})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_invariants_see_a_lost_place(clean_database: Database, clock: MovableClock) -> None:
    """The watch itself is watched: a counter moved by anything else is seen."""
    life = type("OneLife", (Life,), {"database": clean_database, "clock": clock})()
    life.book(0, 0, 0, Via.API)
    life.places_are_counted_right()
    with transaction() as session:
        session.execute(sa.text("UPDATE marriage_slots SET taken = 0"))
    with pytest.raises(AssertionError):
        life.places_are_counted_right()
