"""Who sits at which window today, and for which area."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.kinds import Area
from backend.marriage.tickets.models import MOST_WINDOWS, Ticket, WindowPost
from backend.marriage.tickets.outages import out_now
from backend.marriage.tickets.rules import AT_WINDOW, ticket_label
from backend.marriage.tickets.texts import AT_WINDOW_STILL, WINDOW_OUT, WINDOW_TAKEN, WINDOW_UNKNOWN
from backend.storage import atomic, broken_constraint, session, transaction


def open_window(office_id: uuid.UUID, window: int, area: Area, account_id: uuid.UUID) -> WindowPost:
    """Sit down at a window; whoever sat at another one, or for another area, gets up there first.

    Raises `AppError`: invalid for a number no window has, state_conflict when a colleague sits there, when the window
    is out, or somebody is still being served at one's own.
    """
    if not 1 <= window <= MOST_WINDOWS:
        raise AppError("invalid", WINDOW_UNKNOWN, 422, errors={"window": [WINDOW_UNKNOWN]})
    require_working(office_id, window)
    try:
        with atomic():
            close_window(account_id)
            post = WindowPost(
                id=new_id(),
                office_id=office_id,
                day=today(),
                window_number=window,
                area=area,
                account_id=account_id,
                since=now(),
            )
            session().add(post)
            session().flush()
            return post
    except sa.exc.IntegrityError as error:
        if not str(broken_constraint(error)).startswith("uq_marriage_window_posts_"):
            raise
        raise AppError("state_conflict", WINDOW_TAKEN.format(window=window), 409) from None


def require_working(office_id: uuid.UUID, window: int) -> None:
    """Raises `AppError` state_conflict while a window is out."""
    until = out_now(office_id).get(window)
    if until is not None:
        raise AppError("state_conflict", WINDOW_OUT.format(window=window, until=f"{until:%H:%M}"), 409)


def seat_of(account_id: uuid.UUID) -> WindowPost | None:
    """Where the account sits today, to look at; None if nowhere."""
    with transaction() as db:
        return db.scalars(_post_of(account_id)).one_or_none()


def close_window(account_id: uuid.UUID) -> None:
    """Get up. Raises `AppError` state_conflict while somebody is at the window."""
    with atomic():
        post = post_of(account_id)
        if post is None:
            return
        ticket = ticket_at(post)
        if ticket is not None:
            label = ticket_label(ticket.area, ticket.number)
            raise AppError("state_conflict", AT_WINDOW_STILL.format(label=label), 409)
        post.until = now()
        session().flush()


def post_of(account_id: uuid.UUID) -> WindowPost | None:
    """Where the account sits today, its row locked; None if nowhere."""
    query = _post_of(account_id).with_for_update().execution_options(populate_existing=True)
    return session().scalars(query).one_or_none()


def _post_of(account_id: uuid.UUID) -> sa.Select[WindowPost]:
    return sa.select(WindowPost).where(
        WindowPost.account_id == account_id, WindowPost.day == today(), WindowPost.until.is_(None)
    )


def ticket_at(post: WindowPost) -> Ticket | None:
    """Who is at the window now."""
    query = sa.select(Ticket).where(
        Ticket.office_id == post.office_id,
        Ticket.day == post.day,
        Ticket.window_number == post.window_number,
        Ticket.state.in_(AT_WINDOW),
    )
    return session().scalars(query.execution_options(populate_existing=True)).one_or_none()
