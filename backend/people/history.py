"""What staff read on a person's page beside the person: what happened to the row, and which WeChats are theirs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backend.people.models import PersonEvent, WeChatIdentity
from backend.people.rules import PersonEventName, ProofMethod
from backend.storage import transaction

MOST_EVENTS = 50


@dataclass(frozen=True)
class EventLine:
    """One thing that happened; `account_id` is the member of staff who did it, if one did."""

    at: datetime
    name: PersonEventName
    method: ProofMethod | None
    account_id: uuid.UUID | None


@dataclass(frozen=True)
class IdentityLine:
    """A WeChat that is the person's: in which product, since when. The openid is nobody's business."""

    app_id: str
    created_at: datetime


def events_of(person_id: uuid.UUID) -> Sequence[EventLine]:
    """The latest events, newest first."""
    event = PersonEvent
    query = sa.select(event.at, event.name, event.method, event.account_id).where(event.person_id == person_id)
    with transaction() as db:
        return [EventLine(*row) for row in db.execute(query.order_by(event.id.desc()).limit(MOST_EVENTS))]


def identities_of(person_id: uuid.UUID) -> Sequence[IdentityLine]:
    """Every WeChat that is theirs, oldest first."""
    query = sa.select(WeChatIdentity.app_id, WeChatIdentity.created_at).where(WeChatIdentity.person_id == person_id)
    with transaction() as db:
        return [IdentityLine(*row) for row in db.execute(query.order_by(WeChatIdentity.created_at).limit(MOST_EVENTS))]
