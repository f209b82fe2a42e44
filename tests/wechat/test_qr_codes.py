"""QR codes with a scene (wechat-protocol §6.2)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from redis import Redis

from backend.settings import WeChatApp
from backend.wechat.client import WeChatClient
from backend.wechat.errors import OutcomeUnknown, QuotaExceeded
from tests.wechat.stand_in import StandIn, refusal, success

pytestmark = pytest.mark.usefixtures("clock")

CREATE = "/cgi-bin/qrcode/create"


@pytest.fixture
def client(app: WeChatApp, wechat: StandIn, redis: Redis) -> Iterator[WeChatClient]:
    made = WeChatClient(app, wechat.url, redis)
    yield made
    made.close()


def test_a_code_is_asked_for_with_its_scene(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[CREATE] = lambda _call: success(ticket="gQ1", expire_seconds=180, url="http://weixin.qq.com/q/x")
    made = client.create_qr_code("staff-1", 180)
    assert (made.ticket, made.url, made.expires_in) == ("gQ1", "http://weixin.qq.com/q/x", 180)
    (call,) = wechat.calls_to(CREATE)
    assert json.loads(call.body) == {
        "expire_seconds": 180,
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "staff-1"}},
    }


def test_a_code_is_kept_out_of_reprs(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[CREATE] = lambda _call: success(ticket="gQ1", expire_seconds=180, url="http://weixin.qq.com/q/x")
    shown = repr(client.create_qr_code("staff-1", 180))
    assert "gQ1" not in shown
    assert "weixin" not in shown


@pytest.mark.parametrize(("scene", "expires"), [("", 180), ("x" * 65, 180), ("x", 0), ("x", 2_592_001)])
def test_what_cannot_be_a_code_is_not_asked_for(
    client: WeChatClient, wechat: StandIn, scene: str, expires: int
) -> None:
    with pytest.raises(ValueError, match="scene"):
        client.create_qr_code(scene, expires)
    assert wechat.calls == []


def test_failures_have_their_classes(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[CREATE] = lambda _call: success(ticket="gQ1")
    with pytest.raises(OutcomeUnknown):
        client.create_qr_code("staff-1", 180)
    wechat.answers[CREATE] = lambda _call: refusal(45009)
    with pytest.raises(QuotaExceeded):
        client.create_qr_code("staff-1", 180)
