"""Finding an appointment at the desk by what people have at hand: its number, a card, a telephone, a name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from backend.kernel.identity import clean_number
from backend.kernel.names import clean_name, is_name
from backend.marriage.couples import name_index, phone_tail
from backend.marriage.desk.queries import AppointmentRow, Nodes, appointments_by_id
from backend.marriage.models import Appointment, Office, Party, Slot
from backend.people.reading import number_indexes
from backend.storage import transaction

# Enough for any tail at one registry; whoever sees this many asks for the number.
MOST_FOUND = 50
# Telephones that are opened to be compared whole; that many end alike only by chance over decades.
_MOST_OPENED = 500


def search(nodes: Nodes, text: str) -> Sequence[AppointmentRow] | None:
    """Appointments of the nodes that fit, latest first, at most `MOST_FOUND`; None when `text` is nothing to look for.

    Understood: `MZ12345678` or its digits; the whole number of any paper, as typed or read from the card; the last four
    of such a number or of a telephone; a whole telephone; a whole name. Names and numbers are sealed and found by their
    blind indexes, so parts of a name cannot be asked for.
    """
    wanted = clean_number(text)
    ways = [*_by_number(wanted), *_by_tail(wanted), *_by_phone(nodes, wanted), *_by_name(text)]
    if not ways:
        return None
    query = sa.select(Appointment.id).join(Slot, Slot.id == Appointment.slot_id).join(Office)
    query = query.where(Office.node_id.in_(nodes), Appointment.id.in_(sa.union(*ways)))
    query = query.order_by(Slot.starts_at.desc()).limit(MOST_FOUND)
    with transaction() as session:
        return appointments_by_id(nodes, session.scalars(query).all())


def _by_number(wanted: str) -> Sequence[sa.Select[uuid.UUID]]:
    ways: list[sa.Select[uuid.UUID]] = []
    if re.fullmatch(r"(MZ)?\d{8}", wanted, re.ASCII):
        ways.append(sa.select(Appointment.id).where(Appointment.number == "MZ" + wanted.removeprefix("MZ")))
    if indexes := number_indexes(wanted):
        ways.append(_parties(Party.id_number_index.in_(indexes)))
    return ways


def _by_tail(wanted: str) -> Sequence[sa.Select[uuid.UUID]]:
    if not re.fullmatch(r"\d{3}[\dX]", wanted, re.ASCII):
        return ()
    return (_parties(Party.last4 == wanted), _parties(Party.phone_last4 == wanted))


def _by_phone(nodes: Nodes, wanted: str) -> Sequence[sa.Select[uuid.UUID]]:
    if not re.fullmatch(r"1[3-9]\d{9}", wanted, re.ASCII):
        return ()
    return (sa.select(Appointment.id).where(Appointment.id.in_(_with_phone(nodes, wanted))),)


def _by_name(text: str) -> Sequence[sa.Select[uuid.UUID]]:
    name = clean_name(text)
    return (_parties(Party.name_index == name_index(name)),) if is_name(name) else ()


def _parties(condition: sa.ColumnElement[bool]) -> sa.Select[uuid.UUID]:
    return sa.select(Party.appointment_id).where(condition)


def _with_phone(nodes: Nodes, phone: str) -> Collection[uuid.UUID]:
    query = sa.select(Party).join(Appointment, Appointment.id == Party.appointment_id)
    query = query.join(Slot, Slot.id == Appointment.slot_id).join(Office)
    query = query.where(Office.node_id.in_(nodes), Party.phone_last4 == phone_tail(phone))
    with transaction() as session:
        latest = session.scalars(query.order_by(Appointment.created_at.desc()).limit(_MOST_OPENED))
        return {party.appointment_id for party in latest if party.phone == phone}
