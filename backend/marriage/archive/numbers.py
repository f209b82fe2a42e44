"""Fresh numbers of requests, drawn from the database's sequence; a gap in them means nothing."""

from __future__ import annotations

import sqlalchemy as sa

from backend.marriage.archive.rules import request_number
from backend.storage import session

_DRAW = sa.text("SELECT nextval('archive_request_numbers')")


def next_number() -> str:
    """A number no request has had; in the open transaction."""
    return request_number(session().execute(_DRAW).scalar_one())
