"""What registrars do with the waiting list: put in a couple on the telephone, answer for it, end an entry."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.couples import PartyInput, number_index, read_parties
from backend.marriage.kinds import Kind, plain_kind
from backend.marriage.models import Via
from backend.marriage.offices import office
from backend.marriage.waiting import texts
from backend.marriage.waiting.history import locked_entry, not_found
from backend.marriage.waiting.join import WaitingRequest, join_waiting
from backend.marriage.waiting.leave import end_entry, pass_offer
from backend.marriage.waiting.models import WaitingEntry
from backend.marriage.waiting.notices import tell_ended
from backend.marriage.waiting.rules import OPEN_STATES
from backend.marriage.waiting.take import TakenPlace, accept_offer
from backend.people.models import Person
from backend.storage import atomic, session

MOST_REASON = 80


@dataclass(frozen=True)
class ByTelephone:
    """Somebody who telephoned; they declare what a booking asks for by word of mouth, and again at the window."""

    office_id: uuid.UUID
    kind: Kind
    first_day: date
    last_day: date
    parties: Sequence[PartyInput] = field(repr=False)


def add_by_telephone(wish: ByTelephone, account_id: uuid.UUID) -> uuid.UUID:
    """Put somebody in line who telephoned; returns the entry's id. When a place is theirs, they are telephoned.

    Raises `AppError` as `join_waiting` does.
    """
    place = office(wish.office_id)
    parties = read_parties(plain_kind(wish.kind), wish.parties, place)
    with atomic():
        person_id = _known([number_index(party.identity) for party in parties]) or _somebody()
        request = WaitingRequest(
            wish.kind,
            wish.parties,
            True,
            person_id,
            Via.DESK,
            wish.office_id,
            wish.first_day,
            wish.last_day,
            account_id=account_id,
        )
        return join_waiting(request)


def _known(indexes: Sequence[bytes]) -> uuid.UUID | None:
    """The account of one of them, who will read it in WeChat."""
    proven = sa.select(Person.id).where(
        Person.id_number_index.in_(indexes), Person.level == 2, Person.closed_at.is_(None), Person.died_on.is_(None)
    )
    return session().scalars(proven.order_by(Person.created_at).limit(1)).first()


def _somebody() -> uuid.UUID:
    person = Person(id=new_id(), created_at=now())
    session().add(person)
    session().flush()
    return person.id


def end_by_staff(entry_id: uuid.UUID, office_ids: Collection[uuid.UUID], reason: str, account_id: uuid.UUID) -> None:
    """End an entry of one of the offices, with a reason that its people read; what was kept goes to the next in line.

    Raises `AppError`: not_found, invalid without a reason, state_conflict once it is over.
    """
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= MOST_REASON:
        raise AppError("invalid", texts.REASON_MISSING, 422, errors={"reason": [texts.REASON_MISSING]})
    with atomic():
        entry = _of(entry_id, office_ids)
        if entry.state not in OPEN_STATES:
            raise AppError("state_conflict", texts.STATE_NAMES[entry.state], 409, extra={"state": entry.state.value})
        end_entry(entry, "ended_by_staff", Actor("staff", account_id), reason)
        place = office(entry.office_id)
        if place is not None:
            tell_ended(entry, place, texts.ENDED_BY_STAFF_HINT.format(reason=reason, phone=place.phone))


def accept_by_telephone(entry_id: uuid.UUID, office_ids: Collection[uuid.UUID], account_id: uuid.UUID) -> TakenPlace:
    """They want the place that is kept. Raises `AppError` as `accept_offer` does."""
    with atomic():
        entry = _of(entry_id, office_ids)
        return accept_offer(entry_id, entry.person_id, Via.DESK, Actor("staff", account_id))


def pass_by_telephone(entry_id: uuid.UUID, office_ids: Collection[uuid.UUID], account_id: uuid.UUID) -> None:
    """They let the next in line have it. Raises `AppError` as `pass_offer` does."""
    with atomic():
        entry = _of(entry_id, office_ids)
        pass_offer(entry_id, entry.person_id, Actor("staff", account_id))


def _of(entry_id: uuid.UUID, office_ids: Collection[uuid.UUID]) -> WaitingEntry:
    entry = locked_entry(entry_id)
    if entry.office_id not in office_ids:
        raise not_found()
    return entry
