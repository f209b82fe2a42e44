"""Use cases: windows go out for some hours of a day, and whoever they cannot serve is moved; and they work again.

The registry itself stays open: nothing is counted against anybody (domain-rules §2.5-4), and couples who stay are
served at the windows that are left.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.capacity import texts
from backend.marriage.capacity.change import lock_days, lock_office
from backend.marriage.capacity.models import BulkMove, MoveLine, WindowOutage
from backend.marriage.capacity.outage_look import OutageLook, OutageWish, look_at_outage
from backend.marriage.capacity.place import place_at, place_waiting
from backend.marriage.capacity.start import add_lines
from backend.marriage.changes import by_key
from backend.marriage.days import forget_days, plan_as_written
from backend.marriage.lay_out import Applied, lay_out_anew
from backend.marriage.models import Appointment
from backend.marriage.offices import OfficeView
from backend.marriage.opening import plan
from backend.storage import after_commit, locked, session, transaction


@dataclass(frozen=True)
class OutDone:
    """What came of it. `move_id`: the bulk move of those who were moved, if anybody was."""

    outage_id: uuid.UUID
    move_id: uuid.UUID | None
    moved: int


def take_windows_out(
    place: OfficeView,
    wish: OutageWish,
    chosen: Mapping[uuid.UUID, uuid.UUID | None],
    base: str,
    account_id: uuid.UUID,
) -> OutDone:
    """Take the windows out and move the chosen appointments, in one transaction; nobody books there meanwhile.

    `chosen` names for each the slot that was agreed to, or None for the nearest that suits. Their new times are given
    by `place_chosen`. Raises `AppError` state_conflict when anything that was looked at (`base`) has moved since, or
    the windows are out already; invalid for a choice that is not among those hit.
    """
    with transaction():
        lock_office(place)
        _lock_appointments(chosen)  # before their slots, as everybody does
        lock_days(place, [wish.day])
        if _out_already(place, wish):
            raise AppError("state_conflict", texts.OUT_ALREADY, 409)
        look = look_at_outage(place, wish, propose=False)
        if look.base != base:
            raise AppError("state_conflict", texts.BASE_MOVED, 409)
        if not set(chosen) <= {couple.hit.id for couple in look.couples}:
            raise AppError("invalid", texts.FALSE_CHOICE, 422, errors={"couples": [texts.FALSE_CHOICE]})
        outage = _write(place, wish, account_id)
        _lay_out(place, wish)
        move_id = _begin_move(place, outage, look, chosen, account_id) if chosen else None
        return OutDone(outage.id, move_id, len(chosen))


def place_chosen(done: OutDone, chosen: Mapping[uuid.UUID, uuid.UUID | None]) -> None:
    """Give everybody the time that was agreed to, or, where that was taken meanwhile, the nearest; and tell them."""
    if done.move_id is None:
        return
    with transaction() as db:
        query = sa.select(MoveLine.id, MoveLine.appointment_id).where(MoveLine.move_id == done.move_id)
        lines = db.execute(query.order_by(MoveLine.rank)).all()
    for line_id, appointment_id in lines:
        slot_id = chosen.get(appointment_id)
        if slot_id is not None:
            place_at(line_id, slot_id)
    place_waiting(done.move_id, len(lines))


def end_outage(place: OfficeView, outage_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """The windows work again; their places go to whoever waits for one first. Ending twice is the same as once.

    Raises `AppError`: not_found, also for another registry's.
    """
    with transaction():
        lock_office(place)
        outage = locked(WindowOutage, outage_id)
        if outage is None or outage.office_id != place.id:
            raise AppError("not_found", texts.OUTAGE_UNKNOWN, 404)
        if outage.ended_at is not None:
            return
        outage.ended_at, outage.ended_by = now(), account_id
        session().flush()
        after_commit(forget_days)
        if outage.ends_at > now():
            _lay_out(place, outage)


def outages_of(place: OfficeView) -> list[WindowOutage]:
    """Outages that are not over yet, soonest first."""
    query = sa.select(WindowOutage).where(
        WindowOutage.office_id == place.id, WindowOutage.ends_at > now(), WindowOutage.ended_at.is_(None)
    )
    with transaction() as db:
        return list(db.scalars(query.order_by(WindowOutage.starts_at, WindowOutage.id)))


def _lock_appointments(ids: Iterable[uuid.UUID]) -> None:
    query = sa.select(Appointment.id).where(Appointment.id.in_(list(ids))).order_by(Appointment.id)
    session().execute(query.with_for_update())


def _out_already(place: OfficeView, wish: OutageWish) -> bool:
    """Whether every one of the windows is out for all of these hours."""
    covering = [
        one
        for one in plan_as_written(place, now()).outages
        if one.area is wish.area and one.starts_at <= wish.starts_at and wish.ends_at <= one.ends_at
    ]
    return wish.windows <= {number for one in covering for number in one.windows}


def _write(place: OfficeView, wish: OutageWish, account_id: uuid.UUID) -> WindowOutage:
    outage = WindowOutage(
        id=new_id(),
        office_id=place.id,
        area=wish.area,
        day=wish.day,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        windows=sorted(wish.windows),
        reason=wish.reason,
        created_at=now(),
        created_by=account_id,
    )
    session().add(outage)
    session().flush()
    after_commit(forget_days)
    return outage


def _lay_out(place: OfficeView, of: OutageWish | WindowOutage) -> None:
    """The day as it is with the windows that are left; what is booked stays until it is moved."""
    planned = plan(plan_as_written(place, now()), of.day, legal_calendar())
    lay_out_anew(place, of.day, by_key(planned), Applied())


def _begin_move(
    place: OfficeView,
    outage: WindowOutage,
    look: OutageLook,
    chosen: Mapping[uuid.UUID, uuid.UUID | None],
    account_id: uuid.UUID,
) -> uuid.UUID:
    moment = now()
    move = BulkMove(
        id=new_id(),
        office_id=place.id,
        first_day=outage.day,
        last_day=outage.day,
        reason=outage.reason,
        created_at=moment,
        created_by=account_id,
        started_at=moment,
        started_by=account_id,
        outage_id=outage.id,
    )
    session().add(move)
    session().flush()
    add_lines(move, [couple.hit for couple in look.couples if couple.hit.id in chosen])
    return move.id
