"""Helping a colleague who cannot sign in: by whom, with which trace, and that the holder hears of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask

from backend.kernel.clock import MovableClock, now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.staff.approvals import approve
from backend.staff.audit import AuditEntry
from backend.staff.demo import DEMONSTRATION_PASSWORD
from backend.staff.entry.binding import bind, bound_since, openid_index
from backend.staff.entry.models import SecondFactor
from backend.staff.entry.totp import has_second_factor
from backend.staff.models import Approval, StaffAccount
from backend.staff.notices import note_seen, unseen
from backend.staff.rescue import (
    ask_to_remove_second_factor,
    end_account_sessions,
    unbind_wechat,
    unlock_account,
)
from backend.staff.sessions import open_session, sessions_of
from backend.staff.sign_in import sign_in
from backend.storage import transaction
from messages import Product, attach_address
from messages.models import OutboxMessage
from tests.console.support import Desk
from tests.staff.support import account

WHY = "本人来电，手机丢了"
OPENID = "oStaffPhone0001"


def lock(username: str) -> None:
    """Guess until the account is locked."""
    for _ in range(5):
        with pytest.raises(AppError):
            sign_in(username, "wrong guess")


def set_second_factor(holder: StaffAccount) -> None:
    """Give an account a second factor whose telephone nobody has."""
    with transaction() as session:
        row = SecondFactor(id=new_id(), account_id=holder.id, created_at=now(), confirmed_at=now(), last_step=0)
        row.secret = pyotp.random_base32()
        session.add(row)


def bind_wechat(holder: StaffAccount) -> None:
    """Bind a WeChat to which messages can be sent."""
    with transaction():
        assert bind(holder.id, OPENID, openid_index("wxaccount", OPENID))
        attach_address(new_id(), Product.ACCOUNT, "wxaccount", OPENID)


def actions() -> list[str]:
    """What the trail says was done, oldest first."""
    with transaction() as session:
        return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_locked_colleague_can_try_again_and_hears_of_it():
    lock("clerk-1")
    with pytest.raises(AppError):
        sign_in("clerk-1", DEMONSTRATION_PASSWORD)
    unlock_account(account("clerk-1").id, WHY, by=account("admin"))
    sign_in("clerk-1", DEMONSTRATION_PASSWORD)
    [notice] = unseen(account("clerk-1").id)
    assert (notice.matter.value, notice.reason, notice.by) == ("unlocked", WHY, "王主任")
    assert "staff.unlocked" in actions()
    note_seen(account("clerk-1").id)
    assert unseen(account("clerk-1").id) == []


def test_a_lost_telephone_is_unbound_and_all_sessions_end_and_it_is_told_there():
    holder = account("clerk-1")
    bind_wechat(holder)
    with transaction():
        open_session(holder)
    unbind_wechat(holder.id, WHY, by=account("admin"))
    assert bound_since(holder.id) is None
    assert sessions_of(holder.id) == []
    with transaction() as session:
        told = session.scalars(sa.select(OutboxMessage)).one()
    assert (told.notice, told.data) == (
        "staff.account_changed",
        {"matter": "解绑了微信，退出了所有登录", "who": "王主任"},
    )


def test_somebody_is_signed_out_everywhere():
    holder = account("registrar-1")
    with transaction():
        open_session(holder)
        open_session(holder)
    end_account_sessions(holder.id, WHY, by=account("admin"))
    assert sessions_of(holder.id) == []
    assert actions()[-1] == "staff.sessions_ended"


def test_the_second_factor_goes_only_when_another_agrees():
    holder = account("clerk-1")
    set_second_factor(holder)
    asked = ask_to_remove_second_factor(holder.id, WHY, by=account("admin"))
    assert has_second_factor(holder.id)
    with pytest.raises(AppError, match="forbidden"):
        approve(asked.id, account("admin"))
    approve(asked.id, account("supervisor"))
    assert not has_second_factor(holder.id)
    assert [notice.matter.value for notice in unseen(holder.id)] == ["second_factor_removed"]


STEPS: list[Callable[..., object]] = [
    unlock_account,
    unbind_wechat,
    end_account_sessions,
    ask_to_remove_second_factor,
]


@pytest.mark.parametrize("step", STEPS)
def test_nothing_to_do_is_said_and_leaves_no_trace(step: Callable[..., object]):
    before = actions()
    with pytest.raises(AppError) as refused:
        step(account("clerk-1").id, WHY, by=account("admin"))
    assert refused.value.code == "state_conflict"
    assert actions() == before
    assert unseen(account("clerk-1").id) == []


@pytest.mark.parametrize("step", STEPS)
def test_who_may_not_and_what_is_not_said(step: Callable[..., object]):
    lock("clerk-1")
    holder = account("clerk-1")
    bind_wechat(holder)
    set_second_factor(holder)
    with transaction():
        open_session(holder)
    for who, reason, code in (
        (account("registrar-1"), WHY, "not_found"),
        (account("admin"), "  ", "invalid"),
    ):
        with pytest.raises(AppError) as refused:
            step(holder.id, reason, by=who)
        assert refused.value.code == code
    with pytest.raises(AppError) as oneself:
        step(account("admin").id, WHY, by=account("admin"))
    assert oneself.value.code == "forbidden"
    assert unseen(holder.id) == []


def test_the_pages_offer_it_and_the_holder_reads_it_at_the_first_page(app: Flask):
    lock("clerk-1")
    holder = account("clerk-1")
    admin = Desk(app.test_client(), "admin")
    page = admin.get(f"/console/staff/accounts/{holder.id}").text
    assert "解除锁定" in page
    assert "解绑微信：没有绑定" in page
    assert admin.post(f"/console/staff/accounts/{holder.id}/rescue/unlock", {"reason": WHY}).status_code == 303
    mine = Desk(app.test_client(), "clerk-1")
    assert WHY in mine.get("/console/").text
    assert mine.post("/console/account/notices/seen", {"next": "/console/"}).status_code == 303
    assert WHY not in mine.get("/console/").text
    assert WHY not in mine.get("/console/account").text


def test_a_request_asked_before_a_holiday_lapses_on_the_next_workday(clock: MovableClock):
    holder = account("clerk-1")
    set_second_factor(holder)
    clock.move_to(now() + timedelta(days=3))  # a Friday
    asked = ask_to_remove_second_factor(holder.id, WHY, by=account("admin"))
    with transaction() as session:
        row = session.get_one(Approval, asked.id)
    assert row.expires_at - row.asked_at == timedelta(days=3), "72 hours end on Monday"
    clock.move_to(now() - timedelta(days=1))
    with transaction() as session:
        session.execute(sa.delete(Approval))
    thursday = ask_to_remove_second_factor(holder.id, WHY, by=account("admin"))
    assert thursday.expires_at - thursday.asked_at == timedelta(days=4), "they end on Sunday, so on Monday"
