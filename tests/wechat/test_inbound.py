from __future__ import annotations

import json
from datetime import datetime

import pytest

from backend.kernel.clock import BEIJING
from backend.wechat import inbound
from backend.wechat.inbound import Inbound, SubscribeAnswer, SubscribeResult
from backend.wechat.parsing import parse_inbound
from backend.wechat.push import PushRefused
from backend.wechat.reading import read_json, read_xml

HEAD = {"ToUserName": "gh_0123456789ab", "FromUserName": "oABC", "CreateTime": "1714112500"}


def message(kind: str, **fields: object) -> Inbound:
    return parse_inbound({**HEAD, "MsgType": kind, "MsgId": "77", **fields})


def event(name: str, **fields: object) -> Inbound:
    return parse_inbound({**HEAD, "MsgType": "event", "Event": name, **fields})


def test_the_head_of_every_push() -> None:
    opened = message("text", Content=" 取消\n")
    assert (opened.to, opened.sender) == ("gh_0123456789ab", "oABC")
    assert opened.created_at == datetime(2024, 4, 26, 14, 21, 40, tzinfo=BEIJING)
    assert opened.created_at.tzinfo is BEIJING
    assert opened.raw["Content"] == " 取消\n"


def typed(opened: Inbound) -> dict[str, object]:
    own = set(type(opened).__dataclass_fields__) - set(Inbound.__dataclass_fields__)
    return {"class": type(opened).__name__, **{name: getattr(opened, name) for name in own}}


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("text", {"Content": " 好"}, {"class": "TextMessage", "content": " 好", "menu_item_id": None}),
        (
            "text",
            {"Content": "1", "bizmsgmenuid": "101"},
            {"class": "TextMessage", "content": "1", "menu_item_id": "101"},
        ),
        ("image", {"MediaId": "m", "PicUrl": "u"}, {"class": "ImageMessage", "media_id": "m", "picture_url": "u"}),
        (
            "voice",
            {"MediaId": "m", "Format": "amr", "Recognition": ""},
            {
                "class": "VoiceMessage",
                "media_id": "m",
                "audio_format": "amr",
                "recognition": None,
                "media_id_16k": None,
            },
        ),
        (
            "voice",
            {"MediaId": "m", "Format": "speex", "Recognition": "预约"},
            {
                "class": "VoiceMessage",
                "media_id": "m",
                "audio_format": "speex",
                "recognition": "预约",
                "media_id_16k": None,
            },
        ),
        (
            "video",
            {"MediaId": "m", "ThumbMediaId": "t"},
            {"class": "VideoMessage", "media_id": "m", "thumb_media_id": "t"},
        ),
        (
            "shortvideo",
            {"MediaId": "m", "ThumbMediaId": "t"},
            {"class": "VideoMessage", "media_id": "m", "thumb_media_id": "t"},
        ),
        (
            "location",
            {"Location_X": "31.23", "Location_Y": "121.47", "Scale": "15", "Label": "某路"},
            {"class": "LocationMessage", "latitude": 31.23, "longitude": 121.47, "label": "某路", "scale": 15},
        ),
        (
            "link",
            {"Title": "t", "Description": "d", "Url": "https://a"},
            {"class": "LinkMessage", "title": "t", "description": "d", "url": "https://a"},
        ),
        ("music", {"Title": "t"}, {"class": "UnknownInbound", "kind": "music"}),
    ],
)
def test_messages(kind: str, fields: dict[str, str], expected: dict[str, object]) -> None:
    assert typed(message(kind, **fields)) == expected


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("subscribe", {"EventKey": ""}, {"class": "Subscribed", "scene": None, "ticket": None}),
        ("subscribe", {}, {"class": "Subscribed", "scene": None, "ticket": None}),
        (
            "subscribe",
            {"EventKey": "qrscene_street-7", "Ticket": "T"},
            {"class": "Subscribed", "scene": "street-7", "ticket": "T"},
        ),
        ("subscribe", {"EventKey": "last_trade_no_1"}, {"class": "Subscribed", "scene": None, "ticket": None}),
        ("unsubscribe", {}, {"class": "Unsubscribed"}),
        ("SCAN", {"EventKey": "qrscene_x"}, {"class": "Scanned", "scene": "qrscene_x", "ticket": None}),
        ("scan", {"EventKey": "7"}, {"class": "Scanned", "scene": "7", "ticket": None}),
        ("CLICK", {"EventKey": "GUIDE"}, {"class": "MenuClicked", "key": "GUIDE"}),
        ("VIEW", {"EventKey": "https://a"}, {"class": "MenuViewed", "url": "https://a", "menu_id": None}),
        (
            "TEMPLATESENDJOBFINISH",
            {"MsgID": "34", "Status": "success"},
            {"class": "TemplateSendFinished", "msg_id": "34", "status": "success"},
        ),
        ("publishjobfinish", {}, {"class": "UnknownInbound", "kind": "event:publishjobfinish"}),
    ],
)
def test_events(name: str, fields: dict[str, object], expected: dict[str, object]) -> None:
    assert typed(event(name, **fields)) == expected


