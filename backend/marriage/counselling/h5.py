"""What counselling tells a resident on their own web page: the talk that lies ahead, with the video's link."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from backend.h5.coming import ComingItem
from backend.marriage.counselling import texts
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.counselling.queries import coming_session, professions_of
from backend.marriage.counselling.rules import Way


def coming_counselling(person_id: uuid.UUID) -> Sequence[ComingItem]:
    """The person's talk that lies ahead or is going on; nothing without one."""
    row = coming_session(person_id)
    if row is None:
        return []
    profession = professions_of([row.counsellor_id])[row.counsellor_id]
    note = texts.COMING_NOTE.format(
        way=texts.WAY_NAMES[row.way],
        counsellor=row.counsellor.name,
        profession=texts.PROFESSION_NAMES[profession],
    )
    return [
        ComingItem(
            at=row.starts_at,
            title=texts.COMING_TITLE,
            place=place_of(row),
            note=note,
            phone=row.office.phone,
            link=row.link or "",
            link_name=texts.COMING_LINK,
        )
    ]


def place_of(row: CounsellingSession) -> str:
    """Where one meets, in words."""
    if row.way is not Way.ON_SITE:
        return texts.WAY_NAMES[row.way]
    room = f" {row.room.name}" if row.room else ""
    return f"{row.office.name} {row.office.address}{room}"
