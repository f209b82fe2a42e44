"""Uploads that are owed, fetched, looked at."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from backend.files import (
    fetch,
    open_upload,
    owe_picture,
)
from backend.files.fetch import fetch_next
from backend.files.models import Upload
from backend.kernel.errors import AppError
from backend.storage import transaction
from tests.files.samples import jpeg

APP, MEDIA = "wx00000000000000a1", "MEDIA_ID_1"


def owed(owner: uuid.UUID, media_id: str = MEDIA) -> uuid.UUID:
    with transaction():
        return owe_picture(owner, APP, media_id, "test.paper")


def gives(body: bytes | Exception) -> fetch.Fetch:
    def answer(app_id: str, media_id: str) -> bytes:
        assert (app_id, media_id) == (APP, MEDIA)
        if isinstance(body, Exception):
            raise body
        return body

    return answer


def kept(owner: uuid.UUID, body: bytes | None = None) -> uuid.UUID:
    upload_id = owed(owner)
    assert fetch_next(gives(body or jpeg()))
    return upload_id


def row(upload_id: uuid.UUID) -> Upload:
    with transaction() as session:
        return session.get_one(Upload, upload_id)


def files(vault: Path) -> list[Path]:
    return [path for path in vault.rglob("*") if path.is_file()]


def refused(upload_id: uuid.UUID, reader: Any) -> tuple[str, int]:
    with pytest.raises(AppError) as caught:
        open_upload(upload_id, reader)
    return caught.value.code, caught.value.status
