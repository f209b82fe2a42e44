"""A picture that was sent in a chat turned out not to be one we can keep: the person is asked for another."""

from __future__ import annotations

from backend.chat import texts
from backend.files import SettledUpload, UploadState
from messages import Subject, post


def tell_of_refused(upload: SettledUpload) -> None:
    """Ask for another picture, in the open transaction; nothing is said where the file was kept."""
    if upload.state is not UploadState.REFUSED or upload.refusal is None or upload.owner_id is None:
        return
    post(
        "chat.picture_refused",
        recipient_id=upload.owner_id,
        subject=Subject("upload", upload.id),
        data={"why": texts.PICTURE_REFUSED[upload.refusal]},
        key=f"chat.picture_refused:{upload.id}",
    )
