"""Template, subscription and customer-service messages, the menu and user info: wechat-protocol.md §4-6."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
import xmltodict
from flask import Flask
from flask.testing import FlaskClient

from sandbox.notice_fields import first_bad_field
from sandbox.notices import NoticeField, NoticeTemplate
from tests.sandbox.support import ACCOUNT_APP_ID, APPOINTMENT, Product, advance, call, stable_token

TEMPLATE = "/cgi-bin/message/template/send"
BIZ = "/cgi-bin/message/subscribe/bizsend"
MINI = "/cgi-bin/message/subscribe/send"
CUSTOM = "/cgi-bin/message/custom/send"


def is_event(name: str) -> Any:
    return lambda heard: name.encode() in heard.body


def notices(client: FlaskClient, user: dict[str, Any]) -> list[dict[str, Any]]:
    items = client.get(f"/sandbox/users/{user['id']}/chat").json["items"]
    return [item for item in items if item["from"] == "notice"]


def reminder(user: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "touser": user["account_openid"],
        "template_id": "TPL_ACCOUNT_APPOINTMENT_REMINDER",
        "data": APPOINTMENT,
    } | changes


def test_template_is_shown_and_finished(
    client: FlaskClient, product: Product, account_token: str, wang: dict[str, Any]
) -> None:
    data = APPOINTMENT | {"first": {"value": "您好"}}
    answer = call(client, TEMPLATE, account_token, reminder(wang, data=data, url="https://a.example/1"))
    assert answer["errcode"] == 0
    (card,) = notices(client, wang)
    assert (card["title"], card["url"]) == ("预约提醒", "https://a.example/1")
    assert card["fields"][0] == {"label": "办理事项", "value": "结婚登记"}
    assert "您好" not in card["text"]
    (heard,) = product.wait_for(1, is_event("TEMPLATESENDJOBFINISH"))
    event = xmltodict.parse(heard.body)["xml"]
    assert (event["MsgID"], event["Status"]) == (str(answer["msgid"]), "success")


def test_template_client_id_is_sent_once_in_ten_minutes(
    client: FlaskClient, account_token: str, wang: dict[str, Any]
) -> None:
    wanted = reminder(wang, client_msg_id="apt-1")
    first = call(client, TEMPLATE, account_token, wanted)
    assert call(client, TEMPLATE, account_token, wanted)["msgid"] == first["msgid"]
    assert len(notices(client, wang)) == 1
    advance(client, 601)
    assert call(client, TEMPLATE, account_token, wanted)["msgid"] != first["msgid"]
    assert len(notices(client, wang)) == 2


def test_template_refusals(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    grandmother = client.get("/sandbox/users").json["items"][3]
    for wanted, expected in [
        (reminder(wang, template_id="TPL_UNKNOWN"), 40037),
        (reminder(wang, template_id="BIZ_APPOINTMENT_REMINDER"), 40037),
        (reminder(grandmother), 43004),
        (reminder(wang, touser="oNobody"), 40003),
        (reminder(wang, touser=wang["miniprogram_openid"]), 40003),
        (reminder(wang, data=APPOINTMENT | {"thing1": {"value": ""}}), 47003),
        (reminder(wang, data={"thing1": {"value": "结婚登记"}}), 47003),
    ]:
        assert call(client, TEMPLATE, account_token, wanted)["errcode"] == expected, wanted
    assert notices(client, wang) == []


@pytest.mark.parametrize(
    ("prefix", "value", "fits"),
    [
        ("thing", "字" * 20, True),
        ("thing", "字" * 21, False),
        ("thing", "两\n行", False),
        ("number", "3.14", True),
        ("number", "三", False),
        ("letter", "abc", True),
        ("letter", "ab1", False),
        ("symbol", "+-*", True),
        ("symbol", "+-*/%$", False),
        ("character_string", "MZ-0518-0037", True),
        ("character_string", "预约MZ", False),
        ("character_string", "x" * 33, False),
        ("time", "15:01", True),
        ("time", "2019年10月1日 15:01", True),
        ("time", "2027年05月18日 10:00~2027年05月18日 10:30", True),
        ("time", "2019年10月1日", False),
        ("time", "25:00", False),
        ("date", "2019年10月1日", True),
        ("date", "2018-01-01", True),
        ("date", "01-01", True),
        ("date", "明天", False),
        ("amount", "¥10.50", True),
        ("amount", "10元", True),
        ("amount", "十元", False),
        ("phone_number", "029-12345678", True),
        ("phone_number", "电话12345", False),
        ("car_number", "陕A12345", True),
        ("name", "王小明", True),
        ("name", "字" * 11, False),
        ("name", "Elizabeth Alexandra", True),
        ("phrase", "已预约", True),
        ("phrase", "已约1次", False),
        ("phrase", "已经预约好了", False),
    ],
)
def test_field_types(prefix: str, value: str, fits: bool) -> None:
    field = NoticeField(f"{prefix}1", "项", "例")
    template = NoticeTemplate("T", "题", "account", "subscribe", False, (field,))
    assert first_bad_field(template, {f"{prefix}1": {"value": value}}) == (None if fits else f"{prefix}1")


def accept(client: FlaskClient, user: dict[str, Any], product: str, template_id: str) -> None:
    path = f"/sandbox/users/{user['id']}/subscriptions"
    assert client.post(path, json={"product": product, "template_ids": [template_id]}).status_code == 200


@pytest.mark.parametrize(
    ("path", "product_name", "template_id"),
    [
        (BIZ, "account", "BIZ_APPOINTMENT_REMINDER"),
        (MINI, "miniprogram", "MP_APPOINTMENT_REMINDER"),
    ],
)
def test_one_acceptance_is_one_notice(
    client: FlaskClient,
    product: Product,
    account_token: str,
    miniprogram_token: str,
    wang: dict[str, Any],
    path: str,
    product_name: str,
    template_id: str,
) -> None:
    token = account_token if product_name == "account" else miniprogram_token
    wanted = {"touser": wang[f"{product_name}_openid"], "template_id": template_id, "data": APPOINTMENT}
    assert call(client, path, token, wanted)["errcode"] == 43101
    accept(client, wang, product_name, template_id)
    spoilt = wanted | {"data": APPOINTMENT | {"character_string4": {"value": "号码"}}}
    refused = call(client, path, token, spoilt)
    assert refused["errcode"] == 47003
    assert "data.character_string4.value" in refused["errmsg"]
    assert call(client, path, token, wanted) == {"errcode": 0, "errmsg": "ok"}
    assert call(client, path, token, wanted)["errcode"] == 43101
    assert len(notices(client, wang)) == 1
    (heard,) = product.wait_for(1, is_event("subscribe_msg_sent_event"))
    assert heard.path == f"/wechat/{product_name}"
    assert template_id.encode() in heard.body


def test_overlapping_sends_to_one_user(
    app: Flask, client: FlaskClient, miniprogram_token: str, wang: dict[str, Any]
) -> None:
    accept(client, wang, "miniprogram", "MP_APPOINTMENT_REMINDER")
    accept(client, wang, "miniprogram", "MP_APPOINTMENT_REMINDER")
    client.post("/sandbox/faults", json={"endpoint": MINI, "delay_seconds": 1.0})
    wanted = {
        "touser": wang["miniprogram_openid"],
        "template_id": "MP_APPOINTMENT_REMINDER",
        "data": APPOINTMENT,
    }
    first: list[dict[str, Any]] = []
    slow = threading.Thread(target=lambda: first.append(call(app.test_client(), MINI, miniprogram_token, wanted)))
    slow.start()
    deadline = time.monotonic() + 5
    while not notices(client, wang):
        assert time.monotonic() < deadline
    assert call(client, MINI, miniprogram_token, wanted)["errcode"] == 43108
    slow.join()
    assert first[0]["errcode"] == 0
    assert call(client, MINI, miniprogram_token, wanted)["errcode"] == 0


def service(client: FlaskClient, token: str, openid: str, text: str = "稍后答复您") -> int:
    wanted = {"touser": openid, "msgtype": "text", "text": {"content": text}}
    return call(client, CUSTOM, token, wanted)["errcode"]


def test_customer_service_after_a_message(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    openid = wang["account_openid"]
    assert service(client, account_token, openid) == 45015
    client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "你好"})
    assert [service(client, account_token, openid) for _ in range(6)] == [0] * 5 + [45047]
    client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "还在吗"})
    assert service(client, account_token, openid) == 0
    assert service(client, account_token, openid, "字" * 683) == 45002


def test_windows_close(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    openid, path = wang["account_openid"], f"/sandbox/users/{wang['id']}"
    client.post(f"{path}/events", json={"event": "CLICK", "key": "MENU_HELP"})
    assert [service(client, account_token, openid) for _ in range(4)] == [0, 0, 0, 45047]
    advance(client, 61)
    assert service(client, account_token, openid) == 45015
    client.post(f"{path}/messages", json={"text": "你好"})
    advance(client, 48 * 3600 - 10)
    fresh = stable_token(client, ACCOUNT_APP_ID)
    assert service(client, fresh, openid) == 0
    advance(client, 20)
    assert service(client, fresh, openid) == 45015


def test_leaving_closes_the_window(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    path = f"/sandbox/users/{wang['id']}"
    client.post(f"{path}/messages", json={"text": "你好"})
    client.post(f"{path}/events", json={"event": "unsubscribe"})
    assert service(client, account_token, wang["account_openid"]) == 45015


def test_menu_message_choices_come_back_as_text(
    client: FlaskClient, product: Product, account_token: str, wang: dict[str, Any]
) -> None:
    path = f"/sandbox/users/{wang['id']}/messages"
    client.post(path, json={"text": "你好"})
    content = {
        "head_content": "满意吗？",
        "list": [{"id": "101", "content": "满意"}, {"id": "102", "content": "不满意"}],
        "tail_content": "谢谢",
    }
    wanted = {"touser": wang["account_openid"], "msgtype": "msgmenu", "msgmenu": content}
    assert call(client, CUSTOM, account_token, wanted)["errcode"] == 0
    client.post(path, json={"text": "满意", "menu_id": "101"})
    assert xmltodict.parse(product.heard[-1].body)["xml"]["bizmsgmenuid"] == "101"


def test_other_message_types(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "你好"})
    base = {"touser": wang["account_openid"]}
    article = {"title": "指南", "description": "", "url": "https://a.example/", "picurl": ""}
    for body, expected in [
        ({"msgtype": "poem", "poem": {}}, 40008),
        ({"msgtype": "news", "news": {"articles": [article, article]}}, 45008),
        ({"msgtype": "news", "news": {"articles": [article]}}, 0),
        ({"msgtype": "text", "text": {"content": ""}}, 47003),
    ]:
        assert call(client, CUSTOM, account_token, base | body)["errcode"] == expected, body


def test_menu_is_published_and_shown(client: FlaskClient, account_token: str) -> None:
    query = {"access_token": account_token}
    assert client.get("/cgi-bin/menu/get", query_string=query).json["errcode"] == 46003
    assert len(client.get("/sandbox/state").json["menu"]["button"]) == 3
    buttons = [{"name": "办事", "sub_button": [{"type": "click", "name": "婚姻登记", "key": "M"}]}]
    assert call(client, "/cgi-bin/menu/create", account_token, {"button": buttons})["errcode"] == 0
    assert client.get("/cgi-bin/menu/get", query_string=query).json == {"menu": {"button": buttons}}
    assert client.get("/sandbox/state").json["menu"] == {"published": True, "button": buttons}
    assert client.get("/cgi-bin/menu/delete", query_string=query).json["errcode"] == 0
    assert client.get("/sandbox/state").json["menu"]["published"] is False


CLICK = {"type": "click", "name": "帮助", "key": "K"}


@pytest.mark.parametrize(
    ("buttons", "expected"),
    [
        ([], 40016),
        ([CLICK] * 4, 40016),
        ([CLICK | {"name": "名字太长的菜单"}], 40018),
        ([CLICK | {"type": "dance"}], 40017),
        ([CLICK | {"key": ""}], 40019),
        ([{"type": "view", "name": "网页", "url": "u" * 1025}], 40020),
        ([{"name": "更多", "sub_button": [CLICK] * 6}], 40023),
        ([{"name": "更多", "sub_button": [CLICK | {"key": "k" * 129}]}], 40026),
    ],
)
def test_menu_rules(client: FlaskClient, account_token: str, buttons: list[Any], expected: int) -> None:
    assert call(client, "/cgi-bin/menu/create", account_token, {"button": buttons})["errcode"] == expected


def test_user_info_and_template_lists(
    client: FlaskClient, account_token: str, miniprogram_token: str, wang: dict[str, Any]
) -> None:
    def get(path: str, token: str, **query: str) -> Any:
        return client.get(path, query_string={"access_token": token} | query).json

    grandmother = client.get("/sandbox/users").json["items"][3]
    info = get("/cgi-bin/user/info", account_token, openid=wang["account_openid"])
    assert (info["subscribe"], info["unionid"]) == (1, wang["unionid"])
    assert get("/cgi-bin/user/info", account_token, openid=grandmother["account_openid"])["subscribe"] == 0
    assert get("/cgi-bin/user/info", account_token, openid="oNobody")["errcode"] == 40003
    templates = get("/cgi-bin/template/get_all_private_template", account_token)["template_list"]
    assert {one["template_id"] for one in templates} >= {"TPL_ACCOUNT_APPOINTMENT_REMINDER"}
    mini = get("/wxaapi/newtmpl/gettemplate", miniprogram_token)["data"]
    assert {one["priTmplId"][:3] for one in mini} == {"MP_"}
    assert json.dumps(mini[0], ensure_ascii=False).count("{{thing1.DATA}}") == 1
    assert get("/cgi-bin/getcallbackip", account_token)["ip_list"] == ["127.0.0.1"]
