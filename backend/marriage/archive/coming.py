"""What the archive tells a resident on their own web page: requests under way, without anything of a record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import time

from backend.h5.coming import MOST_ITEMS, ComingItem
from backend.marriage.archive.queries import OwnRequest, own_requests
from backend.marriage.archive.texts import COMING_NOTE, COMING_TITLE, STATE_NAMES
from backend.marriage.opening import at

_CLOSE = time(17, 0)


def coming_requests(person_id: uuid.UUID) -> Sequence[ComingItem]:
    """The person's open requests, each on the day by which something happens; a booked visit stands for itself."""
    rows = own_requests(person_id, None, MOST_ITEMS, open_alone=True)
    return [_item(row) for row in rows if row.visit is None]


def _item(row: OwnRequest) -> ComingItem:
    day = row.until or row.due_on or row.created_at.date()
    return ComingItem(
        at=at(day, _CLOSE),
        title=f"{COMING_TITLE}{STATE_NAMES[row.state]}",
        place=f"{row.office.name} {row.office.address}",
        note=COMING_NOTE.format(number=row.number, next=row.next_step),
        phone=row.office.phone,
    )
