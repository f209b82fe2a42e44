"""Every push of the forms, as the product gets it: wechat-protocol.md §1.3, §1.4, §1.7."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import xmltodict
from flask import Flask
from flask.testing import FlaskClient

from sandbox.config import Config
from tests.sandbox.support import ACCOUNT_APP_ID, MINIPROGRAM_APP_ID, Product, act, call, fetch, turn

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
FILE = {"name": "照片.png", "data": PNG}


def send(
    client: FlaskClient, product: Product, user: dict[str, Any], kind: str, to: str = "account", **values: Any
) -> dict[str, Any]:
    """Send one push and give its body as the product read it."""
    done = act(client, user, "pushes", kind=kind, product=to, values=values)
    assert done["outcome"] == "silent", done
    heard = product.heard[-1]
    assert heard.path == f"/wechat/{to}"
    body: dict[str, Any] = json.loads(heard.body) if to == "miniprogram" else xmltodict.parse(heard.body)["xml"]
    assert body["FromUserName"] == user[f"{to}_openid"]
    return body


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("text", {"content": "你好 ]]> 好"}, {"MsgType": "text", "Content": "你好 ]]> 好"}),
        ("voice", {"recognition": "我要预约"}, {"MsgType": "voice", "Format": "amr", "Recognition": "我要预约"}),
        ("video", {}, {"MsgType": "video"}),
        ("shortvideo", {}, {"MsgType": "shortvideo"}),
        (
            "location",
            {"latitude": 34.5, "longitude": "108.9", "label": "民政局"},
            {"MsgType": "location", "Location_X": "34.500000", "Location_Y": "108.900000", "Label": "民政局"},
        ),
        (
            "link",
            {"title": "指南", "url": "https://a.example/"},
            {"MsgType": "link", "Title": "指南", "Url": "https://a.example/"},
        ),
        ("SCAN", {"scene": "hall-1"}, {"Event": "SCAN", "EventKey": "hall-1"}),
        ("CLICK", {"key": "MENU_HELP"}, {"Event": "CLICK", "EventKey": "MENU_HELP"}),
        ("VIEW", {"url": "https://a.example/"}, {"Event": "VIEW", "EventKey": "https://a.example/"}),
        ("view_miniprogram", {"path": "pages/a"}, {"Event": "view_miniprogram", "EventKey": "pages/a"}),
        (
            "scancode_waitmsg",
            {"key": "S", "result": "1"},
            {"EventKey": "S", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "1"}},
        ),
        ("scancode_push", {"key": "S", "result": "1"}, {"Event": "scancode_push"}),
        ("pic_weixin", {"key": "P", "count": 0}, {"SendPicsInfo": {"Count": "0", "PicList": None}}),
        (
            "location_select",
            {"key": "L", "label": "公园"},
            {
                "SendLocationInfo": {
                    "Location_X": "34.270000",
                    "Location_Y": "108.950000",
                    "Scale": "16",
                    "Label": "公园",
                    "Poiname": None,
                }
            },
        ),
        ("LOCATION", {}, {"Event": "LOCATION", "Latitude": "34.270000", "Precision": "40.000000"}),
        (
            "TEMPLATESENDJOBFINISH",
            {"message_id": 7, "status": "failed: system failed"},
            {"MsgID": "7", "Status": "failed: system failed"},
        ),
        ("MASSSENDJOBFINISH", {}, {"Event": "MASSSENDJOBFINISH", "Status": "send success", "TotalCount": "100"}),
        ("kf_create_session", {}, {"KfAccount": "service1@sandbox"}),
        ("kf_close_session", {}, {"KfAccount": "service1@sandbox"}),
        ("kf_switch_session", {}, {"FromKfAccount": "service1@sandbox", "ToKfAccount": "service2@sandbox"}),
        ("user_authorization_revoke", {}, {"Event": "user_authorization_revoke", "AppID": ACCOUNT_APP_ID}),
        ("user_authorization_cancellation", {}, {"Event": "user_authorization_cancellation"}),
        ("user_info_modified", {}, {"Event": "user_info_modified"}),
        ("unsubscribe", {}, {"Event": "unsubscribe"}),
        ("event", {"name": "poi_check_notify"}, {"Event": "poi_check_notify"}),
    ],
)
def test_account_pushes(
    client: FlaskClient,
    product: Product,
    wang: dict[str, Any],
    kind: str,
    values: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    body = send(client, product, wang, kind, **values)
    assert {name: body[name] for name in expected} == expected
    assert ("MsgId" in body) is (body["MsgType"] != "event")


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("text", {"content": "你好"}, {"MsgType": "text", "Content": "你好"}),
        (
            "miniprogrampage",
            {"title": "预约", "path": "pages/a"},
            {"MsgType": "miniprogrampage", "AppId": MINIPROGRAM_APP_ID, "PagePath": "pages/a"},
        ),
        ("user_enter_tempsession", {"session_from": "help"}, {"SessionFrom": "help"}),
        ("user_authorization_revoke", {}, {"AppID": MINIPROGRAM_APP_ID}),
        (
            "wxa_media_check",
            {"trace_id": "t1", "suggest": "risky"},
            {"trace_id": "t1", "result": {"suggest": "risky", "label": 20002}},
        ),
    ],
)
def test_mini_program_pushes(
    client: FlaskClient,
    product: Product,
    wang: dict[str, Any],
    kind: str,
    values: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    body = send(client, product, wang, kind, to="miniprogram", **values)
    assert {name: body[name] for name in expected} == expected


@pytest.mark.parametrize("to", ["account", "miniprogram"])
def test_a_picture_can_be_fetched_both_ways(
    client: FlaskClient,
    product: Product,
    account_token: str,
    miniprogram_token: str,
    wang: dict[str, Any],
    to: str,
) -> None:
    body = send(client, product, wang, "image", to=to, file=FILE)
    token = account_token if to == "account" else miniprogram_token
    query = {"access_token": token, "media_id": body["MediaId"]}
    picture = base64.b64decode(PNG)
    assert client.get("/cgi-bin/media/get", query_string=query).data == picture
    assert client.get(body["PicUrl"]).data == picture
    bubble = client.get(f"/sandbox/users/{wang['id']}/chat").json["items"][-1]
    assert (bubble["type"], bubble["media_id"]) == ("image", body["MediaId"])


def test_voice_without_recognition_has_no_such_field(
    client: FlaskClient, product: Product, account_token: str, wang: dict[str, Any]
) -> None:
    body = send(client, product, wang, "voice")
    assert "Recognition" not in body
    query = {"access_token": account_token, "media_id": body["MediaId"]}
    assert client.get("/cgi-bin/media/get", query_string=query).data.startswith(b"#!AMR")
    turn(client, recognition=True)
    assert send(client, product, wang, "voice")["Recognition"] is None


@pytest.mark.parametrize(("count", "shape"), [(1, dict), (3, list)])
def test_one_picture_is_an_object_and_more_are_a_list(
    client: FlaskClient, product: Product, wang: dict[str, Any], count: int, shape: type
) -> None:
    body = send(client, product, wang, "pic_sysphoto", key="P", count=count)
    assert isinstance(body["SendPicsInfo"]["PicList"]["item"], shape)


def test_following_by_a_scene(client: FlaskClient, product: Product, account_token: str) -> None:
    grandmother = client.get("/sandbox/users").json["items"][3]
    body = send(client, product, grandmother, "subscribe", scene="hall-1")
    assert (body["EventKey"], bool(body["Ticket"])) == ("qrscene_hall-1", True)
    info = fetch(client, "/cgi-bin/user/info", account_token, openid=grandmother["account_openid"])
    assert (info["subscribe_scene"], info["qr_scene_str"]) == ("ADD_SCENE_QR_CODE", "hall-1")


def test_one_or_many_templates_in_both_formats(client: FlaskClient, product: Product, wang: dict[str, Any]) -> None:
    one = send(client, product, wang, "subscribe_msg_popup_event", templates="BIZ_APPOINTMENT_BOOKED")
    assert one["SubscribeMsgPopupEvent"]["List"]["SubscribeStatusString"] == "accept"
    two = "MP_APPOINTMENT_BOOKED MP_APPOINTMENT_REMINDER"
    many = send(client, product, wang, "subscribe_msg_popup_event", to="miniprogram", templates=two)
    assert [item["TemplateId"] for item in many["List"]] == two.split()
    single = send(
        client, product, wang, "subscribe_msg_change_event", to="miniprogram", templates="MP_APPOINTMENT_BOOKED"
    )
    assert single["List"] == {"TemplateId": "MP_APPOINTMENT_BOOKED", "SubscribeStatusString": "reject"}
    held = client.get("/sandbox/users").json["items"][0]["credits"]
    assert (held["MP_APPOINTMENT_BOOKED"], held["MP_APPOINTMENT_REMINDER"]) == (0, 1)
    sent = send(client, product, wang, "subscribe_msg_sent_event", templates="T", error_code=43101)
    assert sent["SubscribeMsgSentEvent"]["List"]["ErrorStatus"] == "failed"


@pytest.mark.parametrize("mode", ["plain", "compatible", "security"])
@pytest.mark.parametrize("shape", ["xml", "json"])
def test_mini_program_in_every_mode_and_format(
    make_app: Callable[..., Flask], config: Config, product: Product, mode: Any, shape: Any
) -> None:
    client = make_app(miniprogram=replace(config.miniprogram, mode=mode, format=shape)).test_client()
    user = client.get("/sandbox/users").json["items"][0]
    done = act(client, user, "pushes", kind="text", product="miniprogram", values={"content": "你好"})
    assert done["outcome"] == "silent"
    text = product.heard[-1].body.decode()
    assert text.startswith("<xml>" if shape == "xml" else "{")
    assert ("Encrypt" in text, "你好" in text) == (mode != "plain", mode != "security")


@pytest.mark.parametrize(
    ("kind", "to", "values", "said"),
    [
        ("poem", "account", {}, "没有这种推送"),
        ("voice", "miniprogram", {}, "不是小程序的推送"),
        ("user_enter_tempsession", "account", {}, "不是公众号的推送"),
        ("text", "account", {"content": " "}, "请填写内容"),
        ("text", "account", {"contents": "x"}, "不认识的参数"),
        ("image", "account", {}, "请选一个合适的文件"),
        ("image", "account", {"file": {"name": "a", "data": "AAAA"}}, "请选一个合适的文件"),
        ("image", "account", {"file": {"name": "a", "data": "!"}}, "base64"),
        ("image", "account", {"file": "x"}, "base64"),
        ("location", "account", {"latitude": "north"}, "纬度请填数字"),
        ("pic_weixin", "account", {"key": "P", "count": 10}, "最多 9 张"),
        ("subscribe_msg_popup_event", "account", {"templates": "T"}, "没有这个订阅模板"),
        ("SCAN", "account", {}, "请填写"),
    ],
)
def test_incomplete_forms(
    client: FlaskClient, product: Product, wang: dict[str, Any], kind: str, to: str, values: Any, said: str
) -> None:
    body = {"kind": kind, "product": to, "values": values}
    answer = client.post(f"/sandbox/users/{wang['id']}/pushes", json=body)
    assert answer.status_code == 400
    assert said in answer.json["error"]
    assert product.heard == []


def test_who_does_not_follow_cannot_write(client: FlaskClient) -> None:
    grandmother = client.get("/sandbox/users").json["items"][3]
    body = {"kind": "location", "values": {}}
    answer = client.post(f"/sandbox/users/{grandmother['id']}/pushes", json=body)
    assert answer.status_code == 409


def test_forms_are_listed_for_the_page(client: FlaskClient) -> None:
    forms = client.get("/sandbox/forms").json["items"]
    assert len({form["kind"] for form in forms}) == len(forms) > 30
    image = next(form for form in forms if form["kind"] == "image")
    assert image["inputs"][0]["kind"] == "file"


def test_menu_scans_open_a_minute_of_service(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    act(client, wang, "pushes", kind="scancode_push", values={"key": "S", "result": "1"})
    text = {"touser": wang["account_openid"], "msgtype": "text", "text": {"content": "好"}}
    answers = [call(client, "/cgi-bin/message/custom/send", account_token, text)["errcode"] for _ in range(4)]
    assert answers == [0, 0, 0, 45047]


def test_service_messages_with_files(
    client: FlaskClient, product: Product, account_token: str, miniprogram_token: str, wang: dict[str, Any]
) -> None:
    media = send(client, product, wang, "image", file=FILE)["MediaId"]
    base = {"touser": wang["account_openid"]}
    card = {"title": "预约", "appid": MINIPROGRAM_APP_ID, "pagepath": "pages/a", "thumb_media_id": media}
    for body, errcode in [
        ({"msgtype": "image", "image": {"media_id": media}}, 0),
        ({"msgtype": "image", "image": {"media_id": "nonsense"}}, 40007),
        ({"msgtype": "miniprogrampage", "miniprogrampage": card}, 0),
        ({"msgtype": "miniprogrampage", "miniprogrampage": card | {"appid": "wx1"}}, 40013),
        ({"msgtype": "music", "music": {"title": "歌", "thumb_media_id": media}}, 0),
        ({"msgtype": "link", "link": {"title": "x", "url": "https://a.example/"}}, 40008),
    ]:
        assert call(client, "/cgi-bin/message/custom/send", account_token, base | body)["errcode"] == errcode, body
    send(client, product, wang, "text", to="miniprogram", content="你好")
    link = {"title": "指南", "url": "https://a.example/", "description": "", "thumb_url": ""}
    body = {"touser": wang["miniprogram_openid"], "msgtype": "link", "link": link}
    assert call(client, "/cgi-bin/message/custom/send", miniprogram_token, body)["errcode"] == 0
    body = {"touser": wang["miniprogram_openid"], "msgtype": "news", "news": {"articles": []}}
    assert call(client, "/cgi-bin/message/custom/send", miniprogram_token, body)["errcode"] == 40008
