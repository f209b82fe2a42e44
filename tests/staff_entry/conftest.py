"""The demonstration's accounts on a Tuesday morning, browsers, telephones, and a WeChat that makes QR codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from backend.kernel.clock import MovableClock, clock_at
from backend.staff import passwords
from backend.staff.demo import load_demo
from backend.storage import Database
from tests.chat.phone import Phone
from tests.console.support import CHEAP_HASHER, TUESDAY
from tests.kept import fill_once
from tests.staff_entry.support import WECHAT, Browser, QrMaker, number_on, scans


@pytest.fixture(autouse=True)
def clock(clean_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[MovableClock]:
    """Nothing but the demonstration's places and accounts."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP_HASHER)
    with clock_at(TUESDAY) as standing:
        fill_once("staff", load_demo)
        yield standing


@pytest.fixture
def browser(app: Flask) -> Callable[..., Browser]:
    """A browser nobody has signed in with."""
    return lambda **options: Browser(app.test_client(), **options)


@pytest.fixture
def phone(app: Flask) -> Callable[[str], Phone]:
    """Somebody's telephone; equal names are one WeChat."""
    return lambda name="li": Phone(app, f"oStaff{name:0>22}"[:28])


@pytest.fixture
def qr_codes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> QrMaker:
    """WeChat, as far as it makes QR codes."""
    made = QrMaker()
    monkeypatch.setitem(app.extensions, "wechat_account", made)
    return made


@pytest.fixture
def li(browser: Callable[..., Browser], phone: Callable[[str], Phone], qr_codes: QrMaker) -> Phone:
    """李芳's telephone, whose WeChat is bound to her account."""
    mine, hers = browser(), phone("li")
    mine.sign_in()
    mine.post(f"{WECHAT}/begin")
    scans(hers, qr_codes)
    assert "绑定好了" in hers.says(number_on(mine.get(WECHAT).text))
    return hers


@pytest.fixture
def second_factor_required(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bureau that lets nobody work without a second factor."""
    settings = app.extensions["settings"]
    monkeypatch.setitem(app.extensions, "settings", _Requiring(settings))


class _Requiring:
    """The settings, with the second factor required."""

    second_factor_required = True

    def __init__(self, settings: object) -> None:
        self._settings = settings

    def __getattr__(self, name: str) -> object:
        return getattr(self._settings, name)
