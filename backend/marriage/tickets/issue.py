"""Use cases: a ticket for whoever comes without a booking, and for a couple who checks in."""

from __future__ import annotations

import uuid
from datetime import datetime

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.kinds import Area, Kind
from backend.marriage.tickets.draw import draw_number
from backend.marriage.tickets.models import Ticket, TicketEvent
from backend.marriage.tickets.moves import open_ticket_of
from backend.marriage.tickets.rules import Lane, TicketState, area_of
from backend.marriage.tickets.texts import KIND_NOT_AT_WINDOWS
from backend.storage import atomic, leave, session


def issue_ticket(office_id: uuid.UUID, kind: Kind, lane: Lane, actor: Actor) -> Ticket:
    """A ticket of today without any personal data. Walk-ins are never refused ("有需必应", domain-rules §2.5).

    Raises `AppError`: invalid for a kind without windows, state_conflict after the 999th of the day.
    """
    area = area_of(kind)
    if area is None:
        raise AppError("invalid", KIND_NOT_AT_WINDOWS, 422, errors={"kind": [KIND_NOT_AT_WINDOWS]})
    with atomic():
        return _add(office_id, area, kind, lane, actor)


def queue_couple(
    office_id: uuid.UUID, appointment_id: uuid.UUID, kind: Kind, booked_for: datetime | None, actor: Actor
) -> Ticket | None:
    """The ticket of a couple who has just checked in; None for a kind without windows. At most one is open."""
    area = area_of(kind)
    if area is None:
        return None
    with atomic():
        known = open_ticket_of(appointment_id)
        return known or _add(office_id, area, kind, Lane.ORDINARY, actor, appointment_id, booked_for)


def _add(
    office_id: uuid.UUID,
    area: Area,
    kind: Kind,
    lane: Lane,
    actor: Actor,
    appointment_id: uuid.UUID | None = None,
    booked_for: datetime | None = None,
) -> Ticket:
    moment = now()
    ticket = Ticket(
        id=new_id(),
        office_id=office_id,
        day=moment.date(),
        area=area,
        number=draw_number(office_id, moment.date(), area),
        kind=kind,
        lane=lane,
        state=TicketState.WAITING,
        appointment_id=appointment_id,
        booked=appointment_id is not None,
        booked_for=booked_for,
        queued_at=moment,
        calls=0,
    )
    session().add(ticket)
    session().flush()
    leave(TicketEvent(ticket_id=ticket.id, from_state=None, to_state=TicketState.WAITING), "issued", actor)
    return ticket
