"""Persons, the WeChat identities they act through (domain-rules §1.4), and how they were proven (§6.2)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.identity import IdentityNumber, IdType, Sex
from backend.kernel.names import plain_name
from backend.people.rules import CodePurpose, JoinReason, LoginKind, PersonEventName, ProofMethod, TryKind
from backend.storage import Base, Moment, Sealed, blind_index, enum_column, foreign_id, primary_id


def number_index(identity: IdentityNumber) -> bytes:
    """The blind index of an identity number, the same in every room that asks for the same person."""
    return blind_index(f"{identity.id_type.value}:{identity.number}", "identity_number")


def name_index(name: str) -> bytes:
    """The blind index of a whole name, blind to blanks, letter case, full width and the kind of middle dot."""
    return blind_index(plain_name(name), "person_name")


def phone_index(phone: str) -> bytes:
    """The blind index of a telephone number of eleven digits."""
    return blind_index(phone, "telephone")


class _SealedName(Sealed):
    """A sealed name that brings its index along, so that the two never tell of different names."""

    def __set__(self, row: Any, text: str | None) -> None:
        super().__set__(row, text)
        row.name_index = None if text is None else name_index(text)


class _SealedPhone(Sealed):
    """A sealed telephone that brings its index and its tail along."""

    def __set__(self, row: Any, text: str | None) -> None:
        super().__set__(row, text)
        row.phone_index = None if text is None else phone_index(text)
        row.phone_last4 = None if text is None else text[-4:]


class Person(Base):
    """One natural person. Known by nothing but an id until a name and number are given.

    `level` is the one that lasts: 0 nothing, 1 telephone, 2 name and number verified (§6.2). Level 3, a fresh check,
    is level 2 until `fresh_until` (`backend.people.rules.level_at`). A closed row no longer stands in the way of a new
    one with its number; one of a dead person does, for a death may be recorded by mistake.
    """

    __tablename__ = "persons"
    __table_args__ = (
        sa.Index(
            "uq_persons_id_number_index",
            "id_number_index",
            unique=True,
            postgresql_where=sa.text("id_number_index IS NOT NULL AND closed_at IS NULL"),
        ),
        sa.Index("ix_persons_name_index", "name_index", postgresql_where=sa.text("name_index IS NOT NULL")),
        sa.Index("ix_persons_last4", "last4", postgresql_where=sa.text("last4 IS NOT NULL")),
        sa.Index("ix_persons_phone_index", "phone_index", postgresql_where=sa.text("phone_index IS NOT NULL")),
        sa.Index("ix_persons_phone_last4", "phone_last4", postgresql_where=sa.text("phone_last4 IS NOT NULL")),
        sa.Index("ix_persons_community_id", "community_id"),
        sa.CheckConstraint("level BETWEEN 0 AND 2", name="level_lasts"),
        sa.CheckConstraint(
            "level < 2 OR num_nulls(name_sealed, id_number_sealed, verified_at, verified_by) = 0",
            name="verified_is_whole",
        ),
        sa.CheckConstraint("level <> 1 OR phone_sealed IS NOT NULL", name="level_1_has_a_phone"),
        sa.CheckConstraint("fresh_until IS NULL OR level = 2", name="fresh_is_verified"),
        sa.CheckConstraint("(name_sealed IS NULL) = (name_index IS NULL)", name="name_is_whole"),
        sa.CheckConstraint(
            "id_number_sealed IS NULL OR num_nulls(id_type, id_number_index, last4) = 0", name="number_is_whole"
        ),
        sa.CheckConstraint("num_nulls(phone_sealed, phone_index, phone_last4) IN (0, 3)", name="phone_is_whole"),
        sa.CheckConstraint("birth_date >= DATE '1900-01-01'", name="birth_date"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    created_at: Mapped[datetime] = mapped_column(Moment)
    name_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    name_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    id_type: Mapped[IdType | None] = enum_column(IdType, nullable=True)
    id_number_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    id_number_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    last4: Mapped[str | None] = mapped_column(sa.String(4))
    sex: Mapped[Sex | None] = enum_column(Sex, nullable=True)
    birth_date: Mapped[date | None] = mapped_column(sa.Date)
    phone_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    phone_last4: Mapped[str | None] = mapped_column(sa.String(4))
    level: Mapped[int] = mapped_column(sa.SmallInteger, default=0, server_default=sa.text("0"))
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    verified_by: Mapped[ProofMethod | None] = enum_column(ProofMethod, nullable=True)
    fresh_until: Mapped[datetime | None] = mapped_column(Moment)
    community_id: Mapped[uuid.UUID | None] = foreign_id("organisation_nodes.id", nullable=True)
    died_on: Mapped[date | None] = mapped_column(sa.Date)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    name = _SealedName()
    id_number = Sealed()
    phone = _SealedPhone()

    def take_number(self, identity: IdentityNumber) -> None:
        """Keep an identity number with everything it tells."""
        self.id_type = identity.id_type
        self.id_number = identity.number
        self.id_number_index = number_index(identity)
        self.last4 = identity.last4
        self.sex = identity.sex
        self.birth_date = identity.birth_date


class WeChatIdentity(Base):
    """A person as one WeChat product knows them; an openid is different in each product (wechat-protocol §0)."""

    __tablename__ = "wechat_identities"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "openid"),
        sa.Index("ix_wechat_identities_person_id", "person_id"),
        sa.Index("ix_wechat_identities_unionid", "unionid", postgresql_where=sa.text("unionid IS NOT NULL")),
    )

    id: Mapped[uuid.UUID] = primary_id()
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    app_id: Mapped[str] = mapped_column(sa.String(32))
    openid: Mapped[str] = mapped_column(sa.String(64))
    unionid: Mapped[str | None] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)


class LoginSession(Base):
    """A login of the mini-program or of a web page inside WeChat: our own token, kept as a hash (wechat-protocol §3.2).

    `device` is two words for the phone it came from, so that its owner can tell their logins apart.
    """

    __tablename__ = "login_sessions"
    __table_args__ = (sa.Index("ix_login_sessions_expires_at", "expires_at"),)

    id: Mapped[uuid.UUID] = primary_id()
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    identity_id: Mapped[uuid.UUID] = foreign_id("wechat_identities.id", ondelete="CASCADE", index=True)
    kind: Mapped[LoginKind] = enum_column(LoginKind, default=LoginKind.MINIPROGRAM, server_default="miniprogram")
    device: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class PersonEvent(Base):
    """What happened to what we know of a person: when, by whom (`account_id` for staff, else the person), how."""

    __tablename__ = "person_events"
    __table_args__ = (
        sa.Index("ix_person_events_person_id", "person_id", "id"),
        sa.Index("ix_person_events_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    at: Mapped[datetime] = mapped_column(Moment)
    name: Mapped[PersonEventName] = enum_column(PersonEventName)
    method: Mapped[ProofMethod | None] = enum_column(ProofMethod, nullable=True)
    account_id: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)


class PersonJoin(Base):
    """Two rows turned out to be one person: `joined_id` is gone, `person_id` has what it had.

    `swept_at`: when the rooms were asked a second time, for what was under way during the join.
    """

    __tablename__ = "person_joins"
    __table_args__ = (
        sa.UniqueConstraint("joined_id"),
        sa.Index("ix_person_joins_person_id", "person_id"),
        sa.Index("ix_person_joins_unswept", "at", postgresql_where=sa.text("swept_at IS NULL")),
        sa.CheckConstraint("joined_id <> person_id", name="two_persons"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    joined_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    reason: Mapped[JoinReason] = enum_column(JoinReason)
    at: Mapped[datetime] = mapped_column(Moment)
    swept_at: Mapped[datetime | None] = mapped_column(Moment)


class ProofTry(Base):
    """A try that was not right, or is not known to be right yet; counted so that nobody guesses on (§6.2).

    Who tried is a person or an account. `number_index` is whose number was tried at the verification service.
    """

    __tablename__ = "proof_tries"
    __table_args__ = (
        sa.Index("ix_proof_tries_person_id", "person_id", "kind", "at"),
        sa.Index("ix_proof_tries_account_id", "account_id", "kind", "at"),
        sa.Index(
            "ix_proof_tries_number_index",
            "number_index",
            "at",
            postgresql_where=sa.text("number_index IS NOT NULL"),
        ),
        sa.Index("ix_proof_tries_at", "at"),
        sa.CheckConstraint("num_nonnulls(person_id, account_id) = 1", name="tried_by_one"),
        sa.CheckConstraint("(kind = 'verification') = (number_index IS NOT NULL)", name="number_of_a_verification"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    kind: Mapped[TryKind] = enum_column(TryKind)
    person_id: Mapped[uuid.UUID | None] = foreign_id("persons.id", nullable=True)
    account_id: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    number_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    at: Mapped[datetime] = mapped_column(Moment)


class BindingCode(Base):
    """A code that ties a WeChat identity to a person, told by one side and typed by the other; used once.

    ASKED: the resident's phone shows it and staff type it; who the person is becomes known by that. GIVEN: staff hand
    it out for a person, and the WeChat that types it becomes theirs. The code itself is kept as a keyed hash only.
    """

    __tablename__ = "binding_codes"
    __table_args__ = (
        sa.Index("uq_binding_codes_code_hash", "code_hash", unique=True, postgresql_where=sa.text("used_at IS NULL")),
        sa.Index(
            "uq_binding_codes_one_asked",
            "identity_id",
            unique=True,
            postgresql_where=sa.text("used_at IS NULL AND purpose = 'asked'"),
        ),
        sa.Index(
            "uq_binding_codes_one_given",
            "person_id",
            unique=True,
            postgresql_where=sa.text("used_at IS NULL AND purpose = 'given'"),
        ),
        sa.Index("ix_binding_codes_identity_id", "identity_id"),
        sa.Index("ix_binding_codes_person_id", "person_id"),
        sa.Index("ix_binding_codes_account_id", "account_id"),
        sa.Index("ix_binding_codes_expires_at", "expires_at"),
        sa.CheckConstraint(
            "(purpose = 'asked' AND identity_id IS NOT NULL AND (person_id IS NULL) = (used_at IS NULL)) OR "
            "(purpose = 'given' AND person_id IS NOT NULL AND (identity_id IS NULL) = (used_at IS NULL))",
            name="two_sides_once_used",
        ),
        sa.CheckConstraint(
            "(account_id IS NULL) = (purpose = 'asked' AND used_at IS NULL)", name="staff_has_part_in_it"
        ),
        sa.CheckConstraint("expires_at > created_at", name="expires_later"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    purpose: Mapped[CodePurpose] = enum_column(CodePurpose)
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, info={"blind_index": True})
    identity_id: Mapped[uuid.UUID | None] = foreign_id("wechat_identities.id", ondelete="CASCADE", nullable=True)
    person_id: Mapped[uuid.UUID | None] = foreign_id("persons.id", nullable=True)
    account_id: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
