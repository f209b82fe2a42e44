"""Peak days as residents ask for them: when they are released, how their places are given, and being told in time.

Whoever wants it hears of the release a day and ten minutes before (domain-rules §7 "peak-day sale opens"). What the
registry changes afterwards is told by `follow_watches`.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.chinese_dates import spoken_day, template_moment
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.days import office_plan
from backend.marriage.kinds import Kind
from backend.marriage.offices import OfficeView, office, offices
from backend.marriage.opening import opens_at
from backend.marriage.rush.models import PeakWatch, Rush
from backend.marriage.rush.parameters import rush_mode
from backend.marriage.rush.queries import phase_of
from backend.marriage.rush.rules import Phase, RushMode
from backend.marriage.rush.texts import (
    CHANGED_HINT,
    DROPPED_HINT,
    OPENING_HINTS,
    PEAK_SOON,
    PEAK_UNKNOWN,
)
from backend.marriage.texts import MATTERS
from backend.storage import atomic, transaction
from messages import ReminderPlan, Subject, cancel_reminders, post, set_reminders

SUBJECT_KIND = "marriage_peak_watch"
_DAY_BEFORE, _SOON = timedelta(days=1), timedelta(minutes=10)
_KIND = Kind.MARRIAGE_REGISTRATION


@dataclass(frozen=True)
class PeakView:
    """A peak day that is not free for all: from `opens_at` on it is asked for until `closes_at`, or booked.

    `rush_id` once it is announced; `mode` None where it will simply be booked.
    """

    place: OfficeView
    day: date
    opens_at: datetime
    closes_at: datetime | None
    mode: RushMode | None
    phase: Phase
    rush_id: uuid.UUID | None
    reason: str | None = None


def peak_view(place: OfficeView, day: date) -> PeakView | None:
    """A peak day whose release lies ahead or is under way; None for days that can be booked, or are none."""
    moment = now()
    with transaction() as db:
        rush = db.scalars(sa.select(Rush).where(Rush.office_id == place.id, Rush.day == day)).one_or_none()
        if rush is not None and rush.called_off_at is None:
            view = PeakView(place, day, rush.opens_at, rush.closes_at, rush.mode, phase_of(rush), rush.id, rush.reason)
            return None if rush.settled_at is not None else view
    plan = office_plan(place, moment)
    peak = plan.peaks.get(day)
    if peak is None or peak.release_at is None or _KIND not in peak.kinds or opens_at(plan, day) <= moment:
        return None
    mode = None if rush is not None else rush_mode(place.code, moment)
    reason = rush.reason if rush is not None else None
    return PeakView(place, day, opens_at(plan, day), None, mode, Phase.AHEAD, None, reason)


def peaks_ahead() -> Sequence[PeakView]:
    """Peak days of all registries whose release lies ahead or is under way, soonest first."""
    found = []
    for place in offices():
        days = {day for day in office_plan(place, now()).peaks if day >= today()}
        with transaction() as db:
            running = sa.select(Rush.day).where(Rush.office_id == place.id, Rush.settled_at.is_(None))
            days.update(db.scalars(running))
        found += [view for day in sorted(days) if (view := peak_view(place, day)) is not None]
    return sorted(found, key=lambda view: (view.opens_at, view.place.id))


def known_peak(office_id: uuid.UUID, day: date) -> PeakView:
    """The peak day of a registry; raises `AppError` not_found for a day that can be booked, or is none."""
    place = office(office_id)
    view = peak_view(place, day) if place else None
    if view is None:
        raise AppError("not_found", PEAK_UNKNOWN, 404)
    return view


def watch_peak(office_id: uuid.UUID, day: date, person_id: uuid.UUID) -> PeakView:
    """Be told a day and ten minutes before a peak day is released; asking twice is the same as once.

    Raises `AppError`: not_found for a day without a release of its own, too_late in the last ten minutes.
    """
    view = known_peak(office_id, day)
    if view.phase is not Phase.AHEAD:
        raise AppError("not_found", PEAK_UNKNOWN, 404)
    if view.opens_at - _SOON <= now():
        raise AppError("too_late", PEAK_SOON.format(moment=f"{view.opens_at:%H:%M}"), 409)
    with atomic() as db:
        fresh = insert(PeakWatch).values(
            id=new_id(),
            office_id=office_id,
            day=day,
            person_id=person_id,
            opens_at=view.opens_at,
            mode=view.mode,
            created_at=now(),
        )
        db.execute(fresh.on_conflict_do_nothing(constraint="uq_marriage_peak_watches_office_id_day_person_id"))
        mine = sa.select(PeakWatch).where(_of(office_id, day), PeakWatch.person_id == person_id)
        watch = db.scalars(mine.with_for_update().execution_options(populate_existing=True)).one()
        watch.opens_at, watch.mode = view.opens_at, view.mode
        _remind(watch, view)
    return view


def unwatch_peak(office_id: uuid.UUID, day: date, person_id: uuid.UUID) -> None:
    """Not be told any more; nothing happens where nothing would be told."""
    with atomic() as db:
        mine = sa.select(PeakWatch).where(_of(office_id, day), PeakWatch.person_id == person_id)
        watch = db.scalars(mine.with_for_update()).one_or_none()
        if watch is not None:
            cancel_reminders(_subject(watch))
            db.delete(watch)


def watched(person_id: uuid.UUID) -> frozenset[tuple[uuid.UUID, date]]:
    """The peak days of which somebody will be told."""
    query = sa.select(PeakWatch.office_id, PeakWatch.day).where(PeakWatch.person_id == person_id)
    with transaction() as db:
        return frozenset((office_id, day) for office_id, day in db.execute(query))


def follow_watches(limit: int = 200) -> int:
    """Tell people whose peak day is released at another moment or in another way now, or not at all any more; returns
    how many. Safe to run at any time and from several processes.
    """
    with transaction() as db:
        ahead = sa.select(PeakWatch.office_id, PeakWatch.day).where(PeakWatch.opens_at > now())
        days = db.execute(ahead.distinct()).all()
    return sum(_follow(office_id, day, limit) for office_id, day in days)


def _follow(office_id: uuid.UUID, day: date, limit: int) -> int:
    place = office(office_id)
    view = peak_view(place, day) if place else None
    rows = sa.select(PeakWatch).where(_of(office_id, day))
    if view is not None:
        same_mode = PeakWatch.mode.is_not_distinct_from(view.mode)
        rows = rows.where(sa.or_(PeakWatch.opens_at != view.opens_at, ~same_mode))
    else:
        rows = rows.where(PeakWatch.opens_at > now())  # those that were released are over by themselves
    with transaction() as db:
        found = db.scalars(rows.order_by(PeakWatch.id).limit(limit).with_for_update(skip_locked=True)).all()
        for watch in found:
            if view is not None:
                watch.opens_at, watch.mode = view.opens_at, view.mode
                _remind(watch, view)
                _tell_changed(watch, view)
                continue
            cancel_reminders(_subject(watch))
            if place is not None:
                _tell_dropped(watch, place)
            db.delete(watch)
        return len(found)


def _of(office_id: uuid.UUID, day: date) -> sa.ColumnElement[bool]:
    return sa.and_(PeakWatch.office_id == office_id, PeakWatch.day == day)


def _subject(watch: PeakWatch) -> Subject:
    return Subject(SUBJECT_KIND, watch.id)


def _data(view: PeakView) -> dict[str, str]:
    hint = OPENING_HINTS[view.mode.value if view.mode else None]
    return {
        "matter": MATTERS[_KIND],
        "place": view.place.name,
        "first": spoken_day(view.day),
        "time": template_moment(view.opens_at),
        "hint": hint,
    }


def _remind(watch: PeakWatch, view: PeakView) -> None:
    moments = (("marriage.peak_day_before", _DAY_BEFORE), ("marriage.peak_soon", _SOON))
    plans = [
        ReminderPlan(notice, watch.person_id, view.opens_at - before, view.opens_at, _data(view))
        for notice, before in moments
        if view.opens_at - before > now()
    ]
    set_reminders(_subject(watch), plans)


def _tell_changed(watch: PeakWatch, view: PeakView) -> None:
    data = _data(view)
    if view.reason:
        data["hint"] = CHANGED_HINT.format(hint=data["hint"], reason=view.reason)
    _post("marriage.peak_changed", watch, data)


def _tell_dropped(watch: PeakWatch, place: OfficeView) -> None:
    data = {
        "matter": MATTERS[_KIND],
        "place": place.name,
        "first": spoken_day(watch.day),
        "time": template_moment(watch.opens_at),
        "hint": DROPPED_HINT,
    }
    _post("marriage.peak_dropped", watch, data)


def _post(notice: str, watch: PeakWatch, data: dict[str, str]) -> None:
    post(
        notice,
        recipient_id=watch.person_id,
        subject=_subject(watch),
        data=data,
        key=f"{notice}:{watch.id}:{now().isoformat()}",
        not_after=watch.opens_at,
    )
