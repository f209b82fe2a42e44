"""Fresh public numbers, drawn from the database's sequences; a gap in them means nothing."""

from __future__ import annotations

import sqlalchemy as sa

from backend.marriage.ceremonies.rules import public_number
from backend.storage import session

_CEREMONY = sa.text("SELECT nextval('marriage_ceremony_numbers')")
_ENTRY = sa.text("SELECT nextval('marriage_group_entry_numbers')")


def ceremony_number() -> str:
    """A number no ceremony has had; in the open transaction."""
    return public_number("BZ", session().execute(_CEREMONY).scalar_one())


def entry_number() -> str:
    """A number no entry has had; in the open transaction."""
    return public_number("JT", session().execute(_ENTRY).scalar_one())
