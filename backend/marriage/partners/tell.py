"""Tell the other one of a couple, by their own WeChat, as soon as it is known whose number it is (§2.5, §7)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.history import locked_appointment, not_found
from backend.marriage.models import Appointment, Office, Party, Slot
from backend.marriage.notices import notice_data, plan_reminders, subject
from backend.marriage.partners.models import PartnerNote
from backend.marriage.partners.who import proven_number, told_partners
from backend.marriage.rules import State
from backend.marriage.texts import STATE_TEXTS
from backend.people.models import Person
from backend.storage import atomic, session, transaction
from messages import post

_AHEAD = (State.BOOKED, State.CONFIRMED)


def tell_partners(limit: int = 100) -> int:
    """Tell parties who did not book and were not told yet; returns how many.

    Somebody may prove their number long after the booking: then they are told then. Safe from several processes.
    """
    with transaction() as db:
        rows = db.execute(_untold(limit)).all()
    told = 0
    for party_id, appointment_id, person_id in rows:
        with suppress(AppError), transaction():
            told += _tell(party_id, appointment_id, person_id)
    return told


def _untold(limit: int) -> sa.Select[uuid.UUID, uuid.UUID, uuid.UUID]:
    return (
        sa.select(Party.id, Party.appointment_id, Person.id)
        .join(Person, Person.id_number_index == Party.id_number_index)
        .join(Appointment, Appointment.id == Party.appointment_id)
        .where(
            Party.active,
            Person.level == 2,
            Person.closed_at.is_(None),
            Person.died_on.is_(None),
            Person.id != Appointment.booked_by,
            Appointment.state.in_(_AHEAD),
            ~sa.exists().where(PartnerNote.party_id == Party.id),
        )
        .order_by(Party.id)
        .limit(limit)
    )


def _tell(party_id: uuid.UUID, appointment_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    appointment = locked_appointment(appointment_id)
    if appointment.state not in _AHEAD or not _note(party_id, person_id):
        return False
    slot, office = _where(appointment)
    data = notice_data(office.name, slot.starts_at, appointment.number or "", appointment.kind)
    post(
        "marriage.partner_booked",
        recipient_id=person_id,
        subject=subject(appointment.id),
        data=data,
        key=f"marriage.partner_booked:{party_id}",
        not_after=slot.ends_at,
    )
    plan_reminders(appointment.id, appointment.booked_by, slot.starts_at, data)
    return True


def _note(party_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    fresh = insert(PartnerNote).values(party_id=party_id, person_id=person_id, told_at=now())
    return session().scalar(fresh.on_conflict_do_nothing().returning(PartnerNote.party_id)) is not None


def tell_given_up(appointment: Appointment, by: uuid.UUID | None, partners: Sequence[uuid.UUID]) -> None:
    """Tell the others that one of them gave the appointment up, in the open transaction: nobody comes for nothing.

    `by` None: on the telephone, so both hear of it.
    """
    others = {appointment.booked_by, *partners} - {by}
    if not others:
        return
    slot, office = _where(appointment)
    data = notice_data(office.name, slot.starts_at, appointment.number or "", appointment.kind)
    for person_id in sorted(others):
        post(
            "marriage.partner_cancelled",
            recipient_id=person_id,
            subject=subject(appointment.id),
            data={name: text for name, text in data.items() if name != "hint"},
            key=f"marriage.partner_cancelled:{appointment.id}:{person_id}",
            not_after=slot.ends_at,
        )


def tell_time(appointment: Appointment, by: uuid.UUID | None, hint: str) -> None:
    """Tell the others at what time the appointment is now, since one of them has said so; `by` None: on the telephone.

    `hint` says what was done. In the open transaction.
    """
    others = {appointment.booked_by, *told_partners(appointment.id)} - {by}
    if not others:
        return
    slot, office = _where(appointment)
    data = notice_data(office.name, slot.starts_at, appointment.number or "", appointment.kind) | {"hint": hint}
    for person_id in sorted(others):
        post(
            "marriage.partner_moved",
            recipient_id=person_id,
            subject=subject(appointment.id),
            data=data,
            key=f"marriage.partner_moved:{appointment.id}:{person_id}:{now().isoformat()}",
            not_after=slot.ends_at,
        )


def confirm_coming(appointment_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """The other one says that they come; an appointment nobody confirmed is as good (§2.5 `partner_confirm`).

    Raises `AppError`: not_found (also for what is not theirs), state_conflict when it is over.
    """
    with atomic() as db:
        appointment = locked_appointment(appointment_id)
        mine = sa.select(Party.id).where(
            Party.appointment_id == appointment_id, Party.id_number_index == proven_number(person_id)
        )
        party_id = db.scalars(mine).first()
        if party_id is None or appointment.booked_by == person_id:
            raise not_found()
        if not appointment.active:
            raise AppError("state_conflict", STATE_TEXTS[appointment.state], 409)
        _note(party_id, person_id)
        note = db.get_one(PartnerNote, party_id, populate_existing=True)
        note.confirmed_at = note.confirmed_at or now()


def has_confirmed(appointment_ids: Sequence[uuid.UUID], person_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Which of these appointments a person has confirmed."""
    query = sa.select(Party.appointment_id).join(PartnerNote, PartnerNote.party_id == Party.id)
    confirmed = query.where(
        Party.appointment_id.in_(appointment_ids),
        PartnerNote.person_id == person_id,
        PartnerNote.confirmed_at.is_not(None),
    )
    with transaction() as db:
        return frozenset(db.scalars(confirmed))


def join_partners(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Two persons turned out to be one: what was told to one was told to both."""
    session().execute(
        sa.update(PartnerNote).where(PartnerNote.person_id == joined_id).values(person_id=person_id),
        execution_options={"synchronize_session": "fetch"},
    )


def _where(appointment: Appointment) -> tuple[Slot, Office]:
    query = sa.select(Slot).where(Slot.id == appointment.slot_id).options(joinedload(Slot.office))
    slot = session().scalars(query).one()
    return slot, slot.office
