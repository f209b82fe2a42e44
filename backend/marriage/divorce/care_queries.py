"""The read side of care: what is due for whom, one person's contacts. Never anything of the other one of the two."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.clock import today
from backend.marriage.divorce.models import DivorceCare, DivorceCareContact
from backend.marriage.divorce.rules import CareEnd, ContactState
from backend.marriage.models import Office
from backend.staff import StaffAccount
from backend.staff.audit import watch_index
from backend.storage import transaction

Nodes = frozenset[uuid.UUID]


@dataclass(frozen=True)
class DueContact:
    """A contact in the list: whose office, which day, by whom; the person's name is on the page of the care."""

    id: uuid.UUID
    care_id: uuid.UUID
    day_number: int
    due_on: date
    office_name: str
    worker_id: uuid.UUID | None
    worker_name: str | None
    started_at: datetime


@dataclass(frozen=True)
class ContactLine:
    """One contact of a care; `note` only for whoever may read it."""

    id: uuid.UUID
    day_number: int
    due_on: date
    state: ContactState
    done_at: datetime | None
    has_note: bool
    note: str | None = field(repr=False)


@dataclass(frozen=True)
class CareDetail:
    """Care for one person. Name and telephone are gone with the application, a year after its end."""

    id: uuid.UUID
    office_name: str
    name: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    at_risk: bool
    worker_id: uuid.UUID | None
    worker_name: str | None
    started_at: datetime
    ended_at: datetime | None
    ended_because: CareEnd | None
    contacts: Sequence[ContactLine]
    party_id: uuid.UUID | None
    watch_index: bytes | None = field(repr=False)


def due_contacts(nodes: Nodes, worker_id: uuid.UUID | None, until: date, limit: int) -> Sequence[DueContact]:
    """Contacts due by a day, the longest due first: of everybody, or of one worker and those nobody has taken."""
    query = (
        sa.select(DivorceCareContact, DivorceCare, Office.name, StaffAccount.display_name)
        .join(DivorceCare, DivorceCare.id == DivorceCareContact.care_id)
        .join(Office, Office.id == DivorceCare.office_id)
        .outerjoin(StaffAccount, StaffAccount.id == DivorceCare.worker_id)
        .where(
            Office.node_id.in_(nodes),
            DivorceCareContact.state == ContactState.DUE,
            DivorceCareContact.due_on <= until,
        )
        .order_by(DivorceCareContact.due_on, DivorceCareContact.id)
        .limit(limit)
    )
    if worker_id is not None:
        query = query.where(sa.or_(DivorceCare.worker_id == worker_id, DivorceCare.worker_id.is_(None)))
    with transaction() as db:
        return [
            DueContact(
                contact.id,
                care.id,
                contact.day_number,
                contact.due_on,
                office,
                care.worker_id,
                worker,
                care.started_at,
            )
            for contact, care, office, worker in db.execute(query)
        ]


def care_detail(nodes: Nodes, care_id: uuid.UUID, *, with_notes: bool) -> CareDetail | None:
    """One care of the nodes, or None; notes are opened only when asked for."""
    query = (
        sa.select(DivorceCare)
        .join(Office, Office.id == DivorceCare.office_id)
        .where(DivorceCare.id == care_id, Office.node_id.in_(nodes))
        .options(joinedload(DivorceCare.office), joinedload(DivorceCare.party))
    )
    with transaction() as db:
        care = db.scalars(query).one_or_none()
        if care is None:
            return None
        contacts = db.scalars(
            sa.select(DivorceCareContact)
            .where(DivorceCareContact.care_id == care_id)
            .order_by(DivorceCareContact.due_on)
        ).all()
        worker = None if care.worker_id is None else db.get_one(StaffAccount, care.worker_id)
        party = care.party
        return CareDetail(
            care.id,
            care.office.name,
            party.name if party else None,
            party.phone if party else None,
            party.at_risk if party else False,
            care.worker_id,
            worker.display_name if worker else None,
            care.started_at,
            care.ended_at,
            care.ended_because,
            [_line(contact, with_notes) for contact in contacts],
            care.party_id,
            watch_index(party.id_number or "") if party else None,
        )


def _line(contact: DivorceCareContact, with_notes: bool) -> ContactLine:
    return ContactLine(
        contact.id,
        contact.day_number,
        contact.due_on,
        contact.state,
        contact.done_at,
        contact.note_sealed is not None,
        contact.note if with_notes else None,
    )


def care_counts(nodes: Nodes) -> Mapping[str, int]:
    """Counts and nothing else (§2.6): of running care, and of contacts by how they went, this year's."""
    first = today().replace(month=1, day=1)
    year = DivorceCareContact.due_on >= first
    in_nodes = sa.select(DivorceCare.id).join(Office).where(Office.node_id.in_(nodes))
    contacts = (
        sa.select(DivorceCareContact.state, sa.func.count())
        .where(year, DivorceCareContact.care_id.in_(in_nodes))
        .group_by(DivorceCareContact.state)
    )
    running = (
        sa.select(sa.func.count())
        .select_from(DivorceCare)
        .where(DivorceCare.id.in_(in_nodes), DivorceCare.ended_at.is_(None))
    )
    with transaction() as db:
        by_state = {state.value: count for state, count in db.execute(contacts)}
        return {"running": db.scalar(running) or 0, **{s.value: by_state.get(s.value, 0) for s in ContactState}}
