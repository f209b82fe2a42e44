"""What a recipient has been told, to be read again on a page of their own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.storage import transaction
from messages.models import OutboxMessage, OutboxState
from messages.notices import find_notice

READABLE_FOR = timedelta(days=60)
# Of a chat that is over nobody wants to read again; these words made sense in their moment only.
_PASSING = "chat."
_NEVER_SAID = (OutboxState.CANCELLED, OutboxState.EXPIRED)


@dataclass(frozen=True)
class ReadNotice:
    """One notice: when it was posted, and its whole wording."""

    at: datetime
    text: str = field(repr=False)


def recent_notices(recipient_id: uuid.UUID, limit: int) -> Sequence[ReadNotice]:
    """The latest notices to a recipient within `READABLE_FOR`, newest first, whether or not WeChat could carry them."""
    message = OutboxMessage
    query = (
        sa.select(message.created_at, message.notice, message.data)
        .where(
            message.recipient_id == recipient_id,
            message.created_at > now() - READABLE_FOR,
            message.state.not_in(_NEVER_SAID),
            ~message.notice.startswith(_PASSING, autoescape=True),
        )
        .order_by(message.created_at.desc(), message.id.desc())
        .limit(limit)
    )
    with transaction() as db:
        rows = db.execute(query).all()
    return [ReadNotice(row.created_at, text) for row in rows if (text := _wording(row.notice, row.data)) is not None]


def _wording(notice_key: str, data: dict[str, str]) -> str | None:
    """The text; None for a notice that is gone from the catalogue, or has come to need more than was kept."""
    known = find_notice(notice_key)
    try:
        return known.wording(data) if known else None
    except KeyError:
        return None