def test_delivered_only_on_success() -> None:
    for status, delivered in (("success", True), ("failed:user block", False), ("failed: system failed", False)):
        finished = event("TEMPLATESENDJOBFINISH", MsgID="34", Status=status)
        assert isinstance(finished, inbound.TemplateSendFinished)
        assert finished.delivered is delivered


def subscribe_xml(name: str, container: str, *entries: str) -> Inbound:
    head = "".join(f"<{key}>{value}</{key}>" for key, value in HEAD.items())
    listed = "".join(f"<List>{entry}</List>" for entry in entries)
    xml = f"<xml>{head}<MsgType>event</MsgType><Event>{name}</Event><{container}>{listed}</{container}></xml>"
    return parse_inbound(read_xml(xml.encode()))


ACCEPT = "<TemplateId>TPL1</TemplateId><SubscribeStatusString>accept</SubscribeStatusString><PopupScene>1</PopupScene>"
REJECT = "<TemplateId>TPL2</TemplateId><SubscribeStatusString>reject</SubscribeStatusString><PopupScene>1</PopupScene>"


def test_popup_answers_from_xml_one_or_many() -> None:
    one = subscribe_xml("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", ACCEPT)
    both = subscribe_xml("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", ACCEPT, REJECT)
    none = subscribe_xml("subscribe_msg_popup_event", "SubscribeMsgPopupEvent")
    assert isinstance(one, inbound.SubscribePopupAnswered)
    assert isinstance(both, inbound.SubscribePopupAnswered)
    assert isinstance(none, inbound.SubscribePopupAnswered)
    assert one.answers == (SubscribeAnswer("TPL1", True, 1),)
    assert both.answers == (SubscribeAnswer("TPL1", True, 1), SubscribeAnswer("TPL2", False, 1))
    assert none.answers == ()


@pytest.mark.parametrize("container", ["SubscribeMsgChangeEvent", "SubscribeMsgPopupEvent"])
def test_changes_are_read_under_both_names(container: str) -> None:
    changed = subscribe_xml("subscribe_msg_change_event", container, REJECT)
    assert isinstance(changed, inbound.SubscribeChanged)
    assert changed.answers == (SubscribeAnswer("TPL2", False, 1),)


def subscribe_json(name: str, **fields: object) -> Inbound:
    body = {**HEAD, "CreateTime": 1714112500, "MsgType": "event", "Event": name, **fields}
    return parse_inbound(read_json(json.dumps(body).encode()))


def test_json_lists_are_an_object_when_there_is_one() -> None:
    entry = {"TemplateId": "TPL1", "SubscribeStatusString": "acceptWithAudio", "PopupScene": 0}
    one = subscribe_json("subscribe_msg_popup_event", List=entry)
    two = subscribe_json("subscribe_msg_popup_event", List=[entry, {**entry, "SubscribeStatusString": "ban"}])
    by_the_docs = subscribe_json("subscribe_msg_popup_event", SubscribeMsgPopupEvent=[entry])
    assert isinstance(one, inbound.SubscribePopupAnswered)
    assert isinstance(two, inbound.SubscribePopupAnswered)
    assert isinstance(by_the_docs, inbound.SubscribePopupAnswered)
    assert one.answers == by_the_docs.answers == (SubscribeAnswer("TPL1", True, 0),)
    assert two.answers == (SubscribeAnswer("TPL1", True, 0), SubscribeAnswer("TPL1", False, 0))


