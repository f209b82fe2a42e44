"""Requests about one's own data: asked, looked at, moved. Every move leaves an event row."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.chinese_dates import spoken_date
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.kernel.paging import Cursor
from backend.people.models import Person
from backend.people.rights import texts
from backend.people.rights.models import RightsRequest, RightsRequestEvent
from backend.people.rights.rules import (
    MOVES,
    OPEN_STATES,
    WITH_WORDS,
    Relation,
    RequestKind,
    RequestState,
    Via,
    due_day,
    request_number,
)
from backend.storage import atomic, leave, locked, session, transaction

MOST_CHARACTERS = 500


@dataclass(frozen=True)
class Relative:
    """A close relative at the counter (PIPL 49): who, how related, and which papers were seen."""

    name: str
    phone: str
    relation: Relation
    evidence: str


def ask(
    person_id: uuid.UUID,
    kind: RequestKind,
    words: str,
    via: Via,
    actor: Actor,
    relative: Relative | None = None,
    *,
    event: str = "asked",
) -> RightsRequest:
    """Take a request in, its clock running from today; `event` names its first row of history.

    Raises `AppError`: invalid where words are missing or too long, state_conflict where the same is being dealt with.
    """
    words = _checked(kind, words)
    with atomic() as opened:
        opened.execute(sa.select(Person.id).where(Person.id == person_id).with_for_update())
        standing = _standing(person_id, kind)
        if standing is not None:
            told = texts.ALREADY_ASKED.format(number=number_of(standing), due=spoken_date(standing.due_on))
            raise AppError("state_conflict", told, 409, extra={"request_id": str(standing.id)})
        due = due_day(today(), legal_calendar())
        request = RightsRequest(
            id=new_id(),
            person_id=person_id,
            kind=kind,
            state=RequestState.RECEIVED,
            via=via,
            received_at=now(),
            due_on=due.day,
            due_provisional=due.provisional,
            outcome={},
        )
        request.words = words or None
        if relative is not None:
            request.applicant_name, request.relation = relative.name, relative.relation
            request.applicant_phone = relative.phone or None
            request.evidence = relative.evidence
        opened.add(request)
        opened.flush()
        record(request.id, event, actor, None, RequestState.RECEIVED)
        return request


def _checked(kind: RequestKind, words: str) -> str:
    words = words.strip()
    told = None
    if kind in WITH_WORDS and not words:
        told = texts.WORDS_MISSING
    elif len(words) > MOST_CHARACTERS:
        told = texts.WORDS_TOO_LONG
    if told:
        raise AppError("invalid", told, 422, errors={"words": [told]})
    return words


def _standing(person_id: uuid.UUID, kind: RequestKind) -> RightsRequest | None:
    query = sa.select(RightsRequest).where(
        RightsRequest.person_id == person_id, RightsRequest.kind == kind, RightsRequest.state.in_(OPEN_STATES)
    )
    return session().scalars(query).one_or_none()


def number_of(request: RightsRequest) -> str:
    """The number people quote."""
    return request_number(request.serial)


def own_request(request_id: uuid.UUID, person_id: uuid.UUID) -> RightsRequest:
    """One request of a person; raises `AppError` not_found, also for another's."""
    query = sa.select(RightsRequest).where(RightsRequest.id == request_id, RightsRequest.person_id == person_id)
    with transaction() as opened:
        found = opened.scalars(query).one_or_none()
    if found is None:
        raise not_found()
    return found


def own_requests(person_id: uuid.UUID, after: Cursor | None, limit: int) -> Sequence[RightsRequest]:
    """A page of a person's requests, newest first."""
    order = (RightsRequest.received_at, RightsRequest.id)
    query = sa.select(RightsRequest).where(RightsRequest.person_id == person_id)
    if after is not None:
        query = query.where(sa.tuple_(*order) < sa.tuple_(after.at, after.id))
    with transaction() as opened:
        return opened.scalars(query.order_by(*(column.desc() for column in order)).limit(limit)).all()


def request_events(request_id: uuid.UUID) -> Sequence[RightsRequestEvent]:
    """The moves of a request in order."""
    query = sa.select(RightsRequestEvent).where(RightsRequestEvent.request_id == request_id)
    with transaction() as opened:
        return opened.scalars(query.order_by(RightsRequestEvent.id)).all()


def not_found() -> AppError:
    """What is not there and what is not yours are answered alike."""
    return AppError("not_found", texts.REQUEST_UNKNOWN, 404)


def locked_request(request_id: uuid.UUID) -> RightsRequest:
    """A request, its row locked for the rest of the transaction; raises `AppError` not_found."""
    found = locked(RightsRequest, request_id)
    if found is None:
        raise not_found()
    return found


def move(request: RightsRequest, event: str, to_state: RequestState, actor: Actor) -> None:
    """Move a locked request and leave the event row; raises `AppError` state_conflict for a move not in `MOVES`."""
    from_state = request.state
    if to_state not in MOVES[from_state]:
        raise AppError("state_conflict", texts.ALREADY_ANSWERED, 409, extra={"state": from_state.value})
    request.state = to_state
    if to_state not in OPEN_STATES:
        request.closed_at = now()
    record(request.id, event, actor, from_state, to_state)


def record(
    request_id: uuid.UUID, event: str, actor: Actor, from_state: RequestState | None, to_state: RequestState
) -> None:
    """Leave an event row in the open transaction."""
    leave(RightsRequestEvent(request_id=request_id, from_state=from_state, to_state=to_state), event, actor)


def recount_due(limit: int = 200) -> int:
    """Count provisional due days anew once the calendar is loaded (domain-rules §1.1-6); returns how many settled."""
    settled = 0
    query = sa.select(RightsRequest).where(RightsRequest.due_provisional, RightsRequest.state.in_(OPEN_STATES))
    with transaction() as opened:
        rows = opened.scalars(query.order_by(RightsRequest.id).limit(limit).with_for_update(skip_locked=True)).all()
        for request in rows:
            due = due_day(request.received_at.date(), legal_calendar())
            if due.provisional:
                continue
            request.due_provisional, moved = False, request.due_on != due.day
            request.due_on = due.day
            if moved:
                record(request.id, "due_moved", SYSTEM, request.state, request.state)
            settled += 1
    return settled
