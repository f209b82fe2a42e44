"""`POST /api/v1/sessions`: a code of wx.login, redeemed at a stand-in of WeChat, becomes a token of ours."""

from __future__ import annotations

from collections import Counter
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
from backend.people.entry import codes
from backend.people.entry.codes import HandedIn
from backend.people.entry.session_keys import keep_session_key, session_key_of
from backend.people.logins import MOST_SESSIONS
from backend.people.models import WeChatIdentity
from backend.storage import Database, transaction
from backend.wechat.client import PhoneNumber, WeChatClient
from backend.wechat.errors import CodeRejected, Unreachable, WeChatError
from tests.api.test_appointments import BASE, code_of
from tests.chat.phone import count, is_stored
from tests.concurrency.support import all_at_once
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


def test_the_token_is_not_kept_and_the_session_key_only_sealed(app: Flask, wechat: httpx.Client) -> None:
    token = logged_in(app, wechat)["token"]
    with transaction() as session:
        [identity_id] = session.scalars(sa.select(WeChatIdentity.id))
        [row] = session.scalars(sa.text("SELECT row_to_json(t)::text FROM login_sessions AS t"))
    assert token not in row
    assert token.encode().hex() not in row
    key = session_key_of(identity_id)
    assert key is not None
    assert len(key) == 24  # 16 bytes in base64 (§3.2)
    assert not is_stored(key)


def test_the_key_of_the_later_login_stays(app: Flask, wechat: httpx.Client, clock: MovableClock) -> None:
    logged_in(app, wechat)
    with transaction() as session:
        [identity_id] = session.scalars(sa.select(WeChatIdentity.id))
        keep_session_key(identity_id, "later", clock() + timedelta(seconds=2))
        keep_session_key(identity_id, "earlier", clock() + timedelta(seconds=1))  # its answer was on the way longer
    assert session_key_of(identity_id) == "later"


def test_one_code_brought_at_once_is_exchanged_once(app: Flask, wechat: httpx.Client) -> None:
    """A nervous client posts twice: both get in, as one person, and WeChat is asked once."""
    code = code_for(wechat)
    wechat.post("/sandbox/faults", json={"endpoint": "/sns/jscode2session", "delay_seconds": 0.7})
    answers: dict[int, TestResponse] = {}
    outcomes = all_at_once(4, lambda index: answers.__setitem__(index, log_in(app, {"code": code})))
    assert outcomes == Counter(done=4)
    assert [answer.status_code for answer in answers.values()] == [201] * 4
    assert len({answer.get_json()["person"]["id"] for answer in answers.values()}) == 1
    assert len({answer.get_json()["token"] for answer in answers.values()}) == 4
    assert exchanges(wechat) == 1
    assert code_of(log_in(app, {"code": code})) == (401, "unauthenticated")
    assert exchanges(wechat) == 1  # and a used one not again


def exchanges(wechat: httpx.Client) -> int:
    """How often WeChat was asked about a code."""
    calls = wechat.get("/sandbox/journal", params={"limit": 500}).json()["items"]
    return sum("/sns/jscode2session" in str(call) for call in calls)


def test_after_a_fault_the_same_code_may_be_brought_again(app: Flask, wechat: httpx.Client) -> None:
    code = code_for(wechat)
    wechat.post("/sandbox/faults", json={"endpoint": "/sns/jscode2session", "errcode": -1})
    assert code_of(log_in(app, {"code": code})) == (503, "wechat_unavailable")
    assert log_in(app, {"code": code}).status_code == 201


def test_a_code_whose_asker_died_is_taken_over(app: Flask, wechat: httpx.Client, clock: MovableClock) -> None:
    code, app_id = code_for(wechat), app.extensions["settings"].miniprogram.app_id
    assert codes._claim(HandedIn(app_id, code))
    clock.advance(codes.ABANDONED_AFTER + timedelta(seconds=1))
    assert log_in(app, {"code": code}).status_code == 201


def test_a_user_whom_wechat_blocks_and_one_who_is_too_quick(app: Flask, wechat: httpx.Client) -> None:
    wechat.post("/sandbox/faults", json={"endpoint": "/sns/jscode2session", "errcode": 40226})
    blocked = log_in(app, {"code": code_for(wechat)})
    assert code_of(blocked) == (403, "login_blocked")
    assert "微信暂时限制" in blocked.get_json()["detail"]
    wechat.post("/sandbox/faults", json={"endpoint": "/sns/jscode2session", "errcode": 45011})
    quick = log_in(app, {"code": code_for(wechat)})
    assert code_of(quick) == (429, "rate_limited")
    assert 1 <= int(quick.headers["Retry-After"]) <= 61


# --- one's own logins ---


