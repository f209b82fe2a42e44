"""`flask wechat …`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from backend.channel.texts import ELDERS_TAG
from messages import Channel, template_for
from tests.channel.conftest import APPOINTMENT, Approved
from tests.files.samples import pdf, png
from tests.wechat.stand_in import Reply, StandIn, refusal, success

PNG = b"\x89PNG\r\n\x1a\nrest"


def run(app: Flask, *words: str) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(args=["wechat", *words])


def body(wechat: StandIn, path: str) -> Any:
    return json.loads(wechat.calls_to(path)[-1].body)


def test_menu_publish(connected: Flask, wechat: StandIn) -> None:
    wechat.answers["/cgi-bin/tags/get"] = lambda _call: success(tags=[{"id": 101, "name": ELDERS_TAG}])
    wechat.answers["/cgi-bin/menu/addconditional"] = lambda _call: success(menuid="400000001")
    done = run(connected, "menu", "publish")
    assert (done.exit_code, ELDERS_TAG in done.output) == (0, True)
    assert body(wechat, "/cgi-bin/menu/addconditional")["matchrule"] == {"tag_id": "101"}


def test_a_refusal_says_what_to_do(connected: Flask, wechat: StandIn) -> None:
    wechat.answers["/cgi-bin/tags/get"] = lambda _call: refusal(48001)
    done = run(connected, "menu", "publish")
    assert done.exit_code == 1
    assert "接口权限" in done.output


def test_templates(connected: Flask, approved: Approved) -> None:
    assert "没有模板" in run(connected, "templates", "list").output
    approved.add("T-C", "预约确认通知", APPOINTMENT)
    synced = run(connected, "templates", "sync").output
    assert "marriage.confirmed（模板消息）：已对应到“预约确认通知”" in synced
    listed = run(connected, "templates", "list").output
    assert "character_string4  预约号 ← number（marriage.confirmed）" in listed


def test_a_template_by_hand(connected: Flask) -> None:
    words = ("templates", "map", "--channel", "template", "--link", "https://a/{subject_id}", "marriage.confirmed", "T")
    done = run(connected, *words, "thing1=matter", "time2=time")
    assert done.exit_code == 0, done.output
    entered = template_for(connected.extensions["settings"].account.app_id, Channel.TEMPLATE, "marriage.confirmed")
    assert entered is not None
    assert entered.fields == {"thing1": "matter", "time2": "time"}


@pytest.mark.parametrize(
    ("notice", "pairs", "said"),
    [
        ("marriage.gone", ["thing1=matter"], "没有叫"),
        ("marriage.confirmed", ["thing1"], "thing1=matter"),
        ("marriage.confirmed", ["thing1=name"], "name"),
        ("marriage.confirmed", ["phrase1=time"], "phrase1"),
    ],
)
def test_what_cannot_be_entered(connected: Flask, notice: str, pairs: list[str], said: str) -> None:
    done = run(connected, "templates", "map", "--channel", "subscribe", notice, "T", *pairs)
    assert done.exit_code == 1
    assert said in done.output


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_code_for_the_wall(connected: Flask, wechat: StandIn, tmp_path: Path, ending: str) -> None:
    wechat.answers["/cgi-bin/qrcode/create"] = lambda _call: success(ticket="t", url="http://weixin.qq.com/q/x")
    out = tmp_path / f"checkin.{ending}"
    done = run(connected, "qr", "--scene", "checkin-registry-1", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert out.read_bytes()[:5] in (b"<?xml", b"\x89PNG\r")
    assert "checkin-registry-1" in done.output
    assert run(connected, "qr", "--scene", "a", "--days", "31", "--out", str(out)).exit_code == 1


def test_a_miniprogram_code(connected: Flask, wechat: StandIn, tmp_path: Path) -> None:
    wechat.answers["/wxa/getwxacodeunlimit"] = lambda _call: Reply(body=PNG, content_type="image/png")
    done = run(connected, "code", "--scene", "a=1", "--out", str(tmp_path / "code.jpg"))
    assert done.exit_code == 0, done.output
    assert (tmp_path / "code.png").read_bytes() == PNG
    assert run(connected, "code", "--scene", "场景", "--out", str(tmp_path / "x.png")).exit_code == 1


def test_a_picture_for_three_days(connected: Flask, wechat: StandIn, tmp_path: Path) -> None:
    wechat.answers["/cgi-bin/media/upload"] = lambda _call: success(type="image", media_id="M-1", created_at=1)
    poster, paper = tmp_path / "poster.jpg", tmp_path / "paper.pdf"
    poster.write_bytes(png())
    paper.write_bytes(pdf())
    assert run(connected, "upload-image", str(poster)).output == "M-1\n"
    assert "JPG 或 PNG" in run(connected, "upload-image", str(paper)).output
    wechat.answers["/cgi-bin/media/upload"] = lambda _call: refusal(45009)
    assert "用完" in run(connected, "upload-image", str(poster)).output


def test_links(connected: Flask, wechat: StandIn) -> None:
    wechat.answers["/wxa/generate_urllink"] = lambda _call: success(url_link="https://wxaurl.cn/x")
    wechat.answers["/wxa/generatescheme"] = lambda _call: success(openlink="weixin://dl/business/?t=x")
    assert run(connected, "link").output == "https://wxaurl.cn/x\n"
    assert run(connected, "link", "--scheme").output == "weixin://dl/business/?t=x\n"


def test_addresses_for_the_firewall(connected: Flask, wechat: StandIn) -> None:
    wechat.answers["/cgi-bin/getcallbackip"] = lambda _call: success(ip_list=["106.55.206.146", "101.226.103.0/25"])
    assert run(connected, "addresses").output == "101.226.103.0/25\n106.55.206.146\n"


def test_quotas(connected: Flask, wechat: StandIn) -> None:
    wechat.answers["/cgi-bin/qrcode/create"] = lambda _call: refusal(45009)
    assert "用完" in run(connected, "qr", "--scene", "a", "--out", "/dev/null").output
    assert "/cgi-bin/qrcode/create  1 / 100000  已关闭到 00:00" in run(connected, "quota", "show").output
    assert run(connected, "quota", "clear").exit_code == 0
    assert "/cgi-bin/qrcode/create" not in run(connected, "quota", "show").output


def test_alarms(connected: Flask) -> None:
    assert "0 项" in run(connected, "alarms", "dismiss").output
