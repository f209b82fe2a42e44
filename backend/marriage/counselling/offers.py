"""When whom can be met: counsellors by what they do, less leave, holidays, and for talks on site the rooms taken."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from backend.calendar import legal_calendar
from backend.kernel.clock import now, today
from backend.kernel.legal_calendar import LegalCalendar
from backend.marriage.counselling.models import CounsellingSession, Counsellor
from backend.marriage.counselling.parameters import horizon_days, lead
from backend.marriage.counselling.rules import SERVES, Matter, Way
from backend.marriage.models import Office
from backend.marriage.opening import SATURDAY
from backend.marriage.resources.free import free_between, hours_between, resources_of, taken_cells
from backend.marriage.resources.models import Resource
from backend.marriage.resources.rules import ResourceKind, Session, cells_of
from backend.staff import StaffAccount
from backend.storage import session, transaction


@dataclass(frozen=True)
class Offer:
    """A time at which somebody can be met, with whoever is free then, the least busy of that day first."""

    starts_at: datetime
    ends_at: datetime
    counsellors: Sequence[Counsellor]

    @property
    def day(self) -> date:
        """On which day."""
        return self.starts_at.date()


@dataclass(frozen=True)
class _Candidate:
    counsellor: Counsellor
    absent_from: date | None
    absent_until: date | None

    def is_away(self, day: date) -> bool:
        first, last = self.absent_from, self.absent_until
        return first is not None and last is not None and first <= day <= last


def offers(
    office: Office, matter: Matter, way: Way, first: date, last: date, counsellor_id: uuid.UUID | None = None
) -> Sequence[Offer]:
    """What can be booked now between two days, in order; of one counsellor where one is named."""
    earliest, farthest = now() + lead(office.code), today() + timedelta(days=horizon_days(office.code))
    return _offers(
        office, matter, way, (max(first, today()), min(last, farthest)), earliest=earliest, counsellor_id=counsellor_id
    )


def offers_at_desk(office: Office, row: CounsellingSession, first: date, last: date) -> Sequence[Offer]:
    """What the desk may put a session at: whatever is free, however near or far; its own room counts as free."""
    return _offers(office, row.matter, row.way, (max(first, today()), last), earliest=now(), own=row)


def counsellors_for(office_id: uuid.UUID, matter: Matter, way: Way) -> Sequence[Counsellor]:
    """Who of an office can be met about a matter in that way, by name."""
    with transaction():
        return [one.counsellor for one in _candidates(office_id, matter, way)]


def ways_of(matter: Matter) -> Mapping[uuid.UUID, Sequence[Way]]:
    """By office: the ways in which somebody can be met about a matter; offices without anybody are not there."""
    query = (
        sa.select(Resource.office_id, *(sa.func.bool_or(getattr(Counsellor, way.value)) for way in Way))
        .join(Resource, Resource.id == Counsellor.resource_id)
        .join(StaffAccount, StaffAccount.id == Resource.account_id)
        .where(Resource.active, StaffAccount.active, Counsellor.profession.in_(SERVES[matter]))
        .group_by(Resource.office_id)
    )
    with transaction() as db:
        found = db.execute(query).all()
        with_rooms = frozenset(
            db.scalars(sa.select(Resource.office_id).where(Resource.kind == ResourceKind.ROOM, Resource.active))
        )
    ways = {
        row[0]: [
            way
            for way, offered in zip(Way, row[1:], strict=True)
            if offered and (way is not Way.ON_SITE or row[0] in with_rooms)
        ]
        for row in found
    }
    return {office_id: offered for office_id, offered in ways.items() if offered}


def rooms_of(office_id: uuid.UUID) -> Sequence[Resource]:
    """The counselling rooms of an office (辅导室), by name."""
    return resources_of(office_id, ResourceKind.ROOM)


def free_rooms(rooms: Collection[Resource], starts_at: datetime, ends_at: datetime) -> Sequence[Resource]:
    """Those rooms that are open and not taken for the whole of a talk, as far as one can see."""
    day = starts_at.date()
    return _Rooms(rooms, day, day).free(starts_at, ends_at)


class _Rooms:
    """The rooms of some days, read once."""

    def __init__(
        self, rooms: Collection[Resource], first: date, last: date, own: CounsellingSession | None = None
    ) -> None:
        self.rooms = rooms
        self.hours = hours_between(rooms, first, last)
        self.taken = taken_cells(rooms, first, last)
        if own is not None and own.room_id is not None:
            self.taken[own.room_id].difference_update(cells_of(own.starts_at, own.ends_at))

    def free(self, starts_at: datetime, ends_at: datetime) -> Sequence[Resource]:
        wanted = cells_of(starts_at, ends_at)
        return [
            room
            for room in self.rooms
            if self.taken[room.id].isdisjoint(wanted)
            and any(
                one.opens <= starts_at.time() and ends_at.time() <= one.closes
                for one in self.hours[room.id][starts_at.date()]
            )
        ]


def _offers(
    office: Office,
    matter: Matter,
    way: Way,
    days: tuple[date, date],
    *,
    earliest: datetime,
    counsellor_id: uuid.UUID | None = None,
    own: CounsellingSession | None = None,
) -> Sequence[Offer]:
    first, last = days
    if last < first:
        return []
    with transaction():
        found = [
            one for one in _candidates(office.id, matter, way) if counsellor_id in (None, one.counsellor.resource_id)
        ]
        free = free_between([one.counsellor.resource for one in found], first, last)
        rooms = _Rooms(rooms_of(office.id), first, last, own) if way is Way.ON_SITE else None
    calendar = legal_calendar()
    left = Counter((one, slot.starts_at.date()) for one, slots in free.items() for slot in slots)
    at: dict[tuple[datetime, datetime], list[Counsellor]] = defaultdict(list)
    for one in found:
        for slot in free[one.counsellor.resource_id]:
            if slot.starts_at >= earliest and _is_open(one, slot, calendar):
                at[slot.starts_at, slot.ends_at].append(one.counsellor)
    return [
        Offer(starts_at, ends_at, sorted(who, key=lambda one: -left[one.resource_id, starts_at.date()]))
        for (starts_at, ends_at), who in sorted(at.items(), key=lambda item: item[0])
        if rooms is None or rooms.free(starts_at, ends_at)
    ]


def _is_open(one: _Candidate, slot: Session, calendar: LegalCalendar) -> bool:
    """Whether a day of the roster counts: not on leave, and not on what the holiday notice takes off."""
    day = slot.starts_at.date()
    if one.is_away(day):
        return False
    holiday = day in calendar.days or day.isoweekday() < SATURDAY
    return not holiday or calendar.is_workday(day)


def _candidates(office_id: uuid.UUID, matter: Matter, way: Way) -> Sequence[_Candidate]:
    query = (
        sa.select(Counsellor, StaffAccount.absent_from, StaffAccount.absent_until)
        .join(Counsellor.resource)
        .join(StaffAccount, StaffAccount.id == Resource.account_id)
        .where(
            Resource.office_id == office_id,
            Resource.active,
            StaffAccount.active,
            Counsellor.profession.in_(SERVES[matter]),
            getattr(Counsellor, way.value),
        )
        .options(contains_eager(Counsellor.resource))
        .order_by(Resource.name, Resource.id)
        .limit(100)
    )
    return [_Candidate(*row) for row in session().execute(query)]
