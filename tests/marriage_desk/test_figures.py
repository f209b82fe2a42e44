"""Figures and the calendar of load: what they count, in how many queries, and how they are taken away."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock, now
from backend.marriage.desk.figure_export import FIGURES
from backend.marriage.desk.figures import FigureFilter, figure_lines, summed, total
from backend.marriage.desk.load import DayLoad, load_by_day
from backend.marriage.kinds import Kind
from backend.marriage.models import Office
from backend.marriage.rules import State
from backend.storage import Database, transaction
from tests.console.support import TUESDAY, Desk, counted_queries, make_appointment, make_slot

PAGE = "/console/marriage/figures"
HALL = "/console/marriage/hall"
LOAD = "/console/marriage/load"
Opened = Callable[..., Desk]
TODAY = TUESDAY.date()


def nodes() -> frozenset[uuid.UUID]:
    with transaction() as session:
        return frozenset(session.scalars(sa.select(Office.node_id)))


def wanted(first: date = TODAY, last: date = TODAY, office: str | None = None) -> FigureFilter:
    return FigureFilter(first, last, office)


def a_morning(desk: Opened, desks: MovableClock) -> None:
    """Two walk-ins: one waits 10 minutes and is served for 20; the other waits for 30 and is served for 10."""
    somebody = desk()
    somebody.post(f"{HALL}/window", {"window": "1", "area": "service_window"})
    for _ in range(2):
        somebody.post(f"{HALL}/tickets", {"kind": "archive_query"})
    for wait, service in ((10, 20), (0, 10)):
        desks.move_to(now() + timedelta(minutes=wait))
        called = somebody.post(f"{HALL}/next", htmx=True).text
        [ticket] = set(re.findall(r"/hall/tickets/([0-9a-f-]{36})/begin", called))
        somebody.post(f"{HALL}/tickets/{ticket}/begin")
        desks.move_to(now() + timedelta(minutes=service))
        somebody.post(f"{HALL}/tickets/{ticket}/done")


def test_what_is_counted(desk: Opened, desks: MovableClock, ten: uuid.UUID) -> None:
    states = (State.BOOKED, State.SERVED, State.CHECKED_IN, State.FAILED_DOCUMENTS, State.NO_SHOW, State.CANCELLED)
    for serial, state in enumerate((*states, State.HELD, State.REFUSED)):
        make_appointment(ten, state, serial=serial)
    a_morning(desk, desks)
    lines = figure_lines(nodes(), wanted())
    sums = total(lines)
    assert (sums.booked, sums.came, sums.absent, sums.cancelled, sums.failed) == (6, 3, 1, 1, 1)
    assert (sums.walk_ins, sums.called, sums.mean_wait, sums.mean_service) == (2, 2, 20, 15)
    assert sums.came_percent == 75
    assert list(summed(lines, "kind")) == [Kind.ARCHIVE_QUERY, Kind.MARRIAGE_REGISTRATION]
    hours = summed((line for line in lines if line.hour is not None), "hour")
    assert {hour: one.called for hour, one in hours.items()} == {9: 2}


def test_booked_couples_wait_from_their_time_on(desk: Opened, desks: MovableClock, ten: uuid.UUID) -> None:
    made = make_appointment(ten, State.CONFIRMED)
    somebody = desk()
    somebody.post(f"{HALL}/window", {"window": "1", "area": "marriage_hall"})
    somebody.post(f"/console/marriage/appointments/{made}/check-in")  # twenty minutes early
    desks.move_to(TUESDAY + timedelta(minutes=25))
    somebody.post(f"{HALL}/next")
    sums = total(figure_lines(nodes(), wanted()))
    assert (sums.mean_wait, sums.walk_ins, sums.called) == (5, 0, 1)


def test_period_and_office(ten: uuid.UUID) -> None:
    make_appointment(ten, State.SERVED, serial=1)
    make_appointment(make_slot("changle", TODAY, time(10, 0)), State.SERVED, serial=2)
    make_appointment(make_slot("changle", TODAY - timedelta(days=3), time(10, 0)), State.SERVED, serial=3)
    assert total(figure_lines(nodes(), wanted())).booked == 2
    assert total(figure_lines(nodes(), wanted(office="changle"))).booked == 1
    assert total(figure_lines(nodes(), wanted(TODAY - timedelta(days=3)))).booked == 3
    assert total(figure_lines(frozenset(), wanted())).booked == 0


@pytest.mark.parametrize("path", [PAGE, LOAD])
def test_the_number_of_queries_does_not_grow(desk: Opened, clean_database: Database, ten: uuid.UUID, path: str) -> None:
    somebody = desk()
    make_appointment(ten, State.SERVED, serial=1)
    somebody.get(path)
    with counted_queries(clean_database) as few:
        assert somebody.get(path).status_code == 200
    for serial in range(2, 12):
        make_appointment(ten, State.SERVED, serial=serial)
        somebody.post(f"{HALL}/tickets", {"kind": "archive_query"})
    with counted_queries(clean_database) as many:
        assert somebody.get(path).status_code == 200
    assert len(few) == len(many)


def test_the_page_tells_the_same_in_pictures_and_in_tables(desk: Opened, desks: MovableClock, ten: uuid.UUID) -> None:
    for serial in range(7):
        make_appointment(ten, State.SERVED, serial=serial)
    a_morning(desk, desks)
    page = desk().get(PAGE).text
    assert re.search(r"<text x=\"28.0\"[^>]*>7/2</text>", page) or "7/2</text>" in page
    assert re.search(r'<th scope="row">5月18日</th><td>7</td><td>7</td>', page)
    assert "人最多的几天" in page
    assert "预约 7，现场 2" in page


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("first=2026-01-01&last=2027-05-18", "一次最多看一年"),
        ("first=yesterday", "日期应写成"),
    ],
)
def test_bad_periods_get_a_clear_answer(desk: Opened, query: str, told: str) -> None:
    answer = desk().get(f"{PAGE}?{query}")
    assert answer.status_code == 422
    assert told in answer.text


def test_another_registrys_figures_are_not_there(desk: Opened, ten: uuid.UUID) -> None:
    make_appointment(make_slot("changle", TODAY, time(10, 0)), State.SERVED, serial=2)
    assert desk("registrar-1").get(f"{PAGE}?office=changle").status_code == 404
    assert desk("registrar-1").get(f"{LOAD}?office=changle").status_code == 404
    assert '<b>0</b><span class="muted">预约</span>' in desk("registrar-1").get(PAGE).text
    assert '<b>1</b><span class="muted">预约</span>' in desk("admin").get(f"{PAGE}?office=changle").text


def test_the_table_to_take_away(ten: uuid.UUID) -> None:
    for serial in range(3):
        make_appointment(ten, State.SERVED, serial=serial)
    make_appointment(make_slot("changle", TODAY, time(10, 0)), State.NO_SHOW, serial=9)
    arguments = FIGURES.read_arguments({"first": TODAY.isoformat(), "last": TODAY.isoformat()})
    names = [column.name for column in FIGURES.columns]
    assert FIGURES.count(nodes(), arguments, 500) == 2
    first = FIGURES.page(nodes(), arguments, names, None, 1)
    second = FIGURES.page(nodes(), arguments, names, first.next, 1)
    rows = [*first.rows, *second.rows]
    assert second.next is None
    assert [(row["office"], row["booked"], row["came"], row["absent"]) for row in rows] == [
        ("新城区婚姻登记处", "3", "3", "0"),
        ("长乐路婚姻登记处", "1", "0", "1"),
    ]
    assert rows[0]["kind"] == "结婚登记"
    assert FIGURES.personal(names) == []


# --- the calendar of load ---


@pytest.mark.parametrize(("taken", "heat"), [(0, 0), (1, 1), (24, 1), (25, 2), (50, 3), (75, 4), (99, 4), (100, 5)])
def test_how_warm_a_day_is(taken: int, heat: int) -> None:
    assert DayLoad(TODAY, 100, taken, 1).heat == heat


def test_a_full_day_is_never_called_full_before_it_is(ten: uuid.UUID) -> None:
    assert DayLoad(TODAY, 300, 299, 9).percent == 99
    assert DayLoad(TODAY, 0, 0, 0).percent == 0


def test_a_month(desk: Opened, ten: uuid.UUID) -> None:
    for serial in range(15):
        make_appointment(ten, State.CONFIRMED, serial=serial)
    make_appointment(ten, State.CANCELLED, serial=20)
    [day] = load_by_day(nodes(), TODAY, 1)
    assert (day.couples, day.percent) == (15, 53)  # the helper of the tests counts places of cancelled ones too
    page = desk().get(LOAD).text
    assert "2027年5月号源" in page
    assert '<span class="share">53%</span>' in page
    assert "15 对" in page
    assert "没有号源" in page
    narrowed = desk().get(f"{LOAD}?month=2027-05&area=divorce_room").text
    assert "15 对" not in narrowed
    assert "2027年4月号源" in desk().get(f"{LOAD}?month=2027-04").text
    for query in ("month=May", "area=roof"):
        assert desk().get(f"{LOAD}?{query}").status_code == 422
