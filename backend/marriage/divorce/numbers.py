"""Fresh numbers of applications, drawn from the database's sequence; a gap in them means nothing."""

from __future__ import annotations

import sqlalchemy as sa

from backend.marriage.divorce.rules import case_number
from backend.storage import session

_DRAW = sa.text("SELECT nextval('divorce_case_numbers')")


def next_number() -> str:
    """A number no application has had; in the open transaction."""
    return case_number(session().execute(_DRAW).scalar_one())
