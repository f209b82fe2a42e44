"""What came of a call, written down in a transaction of its own.

The attempt is the fence: once another worker has taken the claim over, the attempt has an end, and what its first
sender reports late counts only where it is good news.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.storage import session, transaction
from backend.wechat.errors import QuotaExceeded, UnknownRecipient, WeChatError
from messages.alarms import end_alarms, raise_alarm
from messages.channels import CHANNELS, desk
from messages.credits import close_address
from messages.models import AttemptOutcome, DeliveryAttempt, OutboxMessage, OutboxState
from messages.notices import Notice
from messages.outbox import another_way, move
from messages.outcomes import MAX_ATTEMPTS, NOT_DELIVERED, Verdict, pause_after
from messages.ways import Letter, Way

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """One call that is to be made now. `attempt_number` counts the calls of the round, from 1."""

    attempt_id: uuid.UUID
    letter: Letter
    way: Way
    notice: Notice
    attempt_number: int


def record_success(claim: Claim, remote_id: str | None) -> None:
    """WeChat took it."""
    with transaction():
        attempt = _lock(claim)
        if attempt is None:
            return
        taken_over = _close(attempt)
        attempt.remote_id = remote_id or attempt.remote_id
        if not _push_was_faster(claim, attempt, taken_over):
            attempt.outcome = AttemptOutcome.SENT
            move(claim.letter.message_id, OutboxState.SENT, failure=None)
        end_alarms(claim.way)


def record_failure(claim: Claim, verdict: Verdict, error: WeChatError | None) -> None:
    """WeChat did not take it, or nobody knows; `error` is None for a fault of ours."""
    with transaction():
        attempt = _lock(claim)
        if attempt is None:
            return
        taken_over = _close(attempt)
        attempt.errcode, attempt.rid = (error.errcode, error.rid) if error else (None, None)
        if error is not None and error.alarm:
            raise_alarm(claim.way, claim.notice.key, verdict.failure, error)
        if _push_was_faster(claim, attempt, taken_over):
            return
        _settle_stock(claim, verdict, error)
        if not taken_over:
            attempt.outcome, attempt.failure = verdict.outcome, verdict.failure
            _next_step(claim, verdict, error)
        elif verdict.outcome is not AttemptOutcome.UNKNOWN:
            # What the message does next has been decided without us, but the doubt it was in is over.
            attempt.outcome, attempt.failure = verdict.outcome, verdict.failure
            log.info("late_failure message=%s failure=%s", claim.letter.message_id, verdict.failure)


def _close(attempt: DeliveryAttempt) -> bool:
    """End the attempt; True if another worker did so when the claim ran out, and the message is no longer ours."""
    taken_over = attempt.ended_at is not None
    attempt.ended_at = attempt.ended_at or now()
    return taken_over


def _push_was_faster(claim: Claim, attempt: DeliveryAttempt, taken_over: bool) -> bool:
    """A push has already said what became of the call (`messages.receipts`); it knows better than the answer."""
    if attempt.outcome is AttemptOutcome.DELIVERED:
        move(claim.letter.message_id, OutboxState.SENT, failure=None)
        return True
    if attempt.outcome is AttemptOutcome.REFUSED:
        if not taken_over:
            another_way(claim.letter.message_id, NOT_DELIVERED)
        return True
    return False


def _lock(claim: Claim) -> DeliveryAttempt | None:
    """The attempt, with its message locked first, as everyone does it; None if housekeeping has removed them."""
    db = session()
    db.execute(sa.select(OutboxMessage.id).where(OutboxMessage.id == claim.letter.message_id).with_for_update())
    return db.get(DeliveryAttempt, claim.attempt_id)


def _settle_stock(claim: Claim, verdict: Verdict, error: WeChatError | None) -> None:
    channel = CHANNELS[claim.way.channel]
    if isinstance(error, UnknownRecipient):
        close_address(claim.way.address_id)
    elif verdict.correct_stock:
        channel.correct(claim.way)
    elif verdict.outcome is not AttemptOutcome.UNKNOWN:
        channel.give_back(claim.way, now())


def _next_step(claim: Claim, verdict: Verdict, error: WeChatError | None) -> None:
    message_id = claim.letter.message_id
    if verdict.outcome is AttemptOutcome.REFUSED:
        another_way(message_id, verdict.failure)
    elif verdict.outcome is AttemptOutcome.UNKNOWN and CHANNELS[claim.way.channel].REPEATABLE_FOR is None:
        move(message_id, OutboxState.UNCERTAIN, failure="uncertain")
    elif isinstance(error, QuotaExceeded):
        # Not a try of this message: nobody could have sent it. Where the whole day's quota is gone, another way is
        # looked for at once; delivery has paused this one, and waits for midnight where there is no other.
        at = now() if error.lasts_until_midnight else error.retry_at
        _later(message_id, verdict, at, attempts=OutboxMessage.attempts - 1)
    elif claim.attempt_number >= MAX_ATTEMPTS and verdict.outcome is AttemptOutcome.NOT_NOW:
        message = session().get_one(OutboxMessage, message_id)
        desk.hand_over(message, claim.notice, verdict.failure, now())
    else:
        _later(message_id, verdict, now() + pause_after(claim.attempt_number))


def _later(message_id: uuid.UUID, verdict: Verdict, at: datetime, **changes: Any) -> None:
    move(message_id, OutboxState.QUEUED, next_at=at, failure=verdict.failure, **changes)
