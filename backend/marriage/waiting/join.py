"""Use case `join_waiting`: a couple or a person waits for a place that comes free (stories.md 1, domain-rules §7)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.book import require_bookable
from backend.marriage.couples import CheckedParty, PartyInput, check_for_day, foreign_related, read_parties
from backend.marriage.days import office_plan
from backend.marriage.divorce_window import may_be_rescued
from backend.marriage.kinds import KINDS, Declaration, Kind, plain_kind
from backend.marriage.models import Party, Slot, Via
from backend.marriage.offers import DayOffer, OfficeView, alternatives, day_offers, office
from backend.marriage.opening import is_released, opens_at
from backend.marriage.rush.plan import in_rush, require_no_rush
from backend.marriage.sanctions.check import require_not_paused
from backend.marriage.texts import OFFICE_UNKNOWN, SLOT_UNKNOWN
from backend.marriage.waiting import texts
from backend.marriage.waiting.history import record
from backend.marriage.waiting.models import WaitingEntry
from backend.marriage.waiting.parties import add_parties, indexes_of
from backend.marriage.waiting.rules import WaitingState
from backend.people.life_events import require_living
from backend.storage import atomic, broken_constraint, session

_MOST_DAYS = timedelta(days=31)


@dataclass(frozen=True)
class WaitingRequest:
    """What somebody waits for: some days at an office, or one slot (then the days are its day).

    `declared` and `withheld` as in a booking: what was declared holds for the place that is offered.
    """

    kind: Kind
    parties: Sequence[PartyInput]
    declared: bool
    person_id: uuid.UUID
    via: Via
    office_id: uuid.UUID | None = None
    first_day: date | None = None
    last_day: date | None = None
    slot_id: uuid.UUID | None = None
    withheld: Collection[Declaration] = ()
    account_id: uuid.UUID | None = None  # a registrar, for somebody on the telephone


@dataclass(frozen=True)
class _Wish:
    place: OfficeView
    kind: Kind
    first: date
    last: date
    slot_id: uuid.UUID | None


def join_waiting(request: WaitingRequest) -> uuid.UUID:
    """Get in line; returns the entry's id. The place is offered by `backend.marriage.waiting.offer`.

    Raises `AppError`: not_found, invalid (fields, pre-checks, days that cannot be waited for), state_conflict with the
    free times while there are some, already_booked, already_waiting, counter_needed, booking_paused, rush_open.
    """
    kind = plain_kind(request.kind)
    require_bookable(kind)
    wish = _read_wish(request, kind)
    parties = read_parties(kind, request.parties, wish.place)
    foreign = foreign_related(kind, parties)
    wish = _possible(wish, parties, foreign=foreign)
    for day in dict.fromkeys((wish.first, wish.last)):
        check_for_day(parties, day, wish.place, declared=request.declared, kind=kind, withheld=request.withheld)
    try:
        return _join(request, wish, parties, foreign=foreign)
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) != "uq_marriage_waiting_parties_one_open":
            raise
        told = texts.ALREADY_WAITING if len(parties) > 1 else texts.ALREADY_WAITING_ONE
        raise AppError("already_waiting", told, 409) from None


def check_waiting(request: WaitingRequest) -> list[CheckedParty]:
    """The parties as they would be put in line, everything checked and nothing written; raises as `join_waiting`."""
    kind = plain_kind(request.kind)
    require_bookable(kind)
    wish = _read_wish(request, kind)
    parties = read_parties(kind, request.parties, wish.place)
    wish = _possible(wish, parties, foreign=foreign_related(kind, parties))
    for day in dict.fromkeys((wish.first, wish.last)):
        check_for_day(parties, day, wish.place, declared=request.declared, kind=kind, withheld=request.withheld)
    require_not_paused(kind, indexes_of(parties), wish.place)
    return list(parties)


def _read_wish(request: WaitingRequest, kind: Kind) -> _Wish:
    if request.slot_id is not None:
        with atomic() as db:
            slot = db.get(Slot, request.slot_id)
        place = office(slot.office_id) if slot else None
        if slot is None or place is None or kind not in slot.kinds or slot.area is not KINDS[kind].area:
            raise AppError("not_found", SLOT_UNKNOWN, 404)
        return _Wish(place, kind, slot.day, slot.day, slot.id)
    place = office(request.office_id) if request.office_id else None
    if request.first_day is None or request.last_day is None:
        raise _invalid("first_day", texts.DAYS_OR_SLOT)
    if place is None:
        raise AppError("not_found", OFFICE_UNKNOWN, 404)
    if request.last_day < request.first_day:
        raise _invalid("last_day", texts.DAYS_ORDER)
    if request.last_day - request.first_day > _MOST_DAYS:
        raise _invalid("last_day", texts.RANGE_TOO_LONG)
    return _Wish(place, kind, request.first_day, request.last_day, None)


def _possible(wish: _Wish, parties: Sequence[CheckedParty], *, foreign: bool) -> _Wish:
    """The wish cut to days on which it can come true; refused while something of it is free, or not yet released."""
    offered = day_offers(
        wish.place,
        wish.kind,
        wish.first,
        wish.last,
        foreign_related=foreign,
        rescue=may_be_rescued(wish.kind, parties),
    )
    open_days = [day for day in offered if day.open and not in_rush(wish.place.id, day.day)]
    if not open_days:
        require_no_rush(wish.place.id, wish.first)  # its places are asked for: nobody gets in line before the others
        raise _not_open(wish)
    free = [slot for day in open_days for slot in day.slots if slot.free and wish.slot_id in (None, slot.id)]
    if free:
        extra = {"alternatives": alternatives(free[:3]), "kind": wish.kind.value}
        raise AppError("state_conflict", texts.STILL_FREE, 409, extra=extra)
    first, last = _ends(open_days)
    return _Wish(wish.place, wish.kind, first, last, wish.slot_id)


def _ends(days: Sequence[DayOffer]) -> tuple[date, date]:
    return days[0].day, days[-1].day


def _not_open(wish: _Wish) -> AppError:
    moment = now()
    plan = office_plan(wish.place, moment)
    if not is_released(plan, wish.first, moment):
        opens = opens_at(plan, wish.first)
        told = texts.NOT_RELEASED.format(day=spoken_day(wish.first), moment=f"{spoken_day(opens.date())}{opens:%H:%M}")
    else:
        told = texts.NOT_OPEN.format(phone=wish.place.phone)
    return _invalid("slot_id" if wish.slot_id else "first_day", told)


def _invalid(field: str, told: str) -> AppError:
    return AppError("invalid", told, 422, errors={field: [told]})


def _join(request: WaitingRequest, wish: _Wish, parties: Sequence[CheckedParty], *, foreign: bool) -> uuid.UUID:
    indexes = indexes_of(parties)
    require_not_paused(wish.kind, indexes, wish.place)
    with atomic():
        require_living(request.person_id, number_indexes=indexes)
        booked = sa.select(Party.id).where(Party.active, Party.kind == wish.kind, Party.id_number_index.in_(indexes))
        if session().scalars(booked.limit(1)).first() is not None:
            raise AppError("already_booked", texts.HAVE_PLACE, 409)
        moment = now()
        entry = WaitingEntry(
            id=new_id(),
            office_id=wish.place.id,
            kind=wish.kind,
            foreign_related=foreign,
            slot_id=wish.slot_id,
            first_day=wish.first,
            last_day=wish.last,
            person_id=request.person_id,
            via=request.via,
            state=WaitingState.WAITING,
            queued_at=moment,
            created_at=moment,
            changed_at=moment,
        )
        session().add(entry)
        session().flush()
        add_parties(entry, parties)
        by_staff = request.account_id is not None
        actor = Actor("staff", request.account_id) if by_staff else Actor("resident", request.person_id)
        record(entry.id, "joined", actor, None, WaitingState.WAITING, wish.slot_id)
        return entry.id
