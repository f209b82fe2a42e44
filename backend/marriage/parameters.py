"""What a registry may set for its bookings (domain-rules §2.5), with limits and defaults."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from marshmallow import fields, validate

from backend.marriage import texts
from backend.marriage.kinds import KINDS, Kind
from backend.marriage.opening import BookingRules
from backend.parameters import Parameter, ParameterGroup, value_at
from backend.parameters.fields import ClockSpans


def _whole(least: int, most: int) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most))


def _clock_time() -> fields.Time:
    return fields.Time(format="%H:%M")


class WorkingDay(StrEnum):
    """The days on which a registry is open unless it says otherwise."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"

    @property
    def number(self) -> int:
        """The ISO weekday."""
        return list(WorkingDay).index(self) + 1


class RestDayKind(StrEnum):
    """The kinds that may be offered on a rest day, as a page lists them; agreed divorce is none of them (§2.5)."""

    MARRIAGE_REGISTRATION = Kind.MARRIAGE_REGISTRATION.value
    MARRIAGE_CERTIFICATE_REISSUE = Kind.MARRIAGE_CERTIFICATE_REISSUE.value
    DIVORCE_CERTIFICATE_REISSUE = Kind.DIVORCE_CERTIFICATE_REISSUE.value
    ARCHIVE_QUERY = Kind.ARCHIVE_QUERY.value
    REGISTRATION_REVOCATION = Kind.REGISTRATION_REVOCATION.value


HOURS = Parameter("marriage.hours", [["09:00", "12:00"], ["13:30", "17:00"]], ClockSpans())
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
# 条例 art 2: only registries the province has named may register couples with a foreigner, 港澳台居民 or 华侨.
FOREIGN_RELATED = Parameter("marriage.foreign_related", False, fields.Boolean())
CHECKIN_OPEN_MINUTES = Parameter("marriage.checkin_open_minutes", 30, _whole(0, 240))

# Days that differ. A weekday without hours of its own has `marriage.hours`; Saturdays without hours are closed.
WEEKDAY_HOURS = {day: Parameter(f"marriage.hours_{day.value}", [], ClockSpans(may_be_none=True)) for day in WorkingDay}
CLOSED_WEEKDAYS = Parameter("marriage.closed_weekdays", [], fields.List(fields.Enum(WorkingDay, by_value=True)))
SATURDAY_HOURS = Parameter("marriage.saturday_hours", [["09:00", "13:00"]], ClockSpans(may_be_none=True))
SATURDAY_KINDS = Parameter(
    "marriage.saturday_kinds",
    ["marriage_registration", "marriage_certificate_reissue", "divorce_certificate_reissue"],
    fields.List(fields.Enum(RestDayKind, by_value=True)),
)
OPEN_365 = Parameter("marriage.open_365", False, fields.Boolean())

# Areas and how long each kind keeps a window (§2.2).
DIVORCE_WINDOWS = Parameter("marriage.divorce_windows", 1, _whole(1, 20))
SERVICE_WINDOWS = Parameter("marriage.service_windows", 1, _whole(1, 20))
DIVORCE_SLOT_MINUTES = Parameter("marriage.divorce_slot_minutes", 30, _whole(10, 120))
SERVICE_SLOT_MINUTES = Parameter("marriage.service_slot_minutes", 30, _whole(10, 120))
MINUTES = {
    kind: Parameter(f"marriage.minutes_{kind.value}", info.minutes, _whole(5, 240))
    for kind, info in KINDS.items()
    if info.bookable
}
REISSUE_BOTH = Parameter("marriage.reissue_both", True, fields.Boolean())

# Papers (§2.3).
PHOTOS_TOGETHER = Parameter("marriage.photos_together", 3, _whole(0, 6))
PHOTOS_SINGLE = Parameter("marriage.photos_single", 2, _whole(0, 6))
PHOTO_ON_SITE = Parameter("marriage.photo_on_site", True, fields.Boolean())
PHOTO_BACKGROUND = Parameter(
    "marriage.photo_background", texts.PHOTO_BACKGROUND, fields.String(validate=validate.Length(max=10))
)
PRINTED_DOOR_CODE = Parameter("marriage.printed_door_code", True, fields.Boolean())
AGREEMENT_AT_APPLICATION = Parameter("marriage.agreement_at_application", False, fields.Boolean())
FOREIGN_PAPER_MONTHS = Parameter("marriage.foreign_paper_months", 6, _whole(1, 24))

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
    PRINTED_DOOR_CODE,
    FOREIGN_RELATED,
    *WEEKDAY_HOURS.values(),
    CLOSED_WEEKDAYS,
    SATURDAY_HOURS,
    SATURDAY_KINDS,
    OPEN_365,
    DIVORCE_WINDOWS,
    SERVICE_WINDOWS,
    DIVORCE_SLOT_MINUTES,
    SERVICE_SLOT_MINUTES,
    *MINUTES.values(),
    REISSUE_BOTH,
    PHOTOS_TOGETHER,
    PHOTOS_SINGLE,
    PHOTO_ON_SITE,
    PHOTO_BACKGROUND,
    AGREEMENT_AT_APPLICATION,
    FOREIGN_PAPER_MONTHS,
)


BOOKING = ParameterGroup("marriage", texts.PARAMETERS_TITLE, ALL, texts.PARAMETERS, by_place=True)


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
        weekday_hours={day.number: value(parameter) for day, parameter in WEEKDAY_HOURS.items()},
        closed_weekdays=frozenset(day.number for day in value(CLOSED_WEEKDAYS)),
        saturday_hours=value(SATURDAY_HOURS),
        saturday_kinds=frozenset(Kind(kind) for kind in value(SATURDAY_KINDS)),
        open_365=value(OPEN_365),
        divorce_windows=value(DIVORCE_WINDOWS),
        service_windows=value(SERVICE_WINDOWS),
        divorce_slot_minutes=value(DIVORCE_SLOT_MINUTES),
        service_slot_minutes=value(SERVICE_SLOT_MINUTES),
        minutes={kind: value(parameter) for kind, parameter in MINUTES.items()},
    )


def may_register_foreigners(office_code: str, moment: datetime) -> bool:
    """Whether an office has the authority for couples with a foreigner, 港澳台居民 or 华侨 (domain-rules §2.4 E5)."""
    return bool(value_at(FOREIGN_RELATED, office_code, moment))
