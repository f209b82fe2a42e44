"""Ten codes for the day the telephone is lost, each good once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.staff.entry.models import RecoveryCode
from backend.staff.entry.recovery import use_code
from backend.storage import transaction
from tests.staff_entry.support import Browser, account, codes_on, set_up, trail

Browsers = Callable[..., Browser]


@pytest.fixture
def mine(browser: Browsers) -> Browser:
    """李芳, signed in."""
    opened = browser()
    opened.sign_in()
    return opened


def test_ten_are_shown_once_and_only_hashes_kept(mine: Browser) -> None:
    _, codes = set_up(mine)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[2-9a-km-np-z]{5}-[2-9a-km-np-z]{5}", code) for code in codes)
    for path in ("/console/account", "/console/account/second-factor"):
        page = mine.get(path).text
        assert not any(code in page for code in codes)
    with transaction() as session:
        kept = session.scalars(sa.select(RecoveryCode.code_hash)).all()
    assert {len(value) for value in kept} == {32}


def test_one_does_for_a_code_of_the_authenticator(mine: Browser, browser: Browsers) -> None:
    _, codes = set_up(mine)
    new = browser()
    new.sign_in()
    assert new.give_code(f" {codes[3].upper().replace('-', ' ')} ").status_code == 303
    told = new.get("/console/account").text
    assert "用掉了一个恢复码，还剩 9 个" in told
    assert trail("staff.recovery_code_used") == [{"left": 9}]
    assert [entry["method"] for entry in trail("staff.signed_in")] == ["password", "recovery_code"]


def test_it_is_good_once(mine: Browser, browser: Browsers) -> None:
    _, codes = set_up(mine)
    first, second = browser(), browser()
    first.sign_in()
    first.give_code(codes[0])
    second.sign_in()
    again = second.give_code(codes[0])
    assert again.status_code == 401
    assert not second.is_in()
    assert second.give_code(codes[1]).status_code == 303


def test_two_at_once_with_one_code_are_let_in_once(mine: Browser) -> None:
    _, codes = set_up(mine)
    account_id, used = account().id, []
    barrier = threading.Barrier(6)

    def use() -> None:
        barrier.wait(10)
        with transaction():
            used.append(use_code(account_id, codes[0]))

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(used) == [False] * 5 + [True]
    assert trail("staff.recovery_code_used") == [{"left": 9}]


def test_the_holder_reads_of_a_use_for_two_weeks(mine: Browser, browser: Browsers, clock: MovableClock) -> None:
    authenticator, codes = set_up(mine)
    thief = browser()
    thief.sign_in()
    thief.give_code(codes[0])
    assert "有人用恢复码登录过" in mine.get("/console/account").text
    clock.advance(timedelta(days=14))
    mine.sign_in()
    mine.give_code(authenticator.code())
    page = mine.get("/console/account").text
    assert "有人用恢复码登录过" not in page
    assert "还剩 9 个" in page


def test_new_codes_replace_the_old(mine: Browser, browser: Browsers) -> None:
    _, old = set_up(mine)
    shown = mine.post("/console/account/recovery-codes")
    newer = codes_on(shown.text)
    assert "以前的恢复码已经作废" in shown.text
    assert not set(old) & set(newer)
    other = browser()
    other.sign_in()
    assert other.give_code(old[0]).status_code == 401
    assert other.give_code(newer[0]).status_code == 303


def test_without_a_second_factor_there_are_none(mine: Browser) -> None:
    assert mine.post("/console/account/recovery-codes").headers["Location"] == "/console/account/second-factor"
    with transaction() as session:
        assert session.scalars(sa.select(RecoveryCode)).all() == []


def test_a_code_of_one_account_is_none_of_another(mine: Browser, browser: Browsers) -> None:
    _, codes = set_up(mine)
    other = browser()
    other.sign_in("registrar-2")
    set_up(other)
    thief = browser()
    thief.sign_in("registrar-2")
    assert thief.give_code(codes[0]).status_code == 401
