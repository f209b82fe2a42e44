"""What was typed on the calendar, read as a wish."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from backend.calendar import legal_calendar
from backend.kernel.clock import BEIJING, today
from backend.kernel.errors import AppError
from backend.marriage.capacity import texts
from backend.marriage.capacity.wishes import Action, Half, Wish, halved
from backend.marriage.days import plan_as_written
from backend.marriage.kinds import BOOKABLE_KINDS, Area, Kind
from backend.marriage.models import Closure
from backend.marriage.offices import OfficeView
from backend.marriage.opening import ClosedSpan, Peak, at
from backend.marriage.parameters import HOURS
from backend.parameters.kinds import from_typed, shape_of
from backend.parameters.values import require_possible
from backend.storage import transaction

Form = MultiDict[str, str]
Choice = TypeVar("Choice", bound=StrEnum)

MOST_DAYS = 62
MOST_REASON = 80
_MOST_WINDOWS = 40


def read_wish(form: Form, place: OfficeView, moment: datetime) -> Wish:
    """The wish of a form; raises `AppError` invalid with what is wrong by field."""
    action = _choice(Action, form.get("action", ""), "action")
    if action is Action.REOPEN:
        return _reopening(form, place)
    first = _day(form, "first")
    last = _day(form, "last") if form.get("last") else first
    _check_days(first, last)
    if action is Action.PEAK:
        return Wish(action, first, first, reason=_reason(form, needed=False), peak=_peak(form, first))
    if action is Action.ORDINARY:
        return Wish(action, first, first, reason=_reason(form, needed=False))
    if action is Action.RELAY:
        return Wish(action, first, last, reason=_reason(form, needed=False))
    area = _choice(Area, form["area"], "area") if form.get("area") else None
    half = _choice(Half, form["half"], "half") if form.get("half") else None
    wish = Wish(Action.HALF if half else Action.CLOSE, first, last, _reason(form, needed=True), area, half)
    if half is not None:
        _check_half(wish, place, moment)
    return wish


def _check_days(first: date, last: date) -> None:
    if last < first:
        raise _invalid("last", texts.ORDER)
    if last - first >= timedelta(days=MOST_DAYS):
        raise _invalid("last", texts.RANGE_TOO_LONG)
    if first < today():
        raise _invalid("first", texts.DAY_PAST)


def _check_half(wish: Wish, place: OfficeView, moment: datetime) -> None:
    if wish.area is not None:
        raise _invalid("area", texts.HALF_ALL_AREAS)
    if wish.first <= today():
        raise _invalid("first", texts.HALF_TODAY)
    if not halved(plan_as_written(place, moment), wish, legal_calendar()):
        raise _invalid("first", texts.NOTHING_OPEN)


def _reopening(form: Form, place: OfficeView) -> Wish:
    try:
        closure_id = uuid.UUID(form.get("closure", ""))
    except ValueError:
        raise _invalid("closure", texts.CLOSURE_GONE) from None
    with transaction() as session:
        query = sa.select(Closure).where(Closure.id == closure_id, Closure.office_id == place.id)
        closed = session.scalars(query).one_or_none()
    if closed is None or closed.last_day < today():
        raise AppError("state_conflict", texts.CLOSURE_GONE, 409)
    first = max(closed.first_day, today())
    last = min(closed.last_day, first + timedelta(days=MOST_DAYS - 1))
    span = ClosedSpan(closed.first_day, closed.last_day, closed.area)
    return Wish(Action.REOPEN, first, last, closure_id=closed.id, span=span)


def _peak(form: Form, day: date) -> Peak:
    hours = from_typed(shape_of(HOURS), [form.get("hours", "")])
    try:
        require_possible(HOURS, hours)
    except AppError:
        raise _invalid("hours", texts.HOURS_UNREADABLE) from None
    kinds = frozenset(_choice(Kind, kind, "kinds") for kind in form.getlist("kinds"))
    if not kinds or not kinds <= BOOKABLE_KINDS:
        raise _invalid("kinds", texts.KINDS_MISSING)
    share = _whole(form, "share", 100, texts.SHARE_UNREADABLE)
    windows = _whole(form, "extra_windows", _MOST_WINDOWS, texts.NUMBER_UNREADABLE)
    release_at = _release(form, day)
    return Peak(HOURS.read(hours), windows, kinds, share / 100, "open_even_if_rest" in form, release_at)


def _release(form: Form, day: date) -> datetime | None:
    text, clock = form.get("release_day", ""), form.get("release_time", "")
    if not text and not clock:
        return None
    try:
        moment = datetime.fromisoformat(f"{text}T{clock}").replace(tzinfo=BEIJING)
    except ValueError:
        raise _invalid("release_day", texts.MOMENT_UNREADABLE) from None
    if moment >= at(day, datetime.min.time()):
        raise _invalid("release_day", texts.MOMENT_LATE)
    return moment


def _reason(form: Form, *, needed: bool) -> str:
    reason = " ".join(form.get("reason", "").split())
    if len(reason) > MOST_REASON or (needed and not reason):
        raise _invalid("reason", texts.REASON)
    return reason


def _day(form: Form, name: str) -> date:
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError:
        raise _invalid(name, texts.DAY_UNREADABLE) from None


def _whole(form: Form, name: str, most: int, told: str) -> int:
    text = form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= most):
        raise _invalid(name, told)
    return int(text)


def _choice(kind: type[Choice], text: str, name: str) -> Choice:
    try:
        return kind(text)
    except ValueError:
        raise _invalid(name, texts.FALSE_CHOICE) from None


def _invalid(name: str, told: str) -> AppError:
    return AppError("invalid", told, 422, errors={name: [told]})


# What a form holds, to be sent again with the confirmation.
FIELDS = (
    "action",
    "first",
    "last",
    "reason",
    "area",
    "half",
    "closure",
    "hours",
    "extra_windows",
    "share",
    "open_even_if_rest",
    "release_day",
    "release_time",
)


def typed(form: Form) -> Mapping[str, str]:
    """The single values of a form; kinds are several and come beside."""
    return {name: form[name] for name in FIELDS if form.get(name)}
