"""QR codes with a scene: made by the product, drawn for people, scanned with the phone (wechat-protocol.md §6.2)."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.sandbox.support import Product, advance, call

CREATE = "/cgi-bin/qrcode/create"


def wanted(scene: str = "hall-1", **more: Any) -> dict[str, Any]:
    return {
        "expire_seconds": 180,
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": scene}},
    } | more


def user(client: FlaskClient, name: str) -> dict[str, Any]:
    return next(one for one in client.get("/sandbox/users").json["items"] if one["name"] == name)


def test_a_code_has_a_ticket_an_address_and_a_picture(client: FlaskClient, account_token: str) -> None:
    made = call(client, CREATE, account_token, wanted())
    assert made["expire_seconds"] == 180
    assert made["url"].startswith("http://weixin.qq.com/q/")
    picture = client.get("/cgi-bin/showqrcode", query_string={"ticket": made["ticket"]})
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert picture.data.startswith(b"\x89PNG")
    assert [code["scene"] for code in client.get("/sandbox/state").json["qr_codes"]] == ["hall-1"]


def test_a_picture_needs_a_living_ticket(client: FlaskClient, account_token: str) -> None:
    made = call(client, CREATE, account_token, wanted())
    assert client.get("/cgi-bin/showqrcode", query_string={"ticket": "gQ"}).status_code == 404
    advance(client, 181)
    assert client.get("/cgi-bin/showqrcode", query_string={"ticket": made["ticket"]}).status_code == 404
    assert client.get("/sandbox/state").json["qr_codes"] == []


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (wanted(""), 40053),
        (wanted("x" * 65), 40053),
        (wanted(action_name="QR_NO_SCENE"), 40053),
        (wanted(action_info={}), 40053),
        (wanted(action_name="QR_SCENE", action_info={"scene": {"scene_id": 0}}), 40053),
        (wanted(action_name="QR_LIMIT_SCENE", action_info={"scene": {"scene_id": 100_001}}), 40053),
        (wanted(expire_seconds=0), 47003),
        (wanted(expire_seconds=2_592_001), 47003),
        (wanted(expire_seconds="180"), 47003),
    ],
)
def test_what_is_no_code_is_refused(
    client: FlaskClient, account_token: str, body: dict[str, Any], errcode: int
) -> None:
    assert call(client, CREATE, account_token, body)["errcode"] == errcode


def test_a_mini_program_has_no_such_codes(client: FlaskClient, miniprogram_token: str) -> None:
    assert call(client, CREATE, miniprogram_token, wanted())["errcode"] == 48001


def test_a_permanent_code_lasts(client: FlaskClient, account_token: str) -> None:
    body = wanted(action_name="QR_LIMIT_SCENE", action_info={"scene": {"scene_id": 7}})
    made = call(client, CREATE, account_token, body)
    assert "expire_seconds" not in made
    advance(client, 40 * 86400)
    assert [code["scene"] for code in client.get("/sandbox/state").json["qr_codes"]] == ["7"]


def test_a_follower_who_scans_pushes_the_bare_scene(
    client: FlaskClient, account_token: str, product: Product, wang: dict[str, Any]
) -> None:
    made = call(client, CREATE, account_token, wanted("staff-x"))
    assert client.post(f"/sandbox/users/{wang['id']}/scans", json={"url": made["url"]}).status_code == 200
    body = product.wait_for(1)[0].body.decode()
    assert "<Event><![CDATA[SCAN]]></Event><EventKey><![CDATA[staff-x]]></EventKey>" in body
    assert f"<Ticket><![CDATA[{made['ticket']}]]></Ticket>" in body


def test_a_stranger_who_scans_follows_with_the_scene(client: FlaskClient, account_token: str, product: Product) -> None:
    made, stranger = call(client, CREATE, account_token, wanted("staff-x")), user(client, "王奶奶")
    assert not stranger["following"]
    client.post(f"/sandbox/users/{stranger['id']}/scans", json={"url": made["url"]})
    body = product.wait_for(1)[0].body.decode()
    assert "<Event><![CDATA[subscribe]]></Event><EventKey><![CDATA[qrscene_staff-x]]></EventKey>" in body
    assert user(client, "王奶奶")["following"]


def test_an_old_code_and_a_code_of_somebody_else_do_nothing(
    client: FlaskClient, account_token: str, product: Product, wang: dict[str, Any]
) -> None:
    made = call(client, CREATE, account_token, wanted())
    scans = f"/sandbox/users/{wang['id']}/scans"
    assert client.post(scans, json={"url": "http://weixin.qq.com/q/other"}).status_code == 409
    advance(client, 181)
    product.heard.clear()
    refused = client.post(scans, json={"url": made["url"]})
    assert refused.status_code == 409
    assert "过期" in refused.json["error"]
    assert product.heard == []


def test_a_reset_keeps_the_codes_of_the_product(client: FlaskClient, account_token: str) -> None:
    call(client, CREATE, account_token, wanted())
    client.post("/sandbox/reset", json={})
    assert len(client.get("/sandbox/state").json["qr_codes"]) == 1
    client.post("/sandbox/reset", json={"everything": True})
    assert client.get("/sandbox/state").json["qr_codes"] == []


def test_going_back_in_time_forgets_codes_of_the_future(client: FlaskClient, account_token: str) -> None:
    advance(client, 3600)
    call(client, CREATE, account_token, wanted())
    client.post("/sandbox/clock", json={"offset_seconds": 0})
    assert client.get("/sandbox/state").json["qr_codes"] == []
