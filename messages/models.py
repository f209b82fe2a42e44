"""Rows of the messages room: addresses, stock of permissions to write, the outbox, reminders, templates.

A recipient is an id with addresses; whose id it is, is not this room's business (architecture.md §2, floor 4).
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage import Base, Moment, enum_column, foreign_id, primary_id

ONE_AT_A_TIME = "uq_outbox_messages_one_at_a_time"


class Product(StrEnum):
    """The two WeChat products a person can be reached through."""

    ACCOUNT = "account"
    MINIPROGRAM = "miniprogram"


class Channel(StrEnum):
    """Ways a notice can leave (wechat-protocol §5)."""

    SUBSCRIBE = "subscribe"
    TEMPLATE = "template"
    CUSTOMER_SERVICE = "customer_service"
    DESK = "desk"


class Address(Base):
    """An openid of a recipient. `reachable`: follows the account (template messages need it).

    `window_until` and `window_left`: how long and how often customer-service messages may still be sent (§5.4).
    """

    __tablename__ = "message_addresses"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "openid"),
        sa.Index("ix_message_addresses_recipient_id", "recipient_id"),
        sa.CheckConstraint("window_left >= 0", name="window_left_not_negative"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    recipient_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    product: Mapped[Product] = enum_column(Product)
    app_id: Mapped[str] = mapped_column(sa.String(32))
    openid: Mapped[str] = mapped_column(sa.String(64))
    reachable: Mapped[bool] = mapped_column(default=True)
    window_until: Mapped[datetime | None] = mapped_column(Moment)
    window_left: Mapped[int] = mapped_column(default=0)


class SubscriptionCredit(Base):
    """How many one-time messages of a template an address has agreed to and not yet received (§5.2, §5.3)."""

    __tablename__ = "subscription_credits"
    __table_args__ = (sa.CheckConstraint("balance >= 0", name="balance_not_negative"),)

    address_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("message_addresses.id", ondelete="CASCADE"), primary_key=True
    )
    template_id: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    balance: Mapped[int]


class MessageTemplate(Base):
    """Which approved WeChat template carries a notice, and which of the notice's fields fills which of its keys.

    `link` is what a tap opens, with `{subject_id}` in it: a web address for the account, a page for the mini-program.
    `long_term`: one agreement allows many messages (长期订阅, §5.2); otherwise each message uses one up. `choices`: the
    values that a key of type `enum` or `const` takes, by key, where WeChat tells them.
    """

    __tablename__ = "message_templates"

    app_id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    channel: Mapped[Channel] = enum_column(Channel, primary_key=True)
    notice: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    template_id: Mapped[str] = mapped_column(sa.String(80))
    fields: Mapped[dict[str, str]] = mapped_column(JSONB)  # template key, such as thing1 -> field of the notice
    link: Mapped[str | None] = mapped_column(sa.String(500))
    long_term: Mapped[bool] = mapped_column(default=False)
    choices: Mapped[dict[str, list[str]]] = mapped_column(JSONB, server_default=sa.text("'{}'::jsonb"))


class ChannelAlarm(Base):
    """Something at WeChat that people have to mend before messages go that way again; gone with the next that does.

    `template_id` is empty for what concerns the whole app, such as its secret. `field`: the key WeChat named (47003).
    """

    __tablename__ = "channel_alarms"
    __table_args__ = (
        sa.CheckConstraint("times > 0", name="happened"),
        sa.CheckConstraint("last_at >= since", name="in_order"),
    )

    app_id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    channel: Mapped[Channel] = enum_column(Channel, primary_key=True)
    template_id: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    failure: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    notice: Mapped[str] = mapped_column(sa.String(80))
    errcode: Mapped[int | None]
    field: Mapped[str | None] = mapped_column(sa.String(40))
    rid: Mapped[str | None] = mapped_column(sa.String(40))
    times: Mapped[int]
    since: Mapped[datetime] = mapped_column(Moment)
    last_at: Mapped[datetime] = mapped_column(Moment)


class OutboxState(StrEnum):
    """Where a message stands; allowed moves are listed in `messages.outbox.MOVES`."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"  # the sender died between call and record, on a channel that cannot be asked again
    DEAD = "dead"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class OutboxMessage(Base):
    """Something to be told. `data` holds the notice's fields, never identity numbers; `key` makes posting idempotent.

    `next_at` is when it may be tried; while SENDING it is when the claim runs out. `not_after`: telling it later
    would mislead. `channel` is the one used last. `round` counts how often staff had it sent afresh. `settled_at`:
    since when nobody has to act on it any more, so a dead message without it waits on the desk.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (
        sa.Index("ix_outbox_messages_due", "next_at", postgresql_where=sa.text("state IN ('queued', 'sending')")),
        sa.Index(
            "ix_outbox_messages_attention",
            "created_at",
            "id",
            postgresql_where=sa.text("state IN ('dead', 'uncertain') AND settled_at IS NULL"),
        ),
        # 43108: two sends to one person must not overlap (§5.3), whatever processes are at work.
        sa.Index(
            ONE_AT_A_TIME,
            "recipient_id",
            unique=True,
            postgresql_where=sa.text("state = 'sending'"),
        ),
        sa.Index("ix_outbox_messages_subject", "subject_kind", "subject_id"),
        sa.Index("ix_outbox_messages_recipient_id", "recipient_id"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    notice: Mapped[str] = mapped_column(sa.String(80))
    recipient_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[OutboxState] = enum_column(OutboxState, default=OutboxState.QUEUED)
    channel: Mapped[Channel | None] = enum_column(Channel, nullable=True)
    attempts: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=1)
    next_at: Mapped[datetime] = mapped_column(Moment)
    not_after: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    failure: Mapped[str | None] = mapped_column(sa.String(80))


class AttemptOutcome(StrEnum):
    """What came of one call to WeChat."""

    SENT = "sent"  # WeChat took it
    DELIVERED = "delivered"  # and a push said that it arrived
    REFUSED = "refused"  # final for this way; `failure` of the attempt says why
    NOT_NOW = "not_now"  # surely not carried out, worth another try
    UNKNOWN = "unknown"  # the request went out and no usable answer came back
    LOST = "lost"  # the sender died, or took longer than its claim


class DeliveryAttempt(Base):
    """One call to WeChat for a message. Written before the call, completed after it; an open one tells of a crash.

    `remote_id` is the id by which WeChat's later push names the call.
    """

    __tablename__ = "delivery_attempts"
    __table_args__ = (
        sa.Index("ix_delivery_attempts_message_id", "message_id"),
        sa.Index("ix_delivery_attempts_address_id", "address_id", "started_at"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    message_id: Mapped[uuid.UUID] = foreign_id("outbox_messages.id", ondelete="CASCADE")
    round: Mapped[int] = mapped_column(default=1)
    channel: Mapped[Channel] = enum_column(Channel)
    address_id: Mapped[uuid.UUID | None] = foreign_id("message_addresses.id", ondelete="SET NULL", nullable=True)
    template_id: Mapped[str | None] = mapped_column(sa.String(80))
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[AttemptOutcome | None] = enum_column(AttemptOutcome, nullable=True)
    failure: Mapped[str | None] = mapped_column(sa.String(40))
    errcode: Mapped[int | None]
    rid: Mapped[str | None] = mapped_column(sa.String(40))
    remote_id: Mapped[str | None] = mapped_column(sa.String(40))


class ReminderState(StrEnum):
    """A reminder waits, then becomes an outbox message, unless its subject goes away."""

    WAITING = "waiting"
    POSTED = "posted"
    CANCELLED = "cancelled"


class Reminder(Base):
    """Something to be told later, bound to a subject: moved with it (`version` grows), cancelled with it."""

    __tablename__ = "reminders"
    __table_args__ = (
        sa.UniqueConstraint("subject_kind", "subject_id", "recipient_id", "notice", name="uq_reminders_subject"),
        sa.Index("ix_reminders_recipient_id", "recipient_id"),
        sa.Index("ix_reminders_due", "due_at", postgresql_where=sa.text("state = 'waiting'")),
    )

    id: Mapped[uuid.UUID] = primary_id()
    notice: Mapped[str] = mapped_column(sa.String(80))
    recipient_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    due_at: Mapped[datetime] = mapped_column(Moment)
    not_after: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[ReminderState] = enum_column(ReminderState, default=ReminderState.WAITING)
    version: Mapped[int] = mapped_column(default=1)


class Silence(Base):
    """A recipient to whom nothing is sent from `since` on: somebody who was recorded dead (domain-rules §7).

    Delivery asks before every send, so that also what is queued later, or was on its way, is not sent.
    """

    __tablename__ = "message_silences"

    recipient_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
    since: Mapped[datetime] = mapped_column(Moment)


class ReminderRefusal(Base):
    """A recipient who wants no reminders (PIPL 15); whoever is not here gets those WeChat lets us send."""

    __tablename__ = "reminder_refusals"

    recipient_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
