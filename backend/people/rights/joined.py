"""What becomes of consents, requests and holds when two rows turn out to be one person (`backend.people.joining`)."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import now
from backend.people.joining import on_joined
from backend.people.rights.models import ConsentEvent, LegalHold, NoticeShown, RightsRequest
from backend.people.rights.requests import record
from backend.people.rights.rules import OPEN_STATES, RequestState
from backend.storage import session

_UNTRACKED = {"synchronize_session": False}

_TABLES = (
    "consent_events",
    "privacy_notices_shown",
    "rights_requests",
    "legal_holds",
)


def move_when_joined() -> None:
    """Take part in joins; called once when the application is put together."""
    on_joined(_move, *_TABLES)


def _move(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    _drop_doubles(joined_id, person_id)
    for table, column in (
        (ConsentEvent, ConsentEvent.person_id),
        (NoticeShown, NoticeShown.person_id),
        (RightsRequest, RightsRequest.person_id),
        (LegalHold, LegalHold.person_id),
    ):
        moved = sa.update(table).where(column == joined_id).values({column.key: person_id})
        session().execute(moved, execution_options=_UNTRACKED)


def _drop_doubles(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """What both rows have and one person can have once: the same version shown, a hold, an open request."""
    seen = sa.select(NoticeShown.version).where(NoticeShown.person_id == person_id)
    standing = sa.exists().where(LegalHold.person_id == person_id, LegalHold.lifted_at.is_(None))
    for double in (
        sa.delete(NoticeShown).where(NoticeShown.person_id == joined_id, NoticeShown.version.in_(seen)),
        sa.delete(LegalHold).where(
            LegalHold.person_id == joined_id, LegalHold.lifted_at.is_(None), standing.correlate(None)
        ),
    ):
        session().execute(double, execution_options=_UNTRACKED)
    _close_doubled_requests(joined_id, person_id)


def _close_doubled_requests(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """The request of the row that goes is answered by the one that stands already."""
    open_kinds = sa.select(RightsRequest.kind).where(
        RightsRequest.person_id == person_id, RightsRequest.state.in_(OPEN_STATES)
    )
    doubled = sa.select(RightsRequest).where(
        RightsRequest.person_id == joined_id,
        RightsRequest.state.in_(OPEN_STATES),
        RightsRequest.kind.in_(open_kinds),
    )
    for request in session().scalars(doubled.with_for_update()).all():
        from_state, request.state = request.state, RequestState.DONE
        request.closed_at = now()
        record(request.id, "joined", SYSTEM, from_state, RequestState.DONE)
