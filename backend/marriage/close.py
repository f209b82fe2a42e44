"""How an appointment ends at the desk: served, papers not in order, or nobody came."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.history import locked_appointment, move
from backend.marriage.models import Appointment, Office, Slot
from backend.marriage.notices import drop_reminders
from backend.marriage.parameters import booking_rules
from backend.marriage.refuse import required_reason
from backend.marriage.rules import State, no_show_from
from backend.marriage.sanctions.check import tell_paused
from backend.marriage.sanctions.warn import next_absence
from backend.marriage.texts import NO_SHOW_EARLY
from backend.marriage.tickets.models import Ticket
from backend.marriage.tickets.moves import end_ticket_of, locked_ticket, move_ticket
from backend.marriage.tickets.rules import TicketState
from backend.marriage.visit_notices import tell_no_show, tell_papers_failed
from backend.storage import atomic


def complete_service(appointment_id: uuid.UUID, actor: Actor) -> None:
    """The couple was served. Raises `AppError` state_conflict unless they are checked in."""
    with atomic():
        appointment = locked_appointment(appointment_id)
        move(appointment, "served", State.SERVED, actor)
        end_ticket_of(appointment.id, actor)


def complete_ticket(ticket_id: uuid.UUID, office_ids: Collection[uuid.UUID], actor: Actor) -> Ticket:
    """Whoever is at the window was served; with a ticket of a booked couple, so was their appointment.

    Raises `AppError`: not_found, state_conflict.
    """
    with atomic():
        ticket = locked_ticket(ticket_id, office_ids)
        if ticket.appointment_id is not None:
            complete_service(ticket.appointment_id, actor)
            return ticket
        ticket.serving_from = ticket.serving_from or ticket.called_at
        move_ticket(ticket, "done", TicketState.DONE, actor)
        return ticket


def fail_documents(appointment_id: uuid.UUID, actor: Actor, reason: str) -> None:
    """Papers were not in order; the couple reads what was missing.

    Raises `AppError`: invalid without a reason, state_conflict.
    """
    reason = required_reason(reason)
    with atomic():
        appointment = locked_appointment(appointment_id)
        move(appointment, "documents_failed", State.FAILED_DOCUMENTS, actor, reason)
        end_ticket_of(appointment.id, actor)
        tell_papers_failed(appointment, *_where(appointment), reason)


def mark_no_show(appointment_id: uuid.UUID, actor: Actor, reason: str | None = None) -> None:
    """Nobody came. Raises `AppError`: too_early before start and grace have passed, state_conflict."""
    with atomic():
        appointment = locked_appointment(appointment_id)
        office, slot = _where(appointment)
        possible_from = no_show_from(slot.starts_at, booking_rules(office.code, now()))
        if appointment.active and now() < possible_from:
            raise AppError("too_early", NO_SHOW_EARLY.format(time=f"{possible_from:%m-%d %H:%M}"), 409)
        move(appointment, "no_show", State.NO_SHOW, actor, reason)
        drop_reminders(appointment.id)
        tell_no_show(appointment, office, slot, next_absence(appointment))
        tell_paused(appointment)


def _where(appointment: Appointment) -> tuple[Office, Slot]:
    with atomic() as session:
        slot = session.get_one(Slot, appointment.slot_id)
        return session.get_one(Office, slot.office_id), slot
