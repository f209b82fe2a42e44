"""Use cases of the couple: put a picture on their page, another one, or take it away."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.files import erase_of
from backend.files.keep import checked_picture, keep_picture
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.ceremonies.book import locked_own
from backend.marriage.ceremonies.cloud import locked_cloud
from backend.marriage.ceremonies.couples import members
from backend.marriage.ceremonies.models import CloudCeremony
from backend.marriage.ceremonies.rules import CloudState
from backend.marriage.ceremonies.texts import NOT_OF_THE_COUPLE
from backend.marriage.covers import texts
from backend.marriage.covers.models import Cover
from backend.marriage.covers.rules import MOST_BYTES, PURPOSE, SUBJECT, CoverState
from backend.storage import atomic, session


def put_cover(ceremony_id: uuid.UUID, person_id: uuid.UUID, body: bytes) -> Cover:
    """Keep a picture until it has been looked at, in place of the one before; the same one again changes nothing.

    Raises `AppError`: not_found, forbidden (not one of the two by a proven number), state_conflict (not agreed, over),
    invalid (no picture, not whole, more than `MOST_BYTES`, infected), busy.
    """
    if len(body) > MOST_BYTES:
        raise AppError("invalid", texts.TOO_LARGE, 422, errors={"picture": [texts.TOO_LARGE]})
    picture = checked_picture(body, "picture")
    with atomic() as db:
        cloud = _own_cloud(ceremony_id, person_id)
        if cloud is None or cloud.state is not CloudState.AGREED or cloud.delete_from <= now():
            raise AppError("state_conflict", texts.NOT_AGREED, 409)
        before = _cover(cloud)
        if before is not None and before.sha256 == picture.sent_sha256:
            return before
        if before is not None:
            take_away(before)
        made = Cover(id=new_id(), cloud_id=cloud.id, person_id=person_id, sha256=picture.sent_sha256)
        made.upload_id = keep_picture(person_id, picture, PURPOSE, (SUBJECT, made.id))
        made.state, made.attempts = CoverState.CHECKING, 0
        made.next_at = made.created_at = made.changed_at = now()
        db.add(made)
        db.flush()
        return made


def remove_cover(ceremony_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Take the picture off the page and delete it; where there is none, that is what was wanted.

    Raises `AppError`: not_found, forbidden.
    """
    with atomic():
        cloud = _own_cloud(ceremony_id, person_id)
        found = _cover(cloud) if cloud is not None else None
        if found is not None:
            take_away(found)


def take_away(cover: Cover) -> None:
    """Delete a picture and its file, in the open transaction."""
    erase_of(SUBJECT, cover.id)
    session().delete(cover)
    session().flush()


def _own_cloud(ceremony_id: uuid.UUID, person_id: uuid.UUID) -> CloudCeremony | None:
    """The page of one's own ceremony, locked, so that of two pictures sent at once the later one stays."""
    ceremony = locked_own(ceremony_id, person_id)
    if person_id not in members(ceremony.appointment_id).values():
        raise AppError("forbidden", NOT_OF_THE_COUPLE, 403)
    cloud_id = session().scalar(sa.select(CloudCeremony.id).where(CloudCeremony.ceremony_id == ceremony_id))
    return locked_cloud(cloud_id) if cloud_id is not None else None


def _cover(cloud: CloudCeremony) -> Cover | None:
    query = sa.select(Cover).where(Cover.cloud_id == cloud.id).with_for_update()
    return session().scalars(query.execution_options(populate_existing=True)).one_or_none()
