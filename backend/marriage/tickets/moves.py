"""Moves of a ticket, each with its event row; a move that `rules.TICKET_MOVES` does not list is refused."""

from __future__ import annotations

import uuid
from collections.abc import Collection

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.tickets.models import Ticket, TicketEvent
from backend.marriage.tickets.rules import AT_WINDOW, OPEN_STATES, TICKET_MOVES, TicketState, ticket_label
from backend.marriage.tickets.texts import NO_TICKET, NOT_FROM_HERE, TICKET_STATE_NAMES
from backend.storage import leave, locked, session


def locked_ticket(ticket_id: uuid.UUID, office_ids: Collection[uuid.UUID]) -> Ticket:
    """A ticket of one of the offices, locked for the rest of the transaction; raises `AppError` not_found."""
    found = locked(Ticket, ticket_id)
    if found is None or found.office_id not in office_ids:
        raise AppError("not_found", NO_TICKET, 404)
    return found


def open_ticket_of(appointment_id: uuid.UUID) -> Ticket | None:
    """The ticket with which a couple waits or is served, locked; None if they hold none."""
    query = sa.select(Ticket).where(Ticket.appointment_id == appointment_id, Ticket.state.in_(OPEN_STATES))
    return session().scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def move_ticket(ticket: Ticket, event: str, to_state: TicketState, actor: Actor) -> None:
    """Move a locked ticket and leave the event row; raises `AppError` state_conflict, telling where it stands."""
    from_state = ticket.state
    if to_state not in TICKET_MOVES[from_state]:
        raise moved_already(ticket)
    ticket.state = to_state
    _date(ticket, to_state)
    row = TicketEvent(ticket_id=ticket.id, from_state=from_state, to_state=to_state, window_number=ticket.window_number)
    leave(row, event, actor)


def moved_already(ticket: Ticket) -> AppError:
    """Somebody else was quicker: told where the ticket stands now."""
    label = ticket_label(ticket.area, ticket.number)
    told = NOT_FROM_HERE.format(label=label, state=TICKET_STATE_NAMES[ticket.state])
    return AppError("state_conflict", told, 409, extra={"state": ticket.state.value})


def _date(ticket: Ticket, to_state: TicketState) -> None:
    ticket.ended_at = None if to_state in OPEN_STATES else now()
    if to_state is TicketState.CALLED:
        ticket.called_at, ticket.calls = now(), ticket.calls + 1
    elif to_state is TicketState.SERVING:
        ticket.serving_from = now()
    elif to_state is TicketState.WAITING:
        # Whoever was called and was not there has lost their time, not their place in the hall: they wait as walk-ins.
        ticket.booked_for, ticket.queued_at = None, now()
        ticket.called_at = ticket.serving_from = ticket.window_number = None


def end_ticket_of(appointment_id: uuid.UUID, actor: Actor) -> None:
    """A couple was served, or sent home for want of papers: their ticket is done."""
    ticket = open_ticket_of(appointment_id)
    if ticket is not None:
        if ticket.state in AT_WINDOW and ticket.serving_from is None:
            ticket.serving_from = ticket.called_at
        move_ticket(ticket, "done", TicketState.DONE, actor)
