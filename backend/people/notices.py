"""What the people room tells people, as rows for the messages room."""

from __future__ import annotations

import uuid

from backend.kernel.chinese_dates import template_moment
from backend.kernel.clock import now
from messages import Subject, post

SUBJECT_KIND = "person"


def tell_joined(person_id: uuid.UUID) -> None:
    """Tell a person, in the open transaction, that one more WeChat has become theirs."""
    _tell("people.identity_joined", person_id)


def tell_linked(person_id: uuid.UUID) -> None:
    """Tell a person, in the open transaction, that their mini-program and their chat are known as one person now."""
    _tell("people.products_linked", person_id)


def _tell(notice_key: str, person_id: uuid.UUID) -> None:
    moment = now()
    post(
        notice_key,
        recipient_id=person_id,
        subject=Subject(SUBJECT_KIND, person_id),
        data={"time": template_moment(moment)},
        key=f"{notice_key}:{person_id}:{moment.isoformat()}",
    )
