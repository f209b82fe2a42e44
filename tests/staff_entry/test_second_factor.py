"""Codes of an authenticator: set up by oneself, asked for after the password, each taken once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.settings import Settings
from backend.staff.entry.models import HalfSignIn, SecondFactor
from backend.staff.entry.totp import remove_second_factor, take_code
from backend.storage import transaction
from tests.staff_entry.support import CODE_PAGE, Authenticator, Browser, account, secret_on, set_up, trail

PAGE = "/console/account/second-factor"
Browsers = Callable[..., Browser]


@pytest.fixture
def holder(browser: Browsers) -> tuple[Browser, Authenticator]:
    """李芳 with a second factor, still signed in where she set it up."""
    mine = browser()
    mine.sign_in()
    authenticator, _ = set_up(mine)
    return mine, authenticator


def test_setting_up_takes_a_scan_and_a_code(browser: Browsers) -> None:
    mine = browser()
    mine.sign_in()
    assert "开始设置" in mine.get(PAGE).text
    mine.post(f"{PAGE}/begin")
    picture = mine.get(f"{PAGE}/code.svg")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert picture.headers["Cache-Control"] == "no-store"
    secret = secret_on(mine.get(PAGE).text)
    assert len(secret) == 32
    wrong = mine.post(f"{PAGE}/confirm", {"code": "000000"})
    assert wrong.status_code == 422
    assert "验证码不对" in wrong.text
    shown = mine.post(f"{PAGE}/confirm", {"code": Authenticator(secret).code()})
    assert "请保存恢复码" in shown.text
    assert "已启用" in mine.get("/console/account").text
    assert secret not in mine.get(PAGE).text
    assert mine.get(f"{PAGE}/code.svg").status_code == 404


def test_a_secret_that_was_never_confirmed_is_not_asked_for(browser: Browsers) -> None:
    mine, other = browser(), browser()
    mine.sign_in()
    mine.post(f"{PAGE}/begin")
    other.sign_in()
    assert other.is_in()


def test_a_set_up_ends_after_ten_minutes(browser: Browsers, clock: MovableClock) -> None:
    mine = browser()
    mine.sign_in()
    mine.post(f"{PAGE}/begin")
    authenticator = Authenticator(secret_on(mine.get(PAGE).text))
    clock.advance(timedelta(minutes=10))
    mine.post("/console/account/proof", {"current": "nuanmin-2026"})
    late = mine.post(f"{PAGE}/confirm", {"code": authenticator.code()})
    assert late.status_code == 409
    assert "重新开始" in late.text


def test_the_secret_is_kept_sealed(holder: tuple[Browser, Authenticator]) -> None:
    with transaction() as session:
        [row] = session.scalars(sa.select(SecondFactor))
    assert row.secret == holder[1].secret
    assert holder[1].secret.encode() not in row.secret_sealed


def test_the_password_alone_opens_nothing(holder: tuple[Browser, Authenticator], browser: Browsers) -> None:
    new = browser()
    answer = new.post(
        "/console/sign-in",
        {"username": "registrar-1", "password": "nuanmin-2026", "next": "/console/messages"},
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{CODE_PAGE}?next=/console/messages")
    assert new.cookie("console_session") == ""
    for path in ("/console/", "/console/account", PAGE, "/console/messages"):
        assert new.get(path).status_code == 302
    # Nor does the token of the question do as one of a session.
    new.client.set_cookie("console_session", new.cookie("console_half", "/console/sign-in"), path="/console")
    assert not new.is_in()


def test_the_half_way_token_is_out_of_reach_of_scripts(
    holder: tuple[Browser, Authenticator], browser: Browsers
) -> None:
    new = browser()
    [cookie] = [line for line in new.sign_in().headers.getlist("Set-Cookie") if "console_half" in line]
    assert {"HttpOnly", "SameSite=Lax", "Path=/console/sign-in", "Max-Age=300"} <= set(cookie.split("; "))


def test_a_code_finishes_the_sign_in(
    holder: tuple[Browser, Authenticator], browser: Browsers, clock: MovableClock
) -> None:
    new, authenticator = browser(), holder[1]
    clock.advance(timedelta(seconds=30))
    new.sign_in()
    answer = new.post(
        CODE_PAGE, {"code": f" {authenticator.code()[:3]} {authenticator.code()[3:]} ", "next": "/console/messages"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/messages")
    assert new.is_in()
    assert [entry["method"] for entry in trail("staff.signed_in")] == ["password", "second_factor"]


def test_a_code_is_taken_once(holder: tuple[Browser, Authenticator], browser: Browsers, clock: MovableClock) -> None:
    first, second = browser(), browser()
    clock.advance(timedelta(seconds=30))
    code = holder[1].code()
    first.sign_in()
    assert first.give_code(code).status_code == 303
    second.sign_in()
    replayed = second.give_code(code)
    assert replayed.status_code == 401
    assert "验证码不对" in replayed.text
    assert not second.is_in()
    # Nor does the code before it count any more, though its time has not run out.
    assert second.give_code(holder[1].code(-1)).status_code == 401


def test_the_code_that_confirmed_the_set_up_does_not_sign_in(
    holder: tuple[Browser, Authenticator], browser: Browsers
) -> None:
    new = browser()
    new.sign_in()
    assert new.give_code(holder[1].code()).status_code == 401


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 303), (0, 303), (1, 303), (2, 401)])
def test_one_step_either_way_counts(
    holder: tuple[Browser, Authenticator], browser: Browsers, clock: MovableClock, steps: int, status: int
) -> None:
    new = browser()
    clock.advance(timedelta(minutes=3))
    new.sign_in()
    assert new.give_code(holder[1].code(steps)).status_code == status


def test_two_at_once_with_one_code_are_let_in_once(holder: tuple[Browser, Authenticator], clock: MovableClock) -> None:
    clock.advance(timedelta(seconds=30))
    account_id, code, taken = account().id, holder[1].code(), []
    barrier = threading.Barrier(6)

    def take() -> None:
        barrier.wait(10)
        with transaction():
            taken.append(take_code(account_id, code))

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 5 + [True]


def test_two_tabs_of_one_browser(holder: tuple[Browser, Authenticator], browser: Browsers, clock: MovableClock) -> None:
    new = browser()
    clock.advance(timedelta(seconds=30))
    new.sign_in()
    new.sign_in()  # the second tab asks anew; its answer replaces the cookie
    assert new.give_code(holder[1].code()).status_code == 303
    # The first tab's form is sent although the browser is signed in by now.
    assert new.give_code("123456").headers["Location"] == "/console/"
    assert new.is_in()


def test_the_question_stands_for_five_minutes(
    holder: tuple[Browser, Authenticator], browser: Browsers, clock: MovableClock
) -> None:
    new = browser()
    new.sign_in()
    clock.advance(timedelta(minutes=4, seconds=59))
    assert new.get(CODE_PAGE).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert new.get(CODE_PAGE).headers["Location"].startswith("/console/sign-in")
    late = new.give_code(holder[1].code())
    assert late.headers["Location"].startswith("/console/sign-in")
    assert not new.is_in()


def test_nobody_is_asked_for_a_code_without_a_password(browser: Browsers) -> None:
    new = browser()
    assert new.get(CODE_PAGE).headers["Location"].startswith("/console/sign-in")
    assert new.give_code("123456").headers["Location"].startswith("/console/sign-in")


def test_a_new_telephone_replaces_the_old(
    holder: tuple[Browser, Authenticator], browser: Browsers, clock: MovableClock
) -> None:
    mine, old = holder
    clock.advance(timedelta(minutes=2))
    newer, _ = set_up(mine)
    clock.advance(timedelta(minutes=2))
    other = browser()
    other.sign_in()
    assert other.give_code(old.code()).status_code == 401
    assert other.give_code(newer.code()).status_code == 303


def test_setting_up_ends_other_sessions_and_half_done_sign_ins(browser: Browsers) -> None:
    mine, other = browser(), browser()
    mine.sign_in()
    other.sign_in()
    set_up(mine)
    assert mine.is_in()
    assert not other.is_in()
    with transaction() as session:
        assert session.scalars(sa.select(HalfSignIn)).all() == []


def test_it_can_be_switched_off_where_the_bureau_allows(
    holder: tuple[Browser, Authenticator], browser: Browsers
) -> None:
    assert holder[0].post(f"{PAGE}/remove").headers["Location"] == "/console/account"
    new = browser()
    new.sign_in()
    assert new.is_in()
    assert holder[0].is_in()
    assert len(trail("staff.second_factor_removed")) == 1


def test_an_administrator_helps_who_lost_the_telephone(
    holder: tuple[Browser, Authenticator], browser: Browsers
) -> None:
    assert remove_second_factor(account().id, account("admin").id)
    assert not holder[0].is_in()
    new = browser()
    new.sign_in()
    assert new.is_in()
    assert not remove_second_factor(account().id, account("admin").id)


def test_a_session_left_alone_does_not_change_the_second_factor(
    holder: tuple[Browser, Authenticator], clock: MovableClock
) -> None:
    mine = holder[0]
    clock.advance(timedelta(minutes=10))
    for path in (f"{PAGE}/begin", f"{PAGE}/confirm", f"{PAGE}/remove", "/console/account/recovery-codes"):
        assert mine.post(path).headers["Location"] == f"/console/account/proof?next={PAGE}"
    assert mine.get(f"{PAGE}/code.svg").status_code == 404
    wrong = mine.post("/console/account/proof", {"current": "not the password", "next": PAGE})
    assert wrong.status_code == 422
    assert mine.post("/console/account/proof", {"current": "nuanmin-2026", "next": PAGE}).headers["Location"] == PAGE
    assert mine.get(PAGE).status_code == 200


def test_where_it_is_required_one_is_led_to_it_and_nowhere_else(
    second_factor_required: None, browser: Browsers
) -> None:
    mine = browser()
    mine.sign_in()
    for path in ("/console/", "/console/account", "/console/account/wechat", "/console/messages"):
        assert mine.get(path).headers["Location"] == PAGE
    refreshed = mine.get("/console/", **{"HX-Request": "true"})
    assert (refreshed.status_code, refreshed.headers["HX-Redirect"]) == (401, PAGE)
    assert "按本单位的规定" in mine.get(PAGE).text
    set_up(mine)
    assert mine.is_in()
    kept = mine.post(f"{PAGE}/remove")
    assert kept.headers["Location"] == PAGE
    assert "不能关闭" in mine.get(PAGE).text


def test_where_it_is_required_a_code_is_enough(
    holder: tuple[Browser, Authenticator], second_factor_required: None, browser: Browsers, clock: MovableClock
) -> None:
    new = browser()
    clock.advance(timedelta(seconds=30))
    new.sign_in()
    new.give_code(holder[1].code())
    assert new.is_in()


@pytest.mark.parametrize(
    ("environment", "chosen", "required"),
    [
        ("demonstration", "", False),
        ("demonstration", "required", True),
        ("production", "", True),
        ("production", "optional", False),
        ("production", "required", True),
    ],
)
def test_production_requires_it_unless_told(
    make_settings: Callable[..., Settings], environment: str, chosen: str, required: bool
) -> None:
    settings = replace(make_settings(STAFF_SECOND_FACTOR=chosen), environment=environment)
    assert settings.second_factor_required is required
