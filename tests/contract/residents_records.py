"""What residents have of their own: an entry of a group event, a place in the waiting line, a request in a rush."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from backend.kernel.clock import now, today
from backend.kernel.ids import new_id
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.ceremonies.models import GroupEntry
from backend.marriage.ceremonies.numbers import entry_number
from backend.marriage.ceremonies.rules import EntryState
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.kinds import Kind
from backend.marriage.models import Via
from backend.marriage.offices import offices
from backend.marriage.rush.models import Rush, RushRequest
from backend.marriage.rush.plan import announce
from backend.marriage.rush.rules import DayPart, RequestState, RushMode
from backend.marriage.waiting.models import WaitingEntry
from backend.marriage.waiting.rules import WaitingState
from backend.storage import session, transaction


def make_residents_records(records: Mapping[str, uuid.UUID], person_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """What the API names and no page of the console does: a resident's own, and what they asked it of."""
    with transaction():
        appointment_id, event_id = records["appointment_id"], records["ceremony_desk.event_id"]
        return {
            "event_id": event_id,
            "venue_id": records["resource_id"],
            "ceremony_id": records["ceremony_id"],
            "blessing_id": records["blessing_id"],
            "move_id": records["line_id"],  # a resident's move is their line of it
            "ceremonies.entry_id": _group_entry(event_id, appointment_id, person_id),
            "marriage_waitlist.entry_id": _waiting(records["office_id"], person_id),
            "counselling_id": _counselling(records["counselling_id"], person_id),
            "rush_id": _rush(records["office_id"], person_id),
            "archive_request_id": _archive_request(records["archive_request_id"], person_id),
        }


def _archive_request(request_id: uuid.UUID, person_id: uuid.UUID) -> uuid.UUID:
    """The request that was entered at the counter, now the person's own."""
    session().execute(sa.update(ArchiveRequest).where(ArchiveRequest.id == request_id).values(person_id=person_id))
    return request_id


def _group_entry(event_id: uuid.UUID, appointment_id: uuid.UUID, person_id: uuid.UUID) -> uuid.UUID:
    row = GroupEntry(
        id=new_id(),
        number=entry_number(),
        event_id=event_id,
        appointment_id=appointment_id,
        signed_by=person_id,
        state=EntryState.WAITS_FOR_PARTNER,
        created_at=now(),
        changed_at=now(),
    )
    session().add(row)
    session().flush()
    return row.id


def _waiting(office_id: uuid.UUID, person_id: uuid.UUID) -> uuid.UUID:
    day = today() + timedelta(days=2)
    row = WaitingEntry(
        id=new_id(),
        office_id=office_id,
        kind=Kind.MARRIAGE_REGISTRATION,
        foreign_related=False,
        first_day=day,
        last_day=day,
        person_id=person_id,
        via=Via.API,
        state=WaitingState.WAITING,
        queued_at=now(),
        created_at=now(),
        changed_at=now(),
    )
    session().add(row)
    session().flush()
    return row.id


def _counselling(session_id: uuid.UUID, person_id: uuid.UUID) -> uuid.UUID:
    """The talk, as if the person had booked it."""
    row = session().get_one(CounsellingSession, session_id)
    row.person_id = person_id
    session().flush()
    return row.id


def _rush(office_id: uuid.UUID, person_id: uuid.UUID) -> uuid.UUID:
    """A rush with one request, the person's."""
    place = next(one for one in offices() if one.id == office_id)
    announce(
        place, today() + timedelta(days=20), RushMode.QUEUE, now() - timedelta(minutes=5), now() + timedelta(days=1)
    )
    db = session()
    rush = db.scalars(sa.select(Rush).where(Rush.day == today() + timedelta(days=20))).one()
    rush.last_number = 1
    db.add(
        RushRequest(
            id=new_id(),
            rush_id=rush.id,
            number=1,
            person_id=person_id,
            asked_at=now(),
            via=Via.API,
            state=RequestState.ASKED,
            part=DayPart.ANY,
        )
    )
    db.flush()
    return rush.id
