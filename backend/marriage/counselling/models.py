"""Tables of counselling: who counsels, sessions with what is sealed in them, their history, calls back.

No identity number is asked for: a name to call somebody by and a telephone are enough.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.kernel.crisis import Crisis
from backend.marriage.counselling.rules import CallbackState, Matter, Outcome, Profession, SessionState, Way
from backend.marriage.models import Office, Via
from backend.marriage.resources.models import Resource
from backend.storage import Base, EventColumns, Moment, Sealed, enum_column, foreign_id, primary_id


class Counsellor(Base):
    """What a resource of the kind `counsellor` is, and how people can meet them. Hours stand with the resource."""

    __tablename__ = "counsellors"
    __table_args__ = (sa.CheckConstraint("on_site OR video OR telephone", name="can_be_met"),)

    resource_id: Mapped[uuid.UUID] = foreign_id("marriage_resources.id", primary_key=True)
    profession: Mapped[Profession] = enum_column(Profession)
    on_site: Mapped[bool]
    video: Mapped[bool]
    telephone: Mapped[bool]

    resource: Mapped[Resource] = relationship(lazy="raise")


class CounsellingSession(Base):
    """One talk. `together`: the other one of the couple comes along; nothing of them is stored.

    `about` is what the person wrote for the counsellor, `note` what the counsellor wrote for themselves. `at_risk`:
    violence was told; it stops joint sessions and puts safety first (E9). Name and telephone are gone two years after
    the session, the note a year later, with the row.
    """

    __tablename__ = "counselling_sessions"
    __table_args__ = (
        sa.Index(
            "uq_counselling_sessions_one_booked",
            "person_id",
            unique=True,
            postgresql_where=sa.text("state = 'booked'"),
        ),
        sa.Index("ix_counselling_sessions_person_id_created_at", "person_id", "created_at", "id"),
        sa.Index("ix_counselling_sessions_counsellor_id_starts_at", "counsellor_id", "starts_at", "id"),
        sa.Index("ix_counselling_sessions_office_id_starts_at", "office_id", "starts_at", "id"),
        sa.Index("ix_counselling_sessions_ends_at", "ends_at"),
        sa.Index("ix_counselling_sessions_room_id", "room_id"),
        sa.CheckConstraint("ends_at > starts_at", name="in_order"),
        sa.CheckConstraint("(state = 'booked') = (booking_id IS NOT NULL)", name="has_a_time"),
        sa.CheckConstraint("state <> 'booked' OR (way = 'on_site') = (room_booking_id IS NOT NULL)", name="has_a_room"),
        sa.CheckConstraint("state = 'booked' OR room_booking_id IS NULL", name="room_while_booked"),
        sa.CheckConstraint("(name_sealed IS NULL) = (phone_sealed IS NULL)", name="contact_is_whole"),
        sa.CheckConstraint("state <> 'booked' OR phone_sealed IS NOT NULL", name="can_be_reached"),
        sa.CheckConstraint(
            "NOT minor OR guardian_sealed IS NOT NULL OR phone_sealed IS NULL", name="minors_with_a_guardian"
        ),
        sa.CheckConstraint("NOT together OR matter NOT IN ('legal', 'psychological')", name="together_where_it_fits"),
        sa.CheckConstraint("link_sealed IS NULL OR way = 'video'", name="link_of_a_video"),
        sa.CheckConstraint("(note_sealed IS NULL) = (noted_at IS NULL)", name="noted_at_a_time"),
        sa.CheckConstraint("note_sealed IS NULL OR state NOT IN ('booked', 'cancelled')", name="note_of_a_talk"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    counsellor_id: Mapped[uuid.UUID] = foreign_id("marriage_resources.id")
    booking_id: Mapped[uuid.UUID | None] = foreign_id("marriage_resource_bookings.id", nullable=True, unique=True)
    room_id: Mapped[uuid.UUID | None] = foreign_id("marriage_resources.id", nullable=True)
    room_booking_id: Mapped[uuid.UUID | None] = foreign_id("marriage_resource_bookings.id", nullable=True, unique=True)
    matter: Mapped[Matter] = enum_column(Matter)
    way: Mapped[Way] = enum_column(Way)
    together: Mapped[bool]
    minor: Mapped[bool]
    at_risk: Mapped[bool]
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    name_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    guardian_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    about_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    link_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    note_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    noted_at: Mapped[datetime | None] = mapped_column(Moment)
    state: Mapped[SessionState] = enum_column(SessionState)
    via: Mapped[Via] = enum_column(Via)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    name = Sealed()
    phone = Sealed()
    guardian = Sealed()
    about = Sealed()
    link = Sealed()
    note = Sealed()
    office: Mapped[Office] = relationship(lazy="raise")
    counsellor: Mapped[Resource] = relationship(lazy="raise", foreign_keys=[counsellor_id])
    room: Mapped[Resource | None] = relationship(lazy="raise", foreign_keys=[room_id])


class CounsellingEvent(EventColumns, Base):
    """One move of a session. `detail` holds ids and codes, never a word of what was said."""

    __tablename__ = "counselling_session_events"
    __table_args__ = (sa.Index("ix_counselling_session_events_session_id", "session_id", "id"),)

    session_id: Mapped[uuid.UUID] = foreign_id("counselling_sessions.id", ondelete="CASCADE")
    from_state: Mapped[SessionState | None] = enum_column(SessionState, constraint="from_state", nullable=True)
    to_state: Mapped[SessionState] = enum_column(SessionState, constraint="to_state")
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class Callback(Base):
    """That somebody has to be called at once: their words told of danger. One open row a person, one officer a row.

    The words themselves are not here. `attempts` counts the calls that nobody answered.
    """

    __tablename__ = "counselling_callbacks"
    __table_args__ = (
        sa.Index(
            "uq_counselling_callbacks_one_open",
            "person_id",
            unique=True,
            postgresql_where=sa.text("state <> 'closed'"),
        ),
        sa.Index("ix_counselling_callbacks_person_id", "person_id"),
        sa.Index("ix_counselling_callbacks_session_id", "session_id"),
        sa.Index("ix_counselling_callbacks_taken_by", "taken_by"),
        sa.Index("ix_counselling_callbacks_due_at", "due_at", "id", postgresql_where=sa.text("state <> 'closed'")),
        sa.Index("ix_counselling_callbacks_office_id_raised_at", "office_id", "raised_at", "id"),
        sa.CheckConstraint("due_at >= raised_at", name="in_order"),
        sa.CheckConstraint("attempts >= 0", name="attempts_counted"),
        sa.CheckConstraint("(taken_by IS NULL) = (taken_at IS NULL)", name="taken_at_a_time"),
        sa.CheckConstraint("state <> 'open' OR taken_by IS NULL", name="open_is_nobodys"),
        sa.CheckConstraint("state <> 'taken' OR taken_by IS NOT NULL", name="taken_by_somebody"),
        sa.CheckConstraint(
            "(state = 'closed') = (outcome IS NOT NULL) AND (state = 'closed') = (closed_at IS NOT NULL)",
            name="closed_with_an_outcome",
        ),
        sa.CheckConstraint(
            "state <> 'closed' OR outcome IN ('merged', 'moot') OR taken_by IS NOT NULL", name="closed_by_a_person"
        ),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    session_id: Mapped[uuid.UUID | None] = foreign_id("counselling_sessions.id", ondelete="SET NULL", nullable=True)
    crisis: Mapped[Crisis] = enum_column(Crisis)
    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    phone_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    raised_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[CallbackState] = enum_column(CallbackState)
    taken_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    taken_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[Outcome | None] = enum_column(Outcome, nullable=True)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    name = Sealed()
    phone = Sealed()
    office: Mapped[Office] = relationship(lazy="raise")
