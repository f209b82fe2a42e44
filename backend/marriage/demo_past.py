"""The marriage room's weeks before today, so that lists, figures and histories are full; and what the desk did lately.

What is over is written as rows, for its days were never on offer here; what is still ahead goes through the use cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.demonstration.moments import moment_at
from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import now, today
from backend.kernel.ids import new_id
from backend.kernel.scenes import Scene
from backend.marriage.confirm import confirm_appointment
from backend.marriage.couples import party_row
from backend.marriage.demo import KIND, MINUTES, REFUSED_BECAUSE, WRONG_PAPERS, Couple, appointment_row, slots_of
from backend.marriage.models import Appointment, AppointmentEvent, Office, Party, Slot
from backend.marriage.refuse import refuse_appointment
from backend.marriage.rules import ACTIVE_STATES, FREEING_STATES, State
from backend.people.models import Person
from backend.staff.demo import accounts_by_username
from backend.storage import transaction

_WORKDAYS = 24
# The couples of the days to come have the first places of the list.
_FIRST_COUPLE = 40
# The couple of today whose papers were not in order last time.
_COMES_AGAIN = 3
# What became of the couples of a day, day after day in turn.
_ENDINGS = (
    (State.SERVED, State.SERVED, State.SERVED, State.SERVED, State.SERVED, State.NO_SHOW),
    (State.SERVED, State.SERVED, State.CANCELLED, State.SERVED, State.FAILED_DOCUMENTS, State.SERVED, State.SERVED),
    (State.SERVED, State.NO_SHOW, State.SERVED, State.SERVED),
    (State.SERVED, State.SERVED, State.SERVED, State.REFUSED, State.SERVED, State.SERVED, State.CANCELLED),
    (State.SERVED, State.SERVED, State.SERVED, State.SERVED, State.SERVED),
)
# Couples still to come, day after day in turn; fewer the further ahead would be truer, but lists are to be full.
_AHEAD = (
    (State.CONFIRMED, State.BOOKED, State.CONFIRMED, State.CONFIRMED, State.BOOKED),
    (State.CONFIRMED, State.CONFIRMED, State.BOOKED),
    (State.BOOKED, State.CONFIRMED, State.CONFIRMED, State.BOOKED, State.CONFIRMED, State.CONFIRMED, State.BOOKED),
    (State.CONFIRMED, State.BOOKED),
)
_FIRST_DAYS, _WORKDAYS_AHEAD = 4, 14
_EVENTS = {
    State.SERVED: "served",
    State.FAILED_DOCUMENTS: "documents_failed",
    State.NO_SHOW: "no_show",
    State.CANCELLED: "cancelled",
    State.REFUSED: "refused",
}
_REASONS = {State.FAILED_DOCUMENTS: WRONG_PAPERS, State.REFUSED: REFUSED_BECAUSE}


def load_past() -> None:
    """Fill the last weeks of every registry and the coming ones, unless they are."""
    with transaction() as opened:
        if opened.scalar(sa.select(sa.exists().where(Slot.day < today()))):
            return
        desk = Actor("staff", accounts_by_username()["registrar-1"].id)
        offices = opened.scalars(sa.select(Office).order_by(Office.position)).all()
        persons: list[Person] = []
        appointments: list[Appointment] = []
        rows: list[Party | AppointmentEvent] = []
        failed = False
        for turn, (day, states) in enumerate([*_past_days(), *_days_ahead()]):
            for office in offices:
                shift = (turn + office.position) % 3
                for slot, state in zip(slots_of(office, day), states[shift:], strict=False):
                    comes_again = state is State.FAILED_DOCUMENTS and not failed
                    failed = failed or comes_again
                    couple = Couple(_COMES_AGAIN if comes_again else _FIRST_COUPLE + len(persons))
                    person, appointment, more = _rows_of(couple, slot, state, desk)
                    persons.append(person)
                    appointments.append(appointment)
                    rows += more
        # By the hundred, each kind after the one it refers to.
        for batch in (persons, appointments, rows):
            opened.add_all(batch)
            opened.flush()


def _past_days() -> Iterator[tuple[date, Sequence[State]]]:
    day = today()
    for back in range(_WORKDAYS):
        day = legal_calendar().previous_workday(day)
        yield day, _ENDINGS[back % len(_ENDINGS)]


def _days_ahead() -> Iterator[tuple[date, Sequence[State]]]:
    """From where the first page's days end to where slots are open."""
    day = legal_calendar().add_workdays(today(), _FIRST_DAYS).day
    for ahead in range(_WORKDAYS_AHEAD):
        day = legal_calendar().add_workdays(day, 1).day
        yield day, _AHEAD[ahead % len(_AHEAD)]


