"""Finding an appointment at the desk by what people have at hand: its number, a card, the last four of a number."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Sequence
from contextlib import suppress

import sqlalchemy as sa

from backend.kernel.clock import today
from backend.kernel.identity import IdentityFault, IdType, clean_number, parse_identity_number
from backend.marriage.couples import number_index
from backend.marriage.desk_queries import AppointmentRow, Nodes, appointments_by_id
from backend.marriage.models import Appointment, Office, Party, Slot
from backend.storage import transaction

# Enough for any tail at one registry; whoever sees this many asks for the number.
MOST_FOUND = 50
# Papers whose numbers have 18 characters, as a card reader types them.
_CARDS = (
    IdType.RESIDENT_IDENTITY_CARD,
    IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT,
    IdType.FOREIGN_PERMANENT_RESIDENT_CARD,
)


def search(nodes: Nodes, text: str) -> Sequence[AppointmentRow] | None:
    """Appointments of the nodes that fit, latest first, at most `MOST_FOUND`; None when `text` is nothing to look for.

    Understood: `MZ12345678` or its digits; a whole card number; the last four of an identity number or telephone.
    """
    wanted = clean_number(text)
    if re.fullmatch(r"(MZ)?\d{8}", wanted, re.ASCII):
        return _found(nodes, Appointment.number == "MZ" + wanted.removeprefix("MZ"))
    if re.fullmatch(r"\d{17}[\dX]", wanted, re.ASCII):
        return _found(nodes, _party_is(Party.id_number_index.in_(_card_indexes(wanted))))
    if re.fullmatch(r"\d{3}[\dX]", wanted, re.ASCII):
        by_phone = _with_phone_tail(nodes, wanted)
        return _found(nodes, sa.or_(_party_is(Party.last4 == wanted), Appointment.id.in_(by_phone)))
    return None


def _card_indexes(number: str) -> list[bytes]:
    indexes: list[bytes] = []
    for id_type in _CARDS:
        with suppress(IdentityFault):
            indexes.append(number_index(parse_identity_number(id_type, number, today=today())))
    return indexes


def _found(nodes: Nodes, condition: sa.ColumnElement[bool]) -> Sequence[AppointmentRow]:
    query = sa.select(Appointment.id).join(Slot, Slot.id == Appointment.slot_id).join(Office)
    query = query.where(Office.node_id.in_(nodes), condition).order_by(Slot.starts_at.desc()).limit(MOST_FOUND)
    with transaction() as session:
        return appointments_by_id(nodes, session.scalars(query).all())


def _party_is(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(Party.appointment_id == Appointment.id, condition)


def _with_phone_tail(nodes: Nodes, tail: str) -> Collection[uuid.UUID]:
    """Active appointments with a telephone ending so. Telephones are sealed, so they are opened one by one; the active
    ones of a registry are bounded by its places over the booking horizon, some hundreds."""
    query = sa.select(Party).join(Appointment, Appointment.id == Party.appointment_id)
    query = query.join(Slot, Slot.id == Appointment.slot_id).join(Office)
    query = query.where(Office.node_id.in_(nodes), Party.active, Party.phone_sealed.is_not(None))
    with transaction() as session:
        return {party.appointment_id for party in session.scalars(query) if (party.phone or "").endswith(tail)}
