"""A blessing that waits for a person, on the page of a cloud ceremony."""

from __future__ import annotations

import uuid
from datetime import timedelta

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.marriage.blessings.models import Blessing
from backend.marriage.blessings.rules import BlessingState, Finding
from backend.marriage.ceremonies.models import CloudCeremony
from backend.marriage.ceremonies.rules import CloudState
from backend.storage import session


def make_blessing(ceremony_id: uuid.UUID, guest_id: uuid.UUID) -> uuid.UUID:
    """In the open transaction."""
    db = session()
    cloud = CloudCeremony(
        id=new_id(),
        ceremony_id=ceremony_id,
        state=CloudState.ASKED,
        had_link=False,
        delete_from=now() + timedelta(days=30),
        created_at=now(),
        changed_at=now(),
    )
    db.add(cloud)
    db.flush()
    row = Blessing(
        id=new_id(),
        cloud_id=cloud.id,
        person_id=guest_id,
        state=BlessingState.REVIEW,
        finding=Finding.REVIEW,
        round=1,
        attempts=1,
        created_at=now(),
        changed_at=now(),
    )
    row.name, row.words = "大姨", "百年好合"
    db.add(row)
    db.flush()
    return row.id
