"""Tables of the waiting list: entries, the persons they are for, their history. An offer is a held appointment."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.marriage.kinds import Kind
from backend.marriage.models import Office, PartyColumns, Via
from backend.marriage.waiting.rules import OPEN_STATES, WaitingState
from backend.storage import Base, EventColumns, Moment, Sealed, enum_column, foreign_id, primary_id

_OPEN = ", ".join(f"'{state.value}'" for state in OPEN_STATES)


class WaitingEntry(Base):
    """Somebody waits for a place of a kind at a registry, on some days or in one slot (`slot_id`).

    The line is in the order of (`queued_at`, `rank`, `id`). `passed` counts the offers they did not take. `open` is
    derived by the database and carried to the persons by their foreign key, so that nobody waits twice for one kind.
    """

    __tablename__ = "marriage_waiting"
    __table_args__ = (
        sa.UniqueConstraint("id", "open"),
        sa.Index(
            "ix_marriage_waiting_line",
            "office_id",
            "kind",
            "queued_at",
            "rank",
            "id",
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index(
            "ix_marriage_waiting_open_line", "office_id", "queued_at", "rank", "id", postgresql_where=sa.text("open")
        ),
        sa.Index("ix_marriage_waiting_office_id_changed_at", "office_id", "changed_at", "id"),
        sa.Index("ix_marriage_waiting_open_last_day", "last_day", postgresql_where=sa.text("open")),
        sa.Index("ix_marriage_waiting_person_id_created_at", "person_id", "created_at"),
        sa.Index("ix_marriage_waiting_slot_id", "slot_id"),
        sa.Index("ix_marriage_waiting_state_changed_at", "state", "changed_at"),
        sa.CheckConstraint("last_day >= first_day", name="in_order"),
        sa.CheckConstraint("slot_id IS NULL OR first_day = last_day", name="slot_has_one_day"),
        sa.CheckConstraint("passed >= 0", name="counted"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    kind: Mapped[Kind] = enum_column(Kind)
    foreign_related: Mapped[bool]
    slot_id: Mapped[uuid.UUID | None] = foreign_id("marriage_slots.id", ondelete="SET NULL", nullable=True)
    first_day: Mapped[date] = mapped_column(sa.Date)
    last_day: Mapped[date] = mapped_column(sa.Date)
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    via: Mapped[Via] = enum_column(Via)
    state: Mapped[WaitingState] = enum_column(WaitingState)
    open: Mapped[bool] = mapped_column(sa.Computed(f"state IN ({_OPEN})", persisted=True))
    queued_at: Mapped[datetime] = mapped_column(Moment)
    rank: Mapped[int] = mapped_column(default=0)
    passed: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    office: Mapped[Office] = relationship(lazy="raise")
    parties: Mapped[list[WaitingParty]] = relationship(lazy="raise", order_by="WaitingParty.position", viewonly=True)


class WaitingParty(PartyColumns, Base):
    """A person somebody waits for; what they gave becomes the party of the appointment when the offer is taken."""

    __tablename__ = "marriage_waiting_parties"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["entry_id", "open"],
            ["marriage_waiting.id", "marriage_waiting.open"],
            onupdate="CASCADE",
            ondelete="CASCADE",
            name="fk_marriage_waiting_parties_entry",
        ),
        sa.UniqueConstraint("entry_id", "position"),
        sa.Index(
            "uq_marriage_waiting_parties_one_open",
            "kind",
            "id_number_index",
            unique=True,
            postgresql_where=sa.text("open"),
        ),
        sa.Index("ix_marriage_waiting_parties_id_number_index", "id_number_index"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    entry_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    open: Mapped[bool]
    position: Mapped[int] = mapped_column(sa.SmallInteger)
    kind: Mapped[Kind] = enum_column(Kind)

    name = Sealed()
    id_number = Sealed()
    phone = Sealed()


class WaitingEvent(EventColumns, Base):
    """One move of an entry: when, by whom, from where to where; `slot_id` the place it was about."""

    __tablename__ = "marriage_waiting_events"
    __table_args__ = (sa.Index("ix_marriage_waiting_events_entry_id", "entry_id"),)

    entry_id: Mapped[uuid.UUID] = foreign_id("marriage_waiting.id", ondelete="CASCADE")
    from_state: Mapped[WaitingState | None] = enum_column(WaitingState, constraint="from_state", nullable=True)
    to_state: Mapped[WaitingState] = enum_column(WaitingState, constraint="to_state")
    slot_id: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid)
    reason: Mapped[str | None] = mapped_column(sa.String(80))  # what a registrar wrote
