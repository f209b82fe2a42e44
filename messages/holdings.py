"""What this room holds about a recipient, how it is erased, and how long it is kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from backend.kernel.chinese_dates import template_moment
from backend.kernel.personal_data import Batch, Holding, Period, RetentionRule, Section
from backend.storage import session
from messages import texts
from messages.housekeeping import KEPT_FOR, remove_old
from messages.models import (
    Address,
    DeliveryAttempt,
    OutboxMessage,
    Reminder,
    ReminderRefusal,
    ReminderState,
    Silence,
    SubscriptionCredit,
)
from messages.notices import find_notice
from messages.reminders import leave_alone

_UNTRACKED = {"synchronize_session": False}


def _collect(recipient_id: uuid.UUID) -> Sequence[Section]:
    return [
        Section(texts.ADDRESSES, _addresses(recipient_id), texts.KEPT_WHILE_ACCOUNT),
        Section(texts.WISHES, _wishes(recipient_id), texts.KEPT_WHILE_ACCOUNT),
        Section(texts.MESSAGES, _messages(recipient_id), texts.KEPT_SETTLED),
        Section(texts.REMINDERS, _reminders(recipient_id), texts.KEPT_SETTLED),
    ]


def _addresses(recipient_id: uuid.UUID) -> Sequence[Mapping[str, str]]:
    credits = sa.select(sa.func.coalesce(sa.func.sum(SubscriptionCredit.balance), 0))
    credits = credits.where(SubscriptionCredit.address_id == Address.id)
    rows = session().execute(
        sa.select(Address, credits.scalar_subquery()).where(Address.recipient_id == recipient_id).order_by(Address.id)
    )
    return [_address(row, balance) for row, balance in rows]


def _address(row: Address, balance: int) -> Mapping[str, str]:
    told = {
        texts.L_WECHAT: row.openid,
        texts.L_PRODUCT: row.app_id,
        texts.L_REACHABLE: texts.REACHABLE if row.reachable else texts.UNREACHABLE,
        texts.L_WINDOW: row.window_until and template_moment(row.window_until),
        texts.L_CREDITS: str(balance),
    }
    return {label: text for label, text in told.items() if text}


def _wishes(recipient_id: uuid.UUID) -> Sequence[Mapping[str, str]]:
    row = session().get(ReminderRefusal, recipient_id)
    return [] if row is None else [{texts.L_AT: template_moment(row.at)}]


def _messages(recipient_id: uuid.UUID) -> Sequence[Mapping[str, str]]:
    query = sa.select(OutboxMessage).where(OutboxMessage.recipient_id == recipient_id)
    return [
        {
            texts.L_AT: template_moment(row.created_at),
            texts.L_TEXT: _wording(row.notice, row.data),
            texts.L_STATE: texts.STATE_NAMES[row.state],
        }
        for row in session().scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.id))
    ]


def _reminders(recipient_id: uuid.UUID) -> Sequence[Mapping[str, str]]:
    query = sa.select(Reminder).where(Reminder.recipient_id == recipient_id, Reminder.state == ReminderState.WAITING)
    return [
        {texts.L_DUE: template_moment(row.due_at), texts.L_TEXT: _wording(row.notice, row.data)}
        for row in session().scalars(query.order_by(Reminder.due_at, Reminder.id))
    ]


def _wording(notice_key: str, data: Mapping[str, str]) -> str:
    """What was said; for a notice that is gone, or whose wording has come to need more, its bare fields."""
    known = find_notice(notice_key)
    try:
        return known.wording(data) if known else "；".join(data.values()) or texts.NO_TEXT
    except KeyError:
        return "；".join(data.values()) or texts.NO_TEXT


def _cut(recipient_id: uuid.UUID) -> None:
    """Nothing is sent any more, and there is no address left to send to; stocks of permission go with the address."""
    leave_alone(recipient_id)
    session().execute(sa.delete(Address).where(Address.recipient_id == recipient_id), execution_options=_UNTRACKED)


def _erase(recipient_id: uuid.UUID) -> Mapping[str, int]:
    """Messages with their attempts, reminders, wishes. Whoever sends one at this moment finds it gone and lets go."""
    erased = {}
    for table in (OutboxMessage, Reminder, ReminderRefusal, Silence):
        gone = session().execute(
            sa.delete(table).where(table.recipient_id == recipient_id).returning(table.recipient_id),
            execution_options=_UNTRACKED,
        )
        erased[table.__tablename__] = len(gone.all())
    return erased


def _run(batch: Batch) -> int:
    return remove_old(batch.limit, batch.held)


messages_holding = Holding(
    name="messages",
    title=texts.TITLE,
    tables=frozenset(
        table.__tablename__
        for table in (
            Address,
            SubscriptionCredit,
            OutboxMessage,
            DeliveryAttempt,
            Reminder,
            ReminderRefusal,
            Silence,
        )
    ),
    collect=_collect,
    erase=_erase,
    cut=_cut,
)

messages_rules = (
    RetentionRule(
        "outbox.settled",
        texts.RULE_SETTLED,
        ("outbox_messages", "delivery_attempts", "reminders"),
        Period(days=KEPT_FOR.days),
        texts.SINCE_SETTLED,
        texts.BASIS_SETTLED,
        _run,
    ),
)
