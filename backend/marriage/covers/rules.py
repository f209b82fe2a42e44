"""Cover pictures, pure: states and limits. Only what was looked at is shown, and what WeChat calls risky never."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from backend.marriage.blessings.rules import Finding

SUBJECT = "ceremony_cover"  # of its file, of WeChat's verdict
PURPOSE = "ceremony.cover"
MOST_BYTES = 3 << 20  # a telephone's compressed picture has less than one
ANSWER_WITHIN = timedelta(minutes=30)  # WeChat's own promise (wechat-protocol §6.6)
FETCHABLE_FOR = timedelta(minutes=10)  # by the address that WeChat is given


class CoverState(StrEnum):
    """Where a picture stands."""

    CHECKING = "checking"  # WeChat is to be asked, or has not answered yet
    REVIEW = "review"  # a person looks
    SHOWN = "shown"
    HIDDEN = "hidden"  # refused by WeChat or by staff


AFTER_CHECK: Mapping[Finding, CoverState] = {
    Finding.PASS: CoverState.SHOWN,
    Finding.REVIEW: CoverState.REVIEW,
    Finding.RISKY: CoverState.HIDDEN,
    Finding.UNASKED: CoverState.REVIEW,
}
