"""Consent by purpose and version (PIPL 13-16, 29). Statutory duty needs none; what is here is optional.

Rows are only added, the newest is in force. Withdrawing never costs the service (PIPL 16): nothing in the product asks
for a consent before it serves; a room asks `allows` before it does the optional thing itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.people.models import Person
from backend.people.rights import texts
from backend.people.rights.models import ConsentEvent
from backend.people.rights.notice import current_notice
from backend.people.rights.rules import Via
from backend.storage import atomic, transaction
from messages.wishes import allow_reminders, refuse_reminders


@dataclass(frozen=True)
class Purpose:
    """Something optional. `on_change` carries a choice into effect in the same transaction.

    `by_default`: the person already agrees by an act of their own in WeChat, by following the account or tapping
    允许, and here can withdraw that. Everything else needs a yes first. `concerns` tells whom it is offered to: what
    not everybody needs is listed only for those who do, and whoever has chosen before can always take it back.
    """

    key: str
    title: str
    text: str
    on_change: Callable[[uuid.UUID, bool], None]
    by_default: bool = False
    concerns: Callable[[uuid.UUID], bool] = lambda _person_id: True


def _reminders(person_id: uuid.UUID, given: bool) -> None:
    (allow_reminders if given else refuse_reminders)(person_id)


_purposes: dict[str, Purpose] = {
    "reminders": Purpose("reminders", texts.REMINDERS_TITLE, texts.REMINDERS_TEXT, _reminders, by_default=True),
}


def offer_purpose(purpose: Purpose) -> None:
    """Have a room's purpose among those that people choose about; offering it again replaces it."""
    _purposes[purpose.key] = purpose


def purposes() -> Sequence[Purpose]:
    """Every purpose there is, for the rules that everybody reads."""
    return tuple(_purposes.values())


@dataclass(frozen=True)
class Consent:
    """How a person stands to a purpose; `version` and `at` are None while they have not said anything."""

    purpose: Purpose
    given: bool
    version: int | None
    at: datetime | None


def consents(person_id: uuid.UUID) -> Sequence[Consent]:
    """The current state of every purpose that concerns the person."""
    newest = (
        sa.select(ConsentEvent)
        .where(ConsentEvent.person_id == person_id)
        .ext(distinct_on(ConsentEvent.purpose))
        .order_by(ConsentEvent.purpose, ConsentEvent.id.desc())
    )
    with transaction() as session:
        found = {event.purpose: event for event in session.scalars(newest)}
    listed = [purpose for purpose in purposes() if purpose.key in found or purpose.concerns(person_id)]
    return [_consent(purpose, found.get(purpose.key)) for purpose in listed]


def allows(person_id: uuid.UUID, purpose_key: str) -> bool:
    """Whether a person agrees to a purpose at present; raises `AppError` not_found for one that is none."""
    purpose = _purpose(purpose_key)
    return any(consent.given for consent in consents(person_id) if consent.purpose is purpose)


def choose(
    person_id: uuid.UUID,
    purpose_key: str,
    *,
    given: bool,
    version: int,
    via: Via,
    account_id: uuid.UUID | None = None,
) -> Consent:
    """Give or withdraw consent; the same choice again adds nothing. `version`: the rules that were read.

    Raises `AppError`: not_found, state_conflict for giving on rules that are no longer in force. Withdrawing is always
    possible.
    """
    purpose = _purpose(purpose_key)
    if given and version != current_notice().version:
        raise AppError("state_conflict", texts.NOTICE_OUTDATED, 409, extra={"version": current_notice().version})
    with atomic() as session:
        # Two taps at once are one after the other.
        session.execute(sa.select(Person.id).where(Person.id == person_id).with_for_update())
        standing = next((consent for consent in consents(person_id) if consent.purpose is purpose), None)
        if standing is None:  # it is not for them
            raise AppError("not_found", texts.PURPOSE_UNKNOWN, 404)
        if standing.at is not None and standing.given == given and standing.version == version:
            return standing
        event = ConsentEvent(
            person_id=person_id,
            purpose=purpose.key,
            version=version,
            given=given,
            at=now(),
            via=via,
            account_id=account_id,
        )
        session.add(event)
        session.flush()
        purpose.on_change(person_id, given)
        return _consent(purpose, event)


def _consent(purpose: Purpose, newest: ConsentEvent | None) -> Consent:
    if newest is None:
        return Consent(purpose, purpose.by_default, None, None)
    return Consent(purpose, newest.given, newest.version, newest.at)


def _purpose(key: str) -> Purpose:
    if key not in _purposes:
        raise AppError("not_found", texts.PURPOSE_UNKNOWN, 404)
    return _purposes[key]
