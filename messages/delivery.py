"""Delivery: claim a message, call WeChat outside any transaction, record what came of it.

Nothing is told twice and nothing is lost, whoever dies when (architecture.md §3-3):
- A claim is one transaction: the row is locked past other workers, becomes SENDING until `CLAIM`, stock is taken and
  an attempt without an end is written. Messages are claimed one by one, so a crash leaves one in doubt, not a batch.
- The call is made with no transaction open. The record is a transaction of its own, bound to the attempt.
- A claim that ran out shows an attempt that may have been carried out. It is repeated only on a channel where WeChat
  tells repeats apart, and only while it does (`REPEATABLE_FOR`); else the message becomes UNCERTAIN and waits for a
  push or a person. A call whose answer was lost is treated alike.
- A unique index allows one SENDING message per person (43108).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.storage import broken_constraint, session, transaction
from backend.wechat.errors import WeChatError
from messages.channels import CHANNELS, desk
from messages.models import ONE_AT_A_TIME, AttemptOutcome, DeliveryAttempt, OutboxMessage, OutboxState
from messages.notices import Notice, find_notice
from messages.outbox import move
from messages.outcomes import (
    FAULT,
    MAX_ATTEMPTS,
    QUOTA_EXCEEDED,
    failure_at_the_end,
    open_doubt,
    refused_ways,
    verdict_for,
)
from messages.pauses import Pauses
from messages.recording import Claim, record_failure, record_success
from messages.silence import is_silenced
from messages.ways import Client, Letter, Way, ways_out

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=120)
# A shorter pause is waited for; a day's quota that is gone sends messages another way.
_WORTH_WAITING = timedelta(minutes=5)


def deliver_due(clients: Mapping[str, Client], limit: int = 100) -> int:
    """Deal with up to `limit` due messages; `clients` by app id. Returns how many, 0 when nothing is due.

    Any number of processes and threads may run it at once. Raises `RuntimeError` inside an open transaction: no row may
    stay locked while WeChat takes its time.
    """
    _require_no_transaction()
    pauses = Pauses()
    for done in range(limit):
        claimed = _claim_next(clients, pauses)
        if claimed is None:
            return done
        if isinstance(claimed, Claim):
            _send(clients[claimed.way.app_id], claimed, pauses)
    return limit


def _require_no_transaction() -> None:
    try:
        session()
    except RuntimeError:
        return
    raise RuntimeError("delivery cannot join a transaction")


def anything_due() -> bool:
    """Whether a message could be claimed now."""
    with transaction() as db:
        return db.scalar(_due(now()).with_only_columns(sa.literal(True)).limit(1)) is not None


@dataclass(frozen=True)
class _Settled:
    """A due message that was dealt with and needs no call."""


def _claim_next(clients: Mapping[str, Client], pauses: Pauses) -> Claim | _Settled | None:
    moment = now()
    try:
        with transaction() as db:
            message = db.scalars(
                _due(moment)
                .order_by(OutboxMessage.next_at, OutboxMessage.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            return None if message is None else _claim(db, message, _Context(clients, pauses, moment))
    except IntegrityError as error:
        if broken_constraint(error) != ONE_AT_A_TIME:
            raise
        return _Settled()  # another worker has just taken another message of this person; ours stays due


def _due(moment: datetime) -> sa.Select[OutboxMessage]:
    """Messages whose time has come and whose person no other message is on its way to; claims that ran out too."""
    other = aliased(OutboxMessage)
    occupied = sa.exists().where(other.recipient_id == OutboxMessage.recipient_id, other.state == OutboxState.SENDING)
    return sa.select(OutboxMessage).where(
        OutboxMessage.state.in_((OutboxState.QUEUED, OutboxState.SENDING)),
        OutboxMessage.next_at <= moment,
        sa.or_(OutboxMessage.state == OutboxState.SENDING, ~occupied),
    )


@dataclass(frozen=True)
class _Context:
    clients: Mapping[str, Client]
    pauses: Pauses
    moment: datetime


def _claim(db: Session, message: OutboxMessage, context: _Context) -> Claim | _Settled:
    """Decide about a locked message: an attempt to make, or the end of it, or a later time."""
    history = _history(db, message)
    if message.state is OutboxState.SENDING and _close_lost(message, history, context.moment):
        return _Settled()
    wanted = find_notice(message.notice)
    doubt = open_doubt(history)
    if is_silenced(message.recipient_id):
        move(message.id, OutboxState.CANCELLED)
        return _Settled()
    if doubt is not None:
        return _repeat(db, message, wanted, doubt, context)
    if message.not_after is not None and message.not_after <= context.moment:
        move(message.id, OutboxState.EXPIRED)
    elif wanted is None:
        log.error("unknown_notice message=%s notice=%s", message.id, message.notice)
        desk.hand_over(message, wanted, "unknown_notice", context.moment)
    elif message.attempts >= MAX_ATTEMPTS:
        desk.hand_over(message, wanted, message.failure or "gave_up", context.moment)
    else:
        earliest = wanted.earliest(context.moment, message.not_after)
        if earliest <= context.moment:
            return _first_open_way(db, message, wanted, history, context)
        message.next_at = earliest
    return _Settled()


def _history(db: Session, message: OutboxMessage) -> list[DeliveryAttempt]:
    """Attempts of the present round, oldest first."""
    attempts = sa.select(DeliveryAttempt).where(
        DeliveryAttempt.message_id == message.id, DeliveryAttempt.round == message.round
    )
    return list(db.scalars(attempts.order_by(DeliveryAttempt.started_at, DeliveryAttempt.id)))


def _close_lost(message: OutboxMessage, history: Sequence[DeliveryAttempt], moment: datetime) -> bool:
    """End the attempt of a claim that ran out. True if a push has told meanwhile that the message arrived."""
    for attempt in history:
        if attempt.ended_at is None:
            attempt.ended_at = moment
            attempt.outcome = attempt.outcome or AttemptOutcome.LOST
            if attempt.outcome is AttemptOutcome.DELIVERED:
                return move(message.id, OutboxState.SENT)
    log.warning("claim_ran_out message=%s", message.id)
    move(message.id, OutboxState.QUEUED)
    return False


def _repeat(
    db: Session, message: OutboxMessage, wanted: Notice | None, doubt: DeliveryAttempt, context: _Context
) -> Claim | _Settled:
    """The same call again, or UNCERTAIN: never another way, which could tell it twice."""
    repeatable = CHANNELS[doubt.channel].REPEATABLE_FOR
    in_time = repeatable is not None and context.moment < doubt.started_at + repeatable
    late = message.not_after is not None and message.not_after <= context.moment
    if wanted is not None and in_time and not late and message.attempts < MAX_ATTEMPTS:
        for way in ways_out(wanted, message.recipient_id):
            # Whoever has left meanwhile, or taken the agreement back, is not written to a second time.
            open_still = way.app_id in context.clients and CHANNELS[way.channel].obstacle(way, context.moment) is None
            same = (way.channel, way.address_id, way.template_id)
            if open_still and same == (doubt.channel, doubt.address_id, doubt.template_id):
                claim = _reserve(db, message, wanted, way, context)
                if claim is not None:
                    return claim
    move(message.id, OutboxState.UNCERTAIN, failure="uncertain")
    return _Settled()


def _first_open_way(
    db: Session, message: OutboxMessage, wanted: Notice, history: Sequence[DeliveryAttempt], context: _Context
) -> Claim | _Settled:
    refused, closed_until = refused_ways(history), None
    for way in ways_out(wanted, message.recipient_id):
        usable = way.app_id in context.clients and (way.channel, way.address_id) not in refused
        if not usable or CHANNELS[way.channel].obstacle(way, context.moment) is not None:
            continue
        paused_until = context.pauses.until(way, context.moment)
        if paused_until is not None and paused_until - context.moment <= _WORTH_WAITING:
            message.next_at = paused_until
            return _Settled()
        if paused_until is not None:
            closed_until = min(paused_until, closed_until or paused_until)
            continue
        claim = _reserve(db, message, wanted, way, context)
        if claim is not None:
            return claim
    if closed_until is not None and (message.not_after is None or closed_until < message.not_after):
        message.next_at = closed_until
    else:
        failure = failure_at_the_end(history) if closed_until is None else QUOTA_EXCEEDED
        desk.hand_over(message, wanted, failure, context.moment)
    return _Settled()


def _reserve(db: Session, message: OutboxMessage, wanted: Notice, way: Way, context: _Context) -> Claim | None:
    """Take the way's stock and write the claim and its attempt; None if the stock has just run out."""
    if not CHANNELS[way.channel].take(way, context.moment):
        return None
    move(
        message.id,
        OutboxState.SENDING,
        channel=way.channel,
        next_at=context.moment + CLAIM,
        attempts=OutboxMessage.attempts + 1,
    )
    attempt = DeliveryAttempt(
        id=new_id(),
        message_id=message.id,
        round=message.round,
        channel=way.channel,
        address_id=way.address_id,
        template_id=way.template_id,
        started_at=context.moment,
    )
    db.add(attempt)
    return Claim(attempt.id, _letter(message, wanted), way, wanted, message.attempts + 1)


def _letter(message: OutboxMessage, wanted: Notice) -> Letter:
    return Letter(message.id, message.round, message.subject_id, wanted.wording(message.data), message.data)


def _send(client: Client, claim: Claim, pauses: Pauses) -> None:
    try:
        remote_id = CHANNELS[claim.way.channel].send(client, claim.way, claim.letter)
    except WeChatError as error:
        pauses.note(claim.way, error, now())
        record_failure(claim, verdict_for(error), error)
    except Exception:
        # A fault of ours says nothing about whether the request went out.
        log.exception("send_fault message=%s channel=%s", claim.letter.message_id, claim.way.channel)
        record_failure(claim, FAULT, None)
    else:
        record_success(claim, remote_id)
