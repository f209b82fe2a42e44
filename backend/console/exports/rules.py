"""Moves of an export, when it needs a second person, and cells that no spreadsheet takes for a formula; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

KEPT_FOR = timedelta(hours=24)
# A worker that has not told of progress for so long is taken to be dead.
CLAIM = timedelta(minutes=2)
MOST_ATTEMPTS = 3
BATCH = 500
MOST_ROWS = 20_000
# Nobody needs more at once, and nobody fills the disk by mistake.
MOST_UNFINISHED = 5
MOST_REASON = 150


class Format(StrEnum):
    """Kinds of file."""

    XLSX = "xlsx"
    CSV = "csv"


class ReasonKind(StrEnum):
    """What a list is taken away for; chosen, and then told in words."""

    STATISTICS = "statistics"
    CHECKING = "checking"
    INSPECTION = "inspection"
    ARCHIVE = "archive"
    ARRANGING = "arranging"
    OTHER = "other"


class ExportState(StrEnum):
    """Where an export stands. WAITING is for the second person."""

    WAITING = "waiting"
    QUEUED = "queued"
    BUILDING = "building"
    READY = "ready"
    DOWNLOADED = "downloaded"
    EXPIRED = "expired"
    FAILED = "failed"


MOVES: Mapping[ExportState, frozenset[ExportState]] = {
    ExportState.WAITING: frozenset({ExportState.QUEUED}),
    ExportState.QUEUED: frozenset({ExportState.BUILDING}),
    ExportState.BUILDING: frozenset({ExportState.READY, ExportState.QUEUED, ExportState.FAILED, ExportState.BUILDING}),
    ExportState.READY: frozenset({ExportState.DOWNLOADED, ExportState.EXPIRED}),
    ExportState.DOWNLOADED: frozenset(),
    ExportState.EXPIRED: frozenset(),
    ExportState.FAILED: frozenset(),
}
UNFINISHED = (ExportState.WAITING, ExportState.QUEUED, ExportState.BUILDING)


class Failure(StrEnum):
    """Why a file was not made; said in words by `texts.FAILURES`."""

    NOT_PERMITTED = "not_permitted"
    GROWN = "grown"
    GAVE_UP = "gave_up"


def needs_second_person(rows: int, alone_rows: int, *, personal: bool) -> bool:
    """Whether another has to agree: personal columns, or more rows than one may take alone (domain-rules §6.3)."""
    return personal or rows > alone_rows


# What a spreadsheet takes for the beginning of a formula, full-width forms among them (OWASP "CSV injection").
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def safe_cell(text: str) -> str:
    """The text such that opening the CSV runs nothing: an apostrophe before what would be a formula."""
    return f"'{text}" if text.lstrip(" \u3000\ufeff").startswith(_FORMULA) or text.startswith(_FORMULA) else text
