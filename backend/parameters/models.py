"""What the bureau has set, as versioned values (architecture.md §4 "Parameters")."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage import Base, Moment, primary_id


class ParameterValue(Base):
    """`value` holds for `key` in `scope` (a place's code, or empty for all) from `effective_from` until a later row."""

    __tablename__ = "parameter_values"
    __table_args__ = (sa.UniqueConstraint("key", "scope", "effective_from"),)

    id: Mapped[uuid.UUID] = primary_id()
    key: Mapped[str] = mapped_column(sa.String(80))
    scope: Mapped[str] = mapped_column(sa.String(40), default="")
    value: Mapped[Any] = mapped_column(JSONB)
    effective_from: Mapped[datetime] = mapped_column(Moment)
    set_by: Mapped[str] = mapped_column(sa.String(60))
    set_at: Mapped[datetime] = mapped_column(Moment)
