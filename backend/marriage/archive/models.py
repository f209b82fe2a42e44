"""Tables of requests to the archive: request, the persons on the record, history, and the log of what was read.

What somebody asks for tells of their life, so all of it is sealed; names, numbers and the certificate's number are
found by blind indexes. Requests are kept for two years after their end, the log longer (docs/privacy.md).
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.kernel.identity import IdType
from backend.marriage.archive.rules import (
    BY_APPROVAL,
    CLOCK_STATES,
    OPEN_STATES,
    ApplicantKind,
    ArchiveState,
    KeptAt,
    NotFoundWhy,
    Registration,
    Sought,
    Via,
)
from backend.marriage.models import Office
from backend.storage import Base, EventColumns, Moment, Sealed, enum_column, foreign_id, primary_id


def _listed(values: Any) -> str:
    return ", ".join(f"'{value.value}'" for value in sorted(values))


_OPEN = _listed(OPEN_STATES)


class ArchiveRequest(Base):
    """One request. `person_id`: who asked online, or whoever has proven the number of who came to the counter.

    `fingerprint` is a blind index of what is asked, so that the same person cannot ask the same twice at once. `due_on`
    is the day promised; it stands still while an answer is awaited. `until` is the last day of waiting for an answer or
    a visit. `appointment_id`: the visit booked from this request, whatever has become of it.
    """

    __tablename__ = "archive_requests"
    __table_args__ = (
        sa.Index(
            "uq_archive_requests_one_open", "person_id", "fingerprint", unique=True, postgresql_where=sa.text("open")
        ),
        sa.Index("ix_archive_requests_office_id_due_on", "office_id", "due_on", "id"),
        sa.Index("ix_archive_requests_office_id_created_at", "office_id", "created_at", "id"),
        sa.Index("ix_archive_requests_person_id", "person_id"),
        sa.Index("ix_archive_requests_applicant_number_index", "applicant_number_index"),
        sa.Index("ix_archive_requests_applicant_name_index", "applicant_name_index"),
        sa.Index("ix_archive_requests_applicant_last4", "applicant_last4"),
        sa.Index("ix_archive_requests_phone_last4", "phone_last4"),
        sa.Index("ix_archive_requests_certificate_index", "certificate_index"),
        sa.Index("ix_archive_requests_until", "until", postgresql_where=sa.text("state IN ('need_more', 'ready')")),
        sa.Index("ix_archive_requests_due_provisional", "id", postgresql_where=sa.text("due_provisional AND open")),
        sa.Index("ix_archive_requests_ended_at", "ended_at", postgresql_where=sa.text("ended_at IS NOT NULL")),
        sa.Index("ix_archive_requests_appointment_id", "appointment_id"),
        sa.Index("ix_archive_requests_created_by", "created_by"),
        sa.Index("ix_archive_requests_approved_by", "approved_by"),
        sa.Index("ix_archive_requests_archivist_id", "archivist_id"),
        sa.CheckConstraint("first_year <= last_year", name="years_in_order"),
        sa.CheckConstraint(f"(state IN ({_OPEN})) = (ended_at IS NULL)", name="ended_once_over"),
        sa.CheckConstraint("(via = 'counter') = (created_by IS NOT NULL)", name="entered_by_somebody"),
        sa.CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name="approved_by_somebody"),
        sa.CheckConstraint(
            "approved_by IS DISTINCT FROM created_by OR approved_by IS NULL", name="approved_by_another"
        ),
        sa.CheckConstraint(
            f"applicant_kind NOT IN ({_listed(BY_APPROVAL)}) OR approved_at IS NOT NULL "
            "OR state IN ('asked', 'refused', 'withdrawn', 'ended')",
            name="searched_with_approval",
        ),
        sa.CheckConstraint("(state IN ('need_more', 'ready')) = (until IS NOT NULL)", name="waits_until_a_day"),
        sa.CheckConstraint(
            "state NOT IN ('located', 'ready', 'referred', 'visited') OR kept_at IS NOT NULL", name="located_somewhere"
        ),
        sa.CheckConstraint("state <> 'referred' OR kept_at <> 'here'", name="referred_elsewhere"),
        sa.CheckConstraint("(state = 'not_found') = (not_found_why IS NOT NULL)", name="not_found_for_a_reason"),
        sa.CheckConstraint("(state = 'visited') = (copies IS NOT NULL)", name="visited_with_a_count"),
        sa.CheckConstraint("copies >= 0", name="copies_counted"),
        sa.CheckConstraint("sought <> 'marriage_record' OR registration = 'marriage'", name="marriage_of_a_marriage"),
        sa.CheckConstraint("sought <> 'divorce_record' OR registration = 'divorce'", name="divorce_of_a_divorce"),
        sa.CheckConstraint(
            "(applicant_number_sealed IS NULL) = (applicant_number_index IS NULL) "
            "AND (applicant_number_sealed IS NULL) = (applicant_last4 IS NULL)",
            name="applicant_is_whole",
        ),
        sa.CheckConstraint("(phone_sealed IS NULL) = (phone_last4 IS NULL)", name="phone_is_whole"),
        sa.CheckConstraint("(certificate_sealed IS NULL) = (certificate_index IS NULL)", name="certificate_is_whole"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    person_id: Mapped[uuid.UUID | None] = foreign_id("persons.id", nullable=True)
    applicant_kind: Mapped[ApplicantKind] = enum_column(ApplicantKind)
    applicant_name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    applicant_name_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    applicant_id_type: Mapped[IdType | None] = enum_column(IdType, nullable=True)
    applicant_number_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    applicant_number_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    applicant_last4: Mapped[str | None] = mapped_column(sa.String(4))
    phone_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    phone_last4: Mapped[str | None] = mapped_column(sa.String(4))
    authority_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    reason_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    sought: Mapped[Sought] = enum_column(Sought)
    registration: Mapped[Registration] = enum_column(Registration)
    first_year: Mapped[int] = mapped_column(sa.SmallInteger)
    last_year: Mapped[int] = mapped_column(sa.SmallInteger)
    registered_at_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    certificate_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    certificate_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    without_number: Mapped[bool]
    fingerprint: Mapped[bytes] = mapped_column(sa.LargeBinary, info={"blind_index": True})
    via: Mapped[Via] = enum_column(Via)
    created_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    state: Mapped[ArchiveState] = enum_column(ArchiveState)
    open: Mapped[bool] = mapped_column(sa.Computed(f"state IN ({_OPEN})", persisted=True))
    due_on: Mapped[date] = mapped_column(sa.Date)
    due_from: Mapped[date] = mapped_column(sa.Date)
    due_provisional: Mapped[bool]
    until: Mapped[date | None] = mapped_column(sa.Date)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    approved_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    archivist_id: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    question_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    answer_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    kept_at: Mapped[KeptAt | None] = enum_column(KeptAt, nullable=True)
    volume: Mapped[str | None] = mapped_column(sa.String(60))
    kept_name: Mapped[str | None] = mapped_column(sa.String(60))
    kept_address: Mapped[str | None] = mapped_column(sa.String(120))
    kept_phone: Mapped[str | None] = mapped_column(sa.String(30))
    located_at: Mapped[datetime | None] = mapped_column(Moment)
    not_found_why: Mapped[NotFoundWhy | None] = enum_column(NotFoundWhy, nullable=True)
    copies: Mapped[int | None] = mapped_column(sa.SmallInteger)
    appointment_id: Mapped[uuid.UUID | None] = foreign_id(
        "marriage_appointments.id", ondelete="SET NULL", nullable=True
    )
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    applicant_name = Sealed()
    applicant_number = Sealed()
    phone = Sealed()
    authority = Sealed()
    reason = Sealed()
    registered_at = Sealed()
    certificate = Sealed()
    question = Sealed()
    answer = Sealed()

    office: Mapped[Office] = relationship(lazy="raise")
    subjects: Mapped[list[ArchiveSubject]] = relationship(
        lazy="raise", order_by="ArchiveSubject.position", viewonly=True
    )

    @property
    def needs_approval(self) -> bool:
        """Whether somebody has still to approve before it is looked for."""
        return self.applicant_kind in BY_APPROVAL and self.approved_at is None

    @property
    def clock_runs(self) -> bool:
        """Whether the promised day counts."""
        return self.state in CLOCK_STATES


class ArchiveSubject(Base):
    """One of the persons on the record, as they were called then; the second one may be unknown.

    What helps where no identity number is on the record stands here too: former name, birth year, native place, work
    unit (§2.9).
    """

    __tablename__ = "archive_subjects"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "position"),
        sa.Index("ix_archive_subjects_name_index", "name_index"),
        sa.Index("ix_archive_subjects_former_name_index", "former_name_index"),
        sa.Index("ix_archive_subjects_id_number_index", "id_number_index"),
        sa.CheckConstraint("position IN (0, 1)", name="one_of_two"),
        sa.CheckConstraint("(id_number_sealed IS NULL) = (id_number_index IS NULL)", name="number_is_whole"),
        sa.CheckConstraint("(former_name_sealed IS NULL) = (former_name_index IS NULL)", name="former_name_is_whole"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    request_id: Mapped[uuid.UUID] = foreign_id("archive_requests.id", ondelete="CASCADE")
    position: Mapped[int] = mapped_column(sa.SmallInteger)
    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    name_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    former_name_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    former_name_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    id_number_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    id_number_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    birth_year: Mapped[int | None] = mapped_column(sa.SmallInteger)
    native_place_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    work_unit_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    name = Sealed()
    former_name = Sealed()
    id_number = Sealed()
    native_place = Sealed()
    work_unit = Sealed()


class ArchiveRequestEvent(EventColumns, Base):
    """One move or note: when, by whom, from where to where, why. `detail` holds codes and days, no persons."""

    __tablename__ = "archive_request_events"
    __table_args__ = (sa.Index("ix_archive_request_events_request_id", "request_id", "id"),)

    request_id: Mapped[uuid.UUID] = foreign_id("archive_requests.id", ondelete="CASCADE")
    from_state: Mapped[ArchiveState | None] = enum_column(ArchiveState, constraint="from_state", nullable=True)
    to_state: Mapped[ArchiveState] = enum_column(ArchiveState, constraint="to_state")
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class ArchiveInspection(Base):
    """One line of the log of what was read on site (查阅登记): who, by which papers, which volume, how many copies.

    It outlives its request: an archive can say for years who has read a volume.
    """

    __tablename__ = "archive_inspections"
    __table_args__ = (
        sa.UniqueConstraint("request_id"),
        sa.Index("ix_archive_inspections_office_id_at", "office_id", "at", "id"),
        sa.Index("ix_archive_inspections_at", "at"),
        sa.Index("ix_archive_inspections_reader_number_index", "reader_number_index"),
        sa.Index("ix_archive_inspections_shown_by", "shown_by"),
        sa.CheckConstraint("copies >= 0", name="copies_counted"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    request_id: Mapped[uuid.UUID | None] = foreign_id("archive_requests.id", ondelete="SET NULL", nullable=True)
    request_number: Mapped[str] = mapped_column(sa.String(20))
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    at: Mapped[datetime] = mapped_column(Moment)
    shown_by: Mapped[uuid.UUID] = foreign_id("staff_accounts.id")
    applicant_kind: Mapped[ApplicantKind] = enum_column(ApplicantKind)
    reader_name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    reader_number_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    authority_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    papers_seen: Mapped[list[str]] = mapped_column(JSONB)
    sought: Mapped[Sought] = enum_column(Sought)
    volume: Mapped[str | None] = mapped_column(sa.String(60))
    copies: Mapped[int] = mapped_column(sa.SmallInteger)

    reader_name = Sealed()
    authority = Sealed()
