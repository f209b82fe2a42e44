"""The kit of what is booked by the session: rosters, and time that is taken once, whoever comes at the same moment."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from threading import Barrier

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from backend.marriage.resources.claim import claim, give_back
from backend.marriage.resources.free import free_between
from backend.marriage.resources.keep import ResourceFacts, keep_resource, set_day, usual_day
from backend.marriage.resources.models import Resource
from backend.marriage.resources.rules import CELL, Hours, ResourceKind, cells_of, hours_on, sessions_of
from backend.storage import Database, atomic, database, transaction, use_database
from tests.concurrency.support import all_at_once, meeting
from tests.marriage.support import at, code_of
from tests.marriage_ceremonies.support import cells

CALLERS = 20
TEN = at("2026-11-26 10:00")
HALF_HOUR = timedelta(minutes=30)
DAY = date(2026, 11, 26)


def resource(resource_id: uuid.UUID) -> Resource:
    with transaction() as session:
        return session.get_one(Resource, resource_id, populate_existing=True)


def test_sessions_of_a_day() -> None:
    hours = [Hours(time(13, 30), time(15, 0)), Hours(time(9, 0), time(10, 0))]
    found = sessions_of(DAY, hours, 50, 10)
    assert [f"{one.starts_at:%H:%M}-{one.ends_at:%H:%M} {one.until:%H:%M}" for one in found] == [
        "09:00-09:50 10:00",
        "13:30-14:20 14:30",
    ]


def test_an_exception_comes_before_the_weekday() -> None:
    week = {4: [Hours(time(9, 0), time(12, 0))]}
    assert hours_on(DAY, week, {}) == week[4]
    assert hours_on(DAY, week, {DAY: []}) == []
    assert hours_on(DAY + timedelta(days=1), week, {}) == ()


@given(st.integers(0, 60), st.integers(1, 12), st.integers(0, 60), st.integers(1, 12))
def test_two_stretches_share_a_cell_exactly_when_they_overlap(one: int, length: int, other: int, more: int) -> None:
    first, second = TEN + CELL * one, TEN + CELL * other
    first_end, second_end = first + CELL * length, second + CELL * more
    shared = set(cells_of(first, first_end)) & set(cells_of(second, second_end))
    assert bool(shared) is (first < second_end and second < first_end)


def test_off_the_grid_is_refused() -> None:
    for starts, ends in ((TEN + timedelta(minutes=5), TEN + HALF_HOUR), (TEN, TEN + timedelta(minutes=25)), (TEN, TEN)):
        with pytest.raises(ValueError, match=r"grid|cells"):
            cells_of(starts, ends)


def test_a_stretch_is_taken_whole_or_not_at_all(hall: uuid.UUID) -> None:
    booking = claim(hall, TEN, TEN + HALF_HOUR)
    assert code_of(lambda: claim(hall, TEN + CELL * 2, TEN + CELL * 6)) == "slot_full"
    assert cells(hall) == 3
    claim(hall, TEN + HALF_HOUR, TEN + HALF_HOUR * 2)
    with atomic():
        give_back(booking)
        give_back(booking)
    assert cells(hall) == 3


def test_days_that_differ(hall: uuid.UUID) -> None:
    assert len(free_between([resource(hall)], DAY, DAY)[hall]) == 13
    set_day(hall, DAY, Hours(time(9, 0), time(10, 0)))
    assert len(free_between([resource(hall)], DAY, DAY)[hall]) == 2
    set_day(hall, DAY, None)
    assert free_between([resource(hall)], DAY, DAY)[hall] == []
    usual_day(hall, DAY)
    assert len(free_between([resource(hall)], DAY, DAY)[hall]) == 13
    assert code_of(lambda: set_day(hall, date(2026, 11, 22), None)) == "invalid"


@pytest.mark.parametrize(
    "facts",
    [
        ResourceFacts("", 30),
        ResourceFacts("大厅", 25),
        ResourceFacts("大厅", 30, pause_minutes=-10),
        ResourceFacts("大厅", 30, guests_most=501),
        ResourceFacts("颁证大厅", 30),
        ResourceFacts("大厅", 30, fallback_id=uuid.UUID(int=7)),
        ResourceFacts("大厅", 30, week={1: [Hours(time(9), time(12)), Hours(time(11), time(13))]}),
        ResourceFacts("大厅", 30, week={1: [Hours(time(9, 5), time(12))]}),
    ],
)
def test_what_a_resource_cannot_be(office: uuid.UUID, hall: uuid.UUID, facts: ResourceFacts) -> None:
    assert code_of(lambda: keep_resource(office, ResourceKind.VENUE, facts)) == "invalid"


@pytest.fixture
def wide(hall: uuid.UUID, clean_database: Database, database_url: str) -> Iterator[uuid.UUID]:
    """The hall, with a connection for every caller."""
    opened = Database(database_url, pool_size=CALLERS)
    use_database(opened)
    yield hall
    use_database(clean_database)
    opened.engine.dispose()


def test_twenty_callers_on_stretches_that_overlap(wide: uuid.UUID) -> None:
    for turn in range(5):
        first = TEN + timedelta(hours=turn)
        outcomes = all_at_once(CALLERS, partial(_claim, wide, first))
        assert outcomes == Counter(done=1, slot_full=CALLERS - 1), "every two of them share a cell"
        assert cells(wide) == 3 * (turn + 1)


def _claim(resource_id: uuid.UUID, first: datetime, index: int) -> None:
    starts_at = first + CELL * (index % 3)
    claim(resource_id, starts_at, starts_at + HALF_HOUR)


def test_without_the_key_the_time_is_given_many_times(wide: uuid.UUID) -> None:
    """What the test above would say nothing about if this did not fail: look first, then insert, and no key."""
    with database().engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE marriage_resource_cells DROP CONSTRAINT pk_marriage_resource_cells"))
    try:
        all_looked = meeting(CALLERS)
        assert all_at_once(CALLERS, lambda _: _look_then_take(wide, all_looked)) == Counter(done=CALLERS)
    finally:
        with database().engine.begin() as connection:
            connection.execute(sa.text("TRUNCATE marriage_resource_bookings CASCADE"))
            connection.execute(
                sa.text(
                    "ALTER TABLE marriage_resource_cells ADD CONSTRAINT pk_marriage_resource_cells "
                    "PRIMARY KEY (resource_id, starts_at)"
                )
            )


def _look_then_take(resource_id: uuid.UUID, all_looked: Barrier) -> None:
    values = {"resource": resource_id, "booking": uuid.uuid4(), "starts": TEN, "until": TEN + HALF_HOUR}
    with transaction() as session:
        taken = session.scalar(
            sa.text("SELECT 1 FROM marriage_resource_cells WHERE resource_id = :resource AND starts_at = :starts"),
            values,
        )
        all_looked.wait()
        if taken is None:
            session.execute(
                sa.text(
                    "INSERT INTO marriage_resource_bookings (id, resource_id, starts_at, until) "
                    "VALUES (:booking, :resource, :starts, :until)"
                ),
                values,
            )
            session.execute(
                sa.text(
                    "INSERT INTO marriage_resource_cells (resource_id, starts_at, booking_id) "
                    "VALUES (:resource, :starts, :booking)"
                ),
                values,
            )
