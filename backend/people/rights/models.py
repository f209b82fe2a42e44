"""Rows of consent, of requests about one's own data, of exports, legal holds and retention."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.people.rights.rules import RefusalReason, Relation, RequestKind, RequestState, Via
from backend.storage import Base, EventColumns, Moment, Sealed, enum_column, foreign_id, primary_id


class ConsentEvent(Base):
    """Somebody gave or withdrew consent for a purpose, having read a version of the rules. Rows are only added.

    The newest of a person and purpose is in force. A trigger refuses changes; rows go as a whole, by retention.
    """

    __tablename__ = "consent_events"
    __table_args__ = (
        sa.Index("ix_consent_events_person_id_purpose_id", "person_id", "purpose", "id"),
        sa.Index("ix_consent_events_at", "at"),
        sa.CheckConstraint("(via = 'desk') = (account_id IS NOT NULL)", name="account_at_the_desk"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    purpose: Mapped[str] = mapped_column(sa.String(40))
    version: Mapped[int] = mapped_column(sa.SmallInteger)
    given: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Moment)
    via: Mapped[Via] = enum_column(Via)
    account_id: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True, index=True)


class NoticeShown(Base):
    """A person was shown where the rules of a version stand (PIPL 17); once each."""

    __tablename__ = "privacy_notices_shown"

    person_id: Mapped[uuid.UUID] = foreign_id("persons.id", ondelete="CASCADE", primary_key=True)
    version: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    via: Mapped[Via] = enum_column(Via)


_OPEN = "state IN ('received', 'in_work')"


class RightsRequest(Base):
    """A request about a person's data (PIPL 44-50). `person_id` is whom it is about, also where a relative asks.

    `due_on` is the last day for an answer; provisional while the notice of a year it touches is missing. `outcome`
    holds codes, counts and days only. What people wrote is sealed.
    """

    __tablename__ = "rights_requests"
    __table_args__ = (
        sa.Index(
            "uq_rights_requests_one_open",
            "person_id",
            "kind",
            unique=True,
            postgresql_where=sa.text(_OPEN),
        ),
        sa.Index("ix_rights_requests_due_on_id", "due_on", "id", postgresql_where=sa.text(_OPEN)),
        sa.Index("ix_rights_requests_person_id_received_at", "person_id", "received_at"),
        sa.Index("ix_rights_requests_received_at_id", "received_at", "id"),
        sa.Index("ix_rights_requests_closed_at", "closed_at"),
        sa.CheckConstraint(f"({_OPEN}) = (closed_at IS NULL)", name="closed_once_answered"),
        sa.CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refused_for_a_reason"),
        sa.CheckConstraint(
            "CASE WHEN kind = 'take_down' THEN num_nonnulls(applicant_name_sealed, relation, evidence_sealed) = 3 "
            "ELSE num_nonnulls(applicant_name_sealed, applicant_phone_sealed, relation, evidence_sealed) = 0 END",
            name="relative_with_evidence",
        ),
        sa.CheckConstraint("kind <> 'correct' OR words_sealed IS NOT NULL", name="correction_in_words"),
        sa.CheckConstraint("kind <> 'take_down' OR via = 'desk'", name="relatives_come_to_the_desk"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    serial: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    kind: Mapped[RequestKind] = enum_column(RequestKind)
    state: Mapped[RequestState] = enum_column(RequestState)
    via: Mapped[Via] = enum_column(Via)
    received_at: Mapped[datetime] = mapped_column(Moment)
    due_on: Mapped[date] = mapped_column(sa.Date)
    due_provisional: Mapped[bool]
    words_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    applicant_name_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    applicant_phone_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    relation: Mapped[Relation | None] = enum_column(Relation, nullable=True)
    evidence_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    handler_id: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    refusal: Mapped[RefusalReason | None] = enum_column(RefusalReason, nullable=True)
    answer_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)

    words = Sealed()
    applicant_name = Sealed()
    applicant_phone = Sealed()
    evidence = Sealed()
    answer = Sealed()


class RightsRequestEvent(EventColumns, Base):
    """One move of a request: when, by whom, from where to where."""

    __tablename__ = "rights_request_events"
    __table_args__ = (sa.Index("ix_rights_request_events_request_id", "request_id"),)

    request_id: Mapped[uuid.UUID] = foreign_id("rights_requests.id", ondelete="CASCADE")
    from_state: Mapped[RequestState | None] = enum_column(RequestState, constraint="from_state", nullable=True)
    to_state: Mapped[RequestState] = enum_column(RequestState, constraint="to_state")


class DataExport(Base):
    """The copy of a person's data, sealed, until it is fetched or a week has passed."""

    __tablename__ = "data_exports"
    __table_args__ = (sa.Index("ix_data_exports_made_at", "made_at"),)

    id: Mapped[uuid.UUID] = primary_id()
    request_id: Mapped[uuid.UUID] = foreign_id("rights_requests.id", ondelete="CASCADE", unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    content_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)

    content = Sealed()


class LegalHold(Base):
    """Nothing of this person is erased while a court, auditor or review needs it; no retention rule touches it."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        sa.Index(
            "uq_legal_holds_one_standing", "person_id", unique=True, postgresql_where=sa.text("lifted_at IS NULL")
        ),
        sa.Index("ix_legal_holds_person_id", "person_id"),
        sa.Index("ix_legal_holds_lifted_at", "lifted_at"),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_somebody"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    reason_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    placed_by: Mapped[uuid.UUID] = foreign_id("staff_accounts.id", index=True)
    placed_at: Mapped[datetime] = mapped_column(Moment)
    lifted_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True, index=True)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)

    reason = Sealed()


class RetentionRun(Base):
    """One sweep of a retention rule, over as many batches as it took; open until a batch found nothing more.

    A sweep that finds nothing takes the place of the one before that found nothing, so the table stays short.
    """

    __tablename__ = "retention_runs"
    __table_args__ = (
        sa.Index("uq_retention_runs_one_open", "rule", unique=True, postgresql_where=sa.text("ended_at IS NULL")),
        sa.Index("ix_retention_runs_rule_id", "rule", "id"),
        sa.Index("ix_retention_runs_ended_at", "ended_at"),
        sa.CheckConstraint("erased >= 0 AND batches >= 0", name="counted_upwards"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    rule: Mapped[str] = mapped_column(sa.String(60))
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    erased: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    batches: Mapped[int] = mapped_column(default=0)