def as_owner(app: Flask, token: str, method: str, path: str, **options: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"}
    return app.test_client().open(f"/api/v1/me{path}", method=method, headers=headers, **options)


def test_logins_are_listed_and_revoked(app: Flask, wechat: httpx.Client, clock: MovableClock) -> None:
    first = logged_in(app, wechat)["token"]
    clock.advance(timedelta(minutes=1))
    second = logged_in(app, wechat)["token"]
    page = as_owner(app, second, "GET", "/sessions?limit=1").get_json()
    [shown] = page["items"]
    assert (shown["kind"], shown["current"]) == ("miniprogram", True)
    rest = as_owner(app, second, "GET", f"/sessions?limit=1&cursor={page['next_cursor']}").get_json()
    assert rest["next_cursor"] is None
    [old] = rest["items"]
    assert old["current"] is False
    assert as_owner(app, second, "POST", f"/sessions/{old['id']}/revoke").status_code == 204
    assert as_owner(app, second, "POST", f"/sessions/{old['id']}/revoke").status_code == 404
    assert as_owner(app, first, "GET", "").status_code == 401
    assert as_owner(app, second, "POST", "/sign-out").status_code == 204
    assert as_owner(app, second, "GET", "").status_code == 401


def test_nobody_elses_login_can_be_ended_or_seen(app: Flask, wechat: httpx.Client) -> None:
    mine, other = logged_in(app, wechat)["token"], logged_in(app, wechat, 1)["token"]
    [theirs] = as_owner(app, other, "GET", "/sessions").get_json()["items"]
    assert theirs["id"] not in as_owner(app, mine, "GET", "/sessions").get_data(as_text=True)
    assert as_owner(app, mine, "POST", f"/sessions/{theirs['id']}/revoke").status_code == 404
    assert as_owner(app, other, "GET", "").status_code == 200


def test_signed_out_everywhere_no_key_is_kept(app: Flask, wechat: httpx.Client) -> None:
    tokens = [logged_in(app, wechat)["token"] for _ in range(2)]
    for left, token in zip((1, 0), tokens, strict=True):
        as_owner(app, token, "POST", "/sign-out")
        assert count("wechat_session_keys") == left


def test_the_oldest_of_many_logins_makes_room(app: Flask, wechat: httpx.Client, clock: MovableClock) -> None:
    first = logged_in(app, wechat)["token"]
    for _ in range(MOST_SESSIONS):
        clock.advance(timedelta(seconds=1))
        last = logged_in(app, wechat)["token"]
    assert as_owner(app, first, "GET", "").status_code == 401
    assert len(as_owner(app, last, "GET", "/sessions?limit=100").get_json()["items"]) == MOST_SESSIONS


# --- a telephone by WeChat's word ---


def test_a_phone_code_gives_the_number(app: Flask, wechat: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    token = logged_in(app, wechat)["token"]
    told: dict[str, PhoneNumber | WeChatError] = {
        "good": PhoneNumber("13800138000", "86"),
        "abroad": PhoneNumber("2025550123", "1"),
        "used": CodeRejected(40029),
        "away": Unreachable(),
    }

    def phone_number(_client: WeChatClient, code: str, openid: str) -> PhoneNumber:
        assert openid.startswith("o")
        found = told[code]
        if isinstance(found, WeChatError):
            raise found
        return found

    monkeypatch.setattr(WeChatClient, "phone_number", phone_number)

    def give(**body: str) -> TestResponse:
        return as_owner(app, token, "POST", "/phone", json=body)

    assert give(code="good").get_json()["phone_masked"] == "138****8000"
    assert code_of(give(code="abroad")) == (422, "invalid")
    refused = give(code="used")
    assert refused.get_json()["errors"].keys() == {"code"}
    assert code_of(give(code="away")) == (503, "wechat_unavailable")
    assert code_of(give()) == (422, "invalid")
    assert code_of(give(code="good", phone="13800138000")) == (422, "invalid")


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


@pytest.mark.parametrize("errcode", [-1, 40013, 40125, 99999])
def test_when_wechat_or_our_credentials_are_at_fault_it_says_later(
    app: Flask, wechat: httpx.Client, errcode: int
) -> None:
    """The phone is not told to log in again and again: another code would not help."""
    wechat.post("/sandbox/faults", json={"endpoint": "/sns/jscode2session", "errcode": errcode})
    assert code_of(log_in(app, {"code": code_for(wechat)})) == (503, "wechat_unavailable")
    assert logged_in(app, wechat)["token"]


def test_without_wechat_it_says_later(app: Flask, clean_database: Database) -> None:
    assert code_of(log_in(app, {"code": "c"})) == (503, "wechat_unavailable")