def scenes() -> list[Scene]:
    """What the desk decided lately about couples still to come; nothing where something was decided already."""
    booked = sa.select(Appointment).join(Slot, Slot.id == Appointment.slot_id)
    booked = booked.where(Appointment.state == State.BOOKED, Slot.day > today())
    decided = sa.exists().where(AppointmentEvent.name == "refused")
    with transaction() as opened:
        if opened.scalar(sa.select(decided.where(AppointmentEvent.appointment_id.in_(_ahead())))):
            return []
        waiting = opened.scalars(booked.order_by(Slot.starts_at, Appointment.id)).all()
        desk = Actor("staff", accounts_by_username()["registrar-1"].id)
    confirmed = [
        Scene(moment_at(1, 10 + place, 12), partial(confirm_appointment, one.id, desk))
        for place, one in enumerate(waiting[:4])
    ]
    refused = [
        Scene(moment_at(1, 15), partial(refuse_appointment, one.id, desk, REFUSED_BECAUSE)) for one in waiting[4:5]
    ]
    return [*confirmed, *refused]


def _ahead() -> sa.Select[object]:
    return sa.select(Appointment.id).join(Slot, Slot.id == Appointment.slot_id).where(Slot.day > today())


def _rows_of(
    couple: Couple, slot: Slot, ending: State, desk: Actor
) -> tuple[Person, Appointment, list[Party | AppointmentEvent]]:
    """Who booked, the appointment, and what hangs on it; the slot counts it where it kept its place."""
    active = ending in ACTIVE_STATES
    booked_on = now() - timedelta(days=2 + couple.index % 8) if active else slot.starts_at - timedelta(days=6)
    booked_at = booked_on.replace(hour=8 + couple.index % 12, minute=couple.index % 60)
    person = Person(id=new_id(), created_at=booked_at)
    appointment = appointment_row(person.id, slot, ending, booked_at)
    appointment.reason = _REASONS.get(ending)
    steps = _steps(appointment, slot, booked_at, desk)
    appointment.changed_at = steps[-1].at
    slot.taken += 0 if ending in FREEING_STATES else MINUTES
    parties = [
        Party(appointment_id=appointment.id, active=active, kind=KIND, **party_row(party, position))
        for position, party in enumerate((couple.groom, couple.bride))
    ]
    return person, appointment, [*parties, *steps]


def _steps(appointment: Appointment, slot: Slot, booked_at: datetime, desk: Actor) -> Sequence[AppointmentEvent]:
    """Booked, confirmed, what happened on the day."""
    resident = Actor("resident", appointment.booked_by)
    rows = [_event(appointment, booked_at, "booked", resident, None, State.BOOKED)]
    if appointment.state is State.BOOKED:
        return rows
    if appointment.state is State.REFUSED:
        return [
            *rows,
            _event(appointment, booked_at + timedelta(hours=20), "refused", desk, State.BOOKED, State.REFUSED),
        ]
    rows.append(_event(appointment, booked_at + timedelta(hours=18), "confirmed", desk, State.BOOKED, State.CONFIRMED))
    if appointment.state is State.CONFIRMED:
        return rows
    before = State.CONFIRMED
    if appointment.state in (State.SERVED, State.FAILED_DOCUMENTS):
        came = slot.starts_at - timedelta(minutes=7)
        rows.append(_event(appointment, came, "checked_in", desk, before, State.CHECKED_IN))
        before = State.CHECKED_IN
    took_back = appointment.state is State.CANCELLED
    ended = slot.starts_at + (timedelta(days=-2) if took_back else timedelta(minutes=22))
    actor = {State.CANCELLED: resident, State.NO_SHOW: SYSTEM}.get(appointment.state, desk)
    return [*rows, _event(appointment, ended, _EVENTS[appointment.state], actor, before, appointment.state)]


def _event(
    appointment: Appointment, at: datetime, name: str, actor: Actor, before: State | None, after: State
) -> AppointmentEvent:
    return AppointmentEvent(
        appointment_id=appointment.id,
        at=at,
        name=name,
        actor_kind=actor.kind,
        actor_id=actor.id,
        from_state=before,
        to_state=after,
        reason=appointment.reason if after is appointment.state else None,
    )
