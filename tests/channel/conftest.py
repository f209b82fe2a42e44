"""The application with its WeChat clients on a loopback stand-in, and templates as WeChat lists them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask

from backend.channel.connect import make_client
from backend.kernel.clock import MovableClock
from backend.storage import Database
from tests.wechat.stand_in import StandIn, refusal, success

PRIVATE, GETTEMPLATE = "/cgi-bin/template/get_all_private_template", "/wxaapi/newtmpl/gettemplate"
MENU_GET = "/cgi-bin/menu/get"

APPOINTMENT = {
    "thing1": "办理事项",
    "time2": "预约时间",
    "thing3": "办理地点",
    "character_string4": "预约号",
    "thing5": "温馨提示",
}


@dataclass
class Approved:
    """What the stand-in lists."""

    private: list[dict[str, Any]] = field(default_factory=list)
    subscribe: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, template_id: str, title: str, rows: dict[str, str], *, subscribe: bool = False, kind: int = 2
    ) -> None:
        """One more template, worded as WeChat does."""
        content = "\n".join(f"{label}:{{{{{key}.DATA}}}}" for key, label in rows.items())
        entry: dict[str, Any] = {"title": title, "content": content, "example": ""}
        if subscribe:
            self.subscribe.append({**entry, "priTmplId": template_id, "type": kind})
        else:
            self.private.append({**entry, "template_id": template_id})


@pytest.fixture
def wechat() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        # One token for both apps: the stand-in would take only the last.
        stand_in.token_answer = lambda: success(access_token="token-0", expires_in=7200)
        stand_in.answers["/cgi-bin/ticket/getticket"] = lambda _call: success(ticket="TICKET", expires_in=7200)
        stand_in.answers[MENU_GET] = lambda _call: refusal(46003)
        yield stand_in


@pytest.fixture
def approved(wechat: StandIn) -> Approved:
    """The approved templates, none at first."""
    listed = Approved()
    wechat.answers[PRIVATE] = lambda _call: success(template_list=listed.private)
    wechat.answers[GETTEMPLATE] = lambda _call: success(data=listed.subscribe)
    return listed


@pytest.fixture
def connected(
    app: Flask,
    clean_database: Database,
    clock: MovableClock,
    make_settings: Any,
    wechat: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Flask]:
    """The application, whose WeChat is the stand-in."""
    settings = make_settings(WECHAT_API_BASE_URL=wechat.url)
    clients = {
        name: make_client(wanted, settings, app.extensions["redis"])
        for name, wanted in (("wechat_account", settings.account), ("wechat_miniprogram", settings.miniprogram))
    }
    monkeypatch.setitem(app.extensions, "settings", settings)
    for name, client in clients.items():
        monkeypatch.setitem(app.extensions, name, client)
    yield app
    for client in clients.values():
        client.close()
