"""Signing in: lock-out, one answer for every failure, sessions that end."""

from __future__ import annotations

import inspect
import sys
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.staff import passwords, sign_in, sign_out, staff_by_token
from backend.staff.audit import AuditEntry
from backend.staff.demo import DEMONSTRATION_PASSWORD
from backend.staff.models import StaffAccount, StaffSession
from backend.staff.passwords import hash_password, password_matches
from backend.storage import transaction


def refusal(username: str, password: str) -> AppError:
    with pytest.raises(AppError) as caught:
        sign_in(username, password)
    return caught.value


def test_the_token_leads_back_to_the_account() -> None:
    token, account = sign_in("registrar-1", DEMONSTRATION_PASSWORD)
    found = staff_by_token(token)
    assert found is not None
    assert found.id == account.id
    assert found.home.name == "新城区婚姻登记处"


def test_a_username_is_read_without_case_and_spaces() -> None:
    _, account = sign_in("  Registrar-1 ", DEMONSTRATION_PASSWORD)
    assert account.username == "registrar-1"


def test_only_a_hash_of_a_256_bit_token_is_kept() -> None:
    token, _ = sign_in("registrar-1", DEMONSTRATION_PASSWORD)
    assert len(token) == 43
    with transaction() as session:
        kept = session.scalars(sa.select(StaffSession.token_hash)).one()
    assert token.encode() not in kept
    assert len(kept) == 32


def test_unknown_wrong_locked_and_switched_off_are_answered_alike() -> None:
    wrong, unknown = refusal("registrar-1", "not the password"), refusal("nobody", "not the password")
    with transaction() as session:
        session.execute(sa.update(StaffAccount).where(StaffAccount.username == "registrar-2").values(active=False))
    switched_off = refusal("registrar-2", DEMONSTRATION_PASSWORD)
    answers = {(error.code, error.user_text, error.status) for error in (wrong, unknown, switched_off)}
    assert len(answers) == 1
    assert wrong.status == 401


@pytest.mark.parametrize("username", ["nobody", "registrar-1"])
def test_every_attempt_costs_one_verification(username: str, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []

    def note(password_hash: str, password: str) -> bool:
        verified.append(password_hash)
        return password_matches(password_hash, password)

    # The package offers a function of the module's name, so the module is asked for by name.
    monkeypatch.setattr(sys.modules["backend.staff.sign_in"], "password_matches", note)
    refusal(username, "not the password")
    assert len(verified) == 1
    assert verified[0].startswith("$argon2id$")


def test_five_failures_lock_for_a_quarter_of_an_hour(clock: MovableClock) -> None:
    for _ in range(5):
        refusal("registrar-1", "not the password")
    refusal("registrar-1", DEMONSTRATION_PASSWORD)
    clock.advance(timedelta(minutes=14, seconds=59))
    refusal("registrar-1", DEMONSTRATION_PASSWORD)
    clock.advance(timedelta(seconds=1))
    assert sign_in("registrar-1", DEMONSTRATION_PASSWORD)[1].username == "registrar-1"


def test_a_success_forgets_earlier_failures() -> None:
    for _ in range(2):
        for _ in range(4):
            refusal("registrar-1", "not the password")
        sign_in("registrar-1", DEMONSTRATION_PASSWORD)


def test_a_lock_is_in_the_audit_trail_without_the_name() -> None:
    for _ in range(5):
        refusal("registrar-1", "not the password")
    with transaction() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "staff.locked")).one()
    assert entry.detail == {"attempts": 5}


def test_a_session_ends_after_twelve_hours_however_busy(clock: MovableClock) -> None:
    token, _ = sign_in("registrar-1", DEMONSTRATION_PASSWORD)
    for _ in range(23):
        clock.advance(timedelta(minutes=30))
        assert staff_by_token(token) is not None
    clock.advance(timedelta(minutes=30))
    assert staff_by_token(token) is None


def test_signing_out_ends_this_session_only() -> None:
    first, second = (sign_in("registrar-1", DEMONSTRATION_PASSWORD)[0] for _ in range(2))
    sign_out(first)
    assert staff_by_token(first) is None
    assert staff_by_token(second) is not None


def test_switching_an_account_off_ends_its_sessions_at_once() -> None:
    token, account = sign_in("registrar-1", DEMONSTRATION_PASSWORD)
    with transaction() as session:
        session.execute(sa.update(StaffAccount).where(StaffAccount.id == account.id).values(active=False))
    assert staff_by_token(token) is None


def test_passwords_are_hashed_as_rfc_9106_advises() -> None:
    assert PasswordHasher().hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    source = inspect.getsource(passwords)
    assert "_hasher = PasswordHasher()" in source  # the library's defaults; the tests' own hasher is weaker


def test_a_password_too_long_to_be_one_is_not_hashed() -> None:
    known = hash_password("x" * 200)
    assert password_matches(known, "x" * 200)
    assert not password_matches(known, "x" * 201)
