"""Couples, slots and persons for tests under pressure, and a way to let many callers go at the same moment."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.kernel.identity import check_character
from backend.kernel.ids import new_id
from backend.marriage.book import BookingRequest
from backend.marriage.couples import PartyInput
from backend.marriage.kinds import KINDS, Area, kinds_of
from backend.marriage.models import Slot, Via
from backend.marriage.offers import offices
from backend.marriage.rules import Kind
from backend.people.models import Person
from backend.storage import transaction

KIND = Kind.MARRIAGE_REGISTRATION
MINUTES = KINDS[KIND].minutes


def identity_number(born: date, sequence: int) -> str:
    """A well-formed number of the test-only area 100000; odd sequences are men."""
    first17 = f"100000{born:%Y%m%d}{sequence:03d}"
    return first17 + check_character(first17)


def couple(index: int) -> list[PartyInput]:
    """The `index`-th couple; no two couples share a person."""
    born = date(1990, 1, 1) + timedelta(days=index // 400)
    sequence = 2 * (index % 400) + 1
    return [
        PartyInput("张三", identity_number(born, sequence)),
        PartyInput("李四", identity_number(born, sequence + 1)),
    ]


def new_person(moment: datetime) -> uuid.UUID:
    """Somebody with an account."""
    with transaction() as session:
        person = Person(id=new_id(), created_at=moment)
        session.add(person)
        session.flush()
        return person.id


def new_slot(starts_at: datetime, capacity: int, area: Area = Area.MARRIAGE_HALL) -> uuid.UUID:
    """A half hour of the first office with so many windows."""
    with transaction() as session:
        slot = Slot(
            id=new_id(),
            office_id=offices()[0].id,
            area=area,
            kinds=sorted(kinds_of(area)),
            day=starts_at.date(),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
            capacity=capacity * MINUTES,
            taken=0,
        )
        session.add(slot)
        session.flush()
        return slot.id


def request(slot_id: uuid.UUID, index: int, person_id: uuid.UUID, via: Via = Via.API) -> BookingRequest:
    """The booking of one couple."""
    return BookingRequest(KIND, slot_id, couple(index), True, person_id, via)


def all_at_once(callers: int, call: Callable[[int], object]) -> Counter[str]:
    """Let `callers` threads go at one moment; how often each outcome was: `done`, or the code of the refusal."""
    barrier = threading.Barrier(callers)

    def one(index: int) -> str:
        barrier.wait()
        try:
            call(index)
        except AppError as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(callers) as pool:
        return Counter(pool.map(one, range(callers)))


def meeting(callers: int) -> threading.Barrier:
    """Where `callers` wait for each other between looking and acting: what a test without its guard has to show.

    A pause would show it on a quiet machine only. Whoever is held back by a guard breaks it after a minute.
    """
    return threading.Barrier(callers, timeout=60)


def taken_and_booked(slot_id: uuid.UUID) -> tuple[int, int]:
    """How many places the slot's counter says are taken, and how many rows have one."""
    with transaction() as session:
        taken = session.scalar(sa.text("SELECT taken FROM marriage_slots WHERE id = :id"), {"id": slot_id})
        rows = session.scalar(
            sa.text("SELECT count(*) FROM marriage_appointments WHERE slot_id = :id AND (active OR state = 'held')"),
            {"id": slot_id},
        )
    return int(taken or 0) // MINUTES, int(rows or 0)
