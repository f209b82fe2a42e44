"""Codes for checking in: one's own, held out at the desk; and the hall's, which changes each minute."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from backend.kernel.clock import MovableClock
from backend.kernel.qr_code import qr_svg
from backend.marriage.door_code import door_code, is_fresh
from backend.marriage.models import Appointment
from backend.marriage.offices import offices
from backend.marriage.parameters import PRINTED_DOOR_CODE
from backend.marriage.rules import State
from backend.marriage.scenes import CHECK_IN
from backend.parameters import set_value
from backend.storage import transaction
from tests.h5.conftest import Browser
from tests.h5.test_own_page import person_of, wang
from tests.marriage.support import at
from workflows.chat.scenes import Scan

__all__ = ["wang"]


def state_of_all() -> list[State]:
    """The states of all appointments."""
    with transaction() as session:
        return [row.state for row in session.query(Appointment)]


def door(clock: MovableClock) -> str:
    """The address on the screen at this moment."""
    return f"/h5/marriage/arrive/xincheng/{door_code('xincheng', clock())}"


def tap(browser: Browser, address: str, shown: str) -> int:
    """Press the button of the page that was shown; the status of the answer."""
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', shown)
    assert token
    return browser.client.post(address, data={"form_token": token[1]}).status_code


def test_the_own_page_holds_out_the_appointments_code(wang: Browser, clock: MovableClock) -> None:
    page = wang.page()
    number = re.search(r"MZ\d{8}", page)
    assert number
    assert "到了给工作人员扫" in page
    assert qr_svg(number[0], "到窗口出示的码") in page
    assert "style=" not in page
    assert '<details class="code">' in page
    clock.move_to(at("2026-11-26 08:00"))
    wang.signs_in()
    assert '<details class="code" open>' in wang.page()  # today nobody looks for it


def test_the_screen_shows_the_code_of_this_minute(app: Flask, wang: Browser, clock: MovableClock) -> None:
    base = app.extensions["settings"].public_base_url
    for _ in range(2):
        screen = app.test_client().get("/h5/marriage/hall/xincheng").text
        assert qr_svg(base + door(clock), "签到码，微信扫一扫") in screen
        clock.advance(timedelta(minutes=1))
    assert len(offices()) == 1


def test_a_tap_at_the_registry_checks_in_once(wang: Browser, clock: MovableClock) -> None:
    clock.move_to(at("2026-11-26 09:45"))
    wang.signs_in()
    address = door(clock)
    shown = wang.client.get(address)
    assert state_of_all() == [State.BOOKED]  # looking is not arriving
    assert "我到了，签到" in shown.text
    assert wang.client.post(address).status_code == 403
    clock.advance(timedelta(minutes=2))
    assert tap(wang, address, shown.text) == 200
    assert state_of_all() == [State.CHECKED_IN]
    again = wang.client.get(door(clock))
    assert tap(wang, door(clock), again.text) == 200
    assert state_of_all() == [State.CHECKED_IN]


def test_a_photograph_at_home_is_of_no_use(wang: Browser, clock: MovableClock) -> None:
    clock.move_to(at("2026-11-26 09:45"))
    wang.signs_in()
    address = door(clock)
    shown = wang.client.get(address)
    clock.advance(timedelta(minutes=4))
    assert wang.client.get(address).status_code == 410
    assert tap(wang, address, shown.text) == 410
    assert wang.client.get("/h5/marriage/arrive/xincheng/0123456789abcdef0123").status_code == 410
    assert wang.client.get("/h5/marriage/arrive/elsewhere/0123456789abcdef0123").status_code == 404
    assert state_of_all() == [State.BOOKED]
    assert not is_fresh("changle", door_code("xincheng", clock()), clock())
    assert not is_fresh("xincheng", "签到", clock())


def test_too_early_is_said_with_the_time(wang: Browser, clock: MovableClock) -> None:
    clock.move_to(at("2026-11-26 08:00"))
    wang.signs_in()
    shown = wang.client.get(door(clock))
    assert tap(wang, door(clock), shown.text) == 409
    assert state_of_all() == [State.BOOKED]


def test_whoever_is_not_signed_in_goes_by_wechat(
    browser: Callable[..., Browser], wang: Browser, clock: MovableClock
) -> None:
    answer = browser("oOther0000000000000000000001").client.get(door(clock))
    assert answer.status_code == 303
    assert answer.location.startswith("/h5/login?next=")


@pytest.mark.parametrize("printed", [True, False])
def test_the_printed_code_can_be_switched_off(app: Flask, wang: Browser, clock: MovableClock, printed: bool) -> None:
    set_value(PRINTED_DOOR_CODE, "xincheng", printed, clock(), "admin")
    clock.move_to(at("2026-11-26 09:45"))
    answer = CHECK_IN.handle(Scan("wx", wang.openid, person_of(app, wang), "xincheng"))
    assert answer is not None
    assert state_of_all() == [State.CHECKED_IN if printed else State.BOOKED]
    assert ("请扫大厅屏幕" in answer.saying) is not printed
