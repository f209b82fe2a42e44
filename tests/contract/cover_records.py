"""A picture that waits for a person, on the page of a cloud ceremony that has been made already."""

from __future__ import annotations

import hashlib
import uuid

import sqlalchemy as sa

from backend.files.keep import Picture, keep_picture
from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.marriage.blessings.rules import Finding
from backend.marriage.ceremonies.models import CloudCeremony
from backend.marriage.covers.models import Cover
from backend.marriage.covers.rules import PURPOSE, SUBJECT, CoverState
from backend.storage import session
from tests.files.samples import png


def make_cover(ceremony_id: uuid.UUID, person_id: uuid.UUID) -> uuid.UUID:
    """In the open transaction."""
    db, body = session(), png()
    cloud_id = db.scalars(sa.select(CloudCeremony.id).where(CloudCeremony.ceremony_id == ceremony_id)).one()
    picture = Picture("image/png", hashlib.sha256(body).digest(), body)
    row = Cover(id=new_id(), cloud_id=cloud_id, person_id=person_id, sha256=picture.sent_sha256)
    row.upload_id = keep_picture(person_id, picture, PURPOSE, (SUBJECT, row.id))
    row.state, row.finding, row.attempts = CoverState.REVIEW, Finding.REVIEW, 1
    row.created_at = row.changed_at = now()
    db.add(row)
    db.flush()
    return row.id
