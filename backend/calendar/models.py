"""The legal day table (domain-rules §1.1-4, -5): what the yearly notice says of days that differ from their weekday."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.legal_calendar import DayKind
from backend.storage import Base, Moment, enum_column


class LegalYear(Base):
    """A year whose notice is loaded whole; dates in any other year are provisional."""

    __tablename__ = "legal_years"

    year: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(sa.String(200))
    loaded_at: Mapped[datetime] = mapped_column(Moment)


class LegalDay(Base):
    """One exception to the weekday rule."""

    __tablename__ = "legal_days"

    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    kind: Mapped[DayKind] = enum_column(DayKind)
    year: Mapped[int] = mapped_column(sa.ForeignKey("legal_years.year", ondelete="CASCADE"), index=True)
