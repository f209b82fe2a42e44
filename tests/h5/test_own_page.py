"""`/h5/me`: what lies ahead and what was told, in large type, for nobody but the person."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.marriage.book import book_appointment
from backend.people.identities import identity_for
from messages import Product
from tests.concurrency.support import request
from tests.h5.conftest import Browser
from tests.marriage.support import make_office, make_slot
from tests.story.world import served

Browsers = Callable[..., Browser]


@pytest.fixture
def wang(app: Flask, browser: Browsers) -> Browser:
    """Somebody with an appointment on Thursday."""
    import_year(2026, year_from_library(2026), "chinesecalendar")
    made = browser()
    made.signs_in()
    book_appointment(request(make_slot(make_office(), "2026-11-26 10:00"), 0, person_of(app, made)))
    return made


def person_of(app: Flask, browser: Browser) -> uuid.UUID:
    """Whose browser it is."""
    return identity_for(Product.ACCOUNT, app.extensions["settings"].account.app_id, browser.openid).person_id


def test_it_shows_what_is_ones_own(wang: Browser, browser: Browsers) -> None:
    page = wang.page()
    assert "11月26日（周四）10:00" in page
    assert "新城区婚姻登记处" in page
    assert 'href="tel:' in page
    assert "MZ" in page
    other = browser("oOther0000000000000000000001")
    other.signs_in()
    assert "现在没有预约" in other.page()
    assert "MZ" not in other.page()


def test_what_is_over_is_no_longer_ahead_but_was_told(wang: Browser, clock: MovableClock) -> None:
    assert "预约" in wang.page().split("<h2>通知</h2>")[1]


def test_it_is_kept_in_no_cache_and_runs_no_script(wang: Browser) -> None:
    answer = wang.client.get("/h5/me")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640), (1366, 800)])
def test_it_fits_the_phone_and_fingers(app: Flask, wang: Browser, chromium: Chromium, width: int, height: int) -> None:
    cookie = wang.client.get_cookie("h5_session", path="/h5")
    assert cookie is not None
    with served(app) as address:
        context = chromium.new_context(viewport={"width": width, "height": height})
        context.add_cookies([{"name": "h5_session", "value": cookie.value, "url": f"{address}/h5"}])
        page = context.new_page()
        page.goto(f"{address}/h5/me")
        assert page.locator("h1").inner_text() == "我的预约和通知"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for button in page.locator(".button").all():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 60
        sizes = "[...document.querySelectorAll('p, a, button')].map(e => parseFloat(getComputedStyle(e).fontSize))"
        assert min(page.evaluate(sizes)) >= 18  # domain-rules 6.5
        context.close()
