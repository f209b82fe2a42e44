"""Pages of long lists: a cursor is the sort key of the last row shown, so that new rows never shift a page."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class Cursor:
    """Time (aware) and id of the last row of a page; lists are sorted by both. As text it is opaque."""

    at: datetime
    id: uuid.UUID

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.at.isoformat()} {self.id}".encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor that was written as `text`; raises `ValueError` for anything that is not one of ours."""
        try:
            moment, _, row_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(" ")
        except binascii.Error as error:
            raise ValueError("not a cursor") from error
        cursor = cls(datetime.fromisoformat(moment), uuid.UUID(row_id))
        if cursor.at.tzinfo is None:
            raise ValueError("a cursor without an offset")
        return cursor


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows; `next` is the cursor of the following page, None on the last."""

    rows: Sequence[Row]
    next: Cursor | None


def page_of(found: Sequence[Row], limit: int, key: Callable[[Row], tuple[datetime, uuid.UUID]]) -> Page[Row]:
    """The page of `limit` rows out of `limit + 1` that were looked for; `key` gives a row's place in the order."""
    shown = found[:limit]
    return Page(shown, Cursor(*key(shown[-1])) if len(found) > limit else None)
