"""Decisions about persons and how sure we are of them, pure (domain-rules §6.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, StrEnum


class Level(IntEnum):
    """How sure we are who somebody is (domain-rules §6.2)."""

    BROWSE = 0
    PHONE = 1
    VERIFIED = 2  # name and number
    FRESH = 3  # verified, and checked again a short while ago


class ProofMethod(StrEnum):
    """By whom name and number were verified."""

    SERVICE = "service"
    STAFF = "staff"


class PersonEventName(StrEnum):
    """What is written down about a person's row."""

    CREATED = "created"
    PHONE_GIVEN = "phone_given"
    VERIFIED = "verified"
    RENAMED = "renamed"  # the name proven is another than the one known
    JOINED = "joined"
    BOUND = "bound"
    CODE_GIVEN = "code_given"
    PLACED = "placed"  # in a community


class JoinReason(StrEnum):
    """Why two rows were taken for one person."""

    NUMBER = "number"
    CODE = "code"
    UNIONID = "unionid"


class TryKind(StrEnum):
    """What is counted so that nobody guesses."""

    VERIFICATION = "verification"
    CODE = "code"


class LoginKind(StrEnum):
    """Where a login is used; a token of one kind opens nothing of the other."""

    MINIPROGRAM = "miniprogram"  # sent as a header
    WEB = "web"  # a cookie of the browser inside WeChat


class CodeOutcome(StrEnum):
    """What WeChat said to a login code."""

    TAKEN = "taken"
    REFUSED = "refused"


class CodePurpose(StrEnum):
    """Who shows a binding code: the resident's phone, or staff."""

    ASKED = "asked"
    GIVEN = "given"


class NextStep(StrEnum):
    """What a resident does to reach a level that is asked for."""

    PHONE = "phone"
    VERIFICATION = "verification"
    COUNTER = "counter"


# A code that is read aloud at the counter, and one that is carried home.
ASKED_DIGITS, ASKED_FOR = 6, timedelta(minutes=10)
GIVEN_DIGITS, GIVEN_FOR = 8, timedelta(days=7)
# One that the mini-program shows and the account's chat takes.
LINK_DIGITS, LINK_FOR = 8, timedelta(minutes=10)

# Wrong codes: so many in so long a time, then a pause until the oldest is that long ago.
CODE_TRIES, CODE_TRIES_WITHIN = 5, timedelta(minutes=10)

# Wrong pairs of name and number in a civil day: by one person, and about one number whoever asks.
VERIFICATION_TRIES = 5
VERIFICATION_TRIES_OF_A_NUMBER = 10


def level_at(level: int, fresh_until: datetime | None, moment: datetime) -> Level:
    """The level at a moment: a verified person is FRESH until the last check has aged."""
    if level >= Level.VERIFIED and fresh_until is not None and moment < fresh_until:
        return Level.FRESH
    return Level(level)


def next_step(level: Level, needed: Level, *, online: bool) -> NextStep:
    """What to do first to come from one level to another; `online`: a verification service is there."""
    if level < needed <= Level.PHONE:
        return NextStep.PHONE
    return NextStep.VERIFICATION if online else NextStep.COUNTER
