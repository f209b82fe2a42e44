"""What the people room tells people, as rows for the messages room."""

from __future__ import annotations

import uuid

from backend.kernel.chinese_dates import template_moment
from backend.kernel.clock import now
from messages import Subject, post

SUBJECT_KIND = "person"


def tell_joined(person_id: uuid.UUID) -> None:
    """Tell a person, in the open transaction, that one more WeChat has become theirs."""
    moment = now()
    post(
        "people.identity_joined",
        recipient_id=person_id,
        subject=Subject(SUBJECT_KIND, person_id),
        data={"time": template_moment(moment)},
        key=f"people.identity_joined:{person_id}:{moment.isoformat()}",
    )
