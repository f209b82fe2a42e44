"""What is known of a couple's visit: their ticket, the papers that were looked at, an absence taken back."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from backend.kernel.chinese_dates import template_moment
from backend.marriage.tickets.hall import tickets_of
from backend.marriage.tickets.models import AnnulledNoShow, PaperTick
from backend.marriage.tickets.texts import HELD_TICKET, L_ANNULLED, L_PAPERS, L_TICKET, PAPERS_LOOKED_AT
from backend.storage import transaction


def told_visits(appointment_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Mapping[str, str]]:
    """By appointment, label and words for the person whose data it is (PIPL 45); three queries."""
    told: dict[uuid.UUID, dict[str, str]] = defaultdict(dict)
    for appointment_id, ticket in tickets_of(appointment_ids).items():
        told[appointment_id][L_TICKET] = HELD_TICKET.format(label=ticket.label, at=template_moment(ticket.queued_at))
    for appointment_id, papers in _papers(appointment_ids).items():
        told[appointment_id][L_PAPERS] = papers
    with transaction() as session:
        query = sa.select(AnnulledNoShow).where(AnnulledNoShow.appointment_id.in_(appointment_ids))
        for row in session.scalars(query):
            told[row.appointment_id][L_ANNULLED] = row.reason
    return told


def _papers(appointment_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """How many papers were in order and how many were not; which ones, the couple was told where it mattered."""
    in_order = sa.func.count().filter(PaperTick.in_order)
    query = sa.select(PaperTick.appointment_id, in_order, sa.func.count().filter(~PaperTick.in_order))
    query = query.where(PaperTick.appointment_id.in_(appointment_ids)).group_by(PaperTick.appointment_id)
    with transaction() as session:
        found = session.execute(query).all()
    return {row[0]: PAPERS_LOOKED_AT.format(in_order=row[1], missing=row[2]) for row in found}
