"""Closures and peak days of the registries: read together with the rules as an `OfficePlan`, and set.

Setting one changes nothing that is laid out already: `what_changes` shows the difference, `apply_plan` makes it.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa

from backend.kernel.cached import Cached
from backend.kernel.clock import BEIJING, now, today
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.capacity.models import WindowOutage
from backend.marriage.divorce.parameters import reserve_per_day
from backend.marriage.kinds import BOOKABLE_KINDS, Area, Kind
from backend.marriage.models import Closure, PeakDay
from backend.marriage.offices import OfficeView
from backend.marriage.opening import BookingRules, ClosedSpan, OfficePlan, Outage, Peak
from backend.marriage.parameters import HOURS, booking_rules
from backend.marriage.texts import CLOSURE_ORDER, DAY_OVER, PEAK_KINDS, PEAK_SHARE, PEAK_TWICE
from backend.parameters.values import require_possible
from backend.storage import after_commit, broken_constraint, transaction


@dataclass
class _OfficeDays:
    closures: list[ClosedSpan] = field(default_factory=list)
    peaks: dict[date, Peak] = field(default_factory=dict)
    outages: list[Outage] = field(default_factory=list)

    def planned(self, rules: BookingRules, reserve: int) -> OfficePlan:
        return OfficePlan(rules, tuple(self.closures), self.peaks, reserve, tuple(self.outages))


def _load() -> dict[uuid.UUID, _OfficeDays]:
    by_office: dict[uuid.UUID, _OfficeDays] = defaultdict(_OfficeDays)
    with transaction() as session:
        for closed in session.scalars(sa.select(Closure).where(Closure.last_day >= today())):
            by_office[closed.office_id].closures.append(ClosedSpan(closed.first_day, closed.last_day, closed.area))
        for row in session.scalars(sa.select(PeakDay).where(PeakDay.day >= today())):
            by_office[row.office_id].peaks[row.day] = _peak(row)
        for out in session.scalars(_outages_from(today())):
            by_office[out.office_id].outages.append(_outage(out))
    return dict(by_office)


def _outages_from(day: date) -> sa.Select[WindowOutage]:
    return sa.select(WindowOutage).where(WindowOutage.day >= day, WindowOutage.ended_at.is_(None))


def _outage(row: WindowOutage) -> Outage:
    starts_at, ends_at = row.starts_at.astimezone(BEIJING), row.ends_at.astimezone(BEIJING)
    return Outage(row.area, starts_at, ends_at, frozenset(row.windows))


def _peak(row: PeakDay) -> Peak:
    return Peak(
        hours=HOURS.read(row.hours),
        extra_windows=row.extra_windows,
        kinds=frozenset(Kind(kind) for kind in row.kinds),
        online_share=row.online_share,
        open_even_if_rest=row.open_even_if_rest,
        release_at=row.release_at,
    )


_days = Cached(_load, seconds=5)


def forget_days() -> None:
    """Read closures and peak days anew; call after changing them."""
    _days.forget()


def office_plan(place: OfficeView, moment: datetime, rules: BookingRules | None = None) -> OfficePlan:
    """All that decides a registry's days from today on, as set at `moment`."""
    own = _days.get().get(place.id) or _OfficeDays()
    return own.planned(rules or booking_rules(place.code, moment), reserve_per_day(place.code, moment))


def plan_as_written(place: OfficeView, moment: datetime) -> OfficePlan:
    """The same read anew, with what the open transaction has written; for whoever changes a plan and acts on it."""
    own = _OfficeDays()
    with transaction() as session:
        closures = sa.select(Closure).where(Closure.office_id == place.id, Closure.last_day >= moment.date())
        for closed in session.scalars(closures):
            own.closures.append(ClosedSpan(closed.first_day, closed.last_day, closed.area))
        peaks = sa.select(PeakDay).where(PeakDay.office_id == place.id, PeakDay.day >= moment.date())
        own.peaks = {row.day: _peak(row) for row in session.scalars(peaks)}
        outages = _outages_from(moment.date()).where(WindowOutage.office_id == place.id)
        own.outages = [_outage(row) for row in session.scalars(outages.order_by(WindowOutage.id))]
    return own.planned(booking_rules(place.code, moment), reserve_per_day(place.code, moment))


def close_days(office_id: uuid.UUID, first: date, last: date, reason: str, area: Area | None = None) -> uuid.UUID:
    """Close a registry, or one area of it, from `first` to `last`; returns the closure's id.

    Raises `AppError` invalid for days in the wrong order or over.
    """
    if last < first:
        raise AppError("invalid", CLOSURE_ORDER, 422, errors={"last": [CLOSURE_ORDER]})
    _require_ahead(last)
    with transaction() as session:
        row = Closure(
            id=new_id(), office_id=office_id, first_day=first, last_day=last, area=area, reason=reason.strip()
        )
        session.add(row)
        after_commit(forget_days)
        return row.id


def reopen_days(closure_id: uuid.UUID) -> None:
    """Take a closure back; nothing happens when it is gone already."""
    with transaction() as session:
        session.execute(sa.delete(Closure).where(Closure.id == closure_id))
        after_commit(forget_days)


@dataclass(frozen=True)
class PeakSetting:
    """What is set for a peak day; `hours` as the parameter `marriage.hours` is written, `release_at` aware or None."""

    day: date
    hours: list[list[str]]
    extra_windows: int
    kinds: Collection[Kind]
    online_share: float
    open_even_if_rest: bool
    release_at: datetime | None = None


def set_peak_day(office_id: uuid.UUID, setting: PeakSetting) -> None:
    """Make a day a peak day, or change one.

    Raises `AppError` invalid for a day that is over, unreadable hours, a share beyond 0 to 1, kinds nobody can book.
    """
    _require_ahead(setting.day)
    _require_possible(setting)
    values = {
        "hours": setting.hours,
        "extra_windows": setting.extra_windows,
        "kinds": sorted(setting.kinds),
        "online_share": setting.online_share,
        "open_even_if_rest": setting.open_even_if_rest,
        "release_at": setting.release_at,
    }
    try:
        with transaction() as session:
            query = sa.select(PeakDay).where(PeakDay.office_id == office_id, PeakDay.day == setting.day)
            row = session.scalars(query.with_for_update()).one_or_none()
            if row is None:
                session.add(PeakDay(id=new_id(), office_id=office_id, day=setting.day, **values))
            else:
                for name, value in values.items():
                    setattr(row, name, value)
            after_commit(forget_days)
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) != "uq_marriage_peak_days_office_id_day":
            raise
        raise AppError("state_conflict", PEAK_TWICE, 409) from None


def drop_peak_day(office_id: uuid.UUID, day: date) -> None:
    """Make a peak day an ordinary one again."""
    with transaction() as session:
        session.execute(sa.delete(PeakDay).where(PeakDay.office_id == office_id, PeakDay.day == day))
        after_commit(forget_days)


def _require_ahead(day: date) -> None:
    if day < now().date():
        raise AppError("invalid", DAY_OVER, 422, errors={"day": [DAY_OVER]})


def _require_possible(setting: PeakSetting) -> None:
    require_possible(HOURS, setting.hours)
    if not 0 <= setting.online_share <= 1 or setting.extra_windows < 0:
        raise AppError("invalid", PEAK_SHARE, 422, errors={"online_share": [PEAK_SHARE]})
    if not setting.kinds or not set(setting.kinds) <= BOOKABLE_KINDS | {Kind.CEREMONY}:
        raise AppError("invalid", PEAK_KINDS, 422, errors={"kinds": [PEAK_KINDS]})
