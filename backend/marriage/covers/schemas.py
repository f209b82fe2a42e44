"""What the API takes and gives of cover pictures."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from backend.marriage.covers import texts
from backend.marriage.covers.models import Cover
from backend.marriage.covers.rules import CoverState


class CoverSchema(ma.Schema):
    """One's own picture: guests see it when `state` is `shown`; `told` says how it stands."""

    state = fields.Enum(CoverState, by_value=True, required=True)
    told = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


class CoverFileSchema(ma.Schema):
    """A JPEG or PNG picture of 3 MiB at most."""

    picture = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


def cover_view(cover: Cover) -> dict[str, Any]:
    """As `CoverSchema` gives it."""
    return {"state": cover.state, "told": texts.SAID[cover.state], "created_at": cover.created_at}
