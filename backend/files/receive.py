"""A picture that WeChat holds becomes an upload that is owed; a worker fetches it (`fetch`)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from backend.files import texts
from backend.files.models import Upload
from backend.files.queue import wake_up
from backend.files.rules import Refusal, UploadState
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.storage import after_commit, session, transaction

MOST_MEDIA_ID = 200  # characters; WeChat's have 64 and more


@dataclass(frozen=True)
class SettledUpload:
    """What became of a file: fetched, or refused for a reason. The subject is there once a matter has taken it."""

    id: uuid.UUID
    owner_id: uuid.UUID | None
    purpose: str
    subject: tuple[str, uuid.UUID] | None
    state: UploadState
    refusal: Refusal | None


Handler = Callable[[SettledUpload], None]

_handlers: dict[Handler, None] = {}


def on_settled(handler: Handler) -> None:
    """From now on `handler` hears, inside the transaction, of every file that was fetched or refused."""
    _handlers[handler] = None


def settled(row: Upload) -> None:
    """Tell the handlers of a row whose state has just changed, in the open transaction."""
    for handler in _handlers:
        handler(view(row))


def view(row: Upload) -> SettledUpload:
    """A row as those who are told of it, or ask to read it, see it."""
    subject = (row.subject_kind, row.subject_id) if row.subject_kind and row.subject_id else None
    return SettledUpload(row.id, row.owner_id, row.purpose, subject, row.state, row.refusal)


def owe_picture(owner_id: uuid.UUID, app_id: str, media_id: str, purpose: str) -> uuid.UUID:
    """Write down, in the open transaction, that a picture is to be fetched from WeChat; the id of the upload.

    Raises `ValueError` for a media_id or purpose that cannot be one.
    """
    if not 0 < len(media_id) <= MOST_MEDIA_ID or not 0 < len(purpose) <= 60:
        raise ValueError("a media_id has 1 to 200 characters, a purpose 1 to 60")
    moment = now()
    row = Upload(
        id=new_id(),
        owner_id=owner_id,
        app_id=app_id,
        media_id=media_id,
        purpose=purpose,
        state=UploadState.OWED,
        next_at=moment,
        created_at=moment,
    )
    session().add(row)
    session().flush()
    after_commit(wake_up)
    return row.id


def attach(upload_id: uuid.UUID, owner_id: uuid.UUID, subject_kind: str, subject_id: uuid.UUID) -> None:
    """Make an upload part of a matter, which from now on says how long it is kept.

    Once only, and only what its owner sent. Raises `AppError` not_found.
    """
    taken = (
        sa.update(Upload)
        .where(
            Upload.id == upload_id,
            Upload.owner_id == owner_id,
            Upload.subject_id.is_(None),
            Upload.state.in_((UploadState.OWED, UploadState.FETCHED)),
        )
        .values(subject_kind=subject_kind, subject_id=subject_id)
        .returning(Upload.id)
        .execution_options(synchronize_session=False)
    )
    with transaction() as opened:
        if opened.scalar(taken) is None:
            raise AppError("not_found", texts.UNKNOWN, 404)


_MOVE = sa.text("UPDATE uploads SET owner_id = :person_id WHERE owner_id = :joined_id")


def join_uploads(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Two persons turned out to be one: the files of `joined_id` are the other's."""
    session().execute(_MOVE, {"joined_id": joined_id, "person_id": person_id})
