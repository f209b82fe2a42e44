"""Pages of the calendar ask the database as often with many bookings as with few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from backend.marriage.capacity.start import start_move
from backend.marriage.offices import OfficeView
from backend.storage import Database
from tests.console.conftest import desk, desks
from tests.console.support import Desk, counted_queries
from tests.marriage.support import book
from tests.marriage_capacity.support import change, closing, slots_of
from tests.marriage_capacity.test_outages import busy, form
from tests.marriage_divorce.support import make_registrar

__all__ = ["busy", "desk", "desks"]

THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)


def fill(place: OfficeView, day: date, first: int, count: int) -> None:
    """Couples on a day, each at another time."""
    for index, slot in enumerate(slots_of(place, day)[first : first + count], start=first):
        book(slot.id, index)


@pytest.mark.parametrize("page", ["month", "day", "preview"])
def test_the_calendar(busy: OfficeView, clean_database: Database, desk: Callable[..., Desk], page: str) -> None:
    head, base = desk("head-1"), "/console/marriage/capacity"
    wanted = {"action": "close", "day": "2026-11-26", "first": "2026-11-26", "last": "2026-11-26", "reason": "停电"}

    def look() -> int:
        if page == "preview":
            return head.post(f"{base}/{busy.id}/preview", wanted).status_code
        return head.get(f"{base}?month=2026-11" if page == "month" else f"{base}/{busy.id}/days/2026-11-26").status_code

    fill(busy, THURSDAY, 0, 1)
    look()
    with counted_queries(clean_database) as few:
        assert look() == 200
    fill(busy, THURSDAY, 1, 8)
    with counted_queries(clean_database) as many:
        assert look() == 200
    assert len(few) == len(many)


def test_a_move_before_and_after_it_is_started(
    busy: OfficeView, clean_database: Database, desk: Callable[..., Desk]
) -> None:
    fill(busy, THURSDAY, 0, 1)
    fill(busy, FRIDAY, 1, 8)
    officer, registrar, counts = make_registrar(), desk("registrar-1"), []
    for day in (THURSDAY, FRIDAY):
        moved = change(busy, closing(day), officer)
        assert moved.move_id is not None
        path = f"/console/marriage/capacity/moves/{moved.move_id}"
        for begin in (False, True):
            if begin:
                start_move(busy, moved.move_id, officer)
            registrar.get(path)
            with counted_queries(clean_database) as asked:
                assert registrar.get(path).status_code == 200
            counts.append(len(asked))
    assert counts[:2] == counts[2:]


def test_a_look_at_an_outage_costs_little_for_each_couple(
    busy: OfficeView, clean_database: Database, desk: Callable[..., Desk]
) -> None:
    """Free times are looked for couple by couple, for forty at most; everything else is asked once."""
    registrar, path = desk("registrar-1"), f"/console/marriage/capacity/{busy.id}/outage/look"
    wanted = form(day="2026-11-26", until="17:00")
    counts = []
    for first, count in ((0, 1), (1, 2), (3, 2)):
        fill(busy, THURSDAY, first, count)
        registrar.post(path, wanted)
        with counted_queries(clean_database) as asked:
            assert registrar.post(path, wanted).status_code == 200
        counts.append(len(asked))
    assert counts[1] - counts[0] == counts[2] - counts[1] <= 2 * 12
