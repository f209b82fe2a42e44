"""One appointment in full, for the desk that serves it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backend.kernel.identity import IdType, Sex
from backend.kernel.masking import mask_number
from backend.marriage.desk.queries import AppointmentRow, Nodes, appointment_row
from backend.marriage.models import Appointment, AppointmentEvent, Office, Party, Slot, Via
from backend.marriage.no_shows import annulled
from backend.marriage.paper_ticks import PaperLine, paper_list
from backend.marriage.rules import ResidentGroup, State
from backend.marriage.sanctions.check import cancellation_counts
from backend.marriage.tickets.hall import TicketLine, tickets_of
from backend.staff import StaffAccount
from backend.staff.audit import watch_index
from backend.storage import transaction


@dataclass(frozen=True)
class PartyDetail:
    """One of the couple; the number stays masked until it is asked for (`revealed_number`)."""

    position: int
    name: str = field(repr=False)
    id_type: IdType
    masked_number: str
    last4: str
    sex: Sex | None
    phone: str | None = field(repr=False)
    resident_group: ResidentGroup
    watch_index: bytes = field(repr=False)


@dataclass(frozen=True)
class EventLine:
    """One move: when, by whom (`actor_name` for staff), from where to where, why."""

    at: datetime
    name: str
    actor_kind: str
    actor_name: str | None
    from_state: State | None
    to_state: State
    reason: str | None


@dataclass(frozen=True)
class AppointmentDetail:
    """An appointment with its couple and history."""

    row: AppointmentRow
    office_address: str
    office_phone: str
    via: Via
    rescheduled: int
    created_at: datetime
    parties: Sequence[PartyDetail]
    events: Sequence[EventLine]
    papers: Sequence[PaperLine]
    ticket: TicketLine | None
    annulled: bool
    counts: bool  # as an absence, or as a cancellation by the bureau's rules


def appointment_detail(nodes: Nodes, appointment_id: uuid.UUID) -> AppointmentDetail | None:
    """One appointment of the nodes, or None."""
    with transaction() as session:
        row = appointment_row(nodes, appointment_id)
        if row is None:
            return None
        more = session.execute(
            sa.select(Appointment.via, Appointment.rescheduled, Appointment.created_at, Office.address, Office.phone)
            .join(Slot, Slot.id == Appointment.slot_id)
            .join(Office, Office.id == Slot.office_id)
            .where(Appointment.id == appointment_id)
        ).one()
        return AppointmentDetail(
            row=row,
            office_address=more.address,
            office_phone=more.phone,
            via=more.via,
            rescheduled=more.rescheduled,
            created_at=more.created_at,
            parties=[_party(party) for party in session.scalars(_parties(appointment_id))],
            events=[EventLine(*event) for event in session.execute(_events(appointment_id))],
            papers=paper_list(appointment_id),
            ticket=tickets_of([appointment_id]).get(appointment_id),
            annulled=annulled(appointment_id),
            counts=_counts(session.get_one(Appointment, appointment_id)),
        )


def _counts(appointment: Appointment) -> bool:
    if appointment.state is State.CANCELLED:
        return cancellation_counts(appointment)
    return appointment.state is State.NO_SHOW


def revealed_number(nodes: Nodes, appointment_id: uuid.UUID, position: int) -> str | None:
    """The whole identity number of one party, or None; the caller leaves an audit row."""
    with transaction() as session:
        if appointment_row(nodes, appointment_id) is None:
            return None
        party = session.scalars(_parties(appointment_id).where(Party.position == position)).one_or_none()
        return None if party is None else party.id_number


def watch_indexes(appointment_id: uuid.UUID) -> Sequence[bytes]:
    """By what the trail knows whose appointment it is (`watch_index`)."""
    with transaction() as session:
        return [watch_index(party.id_number or "") for party in session.scalars(_parties(appointment_id))]


def _parties(appointment_id: uuid.UUID) -> sa.Select[Party]:
    return sa.select(Party).where(Party.appointment_id == appointment_id).order_by(Party.position)


def _party(party: Party) -> PartyDetail:
    return PartyDetail(
        party.position,
        party.name or "",
        party.id_type,
        mask_number(party.id_number or ""),
        party.last4,
        party.sex,
        party.phone,
        party.resident_group,
        watch_index(party.id_number or ""),
    )


def _events(appointment_id: uuid.UUID) -> sa.Select[*tuple[Any, ...]]:
    event = AppointmentEvent
    by_staff = sa.and_(event.actor_kind == "staff", StaffAccount.id == event.actor_id)
    return (
        sa.select(
            event.at,
            event.name,
            event.actor_kind,
            StaffAccount.display_name,
            event.from_state,
            event.to_state,
            event.reason,
        )
        .outerjoin(StaffAccount, by_staff)
        .where(event.appointment_id == appointment_id)
        .order_by(event.id)
    )
