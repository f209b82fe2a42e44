"""Which parties of appointments were told by their own WeChat, and who has said that they come."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage import Base, Moment, foreign_id


class PartnerNote(Base):
    """A party who did not book themselves but is known by the number they have proven; told once per appointment."""

    __tablename__ = "marriage_partner_notes"
    __table_args__ = (sa.Index("ix_marriage_partner_notes_person_id", "person_id"),)

    party_id: Mapped[uuid.UUID] = foreign_id("marriage_parties.id", ondelete="CASCADE", primary_key=True)
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    told_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
