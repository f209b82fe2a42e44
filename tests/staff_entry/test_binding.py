"""Binding a WeChat to one's account: proved by the number on one's own page, one for each and each for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.staff.entry.binding import bound_since
from backend.staff.entry.models import WeChatBinding
from backend.storage import transaction
from tests.chat.phone import Phone, is_stored
from tests.staff_entry.support import WECHAT, Browser, QrMaker, account, begin, names, number_on, scans, trail

Browsers = Callable[..., Browser]
Phones = Callable[..., Phone]


def test_what_is_kept_of_a_wechat(li: Phone) -> None:
    with transaction() as session:
        [row] = session.scalars(sa.select(WeChatBinding))
    assert row.openid == li.openid
    assert li.openid.encode() not in row.openid_sealed
    assert len(row.openid_index) == 32
    assert not is_stored("weixin.qq.com/q/")


def test_binding_needs_the_number_too(browser: Browsers, phone: Phones, qr_codes: QrMaker) -> None:
    mine, passer_by = browser(), phone("passer-by")
    mine.sign_in()
    mine.post(f"{WECHAT}/begin")
    number = number_on(mine.get(WECHAT).text)
    question = scans(passer_by, qr_codes)
    assert "绑定到工作台账号“registrar-1”" in question
    assert not names(question, number)
    assert "没有绑定" in passer_by.says("0")
    assert bound_since(account().id) is None


def test_the_page_learns_of_the_binding(browser: Browsers, phone: Phones, qr_codes: QrMaker) -> None:
    mine, hers = browser(), phone("li")
    mine.sign_in()
    mine.post(f"{WECHAT}/begin")
    number = number_on(mine.get(WECHAT).text)
    assert mine.post(f"{WECHAT}/check", {"seen": "waiting"}, htmx=True).status_code == 204
    scans(hers, qr_codes)
    hers.says(number)
    done = mine.post(f"{WECHAT}/check", {"seen": "scanned"}, htmx=True)
    assert done.headers["HX-Redirect"] == "/console/account"
    page = mine.get("/console/account").text
    assert "微信绑定好了" in page
    assert "已绑定" in page
    assert len(trail("staff.wechat_bound")) == 1


def test_one_wechat_is_for_one_account(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    other = browser()
    other.sign_in("registrar-2")
    other.post(f"{WECHAT}/begin")
    number = number_on(other.get(WECHAT).text)
    assert "已经绑定过了" in scans(li, qr_codes)
    assert "绑定好了" not in li.says(number)
    assert bound_since(account("registrar-2").id) is None


def test_one_account_has_one_wechat(browser: Browsers, phone: Phones, qr_codes: QrMaker) -> None:
    here, there, first, second = browser(), browser(), phone("first"), phone("second")
    numbers = []
    for page, hers in ((here, first), (there, second)):
        page.sign_in()
        page.post(f"{WECHAT}/begin")
        numbers.append(number_on(page.get(WECHAT).text))
        scans(hers, qr_codes)
    assert "绑定好了" in first.says(numbers[0])
    assert "已经绑定过了" in second.says(numbers[1])


def test_ending_a_session_ends_the_binding_it_began(browser: Browsers, phone: Phones, qr_codes: QrMaker) -> None:
    thief, owner, theirs = browser(), browser(), phone("thief")
    thief.sign_in()
    thief.post(f"{WECHAT}/begin")
    number = number_on(thief.get(WECHAT).text)
    scans(theirs, qr_codes)
    owner.sign_in()
    owner.post("/console/account/sessions/revoke-others")
    assert "绑定好了" not in theirs.says(number)
    assert bound_since(account().id) is None


def test_a_new_password_ends_open_scans(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    owner, new = browser(), browser()
    number = begin(new)
    scans(li, qr_codes)
    owner.sign_in()
    form = {"current": "nuanmin-2026", "new": "four unlike words", "again": "four unlike words"}
    owner.post("/console/account/password", form)
    assert "确认" not in li.says(number)


def test_a_binding_page_is_for_its_session(browser: Browsers, phone: Phones, qr_codes: QrMaker) -> None:
    mine, other = browser(), browser()
    mine.sign_in()
    mine.post(f"{WECHAT}/begin")
    other.sign_in("registrar-2")
    other.client.set_cookie("console_scan", mine.cookie("console_scan"), path="/console")
    assert 'class="match"' not in other.get(WECHAT).text


def test_after_unbinding_the_wechat_opens_nothing(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    owner = browser()
    owner.sign_in()
    assert "绑定。在登录页" in owner.get(WECHAT).text
    owner.post(f"{WECHAT}/unbind")
    assert "未绑定" in owner.get("/console/account").text
    begin(browser())
    assert "还没有绑定" in scans(li, qr_codes)
    assert len(trail("staff.wechat_unbound")) == 1


def test_binding_asks_for_the_password_again(browser: Browsers, qr_codes: QrMaker, clock: MovableClock) -> None:
    mine = browser()
    mine.sign_in()
    clock.advance(timedelta(minutes=10))
    wanted = f"/console/account/proof?next={WECHAT}"
    assert mine.get(WECHAT).headers["Location"] == wanted
    for action in ("begin", "unbind"):
        assert mine.post(f"{WECHAT}/{action}").headers["Location"] == wanted
    assert qr_codes.scenes == []
