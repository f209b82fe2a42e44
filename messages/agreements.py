"""What a person can agree to on a web page: one more notice of a template, or many (wechat-protocol §5.2)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backend.storage import transaction
from messages.catalogue.template_words import TITLES
from messages.models import Address, Channel, MessageTemplate, Reminder, ReminderState, SubscriptionCredit
from messages.texts import NOTICE

MOST_ASKED = 3  # WeChat asks for three templates at once


@dataclass(frozen=True)
class Agreement:
    """A template, what it is called, and how many more sends of it the person has agreed to.

    `wanted`: a reminder of theirs waits that it would carry.
    """

    template_id: str
    title: str
    long_term: bool
    left: int
    wanted: bool


def agreements(recipient_id: uuid.UUID, app_id: str) -> Sequence[Agreement]:
    """All templates of the account's that need a person's word, with how it stands; three queries.

    Those a waiting reminder would take come first, then those with the least left, then those that carry most.
    """
    carrying = sa.select(MessageTemplate).where(
        MessageTemplate.app_id == app_id, MessageTemplate.channel == Channel.SUBSCRIBE
    )
    held = (
        sa.select(SubscriptionCredit.template_id, sa.func.max(SubscriptionCredit.balance).label("left"))
        .join(Address, Address.id == SubscriptionCredit.address_id)
        .where(Address.recipient_id == recipient_id, Address.app_id == app_id)
        .group_by(SubscriptionCredit.template_id)
    )
    ahead = sa.select(Reminder.notice).where(
        Reminder.recipient_id == recipient_id, Reminder.state == ReminderState.WAITING
    )
    with transaction() as db:
        rows = db.scalars(carrying.order_by(MessageTemplate.notice)).all()
        balances = {row.template_id: row.left for row in db.execute(held)}
        wanted = frozenset(db.scalars(ahead))
    by_template: dict[str, list[MessageTemplate]] = {}
    for row in rows:
        by_template.setdefault(row.template_id, []).append(row)
    most_first = sorted(by_template.items(), key=lambda one: (-len(one[1]), one[0]))
    found = [_agreement(template_id, carried, balances, wanted) for template_id, carried in most_first]
    return sorted(found, key=lambda one: (not one.wanted, one.left))


def to_ask_for(known: Sequence[Agreement]) -> Sequence[Agreement]:
    """The three to ask for now. One-time and long-term templates are never asked for together (20002)."""
    open_ = [one for one in known if not (one.long_term and one.left)]
    kind = open_[0].long_term if open_ else False
    return [one for one in open_ if one.long_term is kind][:MOST_ASKED]


def _agreement(
    template_id: str, carried: Sequence[MessageTemplate], balances: dict[str, int], wanted: frozenset[str]
) -> Agreement:
    notices = [row.notice for row in carried]
    return Agreement(
        template_id,
        _title(notices),
        any(row.long_term for row in carried),
        balances.get(template_id, 0),
        not wanted.isdisjoint(notices),
    )


def _title(notices: Sequence[str]) -> str:
    """What most of its notices are called in WeChat's library."""
    named = Counter(TITLES[notice][0] for notice in notices if notice in TITLES)
    return named.most_common(1)[0][0] if named else NOTICE
