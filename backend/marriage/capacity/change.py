"""Use case `change_days`: make a change of the calendar exactly as it was shown, or show it again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.apply_plan import apply_plan
from backend.marriage.capacity import texts
from backend.marriage.capacity.affected import hit_by
from backend.marriage.capacity.models import BulkMove
from backend.marriage.capacity.preview import preview
from backend.marriage.capacity.wishes import Action, Wish, halved, planned_with
from backend.marriage.days import PeakSetting, close_days, drop_peak_day, plan_as_written, reopen_days, set_peak_day
from backend.marriage.models import Office, Slot
from backend.marriage.offices import OfficeView
from backend.marriage.opening import OfficePlan, Peak
from backend.marriage.places import lock_slots
from backend.storage import session, transaction


@dataclass(frozen=True)
class Changed:
    """What came of it. `move_id`: the bulk move that waits to be started, where appointments have lost their time."""

    move_id: uuid.UUID | None
    hits: int


def change_days(place: OfficeView, wish: Wish, base: str, account_id: uuid.UUID) -> Changed:
    """Change days and lay them out anew, in one transaction; nobody books on them meanwhile.

    Nobody is moved yet: whoever lost their time keeps it until the bulk move is started. Raises `AppError`:
    state_conflict when anything that the preview (`base`) was drawn from has moved since; invalid as the core's
    `close_days` and `set_peak_day` do.
    """
    with transaction():
        lock_office(place)
        lock_days(place, wish.days)
        if preview(place, wish).base != base:
            raise AppError("state_conflict", texts.BASE_MOVED, 409)
        _write(place, wish)
        session().flush()
        office = plan_as_written(place, now())
        apply_plan(place, wish.days, office)
        hits = hit_by(place, office, wish.days)
        _forget_idle(place, office)
        move_id = _note_move(place, wish, account_id) if hits else None
        return Changed(move_id, len(hits))


def lock_office(place: OfficeView) -> None:
    """Let only one change or start of a move of a registry happen at a time; bookings do not wait for it."""
    query = sa.select(Office.id).where(Office.id == place.id).with_for_update(key_share=True)
    session().execute(query)


def lock_days(place: OfficeView, days: Sequence[date]) -> None:
    """Lock the slots of some days: whoever books there waits, and then sees what was changed."""
    lock_slots(*session().scalars(sa.select(Slot.id).where(Slot.office_id == place.id, Slot.day.in_(days))))


def _write(place: OfficeView, wish: Wish) -> None:
    if wish.action is Action.CLOSE:
        close_days(place.id, wish.first, wish.last, wish.reason, wish.area)
    elif wish.action is Action.REOPEN and wish.closure_id is not None:
        reopen_days(wish.closure_id)
    elif wish.action is Action.PEAK and wish.peak is not None:
        set_peak_day(place.id, _setting(wish.first, wish.peak))
    elif wish.action is Action.ORDINARY:
        drop_peak_day(place.id, wish.first)
    elif wish.action is Action.HALF:
        for day, peak in halved(plan_as_written(place, now()), wish, legal_calendar()).items():
            set_peak_day(place.id, _setting(day, peak))


def _setting(day: date, peak: Peak) -> PeakSetting:
    hours = [[_clock(opens), _clock(closes)] for opens, closes in peak.hours]
    return PeakSetting(
        day, hours, peak.extra_windows, peak.kinds, peak.online_share, peak.open_even_if_rest, peak.release_at
    )


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"


def _idle(place: OfficeView) -> Sequence[BulkMove]:
    query = sa.select(BulkMove).where(BulkMove.office_id == place.id, BulkMove.started_at.is_(None))
    return session().scalars(query.order_by(BulkMove.created_at)).all()


def _forget_idle(place: OfficeView, office: OfficePlan) -> None:
    """A move that was never started, and that nobody needs any more."""
    for move in _idle(place):
        if not hit_by(place, office, days_of(move)):
            session().delete(move)
    session().flush()


def days_of(move: BulkMove) -> list[date]:
    """The days a move is about."""
    return Wish(Action.CLOSE, move.first_day, move.last_day).days


def _note_move(place: OfficeView, wish: Wish, account_id: uuid.UUID) -> uuid.UUID:
    for known in _idle(place):
        if known.first_day <= wish.first and wish.last <= known.last_day:
            return known.id
    move = BulkMove(
        id=new_id(),
        office_id=place.id,
        first_day=wish.first,
        last_day=wish.last,
        reason=wish.reason.strip() or texts.REASON_HOURS,
        created_at=now(),
        created_by=account_id,
    )
    session().add(move)
    session().flush()
    return move.id


def opened_by(place: OfficeView, wish: Wish) -> OfficePlan:
    """The plan with a wish, as it would be at this moment."""
    return planned_with(plan_as_written(place, now()), wish, legal_calendar())
