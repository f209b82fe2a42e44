"""What an account proves itself with beside its password, and sign-ins that are half done."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage import Base, Moment, Sealed, enum_column, foreign_id, primary_id

# Guesses at one half-done sign-in; the account counts them too.
HALF_TRIES = 5


class SecondFactor(Base):
    """A secret for time-based codes (RFC 6238): one that counts and one that is being set up, at most, per account.

    `last_step` is the 30-second step of the last code taken, so that no code is taken twice.
    """

    __tablename__ = "staff_second_factors"
    __table_args__ = (
        sa.Index(
            "uq_staff_second_factors_counting",
            "account_id",
            unique=True,
            postgresql_where=sa.text("confirmed_at IS NOT NULL"),
        ),
        sa.Index(
            "uq_staff_second_factors_pending",
            "account_id",
            unique=True,
            postgresql_where=sa.text("confirmed_at IS NULL"),
        ),
        sa.CheckConstraint("(confirmed_at IS NULL) = (last_step IS NULL)", name="confirmed_by_a_code"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    account_id: Mapped[uuid.UUID] = foreign_id("staff_accounts.id", ondelete="CASCADE", index=True)
    secret_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    last_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    created_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)

    secret = Sealed()


class RecoveryCode(Base):
    """One of ten codes for the day the telephone is lost; only a keyed hash is kept."""

    __tablename__ = "staff_recovery_codes"
    __table_args__ = (sa.UniqueConstraint("account_id", "code_hash"),)

    id: Mapped[uuid.UUID] = primary_id()
    account_id: Mapped[uuid.UUID] = foreign_id("staff_accounts.id", ondelete="CASCADE")
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, info={"blind_index": True})
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class HalfSignIn(Base):
    """A password was right and a code is still wanted. It opens nothing but the page that asks for the code."""

    __tablename__ = "staff_half_sign_ins"
    __table_args__ = (
        sa.Index("ix_staff_half_sign_ins_expires_at", "expires_at"),
        sa.CheckConstraint(f"tries BETWEEN 0 AND {HALF_TRIES}", name="tries_are_few"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    account_id: Mapped[uuid.UUID] = foreign_id("staff_accounts.id", ondelete="CASCADE", index=True)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class WeChatBinding(Base):
    """The one WeChat with which the holder of an account may sign in.

    Found by the blind index; the sealed openid is there so that the index can be made anew.
    """

    __tablename__ = "staff_wechat_bindings"

    id: Mapped[uuid.UUID] = primary_id()
    account_id: Mapped[uuid.UUID] = foreign_id("staff_accounts.id", ondelete="CASCADE", unique=True)
    openid_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    openid_index: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    bound_at: Mapped[datetime] = mapped_column(Moment)

    openid = Sealed()


class ScanPurpose(StrEnum):
    """What a QR code on a console page is for."""

    SIGN_IN = "sign_in"
    BIND = "bind"


class ScanState(StrEnum):
    """waiting → scanned → confirmed → used; refused ends it. A binding goes from scanned to used."""

    WAITING = "waiting"
    SCANNED = "scanned"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    USED = "used"


class ScanTicket(Base):
    """One QR code shown on one page: what it says, which browser shows it, who scanned it, the number to match.

    `browser` and `place` tell the scanning person from where somebody wants to come in.
    """

    __tablename__ = "staff_scan_tickets"
    __table_args__ = (
        sa.Index("ix_staff_scan_tickets_expires_at", "expires_at"),
        # One question at a time for one WeChat, so that a number answers one ticket only.
        sa.Index(
            "uq_staff_scan_tickets_asking",
            "openid_index",
            unique=True,
            postgresql_where=sa.text("state = 'scanned'"),
        ),
        sa.CheckConstraint("number BETWEEN 10 AND 99", name="number_has_two_digits"),
        sa.CheckConstraint("(purpose = 'bind') = (session_id IS NOT NULL)", name="only_a_session_binds"),
        sa.CheckConstraint("purpose = 'sign_in' OR account_id IS NOT NULL", name="binding_has_an_account"),
        sa.CheckConstraint("(state = 'waiting') = (openid_index IS NULL)", name="scanned_by_somebody"),
        sa.CheckConstraint("state = 'waiting' OR account_id IS NOT NULL", name="scanned_for_an_account"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    purpose: Mapped[ScanPurpose] = enum_column(ScanPurpose)
    state: Mapped[ScanState] = enum_column(ScanState)
    scene_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    browser_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    address_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    number: Mapped[int] = mapped_column(sa.SmallInteger)
    account_id: Mapped[uuid.UUID | None] = foreign_id(
        "staff_accounts.id", ondelete="CASCADE", index=True, nullable=True
    )
    session_id: Mapped[uuid.UUID | None] = foreign_id(
        "staff_sessions.id", ondelete="CASCADE", index=True, nullable=True
    )
    openid_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    place: Mapped[str] = mapped_column(sa.String(60))
    browser: Mapped[str] = mapped_column(sa.String(60))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)

    # What the QR code says, as WeChat gave it (wechat-protocol §6.2).
    address = Sealed()
