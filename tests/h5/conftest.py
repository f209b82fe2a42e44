"""A browser inside WeChat, and WeChat's side of the web login as a stub on loopback."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.kernel.clock import MovableClock
from backend.storage import Database
from backend.wechat.web_login import WebLogin
from tests.wechat.stand_in import Call, Reply, StandIn, refusal, success

EXCHANGE, PROFILE = "/sns/oauth2/access_token", "/sns/userinfo"
OPEN_HOST = "https://open.weixin.example"


@dataclass
class WeChat:
    """Codes and whose they are; each counts once, as at WeChat (wechat-protocol §4.1)."""

    stub: StandIn
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    unionids: dict[str, str] = field(default_factory=dict)
    errcode: int | None = None

    def exchange(self, call: Call) -> Reply:
        """/sns/oauth2/access_token."""
        code = call.query["code"]
        if self.errcode is not None:
            return refusal(self.errcode)
        if code in self.used:
            return refusal(40163)
        if code not in self.codes:
            return refusal(40029)
        self.used.add(code)
        return success(**{"access_token": f"user-token-{code}", "expires_in": 7200, **self.codes[code]})

    def profile(self, call: Call) -> Reply:
        """/sns/userinfo."""
        return success(openid=call.query["openid"], nickname="", unionid=self.unionids[call.query["openid"]])

    @property
    def exchanges(self) -> int:
        """How often a code was exchanged, or tried."""
        return len(self.stub.calls_to(EXCHANGE))


@dataclass
class Browser:
    """One phone's browser inside WeChat, owner `openid`."""

    wechat: WeChat
    client: FlaskClient
    openid: str
    _codes: int = 0

    def begins(self, path: str = "/h5/login", **query: str) -> dict[str, str]:
        """Go to sign in; what WeChat is asked for."""
        answer = self.client.get(path, query_string=query)
        assert answer.status_code == 303, answer.text
        address = urlsplit(answer.location)
        assert f"{address.scheme}://{address.netloc}{address.path}" == f"{OPEN_HOST}/connect/oauth2/authorize"
        assert address.fragment == "wechat_redirect"
        return {name: values[0] for name, values in parse_qs(address.query).items()}

    def code(self, **more: Any) -> str:
        """A code for this phone's owner."""
        self._codes += 1
        code = f"code-{self.openid}-{self._codes}"
        self.wechat.codes[code] = {"openid": self.openid, "scope": "snsapi_base", **more}
        return code

    def comes_back(self, code: str, state: str) -> TestResponse:
        """Load the page WeChat sends the browser to."""
        return self.client.get("/h5/login/back", query_string={"code": code, "state": state})

    def signs_in(self, **more: Any) -> TestResponse:
        """The whole way."""
        return self.comes_back(self.code(**more), self.begins()["state"])

    def page(self) -> str:
        """One's own page."""
        answer = self.client.get("/h5/me")
        assert answer.status_code == 200, (answer.status_code, answer.location)
        return answer.text

    def signed_in(self) -> bool:
        """Whether one's own page opens."""
        return self.client.get("/h5/me").status_code == 200

    def presses_out(self, **changes: str) -> TestResponse:
        """Press “这不是我”."""
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', self.page())
        assert found
        return self.client.post("/h5/sign-out", data={"form_token": found[1]} | changes)


@pytest.fixture
def wechat(
    app: Flask, clean_database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WeChat]:
    """The stub, which the product's web login calls."""
    with StandIn() as stub:
        made = WeChat(stub)
        stub.answers = {EXCHANGE: made.exchange, PROFILE: made.profile}
        login = WebLogin(app.extensions["settings"].account, stub.url, OPEN_HOST)
        monkeypatch.setitem(app.extensions, "wechat_web_login", login)
        yield made
        login.close()


@pytest.fixture
def browser(app: Flask, wechat: WeChat) -> Callable[..., Browser]:
    """A browser of its own for each call."""
    return lambda openid="oWebWangXiaoMing000000000001": Browser(wechat, app.test_client(), openid)
