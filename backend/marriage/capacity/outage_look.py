"""What windows that go out would do: how many are left when, whom it hits, and which times are free for those.

It looks and never acts; `backend.marriage.capacity.outage` does.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa

from backend.kernel.clock import BEIJING, now
from backend.marriage.capacity.affected import Hit, as_hits
from backend.marriage.capacity.nearest import suiting
from backend.marriage.capacity.surplus import Seated, surplus
from backend.marriage.changes import PlacedAppointment
from backend.marriage.days import plan_as_written
from backend.marriage.kinds import Area
from backend.marriage.models import Appointment, FurtherSlot, Slot
from backend.marriage.offers import SlotOffer
from backend.marriage.offices import OfficeView
from backend.marriage.opening import OfficePlan, Outage, windows_left
from backend.marriage.rules import ACTIVE_STATES
from backend.marriage.spread import length
from backend.storage import transaction

# So many couples are given times to choose from on the page; the rest get the nearest one when it is confirmed.
MOST_PROPOSED = 40
# So many times for each.
MOST_TIMES = 6


@dataclass(frozen=True)
class OutageWish:
    """Windows of an area that are to serve nobody for some hours of one day; `reason` is read by residents."""

    area: Area
    windows: frozenset[int]
    starts_at: datetime
    ends_at: datetime
    reason: str

    @property
    def day(self) -> date:
        """The day, in 北京时间."""
        return self.starts_at.date()

    @property
    def outage(self) -> Outage:
        """As the plan of the registry knows it."""
        return Outage(self.area, self.starts_at, self.ends_at, self.windows)


@dataclass(frozen=True)
class TouchedSlot:
    """A slot in these hours: windows before and after, minutes taken of it online, too many, and still free then."""

    id: uuid.UUID
    starts_at: datetime
    ends_at: datetime
    before: int
    after: int
    taken: int
    too_much: int
    free: int

    @property
    def couples(self) -> int:
        """Windows' worth of what is taken."""
        return -(-self.taken // length(self))


@dataclass(frozen=True)
class TouchedCouple:
    """An appointment in these hours. `must_move`: proposed for moving; `times`: free ones that suit, best first."""

    hit: Hit
    must_move: bool
    times: Sequence[SlotOffer]


@dataclass(frozen=True)
class OutageLook:
    """What an outage would do. `base` tells whether anything it was drawn from has moved since."""

    wish: OutageWish
    slots: Sequence[TouchedSlot]
    couples: Sequence[TouchedCouple]
    base: str

    @property
    def surplus(self) -> int:
        """How many couples the windows that are left cannot serve."""
        return sum(couple.must_move for couple in self.couples)


def look_at_outage(place: OfficeView, wish: OutageWish, *, propose: bool = True) -> OutageLook:
    """What it would do at this moment; `propose` also finds free times, which takes some queries for each couple."""
    with transaction():
        plan = plan_as_written(place, now())
        slots = _touched(place, wish, plan)
        placed = _placed([slot.id for slot in slots])
    seats = {one.id: seat for one, seat, _ in placed}
    hits = as_hits(place, [one for one, _, _ in placed if one.starts_at > now()])
    booked = {one.id: booked_at for one, _, booked_at in placed}
    ahead = {slot.id: slot.too_much for slot in slots if slot.starts_at > now()}
    seated = [Seated(hit.id, seats[hit.id], booked[hit.id], hit.closing) for hit in hits]
    moving = surplus(seated, ahead)
    full = {slot.id for slot in slots if slot.free < length(slot)}
    times = _proposals(hits, moving, full) if propose else {}
    couples = [TouchedCouple(hit, hit.id in moving, times.get(hit.id, ())) for hit in hits]
    return OutageLook(wish, slots, couples, _base(plan, slots, hits))


def _touched(place: OfficeView, wish: OutageWish, plan: OfficePlan) -> list[TouchedSlot]:
    query = sa.select(Slot).where(
        Slot.office_id == place.id,
        Slot.area == wish.area,
        Slot.day == wish.day,
        Slot.starts_at < wish.ends_at,
        Slot.ends_at > wish.starts_at,
    )
    after = replace(plan, outages=(*plan.outages, wish.outage))
    with transaction() as opened:
        rows = opened.scalars(query.order_by(Slot.starts_at).execution_options(populate_existing=True)).all()
    return [_touched_slot(row, plan, after) for row in rows]


def _touched_slot(row: Slot, before: OfficePlan, after: OfficePlan) -> TouchedSlot:
    starts_at, ends_at = row.starts_at.astimezone(BEIJING), row.ends_at.astimezone(BEIJING)
    left = windows_left(after, row.area, starts_at, ends_at)
    minutes = left * length(row)
    return TouchedSlot(
        row.id,
        starts_at,
        ends_at,
        windows_left(before, row.area, starts_at, ends_at),
        left,
        row.taken,
        max(row.taken - minutes, 0),
        max(min(row.capacity, minutes) - row.taken, 0),
    )


def _placed(
    slot_ids: Collection[uuid.UUID],
) -> list[tuple[PlacedAppointment, Mapping[uuid.UUID, int], datetime]]:
    """The active appointments that take minutes of these slots, with what they take of each, and when they booked."""
    further = sa.select(FurtherSlot.appointment_id).where(FurtherSlot.slot_id.in_(slot_ids))
    query = sa.select(Appointment, Slot.area, Slot.starts_at).join(Slot, Slot.id == Appointment.slot_id)
    query = query.where(
        Appointment.state.in_(ACTIVE_STATES), sa.or_(Appointment.slot_id.in_(slot_ids), Appointment.id.in_(further))
    ).order_by(Slot.starts_at, Appointment.id)
    with transaction() as opened:
        found = opened.execute(query).all()
        ids = [row[0].id for row in found]
        parts = opened.scalars(sa.select(FurtherSlot).where(FurtherSlot.appointment_id.in_(ids)))
        more: dict[uuid.UUID, dict[uuid.UUID, int]] = defaultdict(dict)
        for part in parts:
            more[part.appointment_id][part.slot_id] = part.minutes
    return [
        (
            PlacedAppointment(one.id, one.kind, area, starts_at.astimezone(BEIJING), one.minutes),
            {one.slot_id: one.minutes - sum(more[one.id].values()), **more[one.id]},
            one.created_at,
        )
        for one, area, starts_at in found
    ]


def _proposals(
    hits: Sequence[Hit], moving: frozenset[uuid.UUID], full: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[SlotOffer]]:
    """Free times for each, the best first; a place that was proposed to one couple is not to the next."""
    used: Counter[uuid.UUID] = Counter()
    proposed: dict[uuid.UUID, Sequence[SlotOffer]] = {}
    for hit in sorted(hits, key=lambda hit: hit.id not in moving)[:MOST_PROPOSED]:
        times = [one for one in suiting(hit.id, without=full, most=30) if used[one.id] < one.free][:MOST_TIMES]
        proposed[hit.id] = times
        if times and hit.id in moving:
            used[times[0].id] += 1
    return proposed


def _base(plan: OfficePlan, slots: Sequence[TouchedSlot], hits: Sequence[Hit]) -> str:
    """A fingerprint of what was looked at: outages, slots with what is taken, and whoever could be moved."""
    parts = [
        repr([(one.area, one.starts_at, one.ends_at, sorted(one.windows)) for one in plan.outages]),
        repr([(slot.id, slot.before, slot.taken) for slot in slots]),
        repr([hit.id for hit in hits]),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
