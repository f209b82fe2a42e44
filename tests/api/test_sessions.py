"""`POST /api/v1/sessions`: a code of wx.login, redeemed at a stand-in of WeChat, becomes a token of ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from backend.kernel.clock import MovableClock
from backend.storage import Database, transaction
from backend.wechat.client import WeChatClient
from tests.api.test_appointments import BASE, code_of
from tests.story.world import sandbox_app, served

SESSIONS = "/api/v1/sessions"


@pytest.fixture
def wechat(
    app: Flask, clean_database: Database, clock: MovableClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[httpx.Client]:
    """WeChat's stand-in, which the product's mini-program client calls; its control interface."""
    settings = app.extensions["settings"]
    stand_in = sandbox_app(settings, "http://127.0.0.1:9", tmp_path)
    stand_in.extensions["sandbox"].now = lambda: clock().timestamp()
    with served(stand_in) as address, httpx.Client(base_url=address, timeout=10) as control:
        client = WeChatClient(settings.miniprogram, address, app.extensions["redis"])
        monkeypatch.setitem(app.extensions, "wechat_miniprogram", client)
        yield control
        client.close()
    stand_in.extensions["sandbox"].close()


def code_for(wechat: httpx.Client, number: int = 0) -> str:
    """What `wx.login` gives on the phone of one of the residents."""
    users = wechat.get("/sandbox/users").json()["items"]
    return str(wechat.post(f"/sandbox/users/{users[number]['id']}/login_code").json()["code"])


def log_in(app: Flask, body: Any) -> TestResponse:
    return app.test_client().post(SESSIONS, json=body)


def logged_in(app: Flask, wechat: httpx.Client, number: int = 0) -> dict[str, Any]:
    answer = log_in(app, {"code": code_for(wechat, number)})
    assert answer.status_code == 201, answer.data
    body: dict[str, Any] = answer.get_json()
    return body


def test_a_code_becomes_a_token_that_opens_the_api(app: Flask, wechat: httpx.Client) -> None:
    session = logged_in(app, wechat)
    assert set(session) == {"token", "expires_at", "person"}
    assert session["expires_at"] == "2026-11-30T09:00:00+08:00"
    client = app.test_client()
    assert client.get(f"{BASE}/appointments").status_code == 401
    answer = client.get(f"{BASE}/appointments", headers={"Authorization": f"bearer {session['token']}"})
    assert answer.get_json() == {"items": [], "next_cursor": None}


def test_every_login_has_a_token_of_its_own_and_one_person(app: Flask, wechat: httpx.Client) -> None:
    first, second, other = logged_in(app, wechat), logged_in(app, wechat), logged_in(app, wechat, 1)
    assert first["person"] == second["person"] != other["person"]
    assert len({first["token"], second["token"], other["token"]}) == 3
    assert all(len(session["token"]) >= 43 for session in (first, second, other))  # 256 bits (§3.2)


def test_neither_token_nor_session_key_is_kept(app: Flask, wechat: httpx.Client) -> None:
    token = logged_in(app, wechat)["token"]
    with transaction() as session:
        rows = session.scalars(sa.text("SELECT row_to_json(t)::text FROM login_sessions AS t")).all()
    assert len(rows) == 1
    assert token not in rows[0]
    assert token.encode().hex() not in rows[0]
    assert "session_key" not in rows[0]


def test_a_code_counts_once_and_not_for_long(app: Flask, wechat: httpx.Client, clock: MovableClock) -> None:
    code = code_for(wechat)
    assert log_in(app, {"code": code}).status_code == 201
    assert code_of(log_in(app, {"code": code})) == (401, "unauthenticated")
    late = code_for(wechat)
    clock.advance(timedelta(minutes=5, seconds=1))
    assert code_of(log_in(app, {"code": late})) == (401, "unauthenticated")
    assert code_of(log_in(app, {"code": "made-up"})) == (401, "unauthenticated")
    assert code_of(log_in(app, {"code": "登录"})) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "body", [{}, {"code": ""}, {"code": 5}, {"code": None}, {"code": "c", "openid": "oX"}, [], None]
)
def test_what_is_no_login_is_refused(app: Flask, wechat: httpx.Client, body: Any) -> None:
    """An openid sent by a client is never believed (§3.2)."""
    status, code = code_of(log_in(app, body))
    assert (status, code) in ((422, "invalid"), (400, "invalid"))


@pytest.mark.parametrize("errcode", [-1, 40013, 40125, 45011, 99999])
def test_when_wechat_or_our_credentials_are_at_fault_it_says_later(
    app: Flask, wechat: httpx.Client, errcode: int
) -> None:
    """The phone is not told to log in again and again: another code would not help."""
    wechat.post("/sandbox/faults", json={"endpoint": "/sns/jscode2session", "errcode": errcode})
    assert code_of(log_in(app, {"code": code_for(wechat)})) == (503, "wechat_unavailable")
    assert logged_in(app, wechat)["token"]


def test_without_wechat_it_says_later(app: Flask, clean_database: Database) -> None:
    assert code_of(log_in(app, {"code": "c"})) == (503, "wechat_unavailable")
