"""One request from the chat to the reading room: push, mini-program, console."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.kernel.clock import MovableClock
from backend.marriage.archive.coming import coming_requests
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.rules import ArchiveState
from backend.marriage.kinds import Area
from backend.people.models import Person
from backend.storage import transaction
from tests.chat.phone import Phone, is_stored
from tests.marriage.support import couple, make_slot
from tests.marriage_archive.support import bring, row
from tests.rights.support import Resident, make_resident, prove

PATH = "/marriage/archive-requests"


@pytest.fixture
def owner(app: Flask, office: uuid.UUID) -> Resident:
    """Somebody with the mini-program who has proven who they are."""
    resident = make_resident(app, "owner")
    prove(resident.id, couple(0)[0])
    return resident


def body(office: uuid.UUID, **changed: object) -> dict[str, object]:
    subjects = [{"name": "王小明", "work_unit": "国棉三厂"}, {"name": "李小红"}]
    return {
        "office_id": str(office),
        "sought": "marriage_record",
        "subjects": subjects,
        "first_year": 1987,
        "registered_at": "长乐公社",
    } | changed


def test_asked_in_the_chat_and_read_on_site(
    app: Flask, office: uuid.UUID, archivist: uuid.UUID, clock: MovableClock
) -> None:
    phone = Phone(app)
    assert "窗口登记" in phone.says("查档案")
    with transaction() as session:
        person_id = session.scalars(sa.select(Person.id)).one()
    prove(person_id, couple(0)[0])
    for text, reply in (
        ("查档案", "要查什么"),
        ("1", "名字"),
        ("王小明 李小红", "哪一年"),
        ("1987年 长乐公社", "身份证号"),
        ("单位国棉三厂", "请核对"),
    ):
        assert reply in phone.says(text)
    done = phone.message(Content="1")
    assert "11月30日前给您答复" in phone.replies(done)
    assert "11月30日前给您答复" in phone.replies(done), "the same push again"
    with transaction() as session:
        [made] = session.scalars(sa.select(ArchiveRequest)).all()
    assert not is_stored("国棉三厂")
    assert "查找" in phone.says("我的查档")
    bring(made.id, archivist)
    make_slot(office, "2026-11-26 10:00", 2, Area.SERVICE_WINDOW)
    assert "1 约时间来看" in phone.says("我的查档")
    phone.says("1")
    said = phone.says("1")
    assert "本人来看" in (said if "本人来看" in said else phone.says("1"))
    assert "约好了" in phone.says("1")
    assert "您约了11月26日" in phone.says("我的查档")
    assert row(made.id).appointment_id is not None


def test_the_mini_program_asks_once_and_sees_its_own(
    app: Flask, office: uuid.UUID, owner: Resident, archivist: uuid.UUID
) -> None:
    first = owner.post(PATH, body(office), key="k1")
    assert (first.status_code, owner.post(PATH, body(office), key="k1").get_json()) == (201, first.get_json())
    again = owner.post(PATH, body(office), key="k2")
    assert (again.status_code, again.get_json()["code"]) == (409, "already_asked")
    made = first.get_json()
    assert (made["state"], made["due_on"], made["next_step"].startswith("11月30日")) == ("asked", "2026-11-30", True)
    assert [one["id"] for one in owner.get(PATH).get_json()["items"]] == [made["id"]]
    stranger = make_resident(app, "stranger")
    assert stranger.get(PATH).get_json()["items"] == []
    assert stranger.get(f"{PATH}/{made['id']}").status_code == 404
    bring(uuid.UUID(made["id"]), archivist)
    slot = make_slot(office, "2026-11-26 10:00", 2, Area.SERVICE_WINDOW)
    visit = owner.post(f"{PATH}/{made['id']}/visit", {"slot_id": str(slot)})
    assert (visit.status_code, visit.get_json()["visit"]["starts_at"][:16]) == (200, "2026-11-26T10:00")
    withdrawn = owner.post(f"{PATH}/{made['id']}/withdraw")
    assert (withdrawn.status_code, withdrawn.get_json()["state"]) == (200, "withdrawn")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"first_year": 1800}, "first_year"),
        ({"applicant": {"kind": "court"}}, "applicant"),
        ({"subjects": []}, "subjects"),
        ({"subjects": [{"name": "王"}]}, "subjects.0.name"),
        ({"sought": "secrets"}, "sought"),
        ({"last_year": 1980}, "first_year"),
        ({"certificate": "?"}, "certificate"),
        ({"phone": "123"}, "phone"),
    ],
)
def test_what_is_wrong_is_named(office: uuid.UUID, owner: Resident, changed: dict[str, object], field: str) -> None:
    answer = owner.post(PATH, body(office, **changed))
    assert answer.status_code == 422
    assert any(key.startswith(field.split(".")[0]) for key in answer.get_json()["errors"])


def test_on_the_web_page_it_lies_ahead(app: Flask, office: uuid.UUID, owner: Resident, archivist: uuid.UUID) -> None:
    made = owner.post(PATH, body(office)).get_json()
    with app.app_context():
        [item] = coming_requests(owner.id)
    assert (item.title, made["number"] in item.note) == ("查档待查找", True)
    bring(uuid.UUID(made["id"]), archivist)
    [item] = coming_requests(owner.id)
    assert "可以来看" in item.title
    assert row(uuid.UUID(made["id"])).state is ArchiveState.READY
