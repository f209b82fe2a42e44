"""How sure we are who somebody is, and what a room may ask for (domain-rules §6.2)."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.people.rules import Level, NextStep, level_at, next_step
from backend.people.texts import LEVEL_NOT_FRESH, LEVEL_NOT_FRESH_COUNTER, LEVEL_TOO_LOW
from backend.people.verification_service import verification_service
from backend.storage import look

_LEVEL = sa.text("SELECT level, fresh_until FROM persons WHERE id = :id AND closed_at IS NULL")


def level_of(person_id: uuid.UUID) -> Level:
    """The level a person has now; BROWSE for one that is not there."""
    row = look(_LEVEL, {"id": person_id})
    return Level.BROWSE if row is None else level_at(row.level, row.fresh_until, now())


def require_level(person_id: uuid.UUID, needed: int) -> None:
    """Let a person go on who has at least the level `needed` (0 to 3).

    Raises `AppError` level_too_low with what to do next: `next_step` is phone, verification or counter.
    """
    level, wanted = level_of(person_id), Level(needed)
    if level >= wanted:
        return
    step = next_step(level, wanted, online=verification_service() is not None)
    raise AppError(
        "level_too_low",
        _sentence(level, wanted, step),
        403,
        extra={"level": int(level), "needed": int(wanted), "next_step": step.value},
    )


def _sentence(level: Level, wanted: Level, step: NextStep) -> str:
    if wanted is Level.FRESH and level is Level.VERIFIED:
        return LEVEL_NOT_FRESH if step is NextStep.VERIFICATION else LEVEL_NOT_FRESH_COUNTER
    return LEVEL_TOO_LOW[step]
