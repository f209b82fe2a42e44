"""Use cases of a window: call the next, call one out of turn or again, and what becomes of them."""

from __future__ import annotations

import uuid
from collections.abc import Collection

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.tickets.models import Ticket, WindowPost
from backend.marriage.tickets.moves import locked_ticket, move_ticket, moved_already
from backend.marriage.tickets.rules import TicketState, rank, ticket_label
from backend.marriage.tickets.texts import AREA_NAMES, AT_WINDOW_STILL, NO_WINDOW, NOBODY_WAITS
from backend.marriage.tickets.windows import post_of, require_working, ticket_at
from backend.storage import atomic, session


def call_next(account_id: uuid.UUID) -> Ticket:
    """Call whoever is next in the area of one's window. Two windows that call at once get two tickets.

    Raises `AppError` state_conflict: no window, somebody still there, nobody waits.
    """
    with atomic():
        post = _own_window(account_id)
        _nobody_else_at(post)
        ticket = _next(post)
        if ticket is None:
            raise AppError("state_conflict", NOBODY_WAITS.format(area=AREA_NAMES[post.area]), 409)
        return _call(ticket, post, account_id)


def call_this(ticket_id: uuid.UUID, office_ids: Collection[uuid.UUID], account_id: uuid.UUID) -> Ticket:
    """Call one ticket out of turn, or the one at one's window again.

    Raises `AppError`: not_found, state_conflict as `call_next` and when a colleague has called it.
    """
    with atomic():
        ticket = locked_ticket(ticket_id, office_ids)  # first: what is not there is not there, window or none
        post = _own_window(account_id)
        if ticket.state is TicketState.CALLED and ticket.window_number != post.window_number:
            raise moved_already(ticket)
        _nobody_else_at(post, ticket.id)
        return _call(ticket, post, account_id)


def begin_serving(ticket_id: uuid.UUID, office_ids: Collection[uuid.UUID], account_id: uuid.UUID) -> Ticket:
    """They have come to the window. Raises `AppError`: not_found, state_conflict."""
    return _move(ticket_id, office_ids, account_id, "serving", TicketState.SERVING)


def note_left(ticket_id: uuid.UUID, office_ids: Collection[uuid.UUID], account_id: uuid.UUID) -> Ticket:
    """Called, and nobody came (过号), or they have gone home. Raises `AppError`: not_found, state_conflict."""
    return _move(ticket_id, office_ids, account_id, "left", TicketState.LEFT)


def queue_again(ticket_id: uuid.UUID, office_ids: Collection[uuid.UUID], account_id: uuid.UUID) -> Ticket:
    """Back into the hall, behind those who wait: they return, or must fetch something first.

    Raises `AppError`: not_found, state_conflict.
    """
    return _move(ticket_id, office_ids, account_id, "queued_again", TicketState.WAITING)


def _move(
    ticket_id: uuid.UUID, office_ids: Collection[uuid.UUID], account_id: uuid.UUID, event: str, to_state: TicketState
) -> Ticket:
    with atomic():
        ticket = locked_ticket(ticket_id, office_ids)
        move_ticket(ticket, event, to_state, Actor("staff", account_id))
        return ticket


def _own_window(account_id: uuid.UUID) -> WindowPost:
    post = post_of(account_id)
    if post is None:
        raise AppError("state_conflict", NO_WINDOW, 409)
    require_working(post.office_id, post.window_number)
    return post


def _nobody_else_at(post: WindowPost, but: uuid.UUID | None = None) -> None:
    still = ticket_at(post)
    if still is not None and still.id != but:
        label = ticket_label(still.area, still.number)
        raise AppError("state_conflict", AT_WINDOW_STILL.format(label=label), 409)


def _call(ticket: Ticket, post: WindowPost, account_id: uuid.UUID) -> Ticket:
    ticket.window_number = post.window_number
    move_ticket(ticket, "called", TicketState.CALLED, Actor("staff", account_id))
    return ticket


def _next(post: WindowPost) -> Ticket | None:
    """The first of the order whom nobody is calling this very moment, locked. A hall holds hundreds at most."""
    waiting = sa.select(Ticket).where(
        Ticket.office_id == post.office_id,
        Ticket.day == post.day,
        Ticket.area == post.area,
        Ticket.state == TicketState.WAITING,
    )
    moment = now()
    for ticket in sorted(session().scalars(waiting), key=lambda one: rank(one, moment)):
        mine = waiting.where(Ticket.id == ticket.id).with_for_update(skip_locked=True)
        found = session().scalars(mine.execution_options(populate_existing=True)).one_or_none()
        if found is not None:
            return found
    return None
