"""Divorce windows that close: first in the line, within the window, and somebody telephones (§2.5-3, §2.5-4)."""

from __future__ import annotations

import uuid
from datetime import date

from backend.kernel.clock import BEIJING, MovableClock
from backend.marriage.capacity.move_queries import calls_waiting
from backend.marriage.capacity.rules import LineState
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Office
from backend.marriage.offices import OfficeView
from backend.marriage.open_slots import open_slots
from backend.storage import transaction
from tests.marriage.support import at, book
from tests.marriage_capacity.support import assert_nothing_oversold, close_and_move, line_of, lines_of, slots_of
from tests.marriage_divorce.support import accept

WEDNESDAY = date(2026, 11, 25)


def nodes(place: OfficeView) -> frozenset[uuid.UUID]:
    """The place in the tree."""
    with transaction() as session:
        return frozenset({session.get_one(Office, place.id).node_id})


def test_the_window_that_closes_soonest_comes_first_and_is_called(
    place: OfficeView, officer: uuid.UUID, clock: MovableClock
) -> None:
    clock.move_to(at("2026-09-27 10:00"))
    accept(place.id, officer, 1, "2026-0001")  # 30 days, and 30 more: the window closes on Friday
    clock.move_to(at("2026-10-20 10:00"))
    accept(place.id, officer, 2, "2026-0002")
    clock.move_to(at("2026-11-23 09:00"))
    open_slots()
    room = slots_of(place, WEDNESDAY, Area.DIVORCE_ROOM)
    later = book(room[0].id, 2, kind=Kind.DIVORCE_CERTIFICATE).appointment_id
    hall = book(slots_of(place, WEDNESDAY)[0].id, 3).appointment_id
    closing = book(room[-1].id, 1, kind=Kind.DIVORCE_CERTIFICATE).appointment_id
    move_id = close_and_move(place, officer, WEDNESDAY)
    assert [line.appointment_id for line in lines_of(move_id)] == [closing, later, hall]
    line = line_of(closing)
    assert line.by_phone
    assert line.state is LineState.OFFERED
    assert line.new_starts_at is not None
    assert line.new_starts_at.astimezone(BEIJING).date() <= date(2026, 11, 27)
    assert not line_of(later).by_phone
    (call,) = calls_waiting(nodes(place), 10)
    assert (call.line_id, call.by_phone) == (line.id, True)
    assert_nothing_oversold()
