"""What was typed about windows that go out, read as a wish; and who is to be moved, and to which time."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from backend.calendar import legal_calendar
from backend.kernel.clock import BEIJING, now, today
from backend.kernel.errors import AppError
from backend.marriage.capacity import texts
from backend.marriage.capacity.outage_look import OutageWish
from backend.marriage.capacity.wishes import hours_of
from backend.marriage.days import plan_as_written
from backend.marriage.kinds import Area
from backend.marriage.offices import OfficeView
from backend.marriage.opening import OfficePlan, at, windows_left
from backend.marriage.planning.wish_form import MOST_DAYS, MOST_REASON, Form
from backend.marriage.tickets.models import MOST_WINDOWS
from backend.marriage.tickets.texts import AREA_NAMES

# What a form holds, to be sent again with the confirmation.
FIELDS = ("area", "windows", "day", "from", "until", "reason")
_NUMBERS = re.compile(r"\d{1,3}", re.ASCII)


def read_outage(form: Form, place: OfficeView) -> OutageWish:
    """The wish of a form; what has begun already counts from now on. Raises `AppError` invalid by field."""
    area, windows = _area(form), _windows(form)
    starts_at, ends_at = _hours(form)
    reason = " ".join(form.get("reason", "").split())
    if not reason or len(reason) > MOST_REASON:
        raise _invalid("reason", texts.REASON)
    plan = plan_as_written(place, now())
    _require_open(plan, area, starts_at, ends_at)
    already = {one for out in plan.outages if out.touches(area, starts_at, ends_at) for one in out.windows}
    total = windows_left(plan, area, starts_at, ends_at) + len(already)
    if len(already | windows) > total:
        raise _invalid("windows", texts.OUT_WINDOWS_MANY.format(area=AREA_NAMES[area], total=total))
    return OutageWish(area, windows, starts_at, ends_at, reason)


def chosen_couples(form: Form) -> Mapping[uuid.UUID, uuid.UUID | None]:
    """The appointments that were ticked, each with the slot chosen for it, or None for the nearest."""
    try:
        ids = [uuid.UUID(text) for text in form.getlist("move")]
        slots = {one: form.get(f"slot_{one}", "") for one in ids}
        return {one: uuid.UUID(slot) if slot else None for one, slot in slots.items()}
    except ValueError:
        raise _invalid("couples", texts.FALSE_CHOICE) from None


def typed(form: Mapping[str, str]) -> Mapping[str, str]:
    """The fields that were typed."""
    return {name: form[name] for name in FIELDS if form.get(name)}


def _area(form: Form) -> Area:
    try:
        return Area(form.get("area", ""))
    except ValueError:
        raise _invalid("area", texts.FALSE_CHOICE) from None


def _windows(form: Form) -> frozenset[int]:
    numbers = frozenset(int(one) for one in _NUMBERS.findall(form.get("windows", "")[:100]))
    if not numbers or not all(1 <= one <= MOST_WINDOWS for one in numbers):
        raise _invalid("windows", texts.OUT_WINDOWS)
    return numbers


def _hours(form: Form) -> tuple[datetime, datetime]:
    try:
        day = date.fromisoformat(form.get("day") or today().isoformat())
        start, end = (time.fromisoformat(form.get(name, "")) for name in ("from", "until"))
    except ValueError:
        raise _invalid("until", texts.OUT_HOURS) from None
    starts_at, ends_at = (at(day, clock.replace(tzinfo=None)) for clock in (start, end))
    if ends_at <= starts_at:
        raise _invalid("until", texts.OUT_HOURS)
    if ends_at <= now():
        raise _invalid("until", texts.OUT_OVER)
    if day - today() >= timedelta(days=MOST_DAYS):
        raise _invalid("day", texts.OUT_FAR)
    return max(starts_at, _this_minute()), ends_at


def _this_minute() -> datetime:
    return now().astimezone(BEIJING).replace(second=0, microsecond=0)


def _require_open(plan: OfficePlan, area: Area, starts_at: datetime, ends_at: datetime) -> None:
    day = starts_at.date()
    hours = hours_of(plan, day, legal_calendar(), area)
    if not any(at(day, opens) < ends_at and starts_at < at(day, closes) for opens, closes in hours):
        raise _invalid("area", texts.OUT_CLOSED.format(area=AREA_NAMES[area]))


def _invalid(name: str, told: str) -> AppError:
    return AppError("invalid", told, 422, errors={name: [told]})
