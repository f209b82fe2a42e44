"""Use case `verify_at_counter`: staff verify somebody with the card in hand, with or without a WeChat (§6.2)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from backend.kernel.errors import AppError
from backend.kernel.identity import IdType
from backend.people.binding import use_asked_code, waiting_asked_code
from backend.people.events import note
from backend.people.models import Person
from backend.people.proving import Proof, Proven, prove
from backend.people.reading import Claim, read_claim, read_phone
from backend.people.rules import PersonEventName
from backend.people.texts import DESK_NOT_SEEN
from backend.people.tries import count_code_of_account, take_back
from backend.storage import session, transaction


@dataclass(frozen=True)
class CardInHand:
    """What a member of staff takes from a card, and what the person in front of them says.

    `seen`: they looked at the original and at the person. `code` is what the resident's mini-program shows, if they
    have one. `community_id` is where the person lives, for somebody of whom nobody has said so yet: moves are events.
    """

    name: str = field(repr=False)
    id_type: IdType
    id_number: str = field(repr=False)
    seen: bool
    code: str | None = None
    phone: str | None = field(default=None, repr=False)
    community_id: uuid.UUID | None = None


def verify_at_counter(
    account_id: uuid.UUID, card: CardInHand, also: Callable[[Proven], None] = lambda _proven: None
) -> Proven:
    """Verify the person on the card, making them a row if nobody has the number, and tie the code's WeChat to them.

    `also` runs in the same transaction: the console leaves its audit row there.

    Raises `AppError`: invalid (fields, an unknown code), rate_limited for codes, state_conflict. Must not join a
    transaction: a wrong code is counted even though the command refuses.
    """
    claim, phone = _read(card)
    counted = count_code_of_account(account_id) if card.code else None
    with transaction():
        waiting = waiting_asked_code(card.code) if card.code else None
        proven = prove(Proof(claim, waiting.identity_id if waiting else None, account_id))
        if waiting is not None:
            use_asked_code(waiting, proven.person_id, account_id)
        _add_details(proven.person_id, account_id, phone, card.community_id)
        if counted is not None:
            take_back(counted)
        also(proven)
    return proven


def _read(card: CardInHand) -> tuple[Claim, str | None]:
    """The claim and the telephone; raises one `AppError` for everything that is wrong, so that nothing waits behind."""
    errors: dict[str, list[str]] = {}
    claim, phone = None, None
    try:
        claim = read_claim(card.name, card.id_type, card.id_number)
    except AppError as refusal:
        errors |= refusal.errors
    try:
        phone = read_phone(card.phone) if card.phone else None
    except AppError as refusal:
        errors |= refusal.errors
    if not card.seen:
        errors["seen"] = [DESK_NOT_SEEN]
    if errors or claim is None:
        told = "\n".join(sentence for sentences in errors.values() for sentence in sentences)
        raise AppError("invalid", told, 422, errors=errors)
    return claim, phone


def _add_details(
    person_id: uuid.UUID, account_id: uuid.UUID, phone: str | None, community_id: uuid.UUID | None
) -> None:
    person = session().get_one(Person, person_id)
    if phone is not None and phone != person.phone:
        person.phone = phone
        note(person_id, PersonEventName.PHONE_GIVEN, account_id=account_id)
    if community_id is not None and person.community_id is None:
        person.community_id = community_id
        note(person_id, PersonEventName.PLACED, account_id=account_id)
