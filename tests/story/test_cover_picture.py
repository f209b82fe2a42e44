"""A couple's picture against the sandbox: WeChat fetches it by its own address, and its word comes as a push."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.jobs.entries import ask_wechat
from backend.marriage.ceremonies.cloud import choose_cloud, enter_link
from backend.marriage.ceremonies.models import Ceremony
from backend.marriage.models import Party
from backend.people.models import WeChatIdentity
from backend.people.rights.notice import use_base_url
from backend.storage import transaction
from tests.files.samples import jpeg, plain_jpeg, png
from tests.story.test_words_of_guests import prove
from tests.story.world import World


@pytest.fixture
def pushes(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What the sandbox would do a moment later, until the test does it; the product is where it is served."""
    later: list[Callable[[], object]] = []
    sandbox = world.stand_in.extensions["sandbox"]
    monkeypatch.setattr(sandbox, "in_background", lambda work, _delay=0.0: later.append(work))
    monkeypatch.setattr("backend.people.rights.notice._Process.base_url", "")
    use_base_url(world.product_url)
    return later


def its_couple(world: World, openid: str) -> tuple[uuid.UUID, str]:
    """A ceremony with a private link, one of whose two is the resident with this openid."""
    with transaction() as session:
        ceremony = session.scalars(sa.select(Ceremony).order_by(Ceremony.id).limit(1)).one()
        parties = session.scalars(sa.select(Party).where(Party.appointment_id == ceremony.appointment_id)).all()
        persons = [prove(world, party, f"oCoupleOf{party.position:019d}") for party in parties]
        own = sa.update(WeChatIdentity).where(WeChatIdentity.openid == openid).values(person_id=persons[0])
        session.execute(own, execution_options={"synchronize_session": False})
    for person_id in persons:
        cloud_id = choose_cloud(ceremony.id, person_id, given=True).id
    return ceremony.id, enter_link(cloud_id, "https://video.example.cn/a").token or ""


def test_a_picture_is_shown_once_wechat_has_seen_it(world: World, pushes: list[Callable[[], object]]) -> None:
    groom = world.resident("王小明")
    headers = {"Authorization": f"Bearer {groom.token()}"}
    users = world.sandbox.get("/sandbox/users").json()["items"]
    openid = next(user["miniprogram_openid"] for user in users if user["id"] == groom.id)
    ceremony_id, token = its_couple(world, openid)
    pushes.clear()

    def sends(body: bytes) -> dict[str, Any]:
        address = f"/api/v1/marriage/ceremonies/{ceremony_id}/cover"
        answer = world.product.post(address, files={"picture": ("a.jpg", body)}, headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def shown() -> bytes | None:
        answer = world.product.get(f"/h5/ceremony/{token}/cover")
        return answer.content if answer.status_code == 200 else None

    def wechat_answers() -> None:
        ask_wechat()
        while pushes:
            pushes.pop(0)()
        world.clock.advance(timedelta(seconds=3))  # the tick looks every two
        world.work()

    assert (sends(jpeg())["state"], shown()) == ("checking", None)
    wechat_answers()
    assert shown() == plain_jpeg()
    (call,) = world.journal("/wxa/media_check_async")
    assert call["request"]["body"]["media_url"].startswith(f"{world.product_url}/h5/ceremony/for-wechat/")

    world.sandbox.post("/sandbox/settings", json={"media_verdict": "risky"})
    assert (sends(png())["state"], shown()) == ("checking", None)
    wechat_answers()
    assert shown() is None
    desk = world.registrar().opens(f"/console/marriage/ceremonies/{ceremony_id}")
    assert "微信检查：不宜显示" in desk
    report = world.sandbox.get("/sandbox/conformance").json()["rules"]
    assert not [rule["id"] for rule in report if rule["broken"] and rule["id"].startswith("call.")]
