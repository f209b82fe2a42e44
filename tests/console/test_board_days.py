"""The board narrowed to a stretch of days, and the file taken from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import pytest

from backend.marriage.desk.filters import board_arguments, read_board
from backend.marriage.rules import State
from tests.console.support import Desk, make_appointment, make_slot, party_name

DAYS = [date(2027, 5, 19), date(2027, 5, 20), date(2027, 5, 24), date(2027, 5, 26)]


@pytest.fixture
def board(desk: Callable[..., Desk]) -> Callable[[str], set[int]]:
    """Which of four couples of four days the board shows for a query string."""
    for serial, day in enumerate(DAYS):
        make_appointment(make_slot("xincheng", day, time(10, 0)), State.BOOKED, serial=serial)
    browser = desk()

    def shown(query: str) -> set[int]:
        page = browser.get(f"/console/marriage/appointments?tab=later&{query}").text
        return {serial for serial in range(len(DAYS)) if party_name(serial, 0) in page}

    return shown


@pytest.mark.parametrize(
    ("query", "serials"),
    [
        ("", {0, 1, 2, 3}),
        ("day=2027-05-20", {1}),
        ("day=2027-05-20&last=2027-05-24", {1, 2}),
        ("day=2027-05-24&last=2027-05-20", {1, 2}),
        ("last=2027-05-20", {0, 1}),
    ],
)
def test_the_board_shows_the_days_asked_for(query: str, serials: set[int], board: Callable[[str], set[int]]):
    assert board(query) == serials


def test_the_stretch_goes_along_with_pages_and_files():
    asked = {"tab": "all", "day": "2027-05-20", "last": "2027-05-24"}
    assert board_arguments(read_board(asked)) == asked
