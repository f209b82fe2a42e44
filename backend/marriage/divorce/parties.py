"""The two persons of an application: their rows, and which of them have a proven account of their own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from backend.kernel.identity import IdentityNumber
from backend.kernel.ids import new_id
from backend.marriage.couples import CheckedParty, phone_tail
from backend.marriage.divorce.models import DivorceCase, DivorceParty
from backend.people.models import Person, name_index, number_index
from backend.people.proving import Proof, prove
from backend.people.reading import read_claim
from backend.people.rules import Level
from backend.storage import session

# Only who has proven name and number is written to: a telephone alone does not say whose it is.
_KNOWN = (Person.level >= Level.VERIFIED.value, Person.closed_at.is_(None), Person.died_on.is_(None))


def party_row(case: DivorceCase, position: int, party: CheckedParty) -> DivorceParty:
    """One person's row, sealed, tied to their account if they have one; in the open transaction."""
    row = DivorceParty(id=new_id(), case_id=case.id, open=True, position=position, at_risk=False)
    row.name, row.name_index = party.name, name_index(party.name)
    row.id_type, row.id_number = party.identity.id_type, party.identity.number
    row.id_number_index, row.last4 = number_index(party.identity), party.identity.last4
    row.phone, row.phone_last4 = party.phone, phone_tail(party.phone)
    row.person_id = known_persons([row.id_number_index]).get(row.id_number_index)
    return row


def known_persons(number_indexes: Sequence[bytes]) -> Mapping[bytes, uuid.UUID]:
    """Whose proven accounts these numbers are; closed ones and the dead are not among them."""
    query = sa.select(Person.id_number_index, Person.id).where(Person.id_number_index.in_(number_indexes), *_KNOWN)
    return {row.id_number_index: row.id for row in session().execute(query) if row.id_number_index is not None}


def newly_known(limit: int) -> Sequence[tuple[DivorceParty, uuid.UUID]]:
    """Persons of open applications who have proven who they are since, with their accounts; their rows locked."""
    query = (
        sa.select(DivorceParty, Person.id)
        .join(Person, Person.id_number_index == DivorceParty.id_number_index)
        .where(DivorceParty.open, DivorceParty.person_id.is_(None), *_KNOWN)
        .order_by(DivorceParty.id)
        .limit(limit)
        .with_for_update(of=DivorceParty, skip_locked=True)
    )
    return [(party, person_id) for party, person_id in session().execute(query)]


def parties_of(case_id: uuid.UUID) -> Sequence[DivorceParty]:
    """The two, in their order."""
    query = sa.select(DivorceParty).where(DivorceParty.case_id == case_id).order_by(DivorceParty.position)
    return session().scalars(query.execution_options(populate_existing=True)).all()


def prove_party(row: DivorceParty, account_id: uuid.UUID) -> uuid.UUID:
    """The account of somebody whose card the registrar has just seen, made if there is none (§6.2).

    Raises `AppError` as `people.proving.prove` does.
    """
    if row.person_id is None:
        claim = read_claim(row.name or "", row.id_type, row.id_number or "")
        row.person_id = prove(Proof(claim, None, account_id)).person_id
        session().flush()
    return row.person_id


def indexes_of(identities: Sequence[IdentityNumber]) -> tuple[bytes, ...]:
    """The blind indexes of numbers."""
    return tuple(number_index(identity) for identity in identities)
