"""Every row of wechat-protocol §1.4 and §1.7 beyond the conversation itself, from XML and JSON, one or many."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.wechat import inbound, reports
from backend.wechat.inbound import Inbound
from backend.wechat.parsing import EVENTS, MESSAGES, parse_inbound
from backend.wechat.push import PushRefused
from backend.wechat.reading import read_json, read_xml
from tests.chat.phone import fields_xml

HEAD = {"ToUserName": "gh_0123456789ab", "FromUserName": "oABC", "CreateTime": "1714112500"}


def both(kind: str, fields: dict[str, Any]) -> Inbound:
    """The typed form, which XML and JSON must agree on; JSON has numbers where XML has their digits."""
    body = HEAD | {"MsgType": kind} | fields
    from_xml = parse_inbound(read_xml(fields_xml(body).encode()))
    from_json = parse_inbound(read_json(json.dumps(_as_numbers(body)).encode()))
    assert from_xml == from_json
    assert from_xml.dedup_key == from_json.dedup_key
    return from_xml


def _as_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_numbers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_as_numbers(one) for one in value]
    return int(value) if isinstance(value, str) and value.isdigit() else value


def typed(opened: Inbound) -> dict[str, object]:
    own = set(type(opened).__dataclass_fields__) - set(Inbound.__dataclass_fields__)
    return {"class": type(opened).__name__, **{name: getattr(opened, name) for name in own}}


SUM = "5a75aaca956d97be686719218f275c6b"
EVENT_ROWS: list[tuple[str, dict[str, Any], dict[str, object]]] = [
    (
        "subscribe",
        {"EventKey": "qrscene_7", "Ticket": "TICKET"},
        {"class": "Subscribed", "scene": "7", "ticket": "TICKET"},
    ),
    ("SCAN", {"EventKey": "7", "Ticket": "TICKET"}, {"class": "Scanned", "scene": "7", "ticket": "TICKET"}),
    (
        "VIEW",
        {"EventKey": "https://a", "MenuId": "42"},
        {"class": "MenuViewed", "url": "https://a", "menu_id": "42"},
    ),
    (
        "view_miniprogram",
        {"EventKey": "pages/a", "MenuId": "42"},
        {"class": "MiniProgramViewed", "page": "pages/a", "menu_id": "42"},
    ),
    (
        "scancode_push",
        {"EventKey": "K", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "1"}},
        {"class": "CodeScanned", "key": "K", "waits": False, "scan_type": "qrcode", "result": "1"},
    ),
    (
        "scancode_waitmsg",
        {"EventKey": "K", "ScanCodeInfo": {"ScanType": "barcode", "ScanResult": "EAN_13,69"}},
        {"class": "CodeScanned", "key": "K", "waits": True, "scan_type": "barcode", "result": "EAN_13,69"},
    ),
    (
        "scancode_waitmsg",
        {"EventKey": "K"},
        {"class": "CodeScanned", "key": "K", "waits": True, "scan_type": "", "result": ""},
    ),
    (
        "pic_sysphoto",
        {"EventKey": "K", "SendPicsInfo": {"Count": "1", "PicList": {"item": {"PicMd5Sum": SUM}}}},
        {"class": "PicturesSent", "key": "K", "way": "sysphoto", "count": 1, "md5_sums": (SUM,)},
    ),
    (
        "pic_photo_or_album",
        {"EventKey": "K", "SendPicsInfo": {"Count": "2", "PicList": {"item": [{"PicMd5Sum": SUM}] * 2}}},
        {"class": "PicturesSent", "key": "K", "way": "photo_or_album", "count": 2, "md5_sums": (SUM, SUM)},
    ),
    (
        "pic_weixin",
        {"EventKey": "K", "SendPicsInfo": {"Count": "0", "PicList": ""}},
        {"class": "PicturesSent", "key": "K", "way": "weixin", "count": 0, "md5_sums": ()},
    ),
    (
        "pic_weixin",
        {"EventKey": "K"},
        {"class": "PicturesSent", "key": "K", "way": "weixin", "count": None, "md5_sums": ()},
    ),
    (
        "location_select",
        {
            "EventKey": "K",
            "SendLocationInfo": {
                "Location_X": "34.26",
                "Location_Y": "108.95",
                "Scale": "15",
                "Label": "某路",
                "Poiname": "登记处",
            },
        },
        {
            "class": "LocationSelected",
            "key": "K",
            "latitude": 34.26,
            "longitude": 108.95,
            "label": "某路",
            "place": "登记处",
        },
    ),
    (
        "LOCATION",
        {"Latitude": "34.26", "Longitude": "108.95", "Precision": "119.385040"},
        {"class": "LocationReported", "latitude": 34.26, "longitude": 108.95, "precision": 119.38504},
    ),
    (
        "TEMPLATESENDJOBFINISH",
        {"MsgID": "34", "Status": "failed:user block"},
        {"class": "TemplateSendFinished", "msg_id": "34", "status": "failed:user block"},
    ),
    (
        "MASSSENDJOBFINISH",
        {
            "MsgID": "34",
            "Status": "send success",
            "TotalCount": "100",
            "FilterCount": "80",
            "SentCount": "75",
            "ErrorCount": "5",
        },
        {
            "class": "MassSendFinished",
            "msg_id": "34",
            "status": "send success",
            "total": 100,
            "filtered": 80,
            "sent": 75,
            "failed": 5,
        },
    ),
    (
        "kf_create_session",
        {"KfAccount": "a@b"},
        {"class": "ServiceSession", "change": "create", "account": "a@b", "from_account": None},
    ),
    (
        "kf_close_session",
        {"KfAccount": "a@b"},
        {"class": "ServiceSession", "change": "close", "account": "a@b", "from_account": None},
    ),
    (
        "kf_switch_session",
        {"FromKfAccount": "a@b", "ToKfAccount": "c@b"},
        {"class": "ServiceSession", "change": "switch", "account": "c@b", "from_account": "a@b"},
    ),
    (
        "user_enter_tempsession",
        {"SessionFrom": "from=order"},
        {"class": "ServiceChatEntered", "session_from": "from=order"},
    ),
    (
        "user_authorization_revoke",
        {"OpenID": "oXYZ", "RevokeInfo": "8,13", "AppID": "wx1"},
        {"class": "AuthorizationChanged", "change": "revoked", "openid": "oXYZ", "items": ("8", "13")},
    ),
    (
        "user_authorization_cancellation",
        {},
        {"class": "AuthorizationChanged", "change": "cancelled", "openid": "oABC", "items": ()},
    ),
    (
        "user_info_modified",
        {"OpenID": "oXYZ"},
        {"class": "AuthorizationChanged", "change": "modified", "openid": "oXYZ", "items": ()},
    ),
    (
        "wxa_media_check",
        {
            "appid": "wx1",
            "trace_id": "662b4bbd-00000001",
            "version": "2",
            "errcode": "0",
            "errmsg": "ok",
            "result": {"suggest": "risky", "label": "20002"},
            "detail": [{"strategy": "content_model", "suggest": "risky", "label": "20002", "prob": "90"}],
        },
        {
            "class": "MediaChecked",
            "trace_id": "662b4bbd-00000001",
            "app_id": "wx1",
            "errcode": 0,
            "suggest": "risky",
            "label": 20002,
        },
    ),
    (
        "wxa_media_check",
        {"appid": "wx1", "trace_id": "T", "isrisky": "1", "status_code": "0", "extra_info_json": ""},
        {"class": "MediaChecked", "trace_id": "T", "app_id": "wx1", "errcode": 0, "suggest": "risky", "label": None},
    ),
    (
        "wxa_media_check",
        {"appid": "wx1", "trace_id": "T", "isrisky": "0", "status_code": "4294966288"},
        {"class": "MediaChecked", "trace_id": "T", "app_id": "wx1", "errcode": 0, "suggest": "pass", "label": None},
    ),
    (
        "wxa_media_check",
        {"appid": "wx1", "trace_id": "T", "errcode": "-1008", "errmsg": "download failed", "result": ""},
        {"class": "MediaChecked", "trace_id": "T", "app_id": "wx1", "errcode": -1008, "suggest": "", "label": None},
    ),
]


@pytest.mark.parametrize(("name", "fields", "expected"), EVENT_ROWS, ids=[row[0] for row in EVENT_ROWS])
def test_events(name: str, fields: dict[str, Any], expected: dict[str, object]) -> None:
    for written in (name, name.upper(), name.lower(), name.title()):
        assert typed(both("event", {"Event": written, **fields})) == expected


def test_messages_tell_their_article_and_page() -> None:
    page = both(
        "miniprogrampage",
        {"MsgId": "7", "Title": "t", "AppId": "wx1", "PagePath": "p", "ThumbUrl": "u", "ThumbMediaId": "m"},
    )
    assert typed(page) == {
        "class": "MiniProgramPageMessage",
        "title": "t",
        "app_id": "wx1",
        "page": "p",
        "thumb_url": "u",
        "thumb_media_id": "m",
    }
    voice = both("voice", {"MsgId": "7", "MediaId": "m", "MediaId16K": "m16", "Format": "amr", "Recognition": "  "})
    assert isinstance(voice, inbound.VoiceMessage)
    assert (voice.media_id_16k, voice.recognition) == ("m16", None)
    text = both("text", {"MsgId": "7", "Content": "好", "MsgDataId": "22", "Idx": "1"})
    assert text.article == ("22", "1")
    assert both("text", {"MsgId": "8", "Content": "好"}).article is None


def test_a_popup_tells_where_it_was_answered() -> None:
    entry = {"TemplateId": "TPL1", "SubscribeStatusString": "accept", "PopupScene": "2"}
    popup = both("event", {"Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": {"List": entry}})
    assert isinstance(popup, inbound.SubscribePopupAnswered)
    assert popup.answers == (inbound.SubscribeAnswer("TPL1", True, 2),)


def test_what_happens_twice_in_a_second_is_told_apart() -> None:
    def key(name: str, **fields: Any) -> str:
        return both("event", {"Event": name, **fields}).dedup_key

    keys = [
        key("wxa_media_check", trace_id="1"),
        key("wxa_media_check", trace_id="2"),
        key("kf_switch_session", FromKfAccount="a", ToKfAccount="b"),
        key("kf_switch_session", FromKfAccount="b", ToKfAccount="a"),
        key("user_authorization_revoke", OpenID="o1", RevokeInfo="8"),
        key("user_authorization_revoke", OpenID="o1", RevokeInfo="13"),
        key("user_authorization_revoke", OpenID="o2", RevokeInfo="8"),
    ]
    assert len(set(keys)) == len(keys)
    assert max(map(len, keys)) <= 200


def test_a_mass_message_that_was_not_sent() -> None:
    for status, succeeded in (
        ("send success", True),
        ("sendsuccess", True),
        ("send fail", False),
        ("err(20001)", False),
    ):
        finished = both("event", {"Event": "MASSSENDJOBFINISH", "MsgID": "1", "Status": status})
        assert isinstance(finished, reports.MassSendFinished)
        assert finished.succeeded is succeeded


def test_a_repr_tells_neither_who_nor_where() -> None:
    shown = repr(both("event", {"Event": "LOCATION", "Latitude": "34.26", "Longitude": "108.95", "Precision": "1"}))
    shown += repr(both("event", {"Event": "user_authorization_revoke", "OpenID": "oXYZ"}))
    assert not [told for told in ("34.26", "108.95", "oXYZ", "oABC") if told in shown]


@pytest.mark.parametrize(
    "fields",
    [
        {"Event": "LOCATION", "Latitude": "here"},
        {"Event": "location_select"},
        {"Event": "user_authorization_revoke", "OpenID": "<b/>"},
        {"Event": "pic_weixin", "SendPicsInfo": {"PicList": {"item": "x"}}},
        {"Event": "view_miniprogram", "EventKey": {"a": "b"}},
    ],
)
def test_nonsense_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(PushRefused):
        parse_inbound({**HEAD, "MsgType": "event", **fields})


def test_every_row_of_the_protocol_has_a_typed_form() -> None:
    assert set(EVENTS) == {
        *("subscribe", "unsubscribe", "scan", "click", "view", "view_miniprogram", "scancode_push", "scancode_waitmsg"),
        *("pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select", "location", "templatesendjobfinish"),
        *("masssendjobfinish", "subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event"),
        *("kf_create_session", "kf_close_session", "kf_switch_session", "user_authorization_revoke"),
        *("user_authorization_cancellation", "user_info_modified", "user_enter_tempsession", "wxa_media_check"),
    }
    kinds = {"text", "image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage"}
    assert set(MESSAGES) == kinds
