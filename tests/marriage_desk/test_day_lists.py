"""The list of the next day waits at the desk from half past five on, once a registry, until somebody takes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.marriage.models import DayListTaken
from backend.marriage.rules import State
from backend.storage import transaction
from tests.console.support import TUESDAY, Desk, make_appointment, make_slot

Opened = Callable[..., Desk]
WORK, LIST = "/console/", "/console/marriage/day-list"
FRIDAY = TUESDAY.date() + timedelta(days=3)


@pytest.fixture
def friday(desks: MovableClock) -> date:
    """Two couples on Friday, one of them given up, and one at the other registry; nobody before."""
    slot = make_slot("xincheng", FRIDAY, time(10, 0))
    make_appointment(slot, State.CONFIRMED, serial=1)
    make_appointment(slot, State.BOOKED, serial=2)
    make_appointment(make_slot("changle", FRIDAY, time(9, 0)), State.BOOKED, serial=3)
    return FRIDAY


def taken() -> list[date]:
    """Of which days a list was taken."""
    with transaction() as session:
        return list(session.scalars(sa.select(DayListTaken.day)))


def test_it_waits_from_half_past_five_until_it_is_taken(desk: Opened, desks: MovableClock, friday: date) -> None:
    somebody, title = desk(), "新城区婚姻登记处5月21日的名单，2 对"
    assert title not in somebody.get(WORK).text
    desks.advance(timedelta(hours=7, minutes=50))  # 17:30
    somebody = desk()
    page = somebody.get(WORK).text
    assert title in page
    assert f"{LIST}?day=2027-05-21&amp;print=1" in page
    assert "长乐路婚姻登记处5月21日" not in page
    assert title in desk("head-1").get(WORK).text
    opened = somebody.get(f"{LIST}?day=2027-05-21&print=1").text
    assert "data-print-now" in opened
    assert "预约 2 对" in opened
    assert "data-print-now" not in somebody.get(f"{LIST}?day=2027-05-21").text
    for each in (somebody, desk("head-1")):
        assert title not in each.get(WORK).text
    assert "长乐路婚姻登记处5月21日的名单，1 对" in desk("registrar-2").get(WORK).text
    assert taken() == [FRIDAY]


def test_who_only_looks_takes_nothing(desk: Opened, desks: MovableClock, friday: date) -> None:
    assert desk("admin").get(f"{LIST}?day=2027-05-21").status_code == 200
    assert taken() == []
    desk().get(f"{LIST}?day=2027-05-01")  # over
    assert taken() == []


def test_in_the_morning_it_still_waits(desk: Opened, desks: MovableClock, friday: date) -> None:
    desks.advance(timedelta(days=3, hours=-2))  # Friday, 07:40
    assert "5月21日的名单，2 对" in desk().get(WORK).text
    desks.advance(timedelta(hours=5))
    assert "5月21日的名单" not in desk().get(WORK).text
