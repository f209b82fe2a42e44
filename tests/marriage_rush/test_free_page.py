"""The public page of free places: exact, cacheable, one statement a second, and large enough to read."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from backend.kernel.clock import MovableClock
from backend.marriage.days import PeakSetting, set_peak_day
from backend.marriage.free import board
from backend.marriage.free.board import forget_board
from backend.marriage.kinds import Area, Kind
from backend.storage import ask
from tests.marriage.conftest import calendar_2026, office
from tests.marriage.support import THURSDAY, at, book, make_office, make_slot

__all__ = ["calendar_2026", "office"]

PAGE, DATA = "/h5/marriage/free", "/h5/marriage/free.json"


def day(client: FlaskClient, date: str = "2026-11-26") -> dict[str, Any]:
    """What is told of a day of the first registry, read anew."""
    forget_board()
    [first, *_] = client.get(DATA).get_json()["offices"]
    return next(one for one in first["days"] if one["date"] == date)


def test_it_is_exact(office: uuid.UUID, client: FlaskClient, clock: MovableClock) -> None:
    morning = make_slot(office, "2026-11-26 10:00", 2)
    make_slot(office, "2026-11-26 15:00", 1)
    make_slot(office, "2026-11-26 10:00", 1, Area.SERVICE_WINDOW)  # not for those who marry
    assert {name: day(client)[name] for name in ("places", "free", "morning", "afternoon")} == {
        "places": 3,
        "free": 3,
        "morning": 2,
        "afternoon": 1,
    }
    book(morning, 0)
    assert (day(client)["morning"], day(client)["afternoon"]) == (1, 1)
    clock.move_to(at("2026-11-25 15:00"))
    assert day(client)["open"] is False
    assert "网上预约已截止" in client.get(PAGE).text


def test_a_peak_day_says_when_it_opens(office: uuid.UUID, client: FlaskClient) -> None:
    release = at("2026-11-24 08:30")
    set_peak_day(
        office,
        PeakSetting(THURSDAY, [["09:00", "17:00"]], 2, [Kind.MARRIAGE_REGISTRATION], 1.0, False, release),
    )
    make_slot(office, "2026-11-26 10:00", 5)
    told = day(client)
    assert (told["free"], told["releases_at"]) == (0, release.isoformat())
    assert "11月24日 08:30 放号" in client.get(PAGE).text


@pytest.mark.parametrize("path", [PAGE, DATA])
def test_who_asks_again_hears_that_nothing_changed(office: uuid.UUID, client: FlaskClient, path: str) -> None:
    slot = make_slot(office, "2026-11-26 10:00", 2)
    first = client.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=1"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    book(slot, 0)
    forget_board()
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_however_many_read_it_one_statement(
    office: uuid.UUID, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(3):
        make_slot(make_office(f"other{index}", index + 1, f"第{index}登记处"), "2026-11-26 10:00")
    asked: list[object] = []

    def counting(statement: sa.TextClause, values: Mapping[str, object]) -> Sequence[Any]:
        asked.append(statement)
        return ask(statement, values)

    monkeypatch.setattr(board, "ask", counting)
    monkeypatch.setattr(board._board, "_seconds", 60)
    forget_board()
    for _ in range(20):
        assert len(client.get(DATA).get_json()["offices"]) == 4
        assert client.get(PAGE).status_code == 200
    assert len(asked) == 1


def test_it_can_be_read(office: uuid.UUID, client: FlaskClient, chromium: Browser) -> None:
    for hour in range(9, 12):
        make_slot(office, f"2026-11-26 {hour:02}:00", 2)
    full = make_slot(office, "2026-11-27 10:00")
    book(full, 0)
    forget_board()
    text = client.get(PAGE).text
    assert "还有6个" in text
    assert "约满了，可以候补" in text
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.set_content(text)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
