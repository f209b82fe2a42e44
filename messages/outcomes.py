"""What follows from an attempt: one table from WeChat's errors to outcomes, and what a history of attempts says."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from backend.wechat.errors import (
    BadContent,
    Banned,
    Busy,
    ConcurrentSend,
    Misconfigured,
    NoCredit,
    OutcomeUnknown,
    QuotaExceeded,
    RecipientRefuses,
    TokenRejected,
    UnknownRecipient,
    Unreachable,
    WeChatError,
    WindowClosed,
)
from messages.models import AttemptOutcome, Channel, DeliveryAttempt

# Pauses before the next try, by the number of tries made; the last one repeats.
PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
)
MAX_ATTEMPTS = 10
QUOTA_EXCEEDED = "quota_exceeded"


@dataclass(frozen=True)
class Verdict:
    """What a failed call means. `failure` is a stable code.

    `correct_stock`: WeChat counts less than we do. Otherwise what was taken is given back, unless the call may have
    been carried out (`AttemptOutcome.UNKNOWN`).
    """

    failure: str
    outcome: AttemptOutcome
    correct_stock: bool = False


# The first class that fits counts, so a subclass stands before its parent.
VERDICTS: tuple[tuple[type[WeChatError], Verdict], ...] = (
    (OutcomeUnknown, Verdict("outcome_unknown", AttemptOutcome.UNKNOWN)),
    (Unreachable, Verdict("unreachable", AttemptOutcome.NOT_NOW)),
    (Busy, Verdict("busy", AttemptOutcome.NOT_NOW)),
    (TokenRejected, Verdict("token_rejected", AttemptOutcome.NOT_NOW)),
    (ConcurrentSend, Verdict("concurrent_send", AttemptOutcome.NOT_NOW)),
    (QuotaExceeded, Verdict(QUOTA_EXCEEDED, AttemptOutcome.NOT_NOW)),
    (NoCredit, Verdict("no_credit", AttemptOutcome.REFUSED, correct_stock=True)),
    (WindowClosed, Verdict("window_closed", AttemptOutcome.REFUSED, correct_stock=True)),
    (UnknownRecipient, Verdict("unknown_recipient", AttemptOutcome.REFUSED, correct_stock=True)),
    (RecipientRefuses, Verdict("recipient_refuses", AttemptOutcome.REFUSED, correct_stock=True)),
    (BadContent, Verdict("bad_content", AttemptOutcome.REFUSED)),
    (Misconfigured, Verdict("misconfigured", AttemptOutcome.REFUSED)),
    (Banned, Verdict("banned", AttemptOutcome.REFUSED)),
    # Unknown codes too: a failure, and not one to repeat blindly (§0).
    (WeChatError, Verdict("unknown_error", AttemptOutcome.REFUSED)),
)

FAULT = Verdict("fault", AttemptOutcome.UNKNOWN)
NOT_DELIVERED = "not_delivered"
NO_CHANNEL = "no_channel"

# Refusals that lie in the person's settings, not in the message: together they mean that there is no channel.
_PERSONAL = frozenset({"no_credit", "window_closed", "unknown_recipient", "recipient_refuses", NOT_DELIVERED})


def verdict_for(error: WeChatError) -> Verdict:
    """What a failed call means."""
    return next(verdict for kind, verdict in VERDICTS if isinstance(error, kind))


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th try (1 is the first)."""
    return PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]


def refused_ways(history: Sequence[DeliveryAttempt]) -> set[tuple[Channel, uuid.UUID | None]]:
    """Channel and address of every attempt that was refused for good."""
    return {(attempt.channel, attempt.address_id) for attempt in history if attempt.outcome is AttemptOutcome.REFUSED}


def failure_at_the_end(history: Sequence[DeliveryAttempt]) -> str:
    """Why a message has no way left: the last refusal that was ours to mend, else that there is no channel."""
    ours = [a.failure for a in history if a.outcome is AttemptOutcome.REFUSED and a.failure not in _PERSONAL]
    return ours[-1] or NO_CHANNEL if ours else NO_CHANNEL


def open_doubt(history: Sequence[DeliveryAttempt]) -> DeliveryAttempt | None:
    """The first attempt that may have been carried out and that no later answer has cleared up; oldest first.

    The first counts, not the last: WeChat's promise about repeats runs from the call it may have carried out. A
    repeat that was definitely refused clears the doubt, because a carried-out call is not refused when repeated.
    """
    doubt: DeliveryAttempt | None = None
    for attempt in history:
        if attempt.outcome in (AttemptOutcome.UNKNOWN, AttemptOutcome.LOST):
            doubt = doubt or attempt
        elif attempt.outcome is AttemptOutcome.REFUSED:
            doubt = None
    return doubt
