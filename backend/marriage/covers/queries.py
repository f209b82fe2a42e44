"""The picture of a page, its content for whoever may see it, and what waits at the desk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backend.files import OpenedUpload, open_upload
from backend.files.receive import SettledUpload
from backend.kernel.clock import now
from backend.marriage.ceremonies.models import Ceremony, CloudCeremony
from backend.marriage.covers.check import hash_of
from backend.marriage.covers.models import Cover
from backend.marriage.covers.rules import SUBJECT, CoverState
from backend.marriage.models import Office
from backend.storage import transaction


@dataclass(frozen=True)
class _OfPage:
    """Reads the file of one picture. Who may is decided by whoever asks; the desk writes its look down itself."""

    cover_id: uuid.UUID

    def may_read(self, upload: SettledUpload) -> bool:
        """Whether it is this picture's."""
        return upload.subject == (SUBJECT, self.cover_id)

    def note_look(self, upload: SettledUpload) -> None:
        """Guests are nobody we know."""


def covers_of(cloud_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Cover]:
    """The picture of each page that has one, shown or not."""
    with transaction() as db:
        return {row.cloud_id: row for row in db.scalars(sa.select(Cover).where(Cover.cloud_id.in_(cloud_ids)))}


def shown_cover(cloud_id: uuid.UUID) -> Cover | None:
    """What guests see."""
    return _one(Cover.cloud_id == cloud_id, Cover.state == CoverState.SHOWN)


def cover_by_key(key: str) -> Cover | None:
    """What WeChat fetches by the address it was given, while that is good."""
    return _one(Cover.key_hash == hash_of(key), Cover.key_until > now(), Cover.state == CoverState.CHECKING)


def cover_of_ceremony(ceremony_id: uuid.UUID, cover_id: uuid.UUID) -> Cover | None:
    """What staff look at."""
    theirs = sa.select(CloudCeremony.id).where(CloudCeremony.ceremony_id == ceremony_id)
    return _one(Cover.id == cover_id, Cover.cloud_id.in_(theirs))


def content_of(cover: Cover) -> OpenedUpload:
    """The picture itself. Raises `AppError` not_found where it has just been deleted."""
    return open_upload(cover.upload_id, _OfPage(cover.id))


def to_review(nodes: frozenset[uuid.UUID], limit: int) -> Sequence[tuple[uuid.UUID, str, datetime]]:
    """Ceremonies of these places whose picture waits for a person: id, number, since when; the longest first."""
    query = (
        sa.select(Ceremony.id, Ceremony.number, Cover.changed_at)
        .join(CloudCeremony, CloudCeremony.ceremony_id == Ceremony.id)
        .join(Cover, Cover.cloud_id == CloudCeremony.id)
        .join(Office, Office.id == Ceremony.office_id)
        .where(Cover.state == CoverState.REVIEW, CloudCeremony.delete_from > now(), Office.node_id.in_(nodes))
        .order_by(Cover.changed_at, Cover.id)
        .limit(limit)
    )
    with transaction() as db:
        return [(row[0], row[1], row[2]) for row in db.execute(query)]


def _one(*wanted: sa.ColumnElement[bool]) -> Cover | None:
    with transaction() as db:
        return db.scalars(sa.select(Cover).where(*wanted).execution_options(populate_existing=True)).one_or_none()
