"""Materials, codes, links, JS tickets and templates: wechat-protocol.md §2.4, §5.1, §6.3-6.5."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.wechat.jsapi import page_signature
from tests.sandbox.support import (
    ACCOUNT_APP_ID,
    MINIPROGRAM_APP_ID,
    Product,
    act,
    advance,
    call,
    fetch,
    stable_token,
    turn,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff" + bytes(40)
MP4 = bytes(4) + b"ftypmp42" + bytes(40)
AMR = b"#!AMR\n" + bytes(40)
CODE = "/wxa/getwxacodeunlimit"


def upload(client: FlaskClient, token: str, kind: str, data: bytes, name: str = "a.png", part: str = "media") -> Any:
    query = {"access_token": token, "type": kind}
    form = {part: (io.BytesIO(data), name)}
    return client.post("/cgi-bin/media/upload", query_string=query, data=form).json


def test_upload_and_fetch(client: FlaskClient, account_token: str) -> None:
    stored = upload(client, account_token, "image", PNG)
    assert stored["type"] == "image"
    got = client.get("/cgi-bin/media/get", query_string={"access_token": account_token, "media_id": stored["media_id"]})
    assert (got.data, got.content_type) == (PNG, "image/png")
    assert "attachment" in got.headers["Content-Disposition"]
    assert client.get(f"/mmbiz/{stored['media_id']}").data == PNG
    thumb = upload(client, account_token, "thumb", JPEG)
    assert thumb["thumb_media_id"]
    video = upload(client, account_token, "video", MP4, "a.mp4")["media_id"]
    assert client.get(fetch(client, "/cgi-bin/media/get", account_token, media_id=video)["video_url"]).data == MP4
    assert upload(client, account_token, "voice", AMR, "a.amr")["type"] == "voice"


@pytest.mark.parametrize(
    ("kind", "data", "name", "errcode"),
    [
        ("poem", PNG, "a.png", 40004),
        ("image", MP4, "a.png", 40004),
        ("image", b"<html>", "a.png", 40004),
        ("thumb", PNG, "a.jpg", 40004),
        ("image", b"", "a.png", 41005),
        ("image", PNG, "照片.png", 41005),
        ("thumb", JPEG + bytes(64 << 10), "a.jpg", 40006),
        ("voice", AMR + bytes(2 << 20), "a.amr", 40006),
        ("image", PNG + bytes(10 << 20), "a.png", 40009),
    ],
)
def test_uploads_refused(
    client: FlaskClient, account_token: str, kind: str, data: bytes, name: str, errcode: int
) -> None:
    assert upload(client, account_token, kind, data, name)["errcode"] == errcode


def test_files_of_three_days_and_of_one_product(
    client: FlaskClient, account_token: str, miniprogram_token: str
) -> None:
    media_id = upload(client, account_token, "image", PNG)["media_id"]
    assert fetch(client, "/cgi-bin/media/get", miniprogram_token, media_id=media_id)["errcode"] == 40007
    assert fetch(client, "/cgi-bin/media/get", account_token, media_id="nonsense")["errcode"] == 40007
    assert upload(client, account_token, "image", PNG, part="file")["errcode"] == 41005
    advance(client, 3 * 86400 + 1)
    fresh = stable_token(client, ACCOUNT_APP_ID)
    assert fetch(client, "/cgi-bin/media/get", fresh, media_id=media_id)["errcode"] == 40007
    assert client.get(f"/mmbiz/{media_id}").status_code == 404


def test_the_journal_holds_no_bytes(client: FlaskClient, account_token: str) -> None:
    media_id = upload(client, account_token, "image", PNG)["media_id"]
    client.get("/cgi-bin/media/get", query_string={"access_token": account_token, "media_id": media_id})
    sent, got = client.get("/sandbox/journal").json["items"][-2:]
    assert sent["request"]["body"] == {"media": "a.png（image/png）"}
    assert got["response"]["body"] == {"content_type": "image/png", "bytes": len(PNG)}


def code(client: FlaskClient, token: str, body: dict[str, Any]) -> Any:
    return client.post(CODE, query_string={"access_token": token}, data=json.dumps(body, ensure_ascii=False).encode())


def test_mini_program_code_is_a_picture(client: FlaskClient, miniprogram_token: str) -> None:
    answer = code(client, miniprogram_token, {"scene": "a=1", "page": "pages/index", "width": 430})
    assert answer.content_type == "image/png"
    assert answer.data.startswith(b"\x89PNG\r\n\x1a\n")
    width = int.from_bytes(answer.data[16:20], "big")
    assert 280 <= width <= 430
    (link,) = client.get("/sandbox/links").json["items"]
    assert (link["kind"], link["page"], link["query"]) == ("code", "pages/index", "a=1")


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"scene": ""}, 40169),
        ({"scene": "场景"}, 40169),
        ({"scene": "a%20"}, 40169),
        ({"scene": "x" * 33}, 40169),
        ({"scene": "a", "page": "/pages/index"}, 41030),
        ({"scene": "a", "page": "pages/index?b=1"}, 41030),
        ({"scene": "a", "page": "pages/unknown"}, 41030),
        ({"scene": "a", "width": 100}, 40097),
        ({"scene": "a", "env_version": "beta"}, 40097),
        ({"scene": "a", "page": "pages/unknown", "check_path": False}, None),
        ({"scene": "a", "page": "pages/unknown", "env_version": "trial"}, None),
    ],
)
def test_mini_program_code_rules(
    client: FlaskClient, miniprogram_token: str, body: dict[str, Any], errcode: int | None
) -> None:
    turn(client, released_pages=["pages/index"])
    answer = code(client, miniprogram_token, body)
    assert (answer.json["errcode"] if answer.is_json else None) == errcode


def test_codes_are_for_the_mini_program(client: FlaskClient, account_token: str) -> None:
    assert code(client, account_token, {"scene": "a"}).json["errcode"] == 48001


def test_links_and_schemes(client: FlaskClient, miniprogram_token: str) -> None:
    lasting = {"expire_type": 1, "expire_interval": 30}
    link = call(client, "/wxa/generate_urllink", miniprogram_token, {"path": "pages/a", "query": "id=1", **lasting})
    assert link["url_link"].startswith("https://wxaurl.cn/")
    jump = {"jump_wxa": {"path": "pages/a", "query": "id=1"}, "is_expire": True, **lasting}
    scheme = call(client, "/wxa/generatescheme", miniprogram_token, jump)
    assert scheme["openlink"].startswith("weixin://dl/business/?t=")
    made = client.get("/sandbox/links").json["items"]
    assert [one["kind"] for one in made] == ["scheme", "url_link"]
    assert made[0]["expires_at"] - made[0]["made_at"] == pytest.approx(30 * 86400)


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"expire_type": 1, "expire_interval": 31}, 85401),
        ({"expire_type": 1}, 85401),
        ({"expire_type": 0, "expire_time": 1}, 85401),
        ({"expire_type": 2}, 85401),
        ({"path": "/pages/a"}, 40165),
        ({"query": "q" * 1025}, 40212),
        ({"query": "名=字"}, 40212),
        ({}, 0),
    ],
)
def test_link_rules(client: FlaskClient, miniprogram_token: str, body: dict[str, Any], errcode: int) -> None:
    wanted = {"path": "pages/a"} | body
    assert call(client, "/wxa/generate_urllink", miniprogram_token, wanted)["errcode"] == errcode
    jump = {name: wanted[name] for name in ("path", "query") if name in wanted}
    rest = {name: value for name, value in wanted.items() if name.startswith("expire")}
    assert call(client, "/wxa/generatescheme", miniprogram_token, {"jump_wxa": jump, **rest})["errcode"] == errcode


def test_page_signature_vector() -> None:
    given = page_signature("TICKET", "abc", "1700000000", "https://mz.example.cn/h5/?a=1#top")
    assert given == "27042632791282bd05c1d581c8786c5671e114a5"


def test_ticket_and_what_the_page_says(client: FlaskClient, product: Product, account_token: str) -> None:
    ticket = fetch(client, "/cgi-bin/ticket/getticket", account_token, type="jsapi")
    assert (ticket["errcode"], ticket["expires_in"]) == (0, 7200)
    assert fetch(client, "/cgi-bin/ticket/getticket", account_token, type="jsapi")["ticket"] == ticket["ticket"]
    assert fetch(client, "/cgi-bin/ticket/getticket", account_token, type="poem")["errcode"] == 40097
    url = f"{product.url}/h5/"
    signature = page_signature(ticket["ticket"], "n", "1700000000", url)
    given = {"appId": ACCOUNT_APP_ID, "timestamp": 1700000000, "nonceStr": "n", "signature": signature, "url": url}
    for changes, said in [
        ({}, "config:ok"),
        ({"url": url + "#part"}, "config:ok"),
        ({"nonceStr": "m"}, "config:invalid signature"),
        ({"appId": MINIPROGRAM_APP_ID}, "config:invalid appid"),
        ({"url": "https://evil.example/"}, "config:invalid url domain"),
    ]:
        assert client.post("/sandbox/js_config", json=given | changes).json == {"errMsg": said}
    advance(client, 7201)
    assert client.post("/sandbox/js_config", json=given).json == {"errMsg": "config:invalid signature"}


def test_message_templates_are_added_and_deleted(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    add, delete = "/cgi-bin/template/api_add_template", "/cgi-bin/template/del_private_template"
    wanted = {"template_id_short": "10001", "keyword_name_list": ["预约时间", "办理地点"]}
    added = call(client, add, account_token, wanted)["template_id"]
    data = {"time2": {"value": "2027年05月18日 10:00"}, "thing3": {"value": "新城区婚姻登记处"}}
    sending = {"touser": wang["account_openid"], "template_id": added, "data": data}
    assert call(client, "/cgi-bin/message/template/send", account_token, sending)["errcode"] == 0
    listed = fetch(client, "/cgi-bin/template/get_all_private_template", account_token)["template_list"]
    assert next(one for one in listed if one["template_id"] == added)["content"].count("DATA") == 2
    assert call(client, delete, account_token, {"template_id": added})["errcode"] == 0
    assert call(client, delete, account_token, {"template_id": added})["errcode"] == 40037
    assert call(client, "/cgi-bin/message/template/send", account_token, sending)["errcode"] == 40037
    assert call(client, delete, account_token, {"template_id": "BIZ_APPOINTMENT_BOOKED"})["errcode"] == 40037
    assert call(client, add, account_token, {"template_id_short": "1"})["errcode"] == 40037
    assert call(client, add, account_token, wanted | {"keyword_name_list": ["不存在"]})["errcode"] == 47003
    answers = [call(client, add, account_token, wanted)["errcode"] for _ in range(26)]
    assert answers[-1] == 45026


@pytest.mark.parametrize("kind", ["account", "miniprogram"])
def test_subscription_templates_are_added_and_deleted(
    client: FlaskClient, account_token: str, miniprogram_token: str, kind: str
) -> None:
    token = account_token if kind == "account" else miniprogram_token
    wanted = {"tid": "10001", "kidList": [1, 2], "sceneDesc": "预约"}
    added = call(client, "/wxaapi/newtmpl/addtemplate", token, wanted)["priTmplId"]
    assert added in {one["priTmplId"] for one in fetch(client, "/wxaapi/newtmpl/gettemplate", token)["data"]}
    for changes, errcode in [
        ({"kidList": [1]}, 47003),
        ({"kidList": [1, 99]}, 47003),
        ({"sceneDesc": "字" * 16}, 47003),
        ({"tid": "1"}, 40037),
    ]:
        assert call(client, "/wxaapi/newtmpl/addtemplate", token, wanted | changes)["errcode"] == errcode
    assert call(client, "/wxaapi/newtmpl/deltemplate", token, {"priTmplId": added})["errcode"] == 0
    assert call(client, "/wxaapi/newtmpl/deltemplate", token, {"priTmplId": added})["errcode"] == 40037


def test_what_the_product_had_made_outlives_a_reset(
    client: FlaskClient, account_token: str, wang: dict[str, Any]
) -> None:
    media_id = upload(client, account_token, "image", PNG)["media_id"]
    turn(client, snapshot_user=True)
    act(client, wang, "refusals", messages=True)
    client.post("/sandbox/reset", json={})
    assert client.get(f"/mmbiz/{media_id}").status_code == 200
    assert client.get("/sandbox/settings").json["snapshot_user"] is False
    assert client.get("/sandbox/users").json["items"][0]["refuses_messages"] is False
    client.post("/sandbox/reset", json={"everything": True})
    assert client.get(f"/mmbiz/{media_id}").status_code == 404
