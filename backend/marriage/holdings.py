"""What the marriage room holds about a person: told whole, erased as far as it may be (PIPL 45, 47).

A person is in this room as the one who booked and, once their number is proven, as one of the couple. Of the other one
of the couple nothing is told: it is theirs.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from backend.kernel.chinese_dates import template_moment
from backend.kernel.clock import now
from backend.kernel.masking import mask_number
from backend.kernel.personal_data import Holding, Kept, Section
from backend.marriage import texts
from backend.marriage.models import Appointment, AppointmentEvent, Party, Slot
from backend.marriage.partners.models import PartnerNote
from backend.marriage.places import expire_hold, locked_hold
from backend.marriage.retention import ABSENT_FOR, SERVED_FOR, count_and_delete
from backend.marriage.rules import ACTIVE_STATES, State
from backend.marriage.tickets.models import AnnulledNoShow, PaperTick, Ticket, TicketEvent
from backend.marriage.visits import told_visits
from backend.people.models import Person
from backend.storage import session

# Nothing came of these, so nobody needs them once the person says so.
ERASABLE = (State.CANCELLED, State.REFUSED, State.EXPIRED)

_HELD = (Appointment, Party, AppointmentEvent, PartnerNote, Ticket, TicketEvent, PaperTick, AnnulledNoShow)

_ACTORS = {"resident": texts.BY_RESIDENT, "staff": texts.BY_STAFF}


def _proven_index(person_id: uuid.UUID) -> bytes | None:
    return session().scalar(sa.select(Person.id_number_index).where(Person.id == person_id))


def _concerning(person_id: uuid.UUID, index: bytes | None) -> sa.ColumnElement[bool]:
    """Appointments the person booked, or is one of the couple of."""
    booked = Appointment.booked_by == person_id
    if index is None:
        return booked
    return sa.or_(booked, Appointment.id.in_(sa.select(Party.appointment_id).where(Party.id_number_index == index)))


# --- told ---


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    index = _proven_index(person_id)
    query = (
        sa.select(Appointment)
        .where(_concerning(person_id, index), Appointment.state.not_in((State.HELD, State.EXPIRED)))
        .options(
            joinedload(Appointment.slot).joinedload(Slot.office),
            selectinload(Appointment.parties),
            selectinload(Appointment.events),
        )
        .order_by(Appointment.created_at, Appointment.id)
    )
    rows = session().scalars(query).all()
    visits = told_visits([row.id for row in rows])
    records = [{**_record(row, person_id, index), **visits.get(row.id, {})} for row in rows]
    return [Section(texts.HELD_APPOINTMENTS, records, texts.HELD_KEPT)]


def _record(row: Appointment, person_id: uuid.UUID, index: bytes | None) -> Mapping[str, str]:
    told = {
        texts.L_NUMBER: row.number,
        texts.L_MATTER: texts.KIND_NAMES[row.kind],
        texts.L_TIME: template_moment(row.slot.starts_at),
        texts.L_OFFICE: row.slot.office.name,
        texts.L_STATE: texts.STATE_NAMES[row.state],
        texts.L_REASON: row.reason,
        texts.L_BOOKED_BY: texts.BOOKED_BY_YOU if row.booked_by == person_id else texts.BOOKED_BY_OTHER,
        texts.L_HISTORY: "；".join(_moves(row)),
    }
    return {label: text for label, text in told.items() if text} | _parties(row.parties, index)


def _moves(row: Appointment) -> Sequence[str]:
    return [f"{template_moment(event.at)} {texts.STATE_NAMES[event.to_state]}（{_by(event)}）" for event in row.events]


def _by(event: AppointmentEvent) -> str:
    return _ACTORS.get(event.actor_kind, texts.BY_ITSELF)


def _parties(parties: Sequence[Party], index: bytes | None) -> dict[str, str]:
    """One's own data whole. Before the number is proven nobody knows which of the two it is: both, mostly hidden."""
    own = next((party for party in parties if index is not None and party.id_number_index == index), None)
    if own is None:
        if index is not None:
            return {}
        hidden = [f"{(party.name or '')[:1]}* {mask_number(party.id_number or '')}" for party in parties]
        return {texts.L_COUPLE: "；".join(hidden)}
    told = {
        texts.L_NAME: own.name,
        texts.L_ID_TYPE: texts.ID_TYPE_NAMES[own.id_type],
        texts.L_ID_NUMBER: own.id_number,
        texts.L_PHONE: own.phone,
        texts.L_GROUP: texts.GROUP_NAMES[own.resident_group],
    }
    return {label: text for label, text in told.items() if text}


# --- erased and kept ---


def _erase(person_id: uuid.UUID) -> Mapping[str, int]:
    hold = locked_hold(person_id)
    if hold is not None:
        expire_hold(hold)
        session().flush()
    booked = sa.select(Appointment.id).where(Appointment.booked_by == person_id, Appointment.state.in_(ERASABLE))
    gone = count_and_delete(session().scalars(booked.with_for_update()).all())
    _block(person_id)
    return {"marriage_appointments": gone, "marriage_parties": _leave_couples(person_id)}


def _leave_couples(person_id: uuid.UUID) -> int:
    """Out of what somebody else booked for the two, and what nothing came of; the other one's data stay theirs."""
    index = _proven_index(person_id)
    if index is None:
        return 0
    ended = sa.select(Appointment.id).where(Appointment.state.in_(ERASABLE))
    gone = session().execute(
        sa.delete(Party)
        .where(Party.id_number_index == index, Party.appointment_id.in_(ended))
        .returning(Party.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _block(person_id: uuid.UUID) -> None:
    """What is kept is only stored from now on (PIPL 47): the desk finds it no more once it is over."""
    session().execute(
        sa.update(Appointment)
        .where(Appointment.booked_by == person_id, Appointment.blocked_at.is_(None))
        .values(blocked_at=now())
        .execution_options(synchronize_session=False)
    )


def _keeps(person_id: uuid.UUID) -> Sequence[Kept]:
    query = sa.select(Appointment).where(
        _concerning(person_id, _proven_index(person_id)), Appointment.state.not_in((*ERASABLE, State.HELD))
    )
    return [_kept(row) for row in session().scalars(query.order_by(Appointment.created_at))]


def _kept(row: Appointment) -> Kept:
    title = texts.KEPT_APPOINTMENT.format(number=row.number)
    if row.state in ACTIVE_STATES:
        return Kept(title, texts.WHY_UNDER_WAY)
    if row.state is State.NO_SHOW:
        return Kept(title, texts.WHY_ABSENT, ABSENT_FOR.last_day(row.changed_at.date()))
    return Kept(title, texts.WHY_SERVED, SERVED_FOR.last_day(row.changed_at.date()))


marriage_holding = Holding(
    name="marriage",
    title=texts.DESK_NAME,
    tables=frozenset({table.__tablename__ for table in _HELD}),
    collect=_collect,
    erase=_erase,
    keeps=_keeps,
)
