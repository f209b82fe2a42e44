"""Couples who wait, and what is written down about them."""

from __future__ import annotations

import uuid
from datetime import date

import sqlalchemy as sa

from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Via
from backend.marriage.rules import State
from backend.marriage.waiting.join import WaitingRequest, join_waiting
from backend.marriage.waiting.models import WaitingEntry
from backend.marriage.waiting.rules import WaitingState
from backend.storage import transaction
from messages.models import OutboxMessage
from tests.marriage.support import KIND, THURSDAY, couple, make_person


def wish(
    office_id: uuid.UUID,
    index: int,
    person_id: uuid.UUID,
    first: date = THURSDAY,
    last: date = THURSDAY,
    kind: Kind = KIND,
) -> WaitingRequest:
    """What the `index`-th couple waits for: any time on some days."""
    return WaitingRequest(kind, couple(index), True, person_id, Via.API, office_id, first, last)


def wait(office_id: uuid.UUID, index: int, person_id: uuid.UUID | None = None) -> uuid.UUID:
    """The `index`-th couple gets in line for Thursday; by default for a person of their own."""
    return join_waiting(wish(office_id, index, person_id or make_person()))


def wait_for_slot(slot_id: uuid.UUID, index: int) -> uuid.UUID:
    """The `index`-th couple gets in line for one slot alone."""
    return join_waiting(WaitingRequest(KIND, couple(index), True, make_person(), Via.API, slot_id=slot_id))


def entry(entry_id: uuid.UUID) -> WaitingEntry:
    """The entry as it stands."""
    with transaction() as session:
        return session.get_one(WaitingEntry, entry_id)


def states(*entry_ids: uuid.UUID) -> list[WaitingState]:
    """Where entries stand."""
    return [entry(one).state for one in entry_ids]


def offer(entry_id: uuid.UUID) -> Appointment | None:
    """What is kept for an entry at this moment."""
    with transaction() as session:
        query = sa.select(Appointment).where(Appointment.waiting_id == entry_id, Appointment.state == State.HELD)
        return session.scalars(query).one_or_none()


def told(entry_id: uuid.UUID) -> list[OutboxMessage]:
    """Messages about an entry, oldest first."""
    with transaction() as session:
        found = sa.select(OutboxMessage).where(OutboxMessage.subject_id == entry_id)
        return list(session.scalars(found.order_by(OutboxMessage.created_at, OutboxMessage.id)))
