"""Announce the rushes of peak days that are released soon, and keep everybody else off these days meanwhile."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.cached import Cached
from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.days import office_plan
from backend.marriage.kinds import Kind
from backend.marriage.offices import OfficeView, offices
from backend.marriage.rush.models import Rush
from backend.marriage.rush.parameters import rush_mode, rush_time
from backend.marriage.rush.rules import RushMode, commitment_to
from backend.marriage.rush.texts import RUSH_CHANCES, RUSH_MODES, RUSH_ON
from backend.storage import after_commit, key_ring, transaction
from backend.storage.sealing import sealed_context

_ANNOUNCED = timedelta(days=7)


def plan_rushes() -> int:
    """Announce what will be released within seven days, as it is set now; safe to run at any time. Returns how many."""
    return sum(_plan(place) for place in offices())


def _plan(place: OfficeView) -> int:
    moment, announced = now(), 0
    for day, peak in office_plan(place, moment).peaks.items():
        mode = rush_mode(place.code, moment)
        if mode is None or peak.release_at is None or Kind.MARRIAGE_REGISTRATION not in peak.kinds:
            continue
        if moment < peak.release_at <= moment + _ANNOUNCED:
            announced += announce(place, day, mode, peak.release_at, peak.release_at + rush_time(place.code, moment))
    return announced


def announce(place: OfficeView, day: date, mode: RushMode, opens_at: datetime, closes_at: datetime) -> int:
    """Write a rush and commit to its secret; nothing happens where one is announced already."""
    row_id, secret = new_id(), secrets.token_hex(32)
    values = {
        "id": row_id,
        "office_id": place.id,
        "day": day,
        "mode": mode,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "last_number": 0,
        "commitment": commitment_to(secret),
        "secret_sealed": key_ring().seal(secret, sealed_context("marriage_rushes", "secret_sealed", row_id)),
    }
    with transaction() as session:
        fresh = insert(Rush).values(values).on_conflict_do_nothing(constraint="uq_marriage_rushes_office_id_day")
        after_commit(forget_rushes)
        return len(session.scalars(fresh.returning(Rush.id)).all())


@dataclass(frozen=True)
class _Running:
    mode: RushMode
    closes_at: datetime


def _load() -> Mapping[tuple[uuid.UUID, date], _Running]:
    query = sa.select(Rush.office_id, Rush.day, Rush.mode, Rush.closes_at).where(Rush.settled_at.is_(None))
    with transaction() as session:
        return {(row.office_id, row.day): _Running(row.mode, row.closes_at) for row in session.execute(query)}


_running = Cached(_load, seconds=2)


def forget_rushes() -> None:
    """Read anew which rushes run."""
    _running.forget()


def in_rush(office_id: uuid.UUID, day: date) -> bool:
    """Whether the places of a day are given by a rush that is not over."""
    return (office_id, day) in _running.get()


def require_no_rush(office_id: uuid.UUID, day: date) -> None:
    """Raises `AppError` rush_open, which says how to ask, while the day's places are given by a rush."""
    rush = _running.get().get((office_id, day))
    if rush is not None:
        until = f"{spoken_day(rush.closes_at.date())}{rush.closes_at:%H:%M}"
        told = RUSH_ON.format(
            day=spoken_day(day), mode=RUSH_MODES[rush.mode], until=until, chance=RUSH_CHANCES[rush.mode]
        )
        raise AppError("rush_open", told, 409, extra={"day": day.isoformat()})
