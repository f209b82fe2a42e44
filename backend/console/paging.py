"""Cursors of the console's lists: the sort key of the last row shown, so that new rows never shift a page."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from backend.console.texts import BAD_CURSOR
from backend.kernel.errors import AppError

Row = TypeVar("Row")


@dataclass(frozen=True)
class Cursor:
    """Time and id of the last row of a page; lists are sorted by both."""

    at: datetime
    id: uuid.UUID

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.at.isoformat()} {self.id}".encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows; `next` is the cursor of the following page, None on the last."""

    rows: Sequence[Row]
    next: Cursor | None


def read_cursor(text: str | None) -> Cursor | None:
    """The cursor in a query string; raises `AppError` invalid for anything that is not one of ours."""
    if not text:
        return None
    try:
        moment, _, row_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(" ")
        cursor = Cursor(datetime.fromisoformat(moment), uuid.UUID(row_id))
    except (binascii.Error, ValueError):
        raise AppError("invalid", BAD_CURSOR, 422) from None
    if cursor.at.tzinfo is None:
        raise AppError("invalid", BAD_CURSOR, 422)
    return cursor
