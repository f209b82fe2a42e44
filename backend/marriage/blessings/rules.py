"""Blessings, pure: how long they are, and what may follow what. Only what was looked at is ever shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

MOST_NAME, MOST_TEXT = 10, 60  # characters
MOST_ON_A_PAGE = 100
MOST_ATTEMPTS = 6
CLAIM = timedelta(minutes=2)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))

# Telephone and identity numbers do not belong on a page that is handed around.
_NUMBERS = re.compile(r"(?:[0-9０-９][ -]?){8,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


class BlessingState(StrEnum):
    """Where a guest's words stand."""

    CHECKING = "checking"  # WeChat is being asked
    REVIEW = "review"  # a person looks
    SHOWN = "shown"
    HIDDEN = "hidden"  # refused by WeChat, by staff or by the couple


class Finding(StrEnum):
    """What WeChat said; `UNASKED`: it could not be asked about this person or text."""

    PASS = "pass"  # noqa: S105 - WeChat's word
    REVIEW = "review"
    RISKY = "risky"
    UNASKED = "unasked"


AFTER_CHECK: Mapping[Finding, BlessingState] = {
    Finding.PASS: BlessingState.SHOWN,
    Finding.REVIEW: BlessingState.REVIEW,
    Finding.RISKY: BlessingState.HIDDEN,
    Finding.UNASKED: BlessingState.REVIEW,
}


def tidy(text: str) -> str:
    """One line without control characters and white space around it."""
    return _CONTROL.sub(" ", text).strip()


def holds_numbers(text: str) -> bool:
    """Whether something like a telephone or identity number is in it."""
    return _NUMBERS.search(text) is not None


def is_closed(state: BlessingState, finding: Finding | None) -> bool:
    """Whether somebody, not WeChat, took the words away: then the guest cannot put others in their place."""
    return state is BlessingState.HIDDEN and finding is not Finding.RISKY
