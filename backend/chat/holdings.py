"""What the entrance holds about a person, how it is erased, and how long it is kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa

from backend.chat import inbox, strangers, texts
from backend.chat.late import forget_settled
from backend.chat.models import Conversation, InboundPush, LatePush
from backend.kernel.chinese_dates import template_moment
from backend.kernel.personal_data import Batch, Holding, Period, RetentionRule, Section
from backend.storage import session
from workflows.chat.flows import DIRECTORY

_UNTRACKED = {"synchronize_session": False}


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    rows = session().scalars(sa.select(Conversation).where(Conversation.person_id == person_id))
    late = session().scalars(
        sa.select(LatePush)
        .join(Conversation, sa.and_(Conversation.app_id == LatePush.app_id, Conversation.openid == LatePush.openid))
        .where(Conversation.person_id == person_id)
        .order_by(LatePush.received_at)
    )
    return [
        Section(texts.CONVERSATION, [_record(row) for row in rows], texts.KEPT_CONVERSATION),
        Section(texts.LATE, [_late_record(row) for row in late], texts.KEPT_LATE),
    ]


def _late_record(row: LatePush) -> Mapping[str, str]:
    told = {
        texts.L_WECHAT: row.openid,
        texts.L_RECEIVED: template_moment(row.received_at),
        texts.L_SETTLED: row.settled_at and template_moment(row.settled_at),
    }
    return {label: text for label, text in told.items() if text}


def _record(row: Conversation) -> Mapping[str, str]:
    """What was typed so far is not repeated: it may name others, and lasts hours only."""
    flow = DIRECTORY.flow(row.flow) if row.flow else None
    told = {
        texts.L_WECHAT: row.openid,
        texts.L_PRODUCT: row.app_id,
        texts.L_MATTER: flow.title if flow else texts.NOTHING_UNDER_WAY,
        texts.L_UPDATED: template_moment(row.updated_at),
        texts.L_EXPIRES: row.expires_at and template_moment(row.expires_at),
    }
    return {label: text for label, text in told.items() if text}


def _cut(person_id: uuid.UUID) -> None:
    """The conversation goes, and with it the pushes that carry the openid in their key (events have no message id)."""
    for app_id, openid in session().execute(
        sa.select(Conversation.app_id, Conversation.openid).where(Conversation.person_id == person_id)
    ):
        session().execute(
            sa.delete(InboundPush).where(
                InboundPush.app_id == app_id,
                InboundPush.dedup_key.startswith(f"event:{openid}:", autoescape=True),
            ),
            execution_options=_UNTRACKED,
        )
        session().execute(
            sa.delete(LatePush).where(LatePush.app_id == app_id, LatePush.openid == openid),
            execution_options=_UNTRACKED,
        )
    session().execute(sa.delete(Conversation).where(Conversation.person_id == person_id), execution_options=_UNTRACKED)


def _erase(_person_id: uuid.UUID) -> Mapping[str, int]:
    """Nothing is left once the conversation is cut."""
    return {}


def _run(batch: Batch) -> int:
    return inbox.forget_older(limit=batch.limit)


def _run_late(batch: Batch) -> int:
    return forget_settled(Period(days=inbox.KEPT_DAYS).over_before(batch.moment), batch.limit)


chat_holding = Holding(
    name="chat",
    title=texts.TITLE,
    tables=frozenset({Conversation.__tablename__, InboundPush.__tablename__, LatePush.__tablename__}),
    collect=_collect,
    erase=_erase,
    cut=_cut,
)

chat_rules = (
    RetentionRule(
        "chat.pushes",
        texts.RULE_PUSHES,
        ("inbound_pushes",),
        Period(days=inbox.KEPT_DAYS),
        texts.SINCE_RECEIVED,
        texts.BASIS_PUSHES,
        _run,
        every=timedelta(minutes=10),
    ),
    RetentionRule(
        "chat.strangers",
        texts.RULE_STRANGERS,
        ("conversations",),
        strangers.KEPT,
        texts.SINCE_LEFT,
        texts.BASIS_STRANGERS,
        strangers.forget_strangers,
    ),
    RetentionRule(
        "chat.late",
        texts.RULE_LATE,
        ("late_pushes",),
        Period(days=inbox.KEPT_DAYS),
        texts.SINCE_SETTLED,
        texts.BASIS_LATE,
        _run_late,
    ),
)
