"""`open_upload`: the one way to a file's content, for its owner and for staff who may, whose look is written down."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from backend.files import texts, vault
from backend.files.models import Upload
from backend.files.receive import SettledUpload, view
from backend.files.rules import UploadState
from backend.kernel.errors import AppError
from backend.storage import transaction


class Reader(Protocol):
    """Who wants to read. `note_look` runs in the transaction of the reading, before anything is given out.

    Each room has a reader of its own for whoever else may see its files.
    """

    def may_read(self, upload: SettledUpload) -> bool: ...

    def note_look(self, upload: SettledUpload) -> None: ...


@dataclass(frozen=True)
class Owner:
    """The person who sent the file; what one sent oneself leaves no trail."""

    person_id: uuid.UUID

    def may_read(self, upload: SettledUpload) -> bool:
        """Whether it is theirs."""
        return upload.owner_id == self.person_id

    def note_look(self, upload: SettledUpload) -> None:
        """Nothing to write down."""


@dataclass(frozen=True)
class OpenedUpload:
    """A file's content. Give it out with this `content_type`, `nosniff` and `no-store`."""

    content: bytes = field(repr=False)
    content_type: str
    created_at: datetime


def open_upload(upload_id: uuid.UUID, reader: Reader) -> OpenedUpload:
    """The content of a file that was checked and kept.

    Raises `AppError`: not_found for what is not there, may not be read, was refused or deleted; state_conflict while it
    is still on its way.
    """
    with transaction() as session:
        row = session.get(Upload, upload_id, populate_existing=True)
        if row is None or not reader.may_read(view(row)):
            raise AppError("not_found", texts.UNKNOWN, 404)
        if row.state is UploadState.OWED:
            raise AppError("state_conflict", texts.NOT_YET, 409)
        if row.state is not UploadState.FETCHED or not (row.stored_name and row.file_key and row.content_type):
            raise AppError("not_found", texts.GONE, 404)
        reader.note_look(view(row))
        content = vault.read(row.stored_name, row.id, row.file_key)
        return OpenedUpload(content, row.content_type, row.created_at)
