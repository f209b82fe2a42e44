"""The demonstration's requests about personal data: one of each kind of pressing, and some that were answered.

They belong to persons of the people room's demonstration and are laid around the day on which they are first loaded.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.people.models import Person
from backend.people.rights.models import RightsRequest
from backend.people.rights.requests import record
from backend.people.rights.rules import RefusalReason, RequestKind, RequestState, Via, due_day
from backend.storage import transaction


@dataclass(frozen=True)
class _Request:
    kind: RequestKind
    days_ago: int
    state: RequestState = RequestState.RECEIVED
    words: str | None = None
    answer: str | None = None
    refusal: RefusalReason | None = None


_REQUESTS = (
    _Request(RequestKind.DELETE, 24, words="以后不在本区住了，请删除我的信息"),
    _Request(RequestKind.CORRECT, 20, words="手机号换了，以窗口登记的新号为准"),
    _Request(RequestKind.CORRECT, 16, RequestState.IN_WORK, "所在社区搬到和平里了"),
    _Request(RequestKind.DELETE, 3),
    _Request(RequestKind.CORRECT, 1, words="名字里“云”应该是“芸”"),
    _Request(RequestKind.CORRECT, 30, RequestState.DONE, "手机号少了一位", "已按您在窗口登记的号码改好"),
    _Request(RequestKind.DELETE, 40, RequestState.REFUSED, refusal=RefusalReason.STILL_UNDER_WAY),
)


def load_demo() -> None:
    """Make the requests, unless there are some already."""
    with transaction() as session:
        if session.scalar(sa.select(sa.exists().where(RightsRequest.id.is_not(None)))):
            return
        known = sa.select(Person.id).where(Person.last4.is_not(None), Person.died_on.is_(None))
        persons = session.scalars(known.order_by(Person.created_at, Person.last4).limit(len(_REQUESTS))).all()
        for person_id, wanted in zip(persons, _REQUESTS, strict=False):
            _add(person_id, wanted, now() - timedelta(days=wanted.days_ago))


def _add(person_id: uuid.UUID, wanted: _Request, received_at: datetime) -> None:
    due = due_day(received_at.date(), legal_calendar())
    answered = wanted.state in (RequestState.DONE, RequestState.REFUSED)
    request = RightsRequest(
        id=new_id(),
        person_id=person_id,
        kind=wanted.kind,
        state=wanted.state,
        via=Via.CHAT,
        received_at=received_at,
        due_on=due.day,
        due_provisional=due.provisional,
        closed_at=received_at + timedelta(days=5) if answered else None,
        refusal=wanted.refusal,
        outcome={},
    )
    request.words, request.answer = wanted.words, wanted.answer
    with transaction() as session:
        session.add(request)
        session.flush()
    record(request.id, "asked", Actor("resident", person_id), None, RequestState.RECEIVED)
    if wanted.state is not RequestState.RECEIVED:
        name = {RequestState.IN_WORK: "taken", RequestState.DONE: "done", RequestState.REFUSED: "refused"}
        record(request.id, name[wanted.state], SYSTEM, RequestState.RECEIVED, wanted.state)
