"""Signing in by scanning: a bound WeChat, a number given back in the chat, one browser, one use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.staff.entry.models import ScanTicket
from backend.staff.models import SignInMethod, StaffAccount
from backend.storage import transaction
from tests.chat.phone import Phone
from tests.staff_entry.support import (
    CHECK,
    HTMX,
    PICTURE,
    SCAN,
    WECHAT,
    Browser,
    QrMaker,
    begin,
    names,
    number_on,
    scans,
    sessions,
    set_up,
    trail,
)
from workflows.chat.texts import CODE_UNKNOWN

Browsers = Callable[..., Browser]
Phones = Callable[..., Phone]


# --- the whole way ---


def test_scan_number_and_in(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    new = browser()
    number = begin(new)
    picture = new.get(PICTURE)
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    question = scans(li, qr_codes)
    assert "registrar-1" in question
    assert "Edge · Windows" in question
    assert "10.20.*.*" in question
    assert not names(question, number), "whoever has not the page before them must not learn the number"
    assert "已扫码" in new.get(SCAN).text
    assert not new.is_in()
    assert "已确认" in li.says(number)
    answer = new.post(CHECK, {"next": "/console/messages"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/messages")
    assert new.is_in()
    assert sessions()[-1].method is SignInMethod.SCAN
    assert new.cookie("console_scan") == ""
    assert trail("staff.signed_in")[-1] == {"method": "scan"}


def test_the_page_looks_by_itself_and_goes_on(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    new = browser()
    number = begin(new)
    assert new.post(CHECK, {"seen": "waiting"}, htmx=True).status_code == 204
    scans(li, qr_codes)
    part = new.post(CHECK, {"seen": "waiting"}, htmx=True)
    assert "已扫码" in part.text
    assert "<html" not in part.text
    assert new.post(CHECK, {"seen": "scanned"}, htmx=True).status_code == 204
    li.says(number)
    done = new.post(CHECK, {"seen": "scanned", "next": "/console/messages"}, htmx=True)
    assert done.headers["HX-Redirect"] == "/console/messages"
    assert new.is_in()


def test_no_code_is_asked_for_after_a_scan(
    li: Phone, browser: Browsers, qr_codes: QrMaker, second_factor_required: None
) -> None:
    owner = browser()
    owner.sign_in()
    set_up(owner)
    new = browser()
    number = begin(new)
    scans(li, qr_codes)
    li.says(number)
    new.post(CHECK)
    assert new.is_in()


@pytest.mark.parametrize("written", ["{} ", "{}。", "full width"])
def test_the_number_is_read_as_people_write_it(li: Phone, browser: Browsers, qr_codes: QrMaker, written: str) -> None:
    new = browser()
    number = begin(new)
    scans(li, qr_codes)
    wide = number.translate({ord(digit): 0xFF10 + int(digit) for digit in "0123456789"})
    assert "已确认" in li.says(wide if written == "full width" else written.format(number))


# --- what does not let in ---


def test_any_other_number_is_for_the_conversation(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    new = browser()
    number = begin(new)
    before = li.says("菜单")
    scans(li, qr_codes)
    other = "10" if number != "10" else "11"
    assert "确认" not in li.says(other)
    assert li.says("菜单") == before
    new.post(CHECK)
    assert not new.is_in()
    assert "已确认" in li.says(number), "the question still stands"


def test_a_conversation_goes_on_where_it_stood(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    before = li.says("我的预约")
    new = browser()
    number = begin(new)
    scans(li, qr_codes)
    with transaction() as session:
        stands = session.execute(sa.text("SELECT flow, state_sealed IS NULL FROM conversations")).all()
    li.says(number)
    with transaction() as session:
        assert session.execute(sa.text("SELECT flow, state_sealed IS NULL FROM conversations")).all() == stands
    assert li.says("我的预约") == before


def test_a_refusal(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    new = browser()
    number = begin(new)
    scans(li, qr_codes)
    assert "没有人登录" in li.says("0")
    assert "确认" not in li.says(number)
    assert "已在微信里拒绝" in new.post(CHECK, {"seen": "scanned"}, htmx=True).text
    assert not new.is_in()
    assert trail("staff.scan_refused") == [{"matter": "sign_in"}]
    assert "已经过期" in scans(li, qr_codes)


def test_nought_without_a_question_is_for_the_conversation(li: Phone) -> None:
    assert "没有人登录" not in li.says("0")


def test_the_ticket_is_no_use_in_another_browser(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    shown, thief = browser(), browser()
    number = begin(shown)
    thief.post(SCAN)
    thief_scene = qr_codes.scenes.pop()
    scans(li, qr_codes)
    li.says(number)
    assert thief_scene not in qr_codes.scenes
    thief.post(CHECK)
    assert not thief.is_in()
    thief.client.set_cookie("console_scan", qr_codes.scenes[-1], path="/console")
    thief.post(CHECK)
    assert not thief.is_in(), "what the QR code says is not what the browser holds"
    assert browser().get(PICTURE).status_code == 404
    shown.post(CHECK)
    assert shown.is_in()


def test_a_confirmed_ticket_is_used_once(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    new, copy = browser(), browser()
    number = begin(new)
    copy.client.set_cookie("console_scan", new.cookie("console_scan"), path="/console")
    scans(li, qr_codes)
    li.says(number)
    new.post(CHECK)
    copy.post(CHECK)
    assert new.is_in()
    assert not copy.is_in()


def test_a_ticket_runs_out(li: Phone, browser: Browsers, qr_codes: QrMaker, clock: MovableClock) -> None:
    new = browser()
    number = begin(new)
    scans(li, qr_codes)
    clock.advance(timedelta(minutes=3))
    assert "确认" not in li.says(number)
    assert "已经过期" in scans(li, qr_codes)
    assert "二维码已过期" in new.post(CHECK, {"seen": "scanned"}, htmx=True).text
    assert not new.is_in()


def test_a_confirmation_in_the_last_second_reaches_the_page(
    li: Phone, browser: Browsers, qr_codes: QrMaker, clock: MovableClock
) -> None:
    new = browser()
    number = begin(new)
    scans(li, qr_codes)
    clock.advance(timedelta(minutes=2, seconds=59))
    li.says(number)
    clock.advance(timedelta(seconds=29))
    new.post(CHECK)
    assert new.is_in()


def test_an_unbound_wechat_is_told_what_to_do(li: Phone, browser: Browsers, phone: Phones, qr_codes: QrMaker) -> None:
    new, stranger = browser(), phone("stranger")
    number = begin(new)
    assert "还没有绑定" in scans(stranger, qr_codes)
    assert "确认" not in stranger.says(number)
    new.post(CHECK)
    assert not new.is_in()
    # Somebody who follows by scanning is told the same.
    newcomer = phone("newcomer")
    told = newcomer.does("subscribe", EventKey=f"qrscene_{qr_codes.scenes[-1]}", Ticket="gQ")
    assert "还没有绑定" in told
    # The holder can still scan it.
    assert "registrar-1" in scans(li, qr_codes)


def test_a_code_that_one_has_scanned_is_not_for_another(
    li: Phone, browser: Browsers, phone: Phones, qr_codes: QrMaker
) -> None:
    other, theirs = browser(), phone("zhou")
    other.sign_in("registrar-2")
    other.post(f"{WECHAT}/begin")
    scans(theirs, qr_codes)
    theirs.says(number_on(other.get(WECHAT).text))
    new = browser()
    number = begin(new)
    scans(li, qr_codes)
    assert "另一个微信" in scans(theirs, qr_codes)
    assert "确认" not in theirs.says(number)
    assert "registrar-1" in scans(li, qr_codes), "whoever scanned it may scan it again"


def test_the_newest_scan_is_the_one_a_number_answers(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    first, second = browser(), browser()
    begin(first)
    scans(li, qr_codes)
    number = begin(second)
    scans(li, qr_codes)
    li.says(number)
    first.post(CHECK)
    second.post(CHECK)
    assert not first.is_in()
    assert second.is_in()


def test_a_repeated_push_confirms_once_and_reads_the_same(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    new = browser()
    fields = li.message(Content=begin(new))
    scans(li, qr_codes)
    assert li.replies(fields) == li.replies(fields)
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).where(ScanTicket.state == "confirmed")) == 1


def test_an_account_that_was_switched_off_stays_out(li: Phone, browser: Browsers, qr_codes: QrMaker) -> None:
    new = browser()
    number = begin(new)
    scans(li, qr_codes)
    li.says(number)
    with transaction() as session:
        session.execute(sa.update(StaffAccount).where(StaffAccount.username == "registrar-1").values(active=False))
    new.post(CHECK)
    assert not new.is_in()
    begin(browser())
    assert "还没有绑定" in scans(li, qr_codes)


def test_other_codes_of_the_account_are_no_business_of_staff(li: Phone) -> None:
    assert li.does("SCAN", EventKey="hall-1", Ticket="gQ").startswith(CODE_UNKNOWN)


def test_when_wechat_is_away_the_page_says_so(browser: Browsers, qr_codes: QrMaker) -> None:
    qr_codes.away = True
    new = browser()
    assert new.post(SCAN).headers["Location"].startswith("/console/sign-in?")
    assert "请用密码登录" in new.get("/console/sign-in").text
    mine = browser()
    mine.sign_in()
    mine.post(f"{WECHAT}/begin")
    assert "过几分钟再绑定" in mine.get(WECHAT).text


def test_forms_without_our_token_do_nothing(browser: Browsers, qr_codes: QrMaker) -> None:
    new = browser()
    for path in (SCAN, CHECK):
        assert new.client.post(path).headers["Location"].startswith("/console/sign-in?")
        assert new.client.post(path, headers=HTMX).status_code == 401
    assert qr_codes.scenes == []
