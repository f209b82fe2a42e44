"""Who left the account and never did anything here is forgotten (wechat-protocol §1.4, PIPL 47)."""

from __future__ import annotations

import sqlalchemy as sa

from backend.chat.models import Conversation
from backend.kernel.personal_data import Batch, Period
from backend.people.models import Person, WeChatIdentity
from backend.people.rights.holdings import erase_person
from backend.storage import Base, transaction

KEPT = Period(months=6)
# Goes together with the account itself, or along with the person.
_OWN = frozenset(
    {"binding_codes", "conversations", "person_events", "person_joins", "proof_tries", "wechat_identities"}
)


def forget_strangers(batch: Batch) -> int:
    """Close the accounts of a batch of people who left half a year ago and of whom nothing else is held; how many."""
    others = sa.exists().where(
        WeChatIdentity.person_id == Conversation.person_id,
        sa.or_(WeChatIdentity.app_id != Conversation.app_id, WeChatIdentity.openid != Conversation.openid),
    )
    gone = (
        sa.select(Conversation.person_id)
        .join(Person, Person.id == Conversation.person_id)
        .where(
            Conversation.left_at < KEPT.over_before(batch.moment),
            Person.level == 0,
            Person.closed_at.is_(None),
            ~others,
            *(~found for found in _kept_elsewhere()),
        )
        .order_by(Conversation.left_at)
        .limit(batch.limit)
    )
    if batch.held:
        gone = gone.where(Conversation.person_id.not_in(batch.held))
    with transaction() as db:
        persons = db.scalars(gone).all()
        for person_id in persons:
            erase_person(person_id)
    return len(persons)


def _kept_elsewhere() -> list[sa.ColumnElement[bool]]:
    """One condition for each table of any room that refers to a person and does not go along with them."""
    return [
        sa.exists().where(key.parent == Person.id)
        for table in Base.metadata.sorted_tables
        if table.name not in _OWN
        for key in table.foreign_keys
        if key.column is Person.__table__.c.id and key.ondelete != "CASCADE"
    ]
