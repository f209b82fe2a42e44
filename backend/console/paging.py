"""Cursors of the console's lists (`kernel.paging`), refused in plain words when they are not ours."""

from __future__ import annotations

from backend.console.texts import BAD_CURSOR
from backend.kernel.errors import AppError
from backend.kernel.paging import Cursor, Page

__all__ = ["Cursor", "Page", "read_cursor"]


def read_cursor(text: str | None) -> Cursor | None:
    """The cursor in a query string; raises `AppError` invalid for anything that is not one of ours."""
    if not text:
        return None
    try:
        return Cursor.read(text)
    except ValueError:
        raise AppError("invalid", BAD_CURSOR, 422) from None
