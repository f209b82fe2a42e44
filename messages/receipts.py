"""What WeChat's pushes tell, some time after a call, about what became of it (wechat-protocol §1.4).

A push names the call by an id. Where we do not have the id, because subscription messages return none or because the
answer was lost, the newest call to that person without an id is meant: pushes follow within seconds, and calls to
one person do not overlap.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.storage import session
from backend.wechat.errors import ERROR_CLASSES, NoCredit
from messages.credits import return_credit
from messages.models import Address, AttemptOutcome, Channel, DeliveryAttempt, OutboxMessage, OutboxState
from messages.outbox import another_way, move
from messages.outcomes import NOT_DELIVERED

PUSH_WITHIN = timedelta(hours=1)

_ANSWERED = (AttemptOutcome.DELIVERED, AttemptOutcome.REFUSED)


def note_template_finished(app_id: str, openid: str, msg_id: str, status: str) -> None:
    """TEMPLATESENDJOBFINISH: `status` is `success`, or says why the message did not arrive. Repeats do nothing."""
    attempt = _attempt(app_id, openid, Channel.TEMPLATE, None, msg_id)
    if attempt is not None:
        _note(attempt, msg_id, delivered=status == "success")


def note_subscription_sent(app_id: str, openid: str, template_id: str, msg_id: str, error_code: int) -> None:
    """subscribe_msg_sent_event: `error_code` 0 is delivered. Repeats do nothing.

    The agreement was taken when the message was claimed; one that was not delivered did not use it up (§5.2).
    """
    attempt = _attempt(app_id, openid, Channel.SUBSCRIBE, template_id, msg_id)
    if attempt is None:
        return
    noted = _note(attempt, msg_id, delivered=error_code == 0)
    if noted and error_code and ERROR_CLASSES.get(error_code) is not NoCredit and attempt.address_id is not None:
        return_credit(attempt.address_id, template_id)


def _attempt(
    app_id: str, openid: str, channel: Channel, template_id: str | None, msg_id: str
) -> DeliveryAttempt | None:
    """The call a push is about, its message locked; None if it is not ours, or too old."""
    db = session()
    candidates = (
        sa.select(DeliveryAttempt)
        .join(Address, Address.id == DeliveryAttempt.address_id)
        .where(
            Address.app_id == app_id,
            Address.openid == openid,
            DeliveryAttempt.channel == channel,
            sa.or_(
                DeliveryAttempt.remote_id == msg_id,
                sa.and_(
                    DeliveryAttempt.remote_id.is_(None),
                    DeliveryAttempt.started_at > now() - PUSH_WITHIN,
                    # A definite refusal gets no push.
                    sa.or_(
                        DeliveryAttempt.outcome.is_(None),
                        DeliveryAttempt.outcome.in_((AttemptOutcome.SENT, AttemptOutcome.UNKNOWN, AttemptOutcome.LOST)),
                    ),
                ),
            ),
        )
        .order_by(DeliveryAttempt.remote_id.is_(None), DeliveryAttempt.started_at.desc(), DeliveryAttempt.id.desc())
        .limit(1)
    )
    if template_id is not None:
        candidates = candidates.where(DeliveryAttempt.template_id == template_id)
    found = db.scalars(candidates).first()
    if found is None:
        return None
    db.execute(sa.select(OutboxMessage.id).where(OutboxMessage.id == found.message_id).with_for_update())
    db.refresh(found)
    return found


def _note(attempt: DeliveryAttempt, msg_id: str, *, delivered: bool) -> bool:
    """Write down what became of a call and bring its message along; False if that was known already."""
    if attempt.outcome in _ANSWERED:
        return False
    attempt.remote_id = msg_id
    attempt.outcome = AttemptOutcome.DELIVERED if delivered else AttemptOutcome.REFUSED
    attempt.failure = None if delivered else NOT_DELIVERED
    if attempt.ended_at is None:
        return True  # the sender is still at work, or dead; its record, or the end of its claim, reads the outcome
    message = session().get_one(OutboxMessage, attempt.message_id, populate_existing=True)
    if delivered and message.state in (OutboxState.QUEUED, OutboxState.UNCERTAIN):
        move(message.id, OutboxState.SENT, failure=None)
    elif (
        not delivered and message.state in (OutboxState.SENT, OutboxState.UNCERTAIN) and _was_the_last(attempt, message)
    ):
        another_way(message.id, NOT_DELIVERED)
    return True


def _was_the_last(attempt: DeliveryAttempt, message: OutboxMessage) -> bool:
    """Whether the state of the message rests on this call: no later one, and no member of staff, has told it."""
    if message.channel is Channel.DESK or message.round != attempt.round:
        return False
    later = sa.select(DeliveryAttempt.id).where(
        DeliveryAttempt.message_id == message.id,
        DeliveryAttempt.id != attempt.id,
        DeliveryAttempt.started_at >= attempt.started_at,
        DeliveryAttempt.outcome.in_((AttemptOutcome.SENT, AttemptOutcome.DELIVERED)),
    )
    return session().scalar(later.limit(1)) is None
