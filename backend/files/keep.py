"""A picture that comes by the API: looked at and scanned at once, and kept for the matter it belongs to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from hashlib import sha256

from backend.files import texts, vault
from backend.files.clamd import ScannerAway
from backend.files.metadata import without_metadata
from backend.files.models import Upload
from backend.files.rules import Refusal, Unfit, UploadState, content_type
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.storage import session


@dataclass(frozen=True)
class Picture:
    """A whole JPEG or PNG without a virus, and without what the camera wrote beside it; `sent_sha256` is of all."""

    content_type: str
    sent_sha256: bytes
    body: bytes = field(repr=False)


def checked_picture(body: bytes, name: str) -> Picture:
    """Look at a picture that was sent as field `name`. Call it outside any transaction: the scanner takes its time.

    Raises `AppError`: invalid (no picture, not whole, too large, infected), busy (the scanner is away).
    """
    try:
        kind = content_type(body)
        if not kind.startswith("image/"):
            raise Unfit(Refusal.WRONG_TYPE)
        is_clean = vault.scanner()
        if is_clean is not None and not is_clean(body):
            raise Unfit(Refusal.INFECTED)
    except Unfit as unfit:
        told = texts.UNFIT[unfit.refusal]
        raise AppError("invalid", told, 422, errors={name: [told]}) from None
    except ScannerAway:
        raise AppError("busy", texts.SCANNER_AWAY, 503) from None
    return Picture(kind, sha256(body).digest(), without_metadata(body, kind))


def keep_picture(owner_id: uuid.UUID, picture: Picture, purpose: str, subject: tuple[str, uuid.UUID]) -> uuid.UUID:
    """Keep a picture for a matter, in the open transaction; the id of the upload.

    Should the transaction fail, what lies in the vault is noise: its key was in the row alone.
    """
    row = Upload(id=new_id(), owner_id=owner_id, app_id="", purpose=purpose, state=UploadState.FETCHED)
    row.subject_kind, row.subject_id = subject
    row.created_at = row.fetched_at = row.next_at = now()
    row.content_type, row.size, row.sha256 = picture.content_type, len(picture.body), sha256(picture.body).digest()
    row.stored_name, key = vault.new_name(), vault.new_key()
    row.file_key = key
    session().add(row)
    session().flush()
    vault.write(row.stored_name, row.id, key, picture.body)
    return row.id
