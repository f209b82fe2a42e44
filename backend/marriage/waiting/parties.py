"""The persons of an entry: stored when they join, opened again when a place is theirs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from backend.kernel.clock import today
from backend.kernel.identity import parse_identity_number
from backend.kernel.ids import new_id
from backend.marriage.couples import CheckedParty, number_index, party_row
from backend.marriage.kinds import Kind
from backend.marriage.models import Party
from backend.marriage.waiting.models import WaitingEntry, WaitingParty
from backend.storage import session


def add_parties(entry: WaitingEntry, parties: Sequence[CheckedParty]) -> None:
    """Store them sealed; raises `IntegrityError` where one of them waits for this kind already."""
    for position, party in enumerate(parties):
        row = WaitingParty(
            id=new_id(),
            entry_id=entry.id,
            open=True,
            position=position,
            kind=entry.kind,
            id_type=party.identity.id_type,
            id_number_index=number_index(party.identity),
            last4=party.identity.last4,
            sex=party.identity.sex,
            resident_group=party.resident_group,
        )
        row.name, row.id_number, row.phone = party.name, party.identity.number, party.phone
        session().add(row)
    session().flush()


def waiting_parties(entry_id: uuid.UUID) -> list[CheckedParty]:
    """The persons of an entry in their order, names and numbers opened."""
    query = sa.select(WaitingParty).where(WaitingParty.entry_id == entry_id).order_by(WaitingParty.position)
    return [
        CheckedParty(
            row.name or "",
            parse_identity_number(row.id_type, row.id_number or "", today=today()),
            row.phone,
            row.resident_group,
        )
        for row in session().scalars(query)
    ]


def give_parties(appointment_id: uuid.UUID, kind: Kind, parties: Sequence[CheckedParty]) -> None:
    """Make them the parties of an active appointment; raises `IntegrityError` where one has another of its kind."""
    rows = [party_row(party, position) for position, party in enumerate(parties)]
    session().execute(
        sa.insert(Party), [row | {"appointment_id": appointment_id, "active": True, "kind": kind} for row in rows]
    )


def indexes_of(parties: Sequence[CheckedParty]) -> list[bytes]:
    """The blind indexes of their numbers."""
    return [number_index(party.identity) for party in parties]
