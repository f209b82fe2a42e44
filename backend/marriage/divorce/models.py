"""Tables of divorce applications: case, the two persons, history, care.

All of it is a mirror: the registry's archive is the record. Kept for a year after the end (domain-rules §6.4), the care
notes for three.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.kernel.identity import IdType
from backend.marriage.divorce.rules import OPEN_STATES, CareEnd, CaseState, ContactState, DivorceClock
from backend.marriage.models import Office
from backend.storage import Base, EventColumns, Moment, Sealed, enum_column, foreign_id, primary_id

_OPEN = ", ".join(f"'{state.value}'" for state in OPEN_STATES)


class DivorceCase(Base):
    """One application (domain-rules §2.6), opened when it was received at an office.

    `open` is derived by the database and carried to the persons by their foreign key, so that nobody can be in two open
    ones. `fixed`: a registrar has set the days; the day table moves them no more. `certificate_booked`: both have an
    appointment for the certificate within the window, as the tick last saw.
    """

    __tablename__ = "divorce_cases"
    __table_args__ = (
        sa.UniqueConstraint("id", "open"),
        sa.UniqueConstraint("office_id", "receipt_number"),
        sa.UniqueConstraint("appointment_id"),
        sa.Index("ix_divorce_cases_office_id_win_last", "office_id", "win_last", "id"),
        sa.Index("ix_divorce_cases_office_id_created_at", "office_id", "created_at", "id"),
        sa.Index("ix_divorce_cases_open", "id", postgresql_where=sa.text("open")),
        sa.Index("ix_divorce_cases_ended_at", "ended_at", postgresql_where=sa.text("ended_at IS NOT NULL")),
        sa.CheckConstraint("d0 < cool_nominal AND cool_nominal <= cool_last", name="cooling_in_order"),
        sa.CheckConstraint("cool_last < win_first AND win_first <= win_last", name="window_in_order"),
        sa.CheckConstraint("provisional OR NOT cool_provisional", name="provisional_is_whole"),
        sa.CheckConstraint(f"(state IN ({_OPEN})) = (ended_at IS NULL)", name="ended_once_over"),
        sa.CheckConstraint("state = 'window' OR NOT certificate_booked", name="booked_within_the_window"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    appointment_id: Mapped[uuid.UUID | None] = foreign_id(
        "marriage_appointments.id", ondelete="SET NULL", nullable=True
    )
    receipt_number: Mapped[str] = mapped_column(sa.String(14))
    d0: Mapped[date] = mapped_column(sa.Date)
    cool_nominal: Mapped[date] = mapped_column(sa.Date)
    cool_last: Mapped[date] = mapped_column(sa.Date)
    win_first: Mapped[date] = mapped_column(sa.Date)
    win_last: Mapped[date] = mapped_column(sa.Date)
    cool_provisional: Mapped[bool]
    provisional: Mapped[bool]
    fixed: Mapped[bool] = mapped_column(default=False)
    certificate_booked: Mapped[bool] = mapped_column(default=False)
    state: Mapped[CaseState] = enum_column(CaseState)
    open: Mapped[bool] = mapped_column(sa.Computed(f"state IN ({_OPEN})", persisted=True))
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    office: Mapped[Office] = relationship(lazy="raise")
    persons: Mapped[list[DivorceParty]] = relationship(lazy="raise", order_by="DivorceParty.position", viewonly=True)

    @property
    def clock(self) -> DivorceClock:
        """The days as stored."""
        return DivorceClock(
            self.d0,
            self.cool_nominal,
            self.cool_last,
            self.win_first,
            self.win_last,
            self.cool_provisional,
            self.provisional,
        )

    def take_clock(self, clock: DivorceClock) -> None:
        """Keep these days."""
        self.d0, self.cool_nominal, self.cool_last = clock.d0, clock.cool_nominal, clock.cool_last
        self.win_first, self.win_last = clock.win_first, clock.win_last
        self.cool_provisional, self.provisional = clock.cool_provisional, clock.provisional


class DivorceParty(Base):
    """One of the two. `person_id` is whoever has proven the number; only their own WeChat is ever written to.

    `at_risk`: violence was told or seen. It stops joint mediation and puts safety first (E9).
    """

    __tablename__ = "divorce_parties"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["case_id", "open"],
            ["divorce_cases.id", "divorce_cases.open"],
            onupdate="CASCADE",
            ondelete="CASCADE",
            name="fk_divorce_parties_case",
        ),
        sa.UniqueConstraint("case_id", "position"),
        sa.Index("uq_divorce_parties_one_open", "id_number_index", unique=True, postgresql_where=sa.text("open")),
        sa.Index("ix_divorce_parties_id_number_index", "id_number_index"),
        sa.Index("ix_divorce_parties_name_index", "name_index"),
        sa.Index("ix_divorce_parties_last4", "last4"),
        sa.Index("ix_divorce_parties_phone_last4", "phone_last4"),
        sa.Index("ix_divorce_parties_person_id", "person_id"),
        sa.CheckConstraint("position IN (0, 1)", name="one_of_two"),
        sa.CheckConstraint("(phone_sealed IS NULL) = (phone_last4 IS NULL)", name="phone_is_whole"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    case_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    open: Mapped[bool]
    position: Mapped[int] = mapped_column(sa.SmallInteger)
    person_id: Mapped[uuid.UUID | None] = foreign_id("persons.id", nullable=True)
    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    name_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    id_type: Mapped[IdType] = enum_column(IdType)
    id_number_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    id_number_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    last4: Mapped[str] = mapped_column(sa.String(4))
    phone_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    phone_last4: Mapped[str | None] = mapped_column(sa.String(4))
    at_risk: Mapped[bool] = mapped_column(default=False)

    name = Sealed()
    id_number = Sealed()
    phone = Sealed()


class DivorceCaseEvent(EventColumns, Base):
    """One move or correction: when, by whom, from where to where, why. `detail` holds days and codes, no persons."""

    __tablename__ = "divorce_case_events"
    __table_args__ = (sa.Index("ix_divorce_case_events_case_id", "case_id", "id"),)

    case_id: Mapped[uuid.UUID] = foreign_id("divorce_cases.id", ondelete="CASCADE")
    from_state: Mapped[CaseState | None] = enum_column(CaseState, constraint="from_state", nullable=True)
    to_state: Mapped[CaseState] = enum_column(CaseState, constraint="to_state")
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class DivorceCare(Base):
    """Care for one person who agreed to it (§2.6); the other one's row, if there is one, has nothing to do with it.

    It outlives the case and its parties by its notes, so it keeps its own person and office. Each care is one worker's
    from the moment somebody takes it.
    """

    __tablename__ = "divorce_care"
    __table_args__ = (
        sa.Index("uq_divorce_care_one_running", "party_id", unique=True, postgresql_where=sa.text("ended_at IS NULL")),
        sa.Index("ix_divorce_care_party_id", "party_id"),
        sa.Index("ix_divorce_care_person_id", "person_id"),
        sa.Index("ix_divorce_care_worker_id", "worker_id"),
        sa.Index("ix_divorce_care_office_id_started_at", "office_id", "started_at", "id"),
        sa.Index("ix_divorce_care_ended_at", "ended_at", postgresql_where=sa.text("ended_at IS NOT NULL")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", name="ended_for_a_reason"),
        sa.CheckConstraint("ended_at IS NOT NULL OR party_id IS NOT NULL", name="running_for_a_party"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    party_id: Mapped[uuid.UUID | None] = foreign_id("divorce_parties.id", ondelete="SET NULL", nullable=True)
    worker_id: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_because: Mapped[CareEnd | None] = enum_column(CareEnd, nullable=True)

    office: Mapped[Office] = relationship(lazy="raise")
    party: Mapped[DivorceParty | None] = relationship(lazy="raise")


class DivorceCareContact(Base):
    """One contact: due on a day, made by the worker, with a sealed note that only worker and supervisor read."""

    __tablename__ = "divorce_care_contacts"
    __table_args__ = (
        sa.UniqueConstraint("care_id", "day_number"),
        sa.Index("ix_divorce_care_contacts_done_by", "done_by"),
        sa.Index("ix_divorce_care_contacts_due_on", "due_on", "id", postgresql_where=sa.text("state = 'due'")),
        sa.CheckConstraint("(state IN ('reached', 'not_reached')) = (done_at IS NOT NULL)", name="done_at_a_time"),
        sa.CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done_by_somebody"),
        sa.CheckConstraint("note_sealed IS NULL OR done_at IS NOT NULL", name="note_of_a_contact"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    care_id: Mapped[uuid.UUID] = foreign_id("divorce_care.id", ondelete="CASCADE")
    day_number: Mapped[int] = mapped_column(sa.SmallInteger)
    due_on: Mapped[date] = mapped_column(sa.Date)
    state: Mapped[ContactState] = enum_column(ContactState)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    done_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    note_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    note = Sealed()
