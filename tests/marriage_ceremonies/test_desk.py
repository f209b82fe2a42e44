"""The desk: lists by place, one ceremony, the weather, events, what waits; and what the mini-program sees."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from backend.kernel.clock import MovableClock
from backend.marriage.ceremonies.cloud import choose_cloud
from backend.marriage.ceremonies.rules import CeremonyState
from backend.marriage.models import Office
from backend.people.logins import log_in
from backend.people.models import WeChatIdentity
from backend.staff.audit.models import AuditEntry
from backend.storage import transaction
from tests.console.conftest import desk, desks
from tests.console.support import Desk
from tests.marriage_ceremonies.support import Couple, cells, hold, make_couple, make_officiant, make_venue, row, told

__all__ = ["desk", "desks"]

Opened = Callable[..., Desk]
LIST = "/console/marriage/ceremonies"


@pytest.fixture
def place(desks: MovableClock) -> uuid.UUID:
    """The registry of the first registrar, on Tuesday 18 May 2027."""
    with transaction() as session:
        return session.scalars(sa.select(Office.id).where(Office.code == "xincheng")).one()


@pytest.fixture
def inside(place: uuid.UUID) -> uuid.UUID:
    return make_venue(place, "颁证大厅")


@pytest.fixture
def outside(place: uuid.UUID, inside: uuid.UUID) -> uuid.UUID:
    return make_venue(place, "屋顶花园", fallback=inside)


@pytest.fixture
def two(place: uuid.UUID) -> Couple:
    return make_couple(place, 0, "2027-05-19 10:00")


@pytest.fixture
def made(two: Couple, outside: uuid.UUID) -> uuid.UUID:
    """Tomorrow at eleven, outdoors."""
    return hold(two, outside, "2027-05-19 11:00").id


def actions() -> list[str]:
    with transaction() as session:
        return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_list_shows_the_couple_and_leaves_a_row(desk: Opened, made: uuid.UUID) -> None:
    page = desk().get(LIST)
    assert page.status_code == 200
    assert row(made).number in page.text
    assert "王小明" in page.text
    assert "ceremony.list_viewed" in actions()
    assert "没有要举行的仪式" in desk("registrar-2").get(LIST).text, "another registry's"
    assert desk("registrar-2").get(f"{LIST}/{made}").status_code == 404


def test_steps_on_one_ceremony(desk: Opened, made: uuid.UUID, place: uuid.UUID, inside: uuid.UUID) -> None:
    at_desk, officiant = desk(), make_officiant(place)
    assert at_desk.post(f"{LIST}/{made}/officiant", {"officiant": str(officiant)}).status_code == 303
    assert row(made).officiant_id == officiant
    chosen = f"{inside} 2027-05-19T14:00:00+08:00"
    assert at_desk.post(f"{LIST}/{made}/place", {"session": chosen}).status_code == 303
    assert (row(made).venue_id, cells(officiant)) == (inside, 3)
    assert at_desk.post(f"{LIST}/{made}/call-off", {"reason": ""}).status_code == 422
    assert at_desk.post(f"{LIST}/{made}/call-off", {"reason": "场地检修"}).status_code == 303
    assert row(made).state is CeremonyState.CANCELLED
    assert "场地检修" in at_desk.get(f"{LIST}/{made}").text
    assert {"ceremony.officiant_set", "ceremony.placed", "ceremony.called_off", "ceremony.viewed"} <= set(actions())


def test_the_weather_of_tomorrow_waits_until_it_is_decided(
    desk: Opened, made: uuid.UUID, outside: uuid.UUID, inside: uuid.UUID, two: Couple
) -> None:
    at_desk = desk()
    assert "户外仪式天气" in at_desk.get("/console/").text
    assert "屋顶花园" in at_desk.get(f"{LIST}/weather").text
    form = {"venue": str(outside), "day": "2027-05-19", "reason": "有雨"}
    assert desk("registrar-2").post(f"{LIST}/weather", form).status_code == 404
    assert at_desk.post(f"{LIST}/weather", form).status_code == 303
    assert (row(made).venue_id, told(two.second)[-1]) == (inside, "ceremony_moved")
    assert "户外仪式天气" not in at_desk.get("/console/").text
    assert at_desk.post(f"{LIST}/weather", form).status_code == 409
    assert at_desk.post(f"{LIST}/weather", form | {"lift": "yes"}).status_code == 303


def test_a_link_and_its_end_at_the_desk(desk: Opened, made: uuid.UUID, two: Couple, desks: MovableClock) -> None:
    at_desk = desk()
    choose_cloud(made, two.first, given=True)
    assert at_desk.post(f"{LIST}/{made}/link", {"link": "https://video.example.cn/a"}).status_code == 409
    choose_cloud(made, two.second, given=True)
    assert at_desk.post(f"{LIST}/{made}/link", {"link": "https://video.example.cn/a"}).status_code == 303
    assert "https://video.example.cn/a" not in at_desk.get(f"{LIST}/{made}").text
    choose_cloud(made, two.first, given=False)
    assert "删除仪式视频" in at_desk.get("/console/").text
    assert at_desk.post(f"{LIST}/{made}/erased").status_code == 303
    assert "删除仪式视频" not in at_desk.get("/console/").text


def test_an_event_is_announced_and_called_off(desk: Opened, place: uuid.UUID) -> None:
    at_desk, address = desk(), "/console/marriage/group-events"
    form = {
        "office": str(place),
        "kind": "group_ceremony",
        "title": "七夕集体颁证",
        "place": "屋顶花园",
        "opens_at": "2027-05-19T09:00",
        "closes_at": "2027-06-01T17:00",
        "starts_at": "2027-08-08T10:00",
        "places": "20",
        "mode": "draw",
    }
    assert at_desk.post(f"{address}/new", form | {"places": "0"}).status_code == 422
    answer = at_desk.post(f"{address}/new", form)
    assert answer.status_code == 303
    page = at_desk.get(answer.headers["Location"])
    assert "种子指纹" in page.text
    assert "截止后公布" in page.text
    assert "七夕集体颁证" in at_desk.get(address).text
    assert desk("registrar-2").get(answer.headers["Location"]).status_code == 404
    assert at_desk.post(f"{answer.headers['Location']}/cancel").status_code == 303
    assert "已取消" in at_desk.get(address).text


def test_venues_are_kept_at_the_desk(desk: Opened, place: uuid.UUID) -> None:
    at_desk, address = desk(), "/console/marriage/resources"
    form = {
        "office": str(place),
        "kind": "venue",
        "name": "大厅",
        "session_minutes": "30",
        "pause_minutes": "0",
        "week_1": "09:00-12:00，14：00至17:00",
        "active": "on",
    }
    assert at_desk.post(f"{address}/new", form | {"week_1": "九点到十二点"}).status_code == 422
    answer = at_desk.post(f"{address}/new", form)
    assert answer.status_code == 303
    page = at_desk.get(answer.headers["Location"]).text
    assert "09:00-12:00, 14:00-17:00" in page
    assert "大厅" in at_desk.get(address).text
    days = f"{answer.headers['Location']}/days"
    assert at_desk.post(days, {"day": "2027-05-24", "hours": ""}).status_code == 303
    assert "不开放" in at_desk.get(answer.headers["Location"]).text
    assert at_desk.post(days, {"day": "2027-05-24", "usual": "yes"}).status_code == 303
    assert desk("registrar-2").get(answer.headers["Location"]).status_code == 404


# --- the mini-program ---


def bearer(app: Flask, person_id: uuid.UUID) -> dict[str, str]:
    """A login of an account that exists."""
    app_id = app.extensions["settings"].miniprogram.app_id
    token = log_in(app_id, f"openid-of-{person_id}", None).token
    with transaction() as session:
        session.execute(
            sa.update(WeChatIdentity)
            .where(WeChatIdentity.openid == f"openid-of-{person_id}")
            .values(person_id=person_id)
        )
    return {"Authorization": f"Bearer {token}"}


def test_a_couple_books_by_the_api(app: Flask, client: FlaskClient, two: Couple, outside: uuid.UUID) -> None:
    base, mine = "/api/v1/marriage", bearer(app, two.first)
    free = client.get(f"{base}/venues/{outside}/sessions?from=2027-05-19&to=2027-05-19", headers=mine).get_json()
    assert len(free["items"]) == 13
    body = {"appointment_id": str(two.appointment_id), "venue_id": str(outside), "guests": 4}
    body["starts_at"] = "2027-05-19T11:00:00+08:00"
    keyed = mine | {"Idempotency-Key": "one"}
    first, again = (client.post(f"{base}/ceremonies", json=body, headers=keyed) for _ in range(2))
    assert (first.status_code, first.get_json()) == (201, again.get_json())
    made = first.get_json()
    assert (made["venue"], made["cloud"], made["state"]) == ("屋顶花园", None, "booked")
    assert client.post(f"{base}/ceremonies", json=body | {"guests": 11}, headers=mine).get_json()["code"] == "invalid"
    agreed = client.post(f"{base}/ceremonies/{made['id']}/cloud", json={"given": True}, headers=mine).get_json()
    assert (agreed["cloud"]["state"], agreed["cloud"]["page"]) == ("asked", None)
    listed = client.get(f"{base}/ceremonies", headers=mine).get_json()
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    assert client.post(f"{base}/ceremonies/{made['id']}/cancel", headers=mine).get_json()["state"] == "cancelled"
    assert client.get(f"{base}/ceremonies/{uuid.uuid4()}", headers=mine).status_code == 404
