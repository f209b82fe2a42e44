"""Which windows of a hall are out at this moment, so that nobody is called to them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from backend.kernel.clock import BEIJING, now, today
from backend.marriage.capacity.models import WindowOutage
from backend.storage import transaction


def out_now(office_id: uuid.UUID) -> Mapping[int, datetime]:
    """The windows that are out, each with the moment from which it works again; one query."""
    moment = now()
    query = sa.select(WindowOutage).where(
        WindowOutage.office_id == office_id,
        WindowOutage.day == today(),
        WindowOutage.ended_at.is_(None),
        WindowOutage.starts_at <= moment,
        WindowOutage.ends_at > moment,
    )
    with transaction() as session:
        rows = session.scalars(query.order_by(WindowOutage.ends_at)).all()
    return {number: row.ends_at.astimezone(BEIJING) for row in rows for number in row.windows}
