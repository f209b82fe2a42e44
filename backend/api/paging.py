"""Cursors: opaque, and refused in plain words when they are not ours."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from backend.api import texts
from backend.kernel.errors import AppError

MAX_LIMIT = 100


class PageQuery(ma.Schema):
    """`?cursor=&limit=` of every list."""

    cursor = fields.String(load_default=None, validate=validate.Length(max=400))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, MAX_LIMIT))


def encode_cursor(*values: str) -> str:
    """Where a page ended, as one opaque string."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[Any]:
    """The strings a cursor of ours holds; raises `AppError` for anything else."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise bad_cursor() from None
    if not isinstance(values, list) or len(values) != length or not all(isinstance(value, str) for value in values):
        raise bad_cursor()
    return values


def bad_cursor() -> AppError:
    """The refusal of a cursor that is not ours."""
    return AppError("invalid", texts.BAD_CURSOR, 422, errors={"cursor": [texts.BAD_CURSOR]})