@pytest.mark.parametrize("number", [1700827132819554304, "1700827132819554304"])
def test_sent_events_take_numbers_and_strings(number: int | str) -> None:
    sent = subscribe_json(
        "subscribe_msg_sent_event",
        List={"TemplateId": "TPL1", "MsgID": number, "ErrorCode": 0, "ErrorStatus": "success"},
    )
    assert isinstance(sent, inbound.SubscribeSent)
    assert sent.results == (SubscribeResult("TPL1", "1700827132819554304", 0, "success"),)


# --- §1.6: duplicates ---


def test_messages_are_known_by_their_id() -> None:
    assert message("text", Content="a").dedup_key == message("text", Content="b").dedup_key == "message:77"
    assert message("text", MsgId="78").dedup_key != message("text").dedup_key


def test_events_are_known_by_person_second_event_and_detail() -> None:
    keys = [
        opened.dedup_key
        for opened in (
            event("CLICK", EventKey="A"),
            event("CLICK", EventKey="B"),
            event("VIEW", EventKey="A"),
            event("subscribe", EventKey=""),
            event("subscribe", EventKey="", CreateTime="1714112501"),
            event("subscribe", EventKey="", FromUserName="oDEF"),
            event("TEMPLATESENDJOBFINISH", MsgID="1"),
            event("TEMPLATESENDJOBFINISH", MsgID="2"),
            message("image", MsgId=""),
        )
    ]
    assert len(set(keys)) == len(keys)
    assert event("Subscribe").dedup_key == event("SUBSCRIBE").dedup_key


def test_two_subscription_results_in_one_second_are_two_events() -> None:
    first, second = (
        event(
            "subscribe_msg_sent_event",
            SubscribeMsgSentEvent={"List": {"TemplateId": "T", "MsgID": msg_id, "ErrorCode": "0"}},
        )
        for msg_id in ("1", "2")
    )
    assert first.dedup_key != second.dedup_key


def test_a_long_event_key_makes_no_long_dedup_key() -> None:
    longest = event("VIEW", EventKey="https://a/" + "x" * 1000, FromUserName="o" * 64)
    assert len(longest.dedup_key) <= 200
    assert longest.dedup_key != event("VIEW", EventKey="https://a/" + "x" * 999, FromUserName="o" * 64).dedup_key


def test_a_repr_tells_nothing_about_the_person() -> None:
    shown = repr(message("text", Content="我的身份证号")) + repr(event("CLICK", EventKey="A"))
    assert "我的身份证号" not in shown
    assert "oABC" not in shown


@pytest.mark.parametrize(
    "changed",
    [
        {"ToUserName": ""},
        {"FromUserName": "o A"},
        {"FromUserName": "o]]><x>"},
        {"FromUserName": {"a": "b"}},
        {"FromUserName": "o" * 65},
        {"CreateTime": "-1"},
        {"CreateTime": "1" * 12},
        {"MsgType": ""},
        {"MsgType": "te xt"},
        {"MsgType": "event"},
        {"MsgType": "location", "Location_X": "nan", "Location_Y": "1"},
        {"MsgType": "location"},
        {"MsgType": "event", "Event": "subscribe_msg_popup_event", "List": "x"},
        {"MsgType": "event", "Event": "subscribe_msg_sent_event", "List": {"ErrorCode": "x"}},
    ],
)
def test_nonsense_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(PushRefused) as caught:
        message("text", **changed) if "MsgType" not in changed else parse_inbound({**HEAD, **changed})
    assert (caught.value.status, caught.value.reason) == (400, "bad_field")
