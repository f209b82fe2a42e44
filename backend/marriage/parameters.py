"""What a registry may set for its bookings (domain-rules §2.5), with limits and defaults."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from backend.marriage.rules import BookingRules
from backend.parameters import Parameter, value_at


def _whole(least: int, most: int) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most))


def _clock_time() -> fields.Time:
    return fields.Time(format="%H:%M")


class Hours(fields.Field[tuple[tuple[time, time], ...]]):
    """Opening hours of a workday as `[["09:00", "12:00"], …]`: in order, not overlapping."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[tuple[time, time], ...]:
        try:
            spans = tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in value)
        except (TypeError, ValueError):
            raise ma.ValidationError("hours are pairs of HH:MM") from None
        edges = [edge for span in spans for edge in span]
        if not spans or edges != sorted(set(edges)):
            raise ma.ValidationError("hours must follow one another")
        return spans


HOURS = Parameter("marriage.hours", [["09:00", "12:00"], ["13:30", "17:00"]], Hours())
SLOT_MINUTES = Parameter("marriage.slot_minutes", 30, _whole(10, 120))
WINDOWS = Parameter("marriage.windows", 2, _whole(1, 40))
ONLINE_SHARE = Parameter("marriage.online_share", 0.7, fields.Float(validate=validate.Range(0, 1)))
HORIZON_DAYS = Parameter("marriage.horizon_days", 30, _whole(1, 90))
RELEASE_TIME = Parameter("marriage.release_time", "08:30", _clock_time())
LEAD_CUTOFF = Parameter("marriage.lead_cutoff", "15:00", _clock_time())
CANCEL_CUTOFF = Parameter("marriage.cancel_cutoff", "17:00", _clock_time())
HOLD_SECONDS = Parameter("marriage.hold_seconds", 300, _whole(60, 1800))
RESCHEDULE_MAX = Parameter("marriage.reschedule_max", 2, _whole(0, 10))
LATE_GRACE_MINUTES = Parameter("marriage.late_grace_minutes", 15, _whole(0, 120))
CHECKIN_OPEN_MINUTES = Parameter("marriage.checkin_open_minutes", 30, _whole(0, 240))

ALL = (
    HOURS,
    SLOT_MINUTES,
    WINDOWS,
    ONLINE_SHARE,
    HORIZON_DAYS,
    RELEASE_TIME,
    LEAD_CUTOFF,
    CANCEL_CUTOFF,
    HOLD_SECONDS,
    RESCHEDULE_MAX,
    LATE_GRACE_MINUTES,
    CHECKIN_OPEN_MINUTES,
)


def booking_rules(office_code: str, moment: datetime) -> BookingRules:
    """The rules of one office in force at `moment`."""

    def value(parameter: Parameter) -> Any:
        return value_at(parameter, office_code, moment)

    return BookingRules(
        hours=value(HOURS),
        slot_minutes=value(SLOT_MINUTES),
        windows=value(WINDOWS),
        online_share=value(ONLINE_SHARE),
        horizon_days=value(HORIZON_DAYS),
        release_time=value(RELEASE_TIME),
        lead_cutoff=value(LEAD_CUTOFF),
        cancel_cutoff=value(CANCEL_CUTOFF),
        hold_seconds=value(HOLD_SECONDS),
        reschedule_max=value(RESCHEDULE_MAX),
        late_grace_minutes=value(LATE_GRACE_MINUTES),
        checkin_open_minutes=value(CHECKIN_OPEN_MINUTES),
    )
