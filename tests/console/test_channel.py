"""The page on the way to WeChat: what has to be mended, what is used of the day's calls, who may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.storage import transaction
from backend.wechat.errors import BadContent, Misconfigured, WeChatError
from messages.alarms import end_alarms, raise_alarm
from messages.models import Channel, Product
from messages.ways import Way
from tests.console.support import Desk

PAGE = "/console/channel"
MENU = "/cgi-bin/menu/get"


def way(app: Flask, template_id: str | None = "TPL-SHORT") -> Way:
    return Way(
        channel=Channel.TEMPLATE,
        address_id=new_id(),
        product=Product.ACCOUNT,
        app_id=app.extensions["settings"].account.app_id,
        openid="oPERSON",
        reachable=True,
        window_until=None,
        window_left=0,
        template_id=template_id,
    )


def alarm(app: Flask, failure: str, error: WeChatError) -> None:
    with transaction():
        raise_alarm(way(app), "marriage.confirmed", failure, error)


@pytest.fixture
def trouble(app: Flask) -> None:
    """A template with a bad field, a wrong setting, a quota nearly used and one that is gone."""
    bad = BadContent(47003, "662b4bbd-1a2b3c4d-0f1e2d3c")
    bad.field = "thing3"
    alarm(app, "bad_content", bad)
    alarm(app, "misconfigured", Misconfigured(48001, "662b4bbd-1a2b3c4d-0f1e2d3d"))
    quotas = app.extensions["wechat_account"].quotas
    with quotas.used("/cgi-bin/message/template/send"):
        pass
    quotas._closures.close(quotas._app_id, "/cgi-bin/message/custom/send", now() + timedelta(hours=14), None)


def test_nothing_wrong_is_said_too(desk: Callable[..., Desk]) -> None:
    page = desk("admin").client.get(PAGE)
    assert page.status_code == 200
    assert "没有要处理的" in page.text
    assert "今天还没有用过" in page.text


@pytest.mark.usefixtures("trouble")
def test_alarms_and_quotas_are_shown(app: Flask, desk: Callable[..., Desk]) -> None:
    page = desk("admin").client.get(PAGE).text
    for said in ("公众号模板消息", "内容或模板字段不被接受", "错误码 47003", "字段 thing3", "设置与微信不符", "用完了"):
        assert said in page
    assert "oPERSON" not in page
    with transaction():
        end_alarms(way(app))
    assert "没有要处理的" in desk("admin").client.get(PAGE).text
    app.extensions["wechat_account"].quotas.reopen()


@pytest.mark.usefixtures("trouble")
def test_an_alarm_waits_for_the_administrator_only(app: Flask, desk: Callable[..., Desk]) -> None:
    assert "模板消息发不出去" in desk("admin").client.get("/console/").text
    assert "模板消息发不出去" not in desk("registrar-1").client.get("/console/").text
    app.extensions["wechat_account"].quotas.reopen()


@pytest.mark.parametrize("username", ["registrar-1", "clerk-1", "auditor"])
def test_others_do_not_see_it(desk: Callable[..., Desk], username: str) -> None:
    assert desk(username).client.get(PAGE).status_code == 403
