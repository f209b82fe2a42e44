"""A talk from the resident's side: by the chat, by the mini-program, on their own page; nobody else sees it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.marriage.counselling.h5 import coming_counselling
from backend.marriage.counselling.hold_talk import enter_link
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.counselling.rules import Profession, SessionState
from backend.marriage.offers import forget_offices
from backend.people.models import WeChatIdentity
from backend.storage import Database, transaction
from tests.chat.phone import Phone
from tests.marriage.support import make_office
from tests.marriage_counselling.support import calls, make_counsellor, make_room, row
from tests.rights.support import Resident, make_resident

BASE = "/marriage/counselling"


@pytest.fixture
def place(app: Flask, clean_database: Database, clock: MovableClock) -> uuid.UUID:
    """A registry with a room, and two who counsel."""
    import_year(2026, year_from_library(2026), "chinesecalendar")
    office = make_office()
    forget_offices()
    make_room(office)
    make_counsellor(office)
    make_counsellor(office, "韩律师", Profession.LAWYER)
    return office


@pytest.fixture
def resident(app: Flask, place: uuid.UUID) -> Resident:
    """Somebody with the mini-program open."""
    return make_resident(app, "talker")


@pytest.fixture
def phone(app: Flask, place: uuid.UUID) -> Phone:
    """A phone that has not written yet."""
    return Phone(app)


def asked(place: uuid.UUID, text: str = "2026-11-26T10:00:00+08:00", **more: Any) -> dict[str, Any]:
    body = {
        "office_id": str(place),
        "matter": "relationship",
        "way": "video",
        "starts_at": text,
        "name": "李女士",
        "phone": "138 0000 1111",
    }
    return body | more


def test_the_mini_program_from_list_to_cancel(place: uuid.UUID, resident: Resident) -> None:
    matters = {one["matter"]: one for one in resident.get(f"{BASE}/matters").get_json()["items"]}
    assert list(matters) == ["premarital", "relationship", "mediation", "legal", "psychological", "children"]
    assert matters["psychological"]["offices"] == []
    assert matters["relationship"]["offices"][0]["ways"] == ["on_site", "video", "telephone"]
    wanted = {
        "office_id": str(place),
        "matter": "relationship",
        "way": "video",
        "from": "2026-11-26",
        "to": "2026-11-26",
    }
    times = resident.get(f"{BASE}/times", **wanted).get_json()["items"]
    assert [one["starts_at"][11:16] for one in times][:2] == ["09:00", "10:00"]
    assert times[0]["counsellors"][0]["profession"] == "family_counsellor"
    assert resident.get(f"{BASE}/times", **wanted | {"to": "2027-01-26"}).status_code == 422
    first = resident.post(f"{BASE}/sessions", asked(place), key="one")
    again = resident.post(f"{BASE}/sessions", asked(place), key="one")
    assert (first.status_code, again.get_json()) == (201, first.get_json())
    made = first.get_json()
    assert (made["state"], made["safety"], made["link"], made["room"]) == ("booked", None, None, None)
    assert "phone" not in made
    assert "about" not in made
    second = resident.post(f"{BASE}/sessions", asked(place, "2026-11-26T09:00:00+08:00"))
    assert (second.status_code, second.get_json()["code"]) == (409, "already_booked")
    enter_link(uuid.UUID(made["id"]), "https://meeting.example/dm/Ab3")
    assert resident.get(f"{BASE}/sessions/{made['id']}").get_json()["link"] == "https://meeting.example/dm/Ab3"
    moved = resident.post(f"{BASE}/sessions/{made['id']}/move", {"starts_at": "2026-11-26T11:00:00+08:00"})
    assert moved.get_json()["starts_at"][11:16] == "11:00"
    assert [one["id"] for one in resident.get(f"{BASE}/sessions").get_json()["items"]] == [made["id"]]
    for _ in range(2):
        gone = resident.post(f"{BASE}/sessions/{made['id']}/cancel")
        assert (gone.status_code, gone.get_json()["state"]) == (200, "cancelled")


def test_danger_is_taken_in_and_answered_with_help(place: uuid.UUID, resident: Resident) -> None:
    made = resident.post(f"{BASE}/sessions", asked(place, about="他威胁我", together=True)).get_json()
    assert "110" in made["safety"]
    assert "12338" in made["safety"]
    assert made["together"] is False
    assert len(calls()) == 1
    assert resident.get(f"{BASE}/sessions/{made['id']}").get_json()["safety"] is None


def test_anothers_talk_is_not_there(app: Flask, place: uuid.UUID, resident: Resident) -> None:
    made = resident.post(f"{BASE}/sessions", asked(place)).get_json()
    stranger = make_resident(app, "stranger")
    assert stranger.get(f"{BASE}/sessions").get_json()["items"] == []
    for path, body in (("", None), ("/cancel", {}), ("/move", {"starts_at": "2026-11-26T11:00:00+08:00"})):
        address = f"{BASE}/sessions/{made['id']}{path}"
        answer = stranger.get(address) if body is None else stranger.post(address, body)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"phone": "1"}, "phone"),
        ({"name": "x" * 61}, "name"),
        ({"matter": "weather"}, "matter"),
        ({"way": "pigeon"}, "way"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"minor": True}, "guardian"),
        ({"about": "话" * 501}, "about"),
        ({"matter": "legal", "together": True}, "together"),
    ],
)
def test_what_does_not_fit_is_named(place: uuid.UUID, resident: Resident, more: dict[str, object], field: str) -> None:
    answer = resident.post(f"{BASE}/sessions", asked(place, **more))
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])


def test_a_whole_talk_in_the_chat(place: uuid.UUID, phone: Phone) -> None:
    assert "想谈哪方面" in phone.says("想找人聊聊")
    assert "想怎么谈" in phone.says("2")
    assert "您自己来" in phone.says("2")
    assert "请选时间" in phone.says("1")
    assert "1 11月26日（周四）10:00" in phone.says("26号上午10点")
    assert "怎么称呼您" in phone.says("1")
    assert "满18岁" in phone.says("李女士 13800001111")
    assert "想先说说" in phone.says("1")
    told = phone.says("他喝了酒就打我")
    assert "110" in told
    assert "尾号1111" in told
    assert "约好了" in phone.says("1")
    with transaction() as session:
        [made] = session.scalars(sa.select(CounsellingSession)).all()
        person = session.scalars(sa.select(WeChatIdentity.person_id)).first()
    assert (made.person_id, made.about, made.at_risk) == (person, "他喝了酒就打我", True)
    assert len(calls()) == 1, "said in the conversation and kept with the talk, it is one call"
    enter_link(made.id, "https://meeting.example/dm/Ab3")
    [item] = coming_counselling(made.person_id)
    assert (item.link, item.title) == ("https://meeting.example/dm/Ab3", "辅导预约")
    assert "https://meeting.example/dm/Ab3" in phone.says("我的辅导")
    assert "确定取消吗" in phone.says("2")
    assert "取消了" in phone.says("1")
    assert row(made.id).state is SessionState.CANCELLED
