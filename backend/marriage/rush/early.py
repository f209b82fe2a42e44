"""Who tries before a rush opens is told the moment, and pressing on and on only takes longer.

No puzzles, and nothing to be gained by a program: a try before the opening counts for nothing, and from the fourth one
on each keeps whoever sends it off for twice as long, at most a minute, also beyond the opening (`rules.back_off`).
Trying again while kept off counts too. Whoever waits as they are told is let in at once.
"""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.rush.models import EarlyTry
from backend.marriage.rush.rules import back_off
from backend.marriage.rush.texts import PRESSED_TOO_OFTEN
from backend.storage import look, session, transaction

_TRIES = sa.text(
    """
    SELECT rush.opens_at, tried.not_before
    FROM marriage_rushes AS rush
        LEFT JOIN marriage_rush_early_tries AS tried ON tried.rush_id = rush.id AND tried.person_id = :person_id
    WHERE rush.id = :rush_id AND rush.settled_at IS NULL
    """
)


def note_try(rush_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Count a try of somebody before the opening; afterwards only look whether they are still kept off.

    Call it before the command, whose transaction would undo it: this one commits by itself, or with the turn of a
    conversation. Raises `AppError` rate_limited with the seconds to wait, while they are kept off.
    """
    found, moment = look(_TRIES, {"rush_id": rush_id, "person_id": person_id}), now()
    if found is None:
        return
    kept_off_until = found.not_before
    still = kept_off_until is not None and kept_off_until > moment
    if still or moment < found.opens_at:
        with transaction():
            kept_off_until = _count(rush_id, person_id, moment)
    if kept_off_until is not None and kept_off_until > moment:
        seconds = int((kept_off_until - moment).total_seconds()) or 1
        told = PRESSED_TOO_OFTEN.format(seconds=seconds)
        raise AppError("rate_limited", told, 429, extra={"retry_after": seconds})


def _count(rush_id: uuid.UUID, person_id: uuid.UUID, moment: datetime) -> datetime:
    first = insert(EarlyTry).values(rush_id=rush_id, person_id=person_id, tries=1, not_before=moment)
    counted = first.on_conflict_do_update(
        constraint="pk_marriage_rush_early_tries", set_={"tries": EarlyTry.tries + 1}
    ).returning(EarlyTry.tries)
    until = moment + back_off(session().execute(counted).scalar_one())
    session().execute(
        sa.update(EarlyTry)
        .where(EarlyTry.rush_id == rush_id, EarlyTry.person_id == person_id)
        .values(not_before=until),
        execution_options={"synchronize_session": False},
    )
    return until
