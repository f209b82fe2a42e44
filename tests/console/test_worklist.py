"""The one worklist: what waits, in which order, with which clock; matters, pages, what one may not see."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest

from backend.console.clocks import ClockState, clock_of, span
from backend.kernel.clock import MovableClock
from backend.marriage.rules import State
from tests.console.support import TUESDAY, Desk, make_appointment, make_slot, party_name
from tests.console.test_attention import message

Opened = Callable[..., Desk]
TODAY = TUESDAY.date()
FRIDAY = TODAY + timedelta(days=3)


def rows(page: str) -> list[str]:
    """The lines of the worklist as plain text."""
    part = page.split('id="waiting"')[1].split("</section>")[0]
    found = re.findall(r"<tr data-row>(.*?)</tr>", part, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def appointment(day: datetime | None, state: State, at: time = time(10, 0), serial: int = 0) -> uuid.UUID:
    return make_appointment(make_slot("xincheng", day.date() if day else TODAY, at), state, serial=serial)


# --- the clock ---


@pytest.mark.parametrize(
    ("waited", "left", "state", "told"),
    [
        (timedelta(days=1), timedelta(days=9), ClockState.NORMAL, "还有 9 天"),
        (timedelta(days=8), timedelta(days=2), ClockState.SOON, "还有 2 天"),
        (timedelta(minutes=1), timedelta(minutes=14), ClockState.SOON, "还有 14 分钟"),
        (timedelta(minutes=10), timedelta(minutes=20), ClockState.NORMAL, "还有 20 分钟"),
        (timedelta(hours=3), timedelta(0), ClockState.SOON, "正到时间"),
        (timedelta(days=3), timedelta(minutes=-5), ClockState.OVERDUE, "超了 5 分钟"),
        (timedelta(days=3), timedelta(hours=-26), ClockState.OVERDUE, "超了 26 小时"),
    ],
)
def test_how_something_stands_in_time(waited: timedelta, left: timedelta, state: ClockState, told: str) -> None:
    clock = clock_of(TUESDAY - waited, TUESDAY + left, TUESDAY)
    assert (clock.state, clock.told) == (state, told)


def test_what_has_no_end_tells_how_long_it_has_waited() -> None:
    assert clock_of(TUESDAY - timedelta(hours=5), None, TUESDAY).told == "等了 5 小时"


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (0, "1 分钟"),
        (59, "59 分钟"),
        (60, "1 小时"),
        (119, "1 小时 59 分钟"),
        (200, "3 小时"),
        (2879, "47 小时"),
        (2880, "2 天"),
    ],
)
def test_how_a_length_of_time_is_told(minutes: int, told: str) -> None:
    assert span(timedelta(minutes=minutes)) == told


# --- the list ---


def test_the_most_pressing_comes_first_and_says_so_in_words(desk: Opened) -> None:
    appointment(datetime.combine(FRIDAY, time(10), TUESDAY.tzinfo), State.BOOKED, serial=1)
    appointment(None, State.CONFIRMED, time(9, 0), serial=2)
    appointment(None, State.CHECKED_IN, time(9, 30), serial=3)
    appointment(None, State.BOOKED, time(15, 0), serial=4)
    found = rows(desk().get("/console/").text)
    assert [row.split()[1] for row in found] == ["确认预约", "已签到，等办理", "过时没来，待记", "确认预约"]
    assert found[0].startswith("已超期")
    assert "还有 20 分钟" in found[1]
    assert found[3].startswith("正常")
    assert "5月20日（周四）17:00" in found[3]


def test_the_clock_moves_on(desk: Opened, desks: MovableClock) -> None:
    appointment(datetime.combine(FRIDAY, time(10), TUESDAY.tzinfo), State.BOOKED)
    assert rows(desk().get("/console/").text)[0].startswith("正常")
    desks.move_to(datetime(2027, 5, 20, 16, 30, tzinfo=TUESDAY.tzinfo))
    assert rows(desk().get("/console/").text)[0].startswith("快到期")
    desks.move_to(datetime(2027, 5, 20, 17, 30, tzinfo=TUESDAY.tzinfo))
    assert rows(desk().get("/console/").text)[0].startswith("已超期")


def test_nobody_is_absent_within_the_grace(desk: Opened, desks: MovableClock) -> None:
    appointment(None, State.CONFIRMED, time(9, 30))
    assert rows(desk().get("/console/").text) == []
    desks.advance(timedelta(minutes=6))
    assert "过时没来" in rows(desk().get("/console/").text)[0]


def test_the_list_names_nobody(desk: Opened) -> None:
    appointment(None, State.CHECKED_IN)
    part = desk().get("/console/", htmx=True).text
    assert "已签到" in part
    assert party_name(0, 0) not in part
    assert "<html" not in part


def test_matters_are_counted_and_chosen(desk: Opened) -> None:
    for serial in range(3):
        appointment(None, State.BOOKED, time(15, serial), serial=serial)
    message(serial=9)
    somebody = desk()
    page = somebody.get("/console/").text
    assert re.search(r'确认预约 <span class="figure">4</span>', page)
    assert re.search(r'没送到的消息 <span class="figure">1</span>', page)
    chosen = somebody.get("/console/?matter=没送到的消息").text
    assert len(rows(chosen)) == 1
    assert "“预约已确认”没有送到 MZ" in chosen
    assert len(rows(somebody.get("/console/?matter=没有这一项").text)) == 5


def test_pages_follow_one_another(desk: Opened) -> None:
    slot = make_slot("xincheng", TODAY, time(15, 0), 45)
    made = {str(make_appointment(slot, serial=serial)) for serial in range(45)}
    somebody, seen, address = desk(), [], "/console/"
    for _ in range(3):
        page = somebody.get(address).text
        part = page.split('id="waiting"')[1].split("</section>")[0]
        seen += re.findall(r"appointments/([0-9a-f-]{36})", part)
        following = re.search(r'rel="next" href="([^"]+)"', part)
        address = following[1].replace("&amp;", "&") if following else ""
    assert address == ""
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "W10", "bnVsbA"])
def test_a_cursor_that_is_not_ours(desk: Opened, cursor: str) -> None:
    answer = desk().get(f"/console/?cursor={cursor}")
    assert answer.status_code == 422
    assert "从第一页看起" in answer.text


def test_more_than_are_listed_is_told(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.console.worklist.MOST_OF_A_ROOM", 2)
    slot = make_slot("xincheng", TODAY, time(15, 0), 9)
    for serial in range(3):
        make_appointment(slot, serial=serial)
    page = desk().get("/console/").text
    assert "共 2+ 件" in page
    assert "还有更多" in page


def test_another_registrys_matters_wait_for_others(desk: Opened) -> None:
    make_appointment(make_slot("changle", TODAY, time(15, 0)), serial=1)
    assert rows(desk("registrar-1").get("/console/").text) == []
    assert len(rows(desk("registrar-2").get("/console/").text)) == 1


def test_who_decides_nothing_has_nothing_to_decide(desk: Opened) -> None:
    appointment(None, State.BOOKED, time(15, 0))
    assert rows(desk("admin").get("/console/").text) == []


def test_an_empty_desk_says_so(desk: Opened) -> None:
    page = desk().get("/console/").text
    assert "都办完了" in page
    assert "李芳，上午好" in page
