"""Use case `write_blessing`: a guest with the couple's link writes, once; whoever writes again replaces their words."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.blessings import texts
from backend.marriage.blessings.models import Blessing
from backend.marriage.blessings.rules import (
    MOST_NAME,
    MOST_ON_A_PAGE,
    MOST_TEXT,
    BlessingState,
    holds_numbers,
    is_closed,
    tidy,
)
from backend.marriage.ceremonies.cloud import locked_cloud, shown_by
from backend.storage import atomic, session


def write_blessing(token: str, person_id: uuid.UUID, name: str, words: str) -> Blessing:
    """Keep a guest's words until they have been looked at; the same words again change nothing.

    Raises `AppError`: not_found (no such page, or no longer), invalid (length, numbers), state_conflict (page full,
    or the guest's words were hidden by somebody).
    """
    clean_name, clean_words = _checked(name, words)
    with atomic() as db:
        found = shown_by(token)
        if found is None:
            raise AppError("not_found", texts.PAGE_UNKNOWN, 404)
        # Locked: the hundredth and the hundred and first guest may write at once, and the couple may take it back.
        if locked_cloud(found.id).token != token:
            raise AppError("not_found", texts.PAGE_UNKNOWN, 404)
        mine = db.scalars(
            sa.select(Blessing).where(Blessing.cloud_id == found.id, Blessing.person_id == person_id).with_for_update()
        ).one_or_none()
        if mine is not None and (mine.name, mine.words) == (clean_name, clean_words):
            return mine
        if mine is not None and is_closed(mine.state, mine.finding):
            raise AppError("state_conflict", texts.HIDDEN_BY_SOMEBODY, 409)
        if mine is None:
            _require_room(found.id)
            mine = Blessing(id=new_id(), cloud_id=found.id, person_id=person_id, round=0, created_at=now())
            db.add(mine)
        mine.name, mine.words = clean_name, clean_words
        mine.state, mine.next_at, mine.changed_at = BlessingState.CHECKING, now(), now()
        mine.finding = mine.label = mine.decided_by = None
        mine.round, mine.attempts = mine.round + 1, 0
        db.flush()
        return mine


def _require_room(cloud_id: uuid.UUID) -> None:
    written = sa.select(sa.func.count()).select_from(Blessing).where(Blessing.cloud_id == cloud_id)
    if (session().scalar(written) or 0) >= MOST_ON_A_PAGE:
        raise AppError("state_conflict", texts.FULL, 409)


def _checked(name: str, words: str) -> tuple[str, str]:
    clean = {"name": tidy(name), "words": tidy(words)}
    told = {}
    for field, most, form in (("name", MOST_NAME, texts.NAME_FORM), ("words", MOST_TEXT, texts.WORDS_FORM)):
        if not 0 < len(clean[field]) <= most:
            told[field] = [form]
        elif holds_numbers(clean[field]):
            told[field] = [texts.NUMBERS]
    if told:
        raise AppError("invalid", next(iter(told.values()))[0], 422, errors=told)
    return clean["name"], clean["words"]
