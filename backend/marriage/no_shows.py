"""Absences: noted by themselves when a day's work shows that the registry was open, and annulled with a reason."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.capacity.models import MoveLine, WindowOutage
from backend.marriage.capacity.rules import LineState
from backend.marriage.close import mark_no_show
from backend.marriage.history import locked_appointment, record
from backend.marriage.models import Appointment, Closure, Slot
from backend.marriage.offers import OfficeView, offices
from backend.marriage.parameters import booking_rules
from backend.marriage.refuse import required_reason
from backend.marriage.rules import State
from backend.marriage.sanctions.check import cancellation_counts, pause_of, tell_lifted
from backend.marriage.sanctions.texts import NOT_COUNTED
from backend.marriage.tickets.models import AnnulledNoShow, Ticket, WindowPost
from backend.marriage.tickets.texts import ABSENT_BY_ITSELF, ANNULLED_ALREADY, NOT_ABSENT
from backend.storage import atomic, transaction

# What nobody has looked at for a week is for people to settle.
_LOOKED_BACK = timedelta(days=7)


def note_absences(limit: int = 100) -> int:
    """Note who has not come by the end of their slot and the grace; at most `limit`, returns how many.

    Only on days on which the registry worked - somebody sat at a window, or was given a ticket: if it was closed by a
    power cut or by snow, nobody was absent (domain-rules §2.5-7).
    """
    noted = 0
    for place in offices():
        for appointment_id in _overdue(place, limit - noted):
            # Somebody may check them in, or cancel, this very moment.
            with suppress(AppError):
                mark_no_show(appointment_id, SYSTEM, ABSENT_BY_ITSELF)
                noted += 1
    return noted


def annul_no_show(appointment_id: uuid.UUID, actor: Actor, reason: str) -> None:
    """Take an absence back: it counts for nothing any more (domain-rules §2.5 `noshow.appeal`).

    The appointment stays as it was, for its time has passed. Raises `AppError`: not_found, invalid without a reason,
    state_conflict when they were not absent, or it was taken back before.
    """
    _annul(appointment_id, actor, reason, State.NO_SHOW)


def annul_cancellation(appointment_id: uuid.UUID, actor: Actor, reason: str) -> None:
    """Take back that a resident's cancellation counts. Raises as `annul_no_show`, also for one that never counted."""
    _annul(appointment_id, actor, reason, State.CANCELLED)


def _annul(appointment_id: uuid.UUID, actor: Actor, reason: str, state: State) -> None:
    reason = required_reason(reason)
    with atomic() as session:
        appointment = locked_appointment(appointment_id)
        if appointment.state is not state:
            raise AppError("state_conflict", NOT_ABSENT, 409, extra={"state": appointment.state.value})
        if session.get(AnnulledNoShow, appointment_id) is not None:
            raise AppError("state_conflict", ANNULLED_ALREADY, 409)
        if state is State.CANCELLED and not cancellation_counts(appointment):
            raise AppError("state_conflict", NOT_COUNTED, 409)
        before = pause_of(appointment)
        session.add(AnnulledNoShow(appointment_id=appointment_id, at=now(), account_id=actor.id, reason=reason))
        session.flush()
        event = "no_show_annulled" if state is State.NO_SHOW else "cancellation_annulled"
        record(appointment_id, event, actor, state, state, reason)
        tell_lifted(appointment, before)


def annulled(appointment_id: uuid.UUID) -> bool:
    """Whether an absence, or that a cancellation counts, was taken back."""
    with transaction() as session:
        return session.get(AnnulledNoShow, appointment_id) is not None


def still_counts() -> sa.ColumnElement[bool]:
    """The condition on `Appointment` that its absence counts, for whoever counts them."""
    return ~sa.exists().where(AnnulledNoShow.appointment_id == Appointment.id)


def _closed() -> sa.ColumnElement[bool]:
    """The registry, or the area, was to be closed on the day of the slot."""
    return sa.exists().where(
        Closure.office_id == Slot.office_id,
        Closure.first_day <= Slot.day,
        Closure.last_day >= Slot.day,
        sa.or_(Closure.area.is_(None), Closure.area == Slot.area),
    )


def _disturbed() -> sa.ColumnElement[bool]:
    """Windows of the area were out at that time, or the registry looks for another time: nobody is to blame by itself;
    a registrar may still note an absence.
    """
    out = sa.exists().where(
        WindowOutage.office_id == Slot.office_id,
        WindowOutage.area == Slot.area,
        WindowOutage.starts_at < Slot.ends_at,
        sa.func.coalesce(WindowOutage.ended_at, WindowOutage.ends_at) > Slot.starts_at,
    )
    moving = sa.exists().where(MoveLine.appointment_id == Appointment.id, MoveLine.state == LineState.WAITING)
    return sa.or_(out, moving)


def _overdue(place: OfficeView, limit: int) -> Sequence[uuid.UUID]:
    moment = now()
    until: datetime = moment - timedelta(minutes=booking_rules(place.code, moment).late_grace_minutes)
    worked = sa.or_(
        sa.exists().where(Ticket.office_id == Slot.office_id, Ticket.day == Slot.day),
        sa.exists().where(WindowPost.office_id == Slot.office_id, WindowPost.day == Slot.day),
    )
    query = (
        sa.select(Appointment.id)
        .join(Slot, Slot.id == Appointment.slot_id)
        .where(
            Slot.office_id == place.id,
            Slot.day.between((moment - _LOOKED_BACK).date(), moment.date()),
            Slot.ends_at <= until,
            Appointment.state.in_((State.BOOKED, State.CONFIRMED)),
            worked,
            ~_closed(),
            ~_disturbed(),
        )
    )
    with transaction() as session:
        return session.scalars(query.order_by(Slot.ends_at, Appointment.id).limit(limit)).all() if limit > 0 else ()
