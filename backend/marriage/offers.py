"""What is free: days and slots for a kind of business, and whether a slot can be booked now."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import BEIJING, now
from backend.kernel.errors import AppError
from backend.marriage.authority import require_authority
from backend.marriage.days import office_plan
from backend.marriage.kinds import KINDS, Kind, plain_kind
from backend.marriage.offices import OfficeView as OfficeView
from backend.marriage.offices import forget_offices as forget_offices
from backend.marriage.offices import office as office
from backend.marriage.offices import offices as offices
from backend.marriage.opening import BookingRules, OfficePlan, booking_closes_at, is_released, opens_at
from backend.marriage.parameters import booking_rules
from backend.marriage.places import Part, parts_from
from backend.marriage.rush.plan import in_rush
from backend.marriage.spread import fitting, length
from backend.marriage.texts import DAY_CLOSED, OTHER_OFFICE_KIND, SLOT_UNKNOWN
from backend.storage import lean_transaction, look, run


@dataclass(frozen=True)
class SlotOffer:
    """A slot as it is offered for a kind: until when it would last, and how many more of the kind fit online."""

    id: uuid.UUID
    office_id: uuid.UUID
    kind: Kind
    day: date
    starts_at: datetime
    ends_at: datetime
    free: int


@dataclass(frozen=True)
class DayOffer:
    """A civil day of an office: `open` when it has slots that can still be booked; `provisional` see §1.1-6.

    `releases_at`: a peak day that opens later, at this moment; None for days that are released.
    """

    day: date
    open: bool
    provisional: bool
    slots: tuple[SlotOffer, ...]
    releases_at: datetime | None = None

    @property
    def free(self) -> int:
        """Places left on the day."""
        return sum(slot.free for slot in self.slots)


_SLOT = sa.text(
    """
    SELECT id, office_id, area, kinds, day, starts_at, ends_at, capacity, taken, reserved
    FROM marriage_slots WHERE id = :slot_id
    """
)


@dataclass(frozen=True)
class Bookable:
    """A slot that may be booked now, with its office, the rules it is booked under, and what the kind takes of it.

    `parts` is empty where the slots end before the business would. `rescue`: what is held back may be used as well.
    """

    slot: SlotOffer
    office: OfficeView
    rules: BookingRules
    minutes: int
    parts: tuple[Part, ...]
    rescue: bool


def bookable_slot(
    slot_id: uuid.UUID,
    kind: Kind = Kind.MARRIAGE_REGISTRATION,
    *,
    foreign_related: bool = False,
    rescue: bool = False,
    late_today: bool = False,
) -> Bookable:
    """The slot with its office and rules, for a kind; `foreign_related`: one party is not of the mainland; `rescue`:
    for a couple whose window closes, so that what is held back for them counts (§2.5-3); `late_today`: also a time of
    today that is still to come, for whoever is at the registry or is moved by it.

    Raises `AppError`: not_found for an unknown or unreleased slot, too_late past the day's cut-off, invalid for a slot
    in which the kind is not done.
    """
    row = look(_SLOT, {"slot_id": slot_id})
    place = office(row.office_id) if row else None
    if row is None or place is None:
        raise AppError("not_found", SLOT_UNKNOWN, 404)
    moment = now()
    rules = booking_rules(place.code, moment)
    if not is_released(office_plan(place, moment, rules), row.day, moment):
        raise AppError("not_found", SLOT_UNKNOWN, 404)
    if kind not in row.kinds or row.area != KINDS[kind].area:
        raise AppError("invalid", OTHER_OFFICE_KIND, 422, errors={"slot_id": [OTHER_OFFICE_KIND]})
    minutes = rules.minutes_of(kind, foreign_related=foreign_related)
    in_time = late_today and row.day == moment.date() and row.starts_at > moment
    if not in_time and moment >= booking_closes_at(row.day, rules, legal_calendar()):
        raise AppError("too_late", DAY_CLOSED.format(phone=place.phone), 409, extra=_next_times(row, place, kind))
    return _bookable(row, place, rules, kind, minutes, rescue=rescue)


def _next_times(row: Any, place: OfficeView, kind: Kind) -> dict[str, object]:
    nearest = nearest_free(place, kind, row.starts_at)
    return {"alternatives": alternatives(nearest), "kind": kind.value}


def alternatives(slots: Iterable[SlotOffer]) -> list[dict[str, object]]:
    """Free times as a refusal carries them."""
    return [
        {
            "id": str(free.id),
            "starts_at": free.starts_at.isoformat(),
            "ends_at": free.ends_at.isoformat(),
            "free": free.free,
        }
        for free in slots
    ]


def _bookable(row: Any, place: OfficeView, rules: BookingRules, kind: Kind, minutes: int, *, rescue: bool) -> Bookable:
    if minutes <= length(row):  # nearly always: nothing more to ask
        parts, free = [Part(row.id, minutes)], fitting(minutes, [row], rescue=rescue)
    else:
        parts, free = parts_from(row.id, minutes, rescue=rescue)
    return Bookable(_offer(row, kind, minutes, free), place, rules, minutes, tuple(parts), rescue)


_SLOTS = sa.text(
    """
    SELECT id, office_id, day, starts_at, ends_at, capacity, taken, reserved FROM marriage_slots
    WHERE office_id = :office_id AND area = :area AND day BETWEEN :first AND :last AND :kind = ANY(kinds)
    ORDER BY starts_at
    """
)


def day_offers(
    place: OfficeView,
    kind: Kind,
    first: date,
    last: date,
    *,
    foreign_related: bool = False,
    rescue: bool = False,
) -> list[DayOffer]:
    """Every civil day from `first` to `last`, cut to what is released or announced, with its slots.

    Kinds that are not booked have none. `rescue` counts what is held back for closing windows as well. Raises
    `AppError` invalid with `offices` where a foreign-related matter needs another registry.
    """
    foreign_related = foreign_related or kind is Kind.FOREIGN_RELATED
    kind = plain_kind(kind)
    if foreign_related:
        require_authority(place, kind)
    area = KINDS[kind].area
    moment, calendar = now(), legal_calendar()
    rules = booking_rules(place.code, moment)
    planned = office_plan(place, moment, rules)
    days = [day for day in calendar.span(max(first, moment.date()), last) if _is_shown(planned, day, moment)]
    if not days or area is None:
        return []
    minutes = rules.minutes_of(kind, foreign_related=foreign_related)
    with lean_transaction():
        span = {"office_id": place.id, "area": area.value, "kind": kind.value, "first": days[0], "last": days[-1]}
        rows = run(_SLOTS, span).fetchall()
    by_day: dict[date, list[Any]] = defaultdict(list)
    for row in rows:
        by_day[row.day].append(row)
    offered: list[DayOffer] = []
    for day in days:
        released = is_released(planned, day, moment)
        slots = tuple(_offers(by_day.get(day, ()), kind, minutes, rescue=rescue)) if released else ()
        is_open = bool(slots) and moment < booking_closes_at(day, rules, calendar)
        offered.append(
            DayOffer(day, is_open, calendar.is_provisional(day), slots, None if released else opens_at(planned, day))
        )
    return offered


def _is_shown(planned: OfficePlan, day: date, moment: datetime) -> bool:
    """Released days, and peak days whose moment has been named."""
    peak = planned.peaks.get(day)
    return is_released(planned, day, moment) or (peak is not None and peak.release_at is not None)


def _offers(rows: Sequence[Any], kind: Kind, minutes: int, *, rescue: bool) -> Iterator[SlotOffer]:
    for index, row in enumerate(rows):
        yield _offer(row, kind, minutes, fitting(minutes, rows[index:], rescue=rescue))


def free_days(
    place: OfficeView,
    kind: Kind,
    first: date,
    last: date,
    *,
    foreign_related: bool = False,
    rescue: bool = False,
) -> list[DayOffer]:
    """Days on which something can be booked now; not those whose places are given in a rush."""
    offered = day_offers(place, kind, first, last, foreign_related=foreign_related, rescue=rescue)
    return [offer for offer in offered if offer.open and offer.free and not in_rush(place.id, offer.day)]


def full_days(place: OfficeView, kind: Kind, first: date, last: date) -> list[date]:
    """Days on which something could be booked now, were not all places taken; not those given in a rush."""
    offered = day_offers(place, kind, first, last)
    return [offer.day for offer in offered if offer.open and not offer.free and not in_rush(place.id, offer.day)]


def nearest_free(
    place: OfficeView,
    kind: Kind,
    wanted: datetime,
    count: int = 3,
    *,
    foreign_related: bool = False,
    first: date | None = None,
    last: date | None = None,
) -> list[SlotOffer]:
    """The free slots nearest in time to `wanted`, on or after `first` and until `last`; what a refusal carries."""
    today = now().date()
    farthest = today + timedelta(days=booking_rules(place.code, now()).horizon_days)
    days = free_days(
        place, kind, max(first or today, today), min(last or farthest, farthest), foreign_related=foreign_related
    )
    free: Sequence[SlotOffer] = [slot for offer in days for slot in offer.slots if slot.free]
    nearest = sorted(free, key=lambda slot: abs(slot.starts_at - wanted))[:count]
    return sorted(nearest, key=lambda slot: slot.starts_at)


def _offer(row: Any, kind: Kind, minutes: int, free: int) -> SlotOffer:
    starts_at, ends_at = row.starts_at.astimezone(BEIJING), row.ends_at.astimezone(BEIJING)
    until = max(ends_at, starts_at + timedelta(minutes=minutes))
    return SlotOffer(row.id, row.office_id, kind, row.day, starts_at, until, free)
