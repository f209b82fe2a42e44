"""Where one is signed in: the list, how a session ends, passwords given by others."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from backend.kernel.clock import MovableClock, now
from backend.parameters import set_value
from backend.staff import sign_in
from backend.staff.demo import DEMONSTRATION_PASSWORD
from backend.staff.entry.expiry import forget_ended
from backend.staff.entry.origin import coarse_place, short_browser
from backend.staff.entry.parameters import ALL, SESSION_HOURS, SESSION_IDLE_MINUTES
from backend.staff.passwords import set_one_time_password
from backend.staff.sessions import MOST_SESSIONS, session_by_token
from tests.staff_entry.support import EDGE, Browser, account, sessions, set_up, trail

Browsers = Callable[..., Browser]
PASSWORD_PAGE = "/console/account/password"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0"


@pytest.fixture
def mine(browser: Browsers) -> Browser:
    """李芳 at her desk."""
    opened = browser()
    opened.sign_in()
    return opened


def test_the_list_says_with_what_and_roughly_from_where(mine: Browser, browser: Browsers) -> None:
    browser(address="2408:8456:1234:5678::9", user_agent=FIREFOX).sign_in()
    page = mine.get("/console/account").text
    for shown in ("Edge · Windows", "10.20.*.*", "Firefox · Linux", "2408:8456:*", "就是这里"):
        assert shown in page
    for hidden in ("30.40", "1234:5678", "Chrome/130"):
        assert hidden not in page
    assert {(one.place, one.browser) for one in sessions()} == {
        ("10.20.*.*", "Edge · Windows"),
        ("2408:8456:*", "Firefox · Linux"),
    }


def test_nobody_elses_sessions_are_listed(mine: Browser, browser: Browsers) -> None:
    browser(address="10.99.1.1").sign_in("registrar-2")
    assert "10.99" not in mine.get("/console/account").text


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("10.20.30.40", "10.20.*.*"),
        ("::ffff:10.20.30.40", "10.20.*.*"),
        ("2408:8456:1234::1", "2408:8456:*"),
        ("127.0.0.1", "本机"),
        ("::1", "本机"),
        ("", ""),
        ("not an address", ""),
    ],
)
def test_addresses_are_coarsened(address: str, place: str) -> None:
    assert coarse_place(address) == place


@pytest.mark.parametrize(
    ("user_agent", "browser"),
    [
        (EDGE, "Edge · Windows"),
        (FIREFOX, "Firefox · Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Version/17.5 Safari/605.1.15", "Safari · Mac"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.50", "微信 · iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/130.0.0.0 Mobile Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) Chrome/114.0.0.0 Safari/537.36", "Chrome · 鸿蒙"),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_browsers_are_told_in_two_words(user_agent: str, browser: str) -> None:
    assert short_browser(user_agent) == browser


def test_one_session_can_be_ended_from_another(mine: Browser, browser: Browsers) -> None:
    other = browser(user_agent=FIREFOX)
    other.sign_in()
    [target] = [one for one in sessions() if one.browser == "Firefox · Linux"]
    mine.post(f"/console/account/sessions/{target.id}/revoke")
    assert "已让那处登录退出" in mine.get("/console/account").text
    assert not other.is_in()
    assert mine.is_in()
    mine.post(f"/console/account/sessions/{target.id}/revoke")
    assert "已经退出了" in mine.get("/console/account").text
    assert trail("staff.session_revoked") == [{"sessions": 1}]


def test_a_session_of_somebody_else_is_left_alone(mine: Browser, browser: Browsers) -> None:
    other = browser()
    other.sign_in("registrar-2")
    [target] = [one for one in sessions() if one.account_id == account("registrar-2").id]
    for session_id in (target.id, uuid.uuid4()):
        mine.post(f"/console/account/sessions/{session_id}/revoke")
        assert "已经退出了" in mine.get("/console/account").text
    assert other.is_in()


def test_all_others_can_be_ended(mine: Browser, browser: Browsers) -> None:
    others = [browser() for _ in range(3)]
    for other in others:
        other.sign_in()
    mine.post("/console/account/sessions/revoke-others")
    assert "已让其他 3 处登录退出" in mine.get("/console/account").text
    assert [other.is_in() for other in others] == [False] * 3


def test_the_list_stays_short(mine: Browser, clock: MovableClock) -> None:
    for _ in range(MOST_SESSIONS):
        clock.advance(timedelta(seconds=1))
        sign_in("registrar-1", DEMONSTRATION_PASSWORD)
    assert len(sessions()) == MOST_SESSIONS
    assert not mine.is_in(), "the oldest made room"


def test_use_is_noted_once_a_minute(clock: MovableClock) -> None:
    token, _ = sign_in("registrar-1", DEMONSTRATION_PASSWORD)
    began = now()
    for seconds, noted in ((59, 0), (1, 60), (59, 60), (2, 121)):
        clock.advance(timedelta(seconds=seconds))
        assert session_by_token(token) is not None
        assert sessions()[0].last_seen_at == began + timedelta(seconds=noted)


def test_an_idle_hour_ends_a_session(mine: Browser, clock: MovableClock) -> None:
    for _ in range(3):
        clock.advance(timedelta(minutes=59))
        assert mine.is_in()
    clock.advance(timedelta(minutes=60))
    assert not mine.is_in()
    assert "登录已过期" in mine.get("/console/sign-in").text


def test_what_a_page_fetches_on_its_own_keeps_no_session_alive(mine: Browser, clock: MovableClock) -> None:
    for _ in range(2):
        clock.advance(timedelta(minutes=30))
        mine.get("/console/", **{"X-Background": "1"})
    assert not mine.is_in()


def test_twelve_hours_end_a_session_however_busy(mine: Browser, clock: MovableClock) -> None:
    for _ in range(23):
        clock.advance(timedelta(minutes=30))
        assert mine.is_in()
    clock.advance(timedelta(minutes=30))
    assert not mine.is_in()


def test_a_bureau_sets_both_times(browser: Browsers, clock: MovableClock) -> None:
    set_value(SESSION_HOURS, "", 1, now(), "test")
    set_value(SESSION_IDLE_MINUTES, "", 5, now(), "test")
    new = browser()
    cookie = next(line for line in new.sign_in().headers.getlist("Set-Cookie") if "console_session" in line)
    assert "Max-Age=3600" in cookie
    clock.advance(timedelta(minutes=5))
    assert not new.is_in()
    assert {parameter.typed_default for parameter in ALL} == {12, 60}


def test_a_new_password_ends_the_other_sessions(mine: Browser, browser: Browsers) -> None:
    other = browser()
    other.sign_in()
    form = {"current": DEMONSTRATION_PASSWORD, "new": "four unlike words", "again": "four unlike words"}
    assert mine.post(PASSWORD_PAGE, form).headers["Location"] == "/console/account"
    assert mine.is_in()
    assert not other.is_in()
    assert other.sign_in().status_code == 401
    assert other.sign_in(password="four unlike words").status_code == 303
    assert len(trail("staff.password_changed")) == 1


@pytest.mark.parametrize(
    ("current", "new", "again", "told"),
    [
        ("not the password", "four unlike words", "four unlike words", "密码不对"),
        (DEMONSTRATION_PASSWORD, "ninechars", "ninechars", "至少 10 位"),
        (DEMONSTRATION_PASSWORD, "x" * 201, "x" * 201, "最多 200 位"),
        (DEMONSTRATION_PASSWORD, "Registrar-1-2026", "Registrar-1-2026", "不要带用户名"),
        (DEMONSTRATION_PASSWORD, "four unlike words", "four other words", "不一样"),
        (DEMONSTRATION_PASSWORD, DEMONSTRATION_PASSWORD, DEMONSTRATION_PASSWORD, "要和现在的不一样"),
    ],
)
def test_what_is_wrong_with_a_new_password_is_said(
    mine: Browser, current: str, new: str, again: str, told: str
) -> None:
    answer = mine.post(PASSWORD_PAGE, {"current": current, "new": new, "again": again})
    assert answer.status_code == 422
    assert told in answer.text
    assert new not in answer.text
    assert mine.sign_in().status_code == 303, "the password is still the old one"


def test_a_one_time_password_must_be_changed_first(mine: Browser, browser: Browsers) -> None:
    given = set_one_time_password(account().id, account("admin").id)
    assert not mine.is_in(), "the reset ends what was open"
    new = browser()
    assert new.sign_in(password=given).status_code == 303
    for path in ("/console/", "/console/account", "/console/account/second-factor", "/console/messages"):
        assert new.get(path).headers["Location"] == PASSWORD_PAGE
    assert "一次性密码" in new.get(PASSWORD_PAGE).text
    form = {"current": given, "new": "four unlike words", "again": "four unlike words"}
    new.post(PASSWORD_PAGE, form)
    assert new.is_in()
    assert not account().must_change_password


def test_one_time_passwords_are_unlike_and_lift_a_lock(browser: Browsers) -> None:
    new = browser()
    for _ in range(5):
        new.sign_in(password="not the password")
    first, second = (set_one_time_password(account().id) for _ in range(2))
    assert first != second
    assert new.sign_in(password=first).status_code == 401
    assert new.sign_in(password=second).status_code == 303


def test_one_may_leave_without_changing_it(browser: Browsers) -> None:
    new = browser()
    new.sign_in(password=set_one_time_password(account().id))
    assert new.post("/console/sign-out").headers["Location"] == "/console/sign-in"


def test_a_reset_ends_half_done_sign_ins(mine: Browser, browser: Browsers) -> None:
    authenticator, _ = set_up(mine)
    half = browser()
    half.sign_in()
    set_one_time_password(account().id)
    assert half.give_code(authenticator.code(1)).headers["Location"].startswith("/console/sign-in")
    assert not half.is_in()


def test_what_has_run_out_is_deleted(mine: Browser, browser: Browsers, clock: MovableClock) -> None:
    set_up(mine)
    browser().sign_in()
    mine.post("/console/account/second-factor/begin")
    assert forget_ended() == 0
    clock.advance(timedelta(minutes=10))
    assert forget_ended() == 2, "the question for a code and the set-up nobody finished"
    clock.advance(timedelta(hours=12))
    assert forget_ended() == 1
    assert sessions() == []
