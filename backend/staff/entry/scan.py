"""Signing in, and binding a WeChat, by scanning a QR code and giving back the number the page shows.

The number stands on the page alone, so a QR code that somebody passes on is not enough: the scanning person must have
the page before them. The page's browser holds a secret of its own (cookie), so whoever only sees or scans the code
gets nothing. A ticket is good for three minutes and one use.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.staff.audit import record
from backend.staff.entry import texts
from backend.staff.entry.binding import bind, bound_account, openid_index
from backend.staff.entry.models import ScanPurpose, ScanState, ScanTicket
from backend.staff.entry.origin import Origin
from backend.staff.models import SignInMethod, StaffAccount, StaffSession
from backend.staff.sessions import new_token, token_hash
from backend.staff.sign_in import SignedIn, signed_in
from backend.storage import transaction

LIFETIME = timedelta(minutes=3)
# Begins every scene of this room, so that the chat knows whose a scanned code is (scene_str, wechat-protocol §6.2).
SCENE_PREFIX = "staff-"
REFUSAL = 0
# A page looks every two seconds; a confirmation in the last one must still reach it.
_GRACE = timedelta(seconds=30)
_SCENE_BYTES = 24


@dataclass(frozen=True)
class ShownTicket:
    """A ticket as its page shows it; `address` is what the QR code says."""

    purpose: ScanPurpose
    state: ScanState
    number: int
    address: str
    session_id: uuid.UUID | None


def new_scene() -> str:
    """A scene nobody can guess."""
    return SCENE_PREFIX + secrets.token_urlsafe(_SCENE_BYTES)


def open_ticket(scene: str, address: str, origin: Origin, binding_session: StaffSession | None = None) -> str:
    """Note a QR code that a page will show, and return the secret of that page's browser.

    With `binding_session` the code is for binding a WeChat to that session's account, else for signing in.
    """
    token, moment = new_token(), now()
    row = ScanTicket(
        id=new_id(),
        purpose=ScanPurpose.BIND if binding_session else ScanPurpose.SIGN_IN,
        state=ScanState.WAITING,
        scene_hash=token_hash(scene),
        browser_hash=token_hash(token),
        number=10 + secrets.randbelow(90),
        account_id=binding_session.account_id if binding_session else None,
        session_id=binding_session.id if binding_session else None,
        place=origin.place,
        browser=origin.browser,
        created_at=moment,
        expires_at=moment + LIFETIME,
    )
    row.address = address
    with transaction() as session:
        session.add(row)
    return token


def shown_ticket(browser_token: str) -> ShownTicket | None:
    """The ticket of a page; None when it has run out or never was."""
    with transaction() as session:
        row = session.scalars(sa.select(ScanTicket).where(*_of_browser(browser_token))).one_or_none()
    if row is None:
        return None
    return ShownTicket(row.purpose, row.state, row.number, row.address or "", row.session_id)


def note_scan(app_id: str, openid: str, scene: str) -> str:
    """Somebody scanned a code of ours: what to answer in the chat, in the open transaction."""
    index = openid_index(app_id, openid)
    with transaction() as session:
        wanted = sa.select(ScanTicket).where(ScanTicket.scene_hash == token_hash(scene), ScanTicket.expires_at > now())
        ticket = session.scalars(wanted.with_for_update()).one_or_none()
        if ticket is None or ticket.state not in (ScanState.WAITING, ScanState.SCANNED):
            return texts.CODE_EXPIRED
        if ticket.state is ScanState.SCANNED and ticket.openid_index != index:
            return texts.CODE_TAKEN
        bound = bound_account(index)
        if ticket.purpose is ScanPurpose.SIGN_IN:
            if bound is None:
                return texts.NOT_BOUND
            account = bound
        else:
            if bound is not None:
                return texts.BOUND_ALREADY
            account = session.get_one(StaffAccount, ticket.account_id)
        _drop_other_questions(index, ticket.id)
        ticket.state, ticket.account_id, ticket.openid_index = ScanState.SCANNED, account.id, index
        return _question(ticket, account)


def answer_number(app_id: str, openid: str, number: int) -> str | None:
    """Take the number that answers this WeChat's open question, or 0, which refuses; in the open transaction.

    None when there is no open question of this WeChat to which it is the answer: it was meant for something else.
    """
    index = openid_index(app_id, openid)
    with transaction() as session:
        asked = sa.select(ScanTicket).where(
            ScanTicket.openid_index == index, ScanTicket.state == ScanState.SCANNED, ScanTicket.expires_at > now()
        )
        ticket = session.scalars(asked.with_for_update()).one_or_none()
        if ticket is None or ticket.account_id is None or number not in (REFUSAL, ticket.number):
            return None
        if number == REFUSAL:
            return _refuse(ticket, ticket.account_id)
        if ticket.purpose is ScanPurpose.BIND:
            ticket.state = ScanState.USED
            return texts.BOUND if bind(ticket.account_id, openid, index) else texts.BOUND_ALREADY
        ticket.state = ScanState.CONFIRMED
        ticket.expires_at = max(ticket.expires_at, now() + _GRACE)
    return texts.SIGNED_IN


def take_sign_in(browser_token: str, origin: Origin) -> SignedIn | None:
    """Open the session that a confirmed ticket is good for, once; None while there is nothing to open.

    Possession of the WeChat and the number are the two factors, so no code is asked for.
    """
    used = (
        sa.update(ScanTicket)
        .where(
            *_of_browser(browser_token),
            ScanTicket.purpose == ScanPurpose.SIGN_IN,
            ScanTicket.state == ScanState.CONFIRMED,
        )
        .values(state=ScanState.USED)
        .returning(ScanTicket.account_id)
        .execution_options(synchronize_session=False)
    )
    with transaction() as session:
        account_id = session.scalar(used)
        account = None if account_id is None else session.get(StaffAccount, account_id)
        if account is None or not account.active:
            return None
        return signed_in(account, SignInMethod.SCAN, origin)


def _drop_other_questions(index: bytes, but: uuid.UUID) -> None:
    """The newest scan is the one a number answers."""
    with transaction() as session:
        session.execute(
            sa.update(ScanTicket)
            .where(ScanTicket.openid_index == index, ScanTicket.state == ScanState.SCANNED, ScanTicket.id != but)
            .values(state=ScanState.REFUSED)
            .execution_options(synchronize_session=False)
        )


def _question(ticket: ScanTicket, account: StaffAccount) -> str:
    asked = texts.ASK_SIGN_IN if ticket.purpose is ScanPurpose.SIGN_IN else texts.ASK_BIND
    known = "，".join(part for part in (ticket.browser, ticket.place) if part)
    return asked.format(name=account.username, origin=known or texts.ORIGIN_UNKNOWN)


def _refuse(ticket: ScanTicket, account_id: uuid.UUID) -> str:
    ticket.state = ScanState.REFUSED
    record("staff.scan_refused", "staff_account", account_id, account_id=account_id, matter=ticket.purpose.value)
    return texts.REFUSED if ticket.purpose is ScanPurpose.SIGN_IN else texts.BIND_REFUSED


def _of_browser(browser_token: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (ScanTicket.browser_hash == token_hash(browser_token), ScanTicket.expires_at > now())
