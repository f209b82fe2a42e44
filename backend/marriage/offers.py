"""What is free: offices, days and slots, and whether a slot can be booked now."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.cached import Cached
from backend.kernel.clock import BEIJING, now
from backend.kernel.errors import AppError
from backend.marriage.models import Office
from backend.marriage.parameters import booking_rules
from backend.marriage.rules import BookingRules, Kind, booking_closes_at, last_released_day
from backend.marriage.texts import DAY_CLOSED, SLOT_UNKNOWN
from backend.storage import lean_transaction, look, run, transaction


@dataclass(frozen=True)
class OfficeView:
    """A registry as residents see it."""

    id: uuid.UUID
    code: str
    name: str
    address: str
    phone: str


@dataclass(frozen=True)
class SlotOffer:
    """A slot and how many places it has left online."""

    id: uuid.UUID
    office_id: uuid.UUID
    kind: Kind
    day: date
    starts_at: datetime
    ends_at: datetime
    free: int


@dataclass(frozen=True)
class DayOffer:
    """A civil day of an office: `open` when it has slots that can still be booked; `provisional` see §1.1-6."""

    day: date
    open: bool
    provisional: bool
    slots: tuple[SlotOffer, ...]

    @property
    def free(self) -> int:
        """Places left on the day."""
        return sum(slot.free for slot in self.slots)


def _load_offices() -> dict[uuid.UUID, OfficeView]:
    with transaction() as session:
        offices = session.scalars(sa.select(Office).order_by(Office.position, Office.code)).all()
        return {
            office.id: OfficeView(office.id, office.code, office.name, office.address, office.phone)
            for office in offices
        }


_offices = Cached(_load_offices, seconds=5)


def offices() -> list[OfficeView]:
    """All registries, in the order the bureau gave them."""
    return list(_offices.get().values())


def office(office_id: uuid.UUID) -> OfficeView | None:
    """One registry, or None."""
    return _offices.get().get(office_id)


def forget_offices() -> None:
    """Read the offices anew; call after changing them."""
    _offices.forget()


_SLOT = sa.text(
    """
    SELECT id, office_id, kind, day, starts_at, ends_at, capacity - taken AS free
    FROM marriage_slots WHERE id = :slot_id
    """
)


@dataclass(frozen=True)
class Bookable:
    """A slot that may be booked now, with its office and the rules it is booked under."""

    slot: SlotOffer
    office: OfficeView
    rules: BookingRules


def bookable_slot(slot_id: uuid.UUID) -> Bookable:
    """The slot with its office and rules.

    Raises `AppError`: not_found for an unknown or unreleased slot, too_late past the day's cut-off.
    """
    row = look(_SLOT, {"slot_id": slot_id})
    place = office(row.office_id) if row else None
    if row is None or place is None:
        raise AppError("not_found", SLOT_UNKNOWN, 404)
    moment = now()
    rules = booking_rules(place.code, moment)
    slot = _offer(row)
    if slot.day > last_released_day(moment, rules):
        raise AppError("not_found", SLOT_UNKNOWN, 404)
    if moment >= booking_closes_at(slot.day, rules, legal_calendar()):
        raise AppError("too_late", DAY_CLOSED.format(phone=place.phone), 409)
    return Bookable(slot, place, rules)


_SLOTS = sa.text(
    """
    SELECT id, office_id, kind, day, starts_at, ends_at, capacity - taken AS free
    FROM marriage_slots
    WHERE office_id = :office_id AND kind = :kind AND day BETWEEN :first AND :last
    ORDER BY starts_at
    """
)


def day_offers(place: OfficeView, kind: Kind, first: date, last: date) -> list[DayOffer]:
    """Every civil day from `first` to `last`, cut to what is released, with its slots."""
    moment, calendar = now(), legal_calendar()
    rules = booking_rules(place.code, moment)
    first, last = max(first, moment.date()), min(last, last_released_day(moment, rules))
    if first > last:
        return []
    parameters = {"office_id": place.id, "kind": kind.value, "first": first, "last": last}
    with lean_transaction():
        rows = run(_SLOTS, parameters).fetchall()
    by_day: dict[date, list[SlotOffer]] = defaultdict(list)
    for row in rows:
        by_day[row.day].append(_offer(row))
    return [
        DayOffer(
            day,
            open=bool(on_day) and moment < booking_closes_at(day, rules, calendar),
            provisional=calendar.is_provisional(day),
            slots=on_day,
        )
        for day in calendar.span(first, last)
        for on_day in [tuple(by_day.get(day, ()))]
    ]


def free_days(place: OfficeView, kind: Kind, first: date, last: date) -> list[DayOffer]:
    """Days on which something can be booked now."""
    return [offer for offer in day_offers(place, kind, first, last) if offer.open and offer.free]


def nearest_free(place: OfficeView, kind: Kind, wanted: datetime, count: int = 3) -> list[SlotOffer]:
    """The free slots nearest in time to `wanted`; what a refusal carries (stories §1)."""
    horizon = booking_rules(place.code, now()).horizon_days
    today = now().date()
    days = free_days(place, kind, today, date.fromordinal(today.toordinal() + horizon))
    free: Sequence[SlotOffer] = [slot for offer in days for slot in offer.slots if slot.free]
    nearest = sorted(free, key=lambda slot: abs(slot.starts_at - wanted))[:count]
    return sorted(nearest, key=lambda slot: slot.starts_at)


def _offer(row: Any) -> SlotOffer:
    return SlotOffer(
        row.id,
        row.office_id,
        Kind(row.kind),
        row.day,
        row.starts_at.astimezone(BEIJING),
        row.ends_at.astimezone(BEIJING),
        row.free,
    )
