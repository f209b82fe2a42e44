"""Reports that change something here: authorizations taken back, media checked, the service chat opened."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.people import log_in
from backend.people.rights.models import RightsRequest
from backend.storage import transaction
from messages.models import Address
from tests.chat.phone import Phone, count, is_stored

MINI = "xResident00000000000000000001"


@pytest.fixture
def mini(phone: Phone) -> str:
    """The openid of somebody who has opened the mini-program."""
    log_in(phone.miniprogram.app_id, MINI, None)
    return MINI


def reports(phone: Phone, event: str, **fields: Any) -> None:
    answer = phone.in_miniprogram("wx_platform", as_json=True, MsgType="event", Event=event, **fields)
    assert (answer.status_code, answer.data) == (200, b"success")


def requests() -> list[tuple[str, str, str | None]]:
    with transaction() as session:
        rows = session.scalars(sa.select(RightsRequest).order_by(RightsRequest.received_at)).all()
        return [(row.kind.value, row.state.value, row.words) for row in rows]


def test_a_withdrawal_begins_the_duty_to_delete(phone: Phone, mini: str, clock: MovableClock) -> None:
    reports(phone, "user_authorization_revoke", OpenID=mini, RevokeInfo="8,13,99", AppID=phone.miniprogram.app_id)
    assert requests() == [("delete", "received", "用户在微信撤回了授权：手机号、位置、99。请删除由此得到的信息。")]
    assert not is_stored("撤回了授权")


def test_a_cancellation_asks_for_everything_once(phone: Phone, mini: str) -> None:
    for _ in range(2):
        reports(phone, "User_Authorization_Cancellation", OpenID=mini)
    reports(phone, "user_authorization_revoke", OpenID=mini, RevokeInfo="8")
    assert requests() == [("delete", "received", "用户在微信注销了授权，请删除能删的全部信息。")]
    assert count("inbound_pushes") == 2


def test_strangers_and_other_changes_begin_nothing(phone: Phone, mini: str) -> None:
    reports(phone, "user_authorization_revoke", OpenID="xNobody", RevokeInfo="8")
    reports(phone, "user_info_modified", OpenID=mini)
    assert requests() == []
    assert count("wechat_identities") == 1


def test_the_account_reports_it_too(phone: Phone) -> None:
    phone.says("你好")
    assert phone.does("user_authorization_cancellation") == "<success>"
    assert [kind for kind, _, _ in requests()] == ["delete"]


def test_opening_the_service_chat_allows_two_messages(phone: Phone, mini: str) -> None:
    answer = phone.in_miniprogram(mini, as_json=False, MsgType="event", Event="user_enter_tempsession", SessionFrom="x")
    assert answer.data == b"success"
    with transaction() as session:
        assert session.scalars(sa.select(Address.window_left).where(Address.openid == mini)).one() == 2


@pytest.mark.parametrize("shape", [{"result": {"suggest": "risky", "label": 20002}}, {"isrisky": 1, "status_code": 0}])
def test_what_wechat_thinks_of_a_picture_is_kept(phone: Phone, shape: dict[str, Any]) -> None:
    reports(phone, "wxa_media_check", appid=phone.miniprogram.app_id, trace_id="T-1", **shape)
    with transaction() as session:
        assert session.execute(sa.text("SELECT trace_id, suggest FROM wechat_media_checks")).all() == [("T-1", "risky")]


def test_the_log_names_events_and_nobody(phone: Phone, mini: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        reports(phone, "brand_new_event", OpenID=mini, Secret="王小明")
        reports(phone, "user_authorization_revoke", OpenID=mini, RevokeInfo="8")
        phone.does("LOCATION", Latitude="34.26", Longitude="108.95", Precision="10")
    shown = " ".join(str(vars(record)) for record in caplog.records)
    assert "event:brand_new_event" in shown
    assert not [told for told in (mini, "王小明", "34.26", phone.openid) if told in shown]
