"""Guests' words and an older phone's number against the sandbox: content check by the worker, verdicts, idle guests."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from backend.jobs.entries import ask_wechat
from backend.kernel.clock import now, today
from backend.kernel.identity import parse_identity_number
from backend.marriage.ceremonies.cloud import choose_cloud, enter_link
from backend.marriage.ceremonies.models import Ceremony
from backend.marriage.models import Party
from backend.people.identities import identity_for
from backend.people.models import Person
from backend.people.rules import Level, ProofMethod
from backend.storage import transaction
from messages import Product
from tests.story.world import World


def private_link(world: World) -> tuple[uuid.UUID, str]:
    """A ceremony of the demonstration whose couple has agreed to be seen."""
    with transaction() as session:
        ceremony = session.scalars(sa.select(Ceremony).order_by(Ceremony.id).limit(1)).one()
        parties = session.scalars(sa.select(Party).where(Party.appointment_id == ceremony.appointment_id)).all()
        persons = [prove(world, party, f"oCoupleOf{party.position:019d}") for party in parties]
    for person_id in persons:
        cloud_id = choose_cloud(ceremony.id, person_id, given=True).id
    return ceremony.id, enter_link(cloud_id, "https://video.example.cn/a").token or ""


def prove(world: World, party: Party, openid: str) -> uuid.UUID:
    """The account of one of the two."""
    with transaction() as session:
        known = session.scalars(sa.select(Person.id).where(Person.id_number_index == party.id_number_index)).first()
        if known is not None:
            return known
        app_id = world.app.extensions["settings"].miniprogram.app_id
        person = session.get_one(Person, identity_for(Product.MINIPROGRAM, app_id, openid).person_id)
        person.name = party.name
        person.take_number(parse_identity_number(party.id_type, party.id_number or "", today=today()))
        person.level, person.verified_at, person.verified_by = Level.VERIFIED.value, now(), ProofMethod.STAFF
        session.flush()
        return person.id


def test_words_are_looked_at_by_wechat_before_anybody_reads_them(world: World) -> None:
    ceremony_id, token = private_link(world)
    guests = {name: world.resident(name) for name in ("王小明", "张建国", "李小红")}
    tokens = {name: guest.token() for name, guest in guests.items()}

    def writes(name: str, words: str) -> dict[str, Any]:
        answer = world.product.post(
            f"/api/v1/marriage/cloud-pages/{token}/blessing",
            json={"name": name, "words": words},
            headers={"Authorization": f"Bearer {tokens[name]}"},
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def read() -> str:
        return world.product.get(f"/h5/ceremony/{token}").text

    kind, rude, spam = "百年好合", "新郎是笨蛋", "加微信领红包"
    assert {writes("王小明", kind)["state"], writes("张建国", rude)["state"], writes("李小红", spam)["state"]} == {
        "checking"
    }
    assert not any(words in read() for words in (kind, rude, spam))
    ask_wechat()
    page = read()
    assert (kind in page, rude in page, spam in page) == (True, False, False)
    asked = world.journal("/wxa/msg_sec_check")
    assert [(call["request"]["body"]["version"], call["request"]["body"]["scene"]) for call in asked] == [(2, 2)] * 3

    desk = world.registrar().opens(f"/console/marriage/ceremonies/{ceremony_id}")
    assert "微信检查：拿不准" in desk
    assert "微信检查：不宜显示" in desk

    world.clock.advance(timedelta(hours=3))  # idle for two hours: 61010, and a person looks
    assert writes("王小明", "早生贵子")["state"] == "checking"
    ask_wechat()
    assert "早生贵子" not in read()
    assert "微信没法检查" in world.registrar().opens(f"/console/marriage/ceremonies/{ceremony_id}")
    report = world.sandbox.get("/sandbox/conformance").json()["rules"]
    broken = {rule["id"]: rule for rule in report if rule["broken"]}
    assert not {"call.check_version", "call.openid"} & broken.keys()


def test_an_older_wechat_gives_its_number_encrypted(world: World) -> None:
    wang = world.resident("王小明")
    headers = {"Authorization": f"Bearer {wang.token()}"}
    given = world.sandbox.post(f"/sandbox/users/{wang.id}/phone_data").json()
    body = {"encrypted_data": given["encryptedData"], "iv": given["iv"]}
    answer = world.product.post("/api/v1/me/phone", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["phone_masked"][-4:] == given["phone"][-4:]
    wang.token()  # a new login, a new session_key: what the phone fetched before opens no more
    stale = world.product.post("/api/v1/me/phone", json=body, headers=headers)
    assert (stale.status_code, list(stale.json()["errors"])) == (422, ["encrypted_data"])
