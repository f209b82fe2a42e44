"""Cursors: opaque, and refused in plain words when they are not ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from backend.api import texts
from backend.kernel.errors import AppError
from backend.kernel.paging import Cursor, Page, Row

MAX_LIMIT = 100


class PageQuery(ma.Schema):
    """`?cursor=&limit=` of every list."""

    cursor = fields.String(load_default=None, validate=validate.Length(max=400))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, MAX_LIMIT))


def read_cursor(text: str | None) -> Cursor | None:
    """The cursor in a query; raises `AppError` invalid for anything that is not one of ours."""
    if text is None:
        return None
    try:
        return Cursor.read(text)
    except ValueError:
        raise AppError("invalid", texts.BAD_CURSOR, 422, errors={"cursor": [texts.BAD_CURSOR]}) from None


def page_body(page: Page[Row], items: Sequence[Any] | None = None) -> dict[str, Any]:
    """A page as every list answers it; `items` where the rows are not what is shown."""
    return {"items": page.rows if items is None else items, "next_cursor": str(page.next) if page.next else None}
