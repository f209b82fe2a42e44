"""Ties between helpers and principals, their history, and what was done on somebody's behalf."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.identity import IdType
from backend.people.proxies.rules import NEVER_BY_PROXY, Confirmation, Relation, TieState
from backend.storage import Base, EventColumns, Moment, Sealed, enum_column, foreign_id, primary_id

_ACTIVE = sa.text("state IN ('asked', 'confirmed')")


class ProxyTie(Base):
    """One helper's wish, or right, to act for one principal.

    The principal is kept as the helper typed them (sealed, with a blind index), whether or not anybody of that name
    and number is known: only so is a request to a stranger the same row as any other. `principal_id` is set when the
    principal is found or comes to the counter. `code_index` is the keyed hash of the counter's six digits.
    """

    __tablename__ = "proxy_ties"
    __table_args__ = (
        sa.Index(
            "uq_proxy_ties_one_active", "helper_id", "principal_number_index", unique=True, postgresql_where=_ACTIVE
        ),
        sa.Index(
            "uq_proxy_ties_one_active_principal",
            "helper_id",
            "principal_id",
            unique=True,
            postgresql_where=_ACTIVE,
        ),
        sa.Index("ix_proxy_ties_helper_id_asked_at", "helper_id", "asked_at"),
        sa.Index("ix_proxy_ties_principal_id_asked_at", "principal_id", "asked_at"),
        sa.Index(
            "ix_proxy_ties_principal_number_index",
            "principal_number_index",
            postgresql_where=sa.text("principal_id IS NULL AND state = 'asked'"),
        ),
        sa.Index("ix_proxy_ties_lapses_at", "lapses_at", postgresql_where=sa.text("state = 'asked'")),
        sa.Index("ix_proxy_ties_confirmed_by_staff", "confirmed_by_staff"),
        sa.CheckConstraint("helper_id <> principal_id", name="not_own_proxy"),
        sa.CheckConstraint(
            f"cardinality(scopes) > 0 AND NOT ('{NEVER_BY_PROXY}' = ANY (scopes))", name="never_marriage"
        ),
        sa.CheckConstraint("(confirmation IS NULL) = (confirmed_at IS NULL)", name="confirmed_once"),
        sa.CheckConstraint(
            "state <> 'confirmed' OR (confirmation IS NOT NULL AND principal_id IS NOT NULL)", name="confirmed_by_one"
        ),
        sa.CheckConstraint(
            "state NOT IN ('asked', 'declined', 'lapsed') OR confirmation IS NULL", name="not_confirmed"
        ),
        sa.CheckConstraint(
            "(confirmation IS NOT DISTINCT FROM 'staff') = (confirmed_by_staff IS NOT NULL AND reason IS NOT NULL)",
            name="staff_has_a_reason",
        ),
        sa.CheckConstraint("(code_index IS NULL) = (code_expires_at IS NULL)", name="code_expires"),
        sa.CheckConstraint("code_tries >= 0", name="code_tries_not_negative"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    helper_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    principal_id: Mapped[uuid.UUID | None] = foreign_id("persons.id", nullable=True)
    principal_name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    principal_id_type: Mapped[IdType] = enum_column(IdType)
    principal_number_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    principal_number_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    relation: Mapped[Relation] = enum_column(Relation)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(sa.String(40)))
    state: Mapped[TieState] = enum_column(TieState)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    lapses_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    confirmation: Mapped[Confirmation | None] = enum_column(Confirmation, nullable=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed_by_staff: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    code_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    code_expires_at: Mapped[datetime | None] = mapped_column(Moment)
    code_tries: Mapped[int] = mapped_column(sa.SmallInteger, default=0)

    principal_name = Sealed()
    principal_number = Sealed()


class ProxyTieEvent(EventColumns, Base):
    """One move of a tie: when, by whom (helper, principal, staff, system), from where to where, why."""

    __tablename__ = "proxy_tie_events"
    __table_args__ = (sa.Index("ix_proxy_tie_events_tie_id", "tie_id"),)

    tie_id: Mapped[uuid.UUID] = foreign_id("proxy_ties.id", ondelete="CASCADE")
    from_state: Mapped[TieState | None] = enum_column(TieState, constraint="from_state", nullable=True)
    to_state: Mapped[TieState] = enum_column(TieState, constraint="to_state")
    reason: Mapped[str | None] = mapped_column(sa.String(200))


class ActOnBehalf(Base):
    """Something a helper did for a principal: in which scope, what, and on which row. Rows are only added.

    `subject_kind` and `subject_id` name the row of the room in which it was done, such as an order.
    """

    __tablename__ = "acts_on_behalf"
    __table_args__ = (
        sa.Index("ix_acts_on_behalf_tie_id_at", "tie_id", "at", "id"),
        sa.Index("ix_acts_on_behalf_principal_id_at", "principal_id", "at"),
        sa.Index("ix_acts_on_behalf_helper_id_at", "helper_id", "at"),
        sa.CheckConstraint("helper_id <> principal_id", name="not_own_proxy"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    tie_id: Mapped[uuid.UUID] = foreign_id("proxy_ties.id")
    helper_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    principal_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    scope: Mapped[str] = mapped_column(sa.String(40))
    action: Mapped[str] = mapped_column(sa.String(60))
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    at: Mapped[datetime] = mapped_column(Moment)
