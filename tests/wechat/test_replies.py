from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backend.kernel.clock import clock_at
from backend.wechat.inbound import TextMessage
from backend.wechat.replies import handover_reply, text_reply

from .pushes import PUSH_TIME

PUSH = TextMessage(to="gh_0123456789ab", sender="oABC", created_at=PUSH_TIME, raw={}, content="你好")


def fields(xml: str) -> dict[str, str]:
    root = ET.fromstring(xml)
    assert root.tag == "xml"
    return {child.tag: child.text or "" for child in root}


@pytest.mark.usefixtures("clock")
def test_a_text_goes_back_to_the_sender() -> None:
    assert fields(text_reply(PUSH, "您好，请选择业务\n1. 预约")) == {
        "ToUserName": "oABC",
        "FromUserName": "gh_0123456789ab",
        "CreateTime": "1714112445",
        "MsgType": "text",
        "Content": "您好，请选择业务\n1. 预约",
    }


@pytest.mark.usefixtures("clock")
def test_handing_over_to_a_person() -> None:
    assert fields(handover_reply(PUSH)) == {
        "ToUserName": "oABC",
        "FromUserName": "gh_0123456789ab",
        "CreateTime": "1714112445",
        "MsgType": "transfer_customer_service",
    }


def test_a_text_cannot_leave_its_cdata() -> None:
    evil = "]]></Content><MsgType>news</MsgType>]]>]]]]>><![CDATA["
    assert fields(text_reply(PUSH, evil))["Content"] == evil


def test_a_long_text_ends_at_a_character() -> None:
    assert fields(text_reply(PUSH, "字" * 700))["Content"] == "字" * 682
    assert fields(text_reply(PUSH, "a" + "😀" * 600))["Content"] == "a" + "😀" * 511
    assert fields(text_reply(PUSH, "a" * 2048))["Content"] == "a" * 2048


@pytest.mark.parametrize("nothing", ["", "  \n", "\x00\x08"])
def test_a_reply_needs_a_text(nothing: str) -> None:
    with pytest.raises(ValueError, match="needs a text"):
        text_reply(PUSH, nothing)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec=None)))
@example("a\x00\x0b\ufffe\ud800b")
def test_any_text_gives_readable_xml(text: str) -> None:
    with clock_at(PUSH_TIME):
        content = fields(text_reply(PUSH, "=" + text))["Content"]
    assert len(content.encode()) <= 2048
    assert "\x00" not in content
