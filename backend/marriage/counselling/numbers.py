"""Fresh public numbers, drawn from the database's sequence; a gap in them means nothing."""

from __future__ import annotations

import sqlalchemy as sa

from backend.marriage.counselling.rules import public_number
from backend.storage import session

_NEXT = sa.text("SELECT nextval('counselling_session_numbers')")


def session_number() -> str:
    """A number no session has had; in the open transaction."""
    return public_number(session().execute(_NEXT).scalar_one())
