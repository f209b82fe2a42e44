"""Reading what a form says of a resource: hours, days, whole numbers, whose account it is."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import date, time

import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.marriage.resources import texts
from backend.marriage.resources.models import Resource, ResourceHours
from backend.marriage.resources.rules import Hours
from backend.staff import StaffAccount
from backend.storage import transaction

_SPAN = re.compile(r"(\d{1,2})[:\uff1a](\d{2})\s*[-\u2013\u2014\u81f3]\s*(\d{1,2})[:\uff1a](\d{2})")
_BETWEEN = re.compile("[,\uff0c;\uff1b\u3001]")


def read_whole(text: str) -> int:
    """A number of up to three digits; -1 for anything else, which every limit refuses."""
    clean = text.strip()
    return int(clean) if clean.isascii() and clean.isdigit() and len(clean) < 4 else -1


def read_account(username: str) -> uuid.UUID | None:
    """The account with a username; None where none was given. Raises `AppError` invalid."""
    if not username.strip():
        return None
    with transaction() as db:
        found = db.scalar(sa.select(StaffAccount.id).where(StaffAccount.username == username.strip()))
    if found is None:
        raise AppError("invalid", texts.ACCOUNT_UNKNOWN, 422, errors={"username": [texts.ACCOUNT_UNKNOWN]})
    return found


def read_week(form: Mapping[str, str]) -> Mapping[int, list[Hours]]:
    """The hours of a week from the fields `week_1` to `week_7`; raises `AppError` invalid."""
    return {day: read_hours(form.get(f"week_{day}", ""), f"week.{day}") for day in range(1, 8)}


def read_hours(text: str, field: str) -> list[Hours]:
    """`09:00-12:00, 13:30-17:00`; raises `AppError` invalid by field."""
    hours: list[Hours] = []
    for part in _BETWEEN.split(text):
        if not part.strip():
            continue
        found = _SPAN.fullmatch(part.strip())
        try:
            if found is None:
                raise ValueError(part)
            hours.append(Hours(time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))))
        except ValueError:
            raise AppError("invalid", texts.HOURS_FORM, 422, errors={field: [texts.HOURS_FORM]}) from None
    return hours


def read_day_hours(text: str) -> Hours | None:
    """The hours of one day, at most one stretch; None for a day away. Raises `AppError` invalid."""
    hours = read_hours(text, "hours")
    if len(hours) > 1:
        raise AppError("invalid", texts.HOURS_FORM, 422, errors={"hours": [texts.HOURS_FORM]})
    return hours[0] if hours else None


def read_day(text: str) -> date:
    """A day; raises `AppError` invalid."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AppError("invalid", texts.DAY_FORM, 422, errors={"day": [texts.DAY_FORM]}) from None


def values_of(found: Resource) -> dict[str, str]:
    """What the form shows of a resource."""
    with transaction() as db:
        rows = db.scalars(sa.select(ResourceHours).where(ResourceHours.resource_id == found.id)).all()
        account = None if found.account_id is None else db.get(StaffAccount, found.account_id)
    spans: dict[int, list[str]] = {}
    for row in sorted(rows, key=lambda row: row.opens):
        spans.setdefault(row.weekday, []).append(f"{row.opens:%H:%M}-{row.closes:%H:%M}")
    week = {f"week_{day}": ", ".join(spans.get(day, ())) for day in range(1, 8)}
    return {
        "name": found.name,
        "session_minutes": str(found.session_minutes),
        "pause_minutes": str(found.pause_minutes),
        "guests_most": "" if found.guests_most is None else str(found.guests_most),
        "fallback": str(found.fallback_id or ""),
        "username": account.username if account else "",
        **({"outdoor": "on"} if found.outdoor else {}),
        **({"active": "on"} if found.active else {}),
        **week,
    }
