"""Five wrong passwords or codes lock an account for a quarter of an hour."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.staff import sign_in
from backend.staff.demo import DEMONSTRATION_PASSWORD
from backend.staff.entry.attempts import unlock
from backend.staff.sign_in import CodeWanted, give_code
from tests.staff_entry.support import Authenticator, Browser, account, set_up, trail

Browsers = Callable[..., Browser]


@pytest.fixture
def authenticator(browser: Browsers, clock: MovableClock) -> Authenticator:
    """李芳's second factor, whose first code is used up."""
    mine = browser()
    mine.sign_in()
    made, _ = set_up(mine)
    clock.advance(timedelta(minutes=2))
    return made


def wrong(authenticator: Authenticator) -> str:
    """Six digits that are no code now."""
    near = {authenticator.code(steps) for steps in (-1, 0, 1)}
    return next(digits for digits in ("111111", "222222", "333333", "444444") if digits not in near)


def test_five_wrong_codes_lock_and_end_the_question(
    authenticator: Authenticator, browser: Browsers, clock: MovableClock
) -> None:
    new = browser()
    new.sign_in()
    assert [new.give_code(wrong(authenticator)).status_code for _ in range(5)] == [401] * 4 + [303]
    assert trail("staff.locked") == [{"attempts": 5}]
    new.sign_in()  # refused: the account is locked, which nobody is told
    assert new.give_code(authenticator.code()).headers["Location"].startswith("/console/sign-in")
    clock.advance(timedelta(minutes=15))
    new.sign_in()
    assert new.give_code(authenticator.code()).status_code == 303


def test_whoever_knows_the_password_gets_no_fresh_tries(authenticator: Authenticator, browser: Browsers) -> None:
    for _ in range(5):
        thief = browser()
        thief.sign_in()
        thief.give_code(wrong(authenticator))
    assert trail("staff.locked") == [{"attempts": 5}]
    thief = browser()
    assert thief.sign_in().status_code == 401


def test_wrong_passwords_and_wrong_codes_count_together(authenticator: Authenticator, browser: Browsers) -> None:
    new = browser()
    for _ in range(4):
        new.sign_in(password="not the password")
    assert new.sign_in().status_code == 303
    assert account().locked_until is None
    assert new.give_code(wrong(authenticator)).status_code == 401
    assert account().locked_until is not None
    assert new.give_code(authenticator.code()).status_code == 401, "locked, so even the right code does not open"


def test_a_right_password_at_the_fifth_try_locks_nobody(authenticator: Authenticator, browser: Browsers) -> None:
    new = browser()
    for _ in range(4):
        new.sign_in(password="not the password")
    new.sign_in()
    assert new.give_code(authenticator.code()).status_code == 303
    assert trail("staff.locked") == []
    assert account().failed_sign_ins == 0


def test_many_codes_at_once_are_counted_one_by_one(authenticator: Authenticator) -> None:
    asked, answers = sign_in("registrar-1", DEMONSTRATION_PASSWORD), []
    assert isinstance(asked, CodeWanted)
    barrier = threading.Barrier(12)

    def guess(number: int) -> None:
        barrier.wait(10)
        try:
            give_code(asked.half_token, f"{number:06d}")
        except AppError as refusal:
            answers.append(refusal.code)

    threads = [threading.Thread(target=guess, args=(100_000 + number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["code_refused"] * 5 + ["sign_in_expired"] * 7


def test_a_lock_and_a_wrong_code_are_answered_alike(
    authenticator: Authenticator, browser: Browsers, clock: MovableClock
) -> None:
    new, other = browser(), browser()
    new.sign_in()
    refused = new.give_code(wrong(authenticator))
    for _ in range(4):
        other.sign_in(password="not the password")
    locked = new.give_code(authenticator.code())
    assert account().locked_until is not None
    assert (refused.status_code, unsigned(refused.text)) == (locked.status_code, unsigned(locked.text))


def unsigned(page: str) -> str:
    """A page without the token against forgery: it holds the second in which the page was made."""
    return re.sub(r'csrf[-_]token"[^>]*>', "", page)


def test_a_wrong_proof_counts_too(browser: Browsers) -> None:
    mine = browser()
    mine.sign_in()
    for _ in range(5):
        assert mine.post("/console/account/proof", {"current": "not the password"}).status_code == 422
    assert account().locked_until is not None
    assert mine.post("/console/account/proof", {"current": DEMONSTRATION_PASSWORD}).status_code == 422


def test_an_administrator_unlocks(browser: Browsers) -> None:
    new = browser()
    for _ in range(5):
        new.sign_in(password="not the password")
    assert new.sign_in().status_code == 401
    assert unlock(account().id, account("admin").id)
    assert new.sign_in().status_code == 303
    assert len(trail("staff.unlocked")) == 1
    assert not unlock(account().id, account("admin").id), "nothing is left to unlock"
