"""Temporary materials: what residents send us, and what we send them; WeChat keeps them for three days (§6.5)."""

from __future__ import annotations

import re
from typing import Literal

from backend.wechat.caller import Caller
from backend.wechat.errors import BadContent
from backend.wechat.transport import File, Part, text_of

MediaKind = Literal["image", "voice", "video", "thumb"]

LARGEST = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "thumb": 64 << 10}
_ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
}
_MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


class Media(Caller):
    """Pictures, voices and videos by media_id."""

    def upload(self, kind: MediaKind, content: bytes, content_type: str) -> str:
        """Hand a file to WeChat for three days; returns its media_id. Its name is ours: others' may not be ASCII.

        Raises `ValueError` for a type or size WeChat does not take.
        """
        ending = _ENDINGS.get(content_type)
        if ending is None or not 0 < len(content) <= LARGEST[kind]:
            raise ValueError("WeChat does not take files of this type or size")
        part = Part("media", f"file.{ending}", content_type, content)
        answer = self.call("POST", "/cgi-bin/media/upload", query={"type": kind}, part=part)
        return text_of(answer, "thumb_media_id" if kind == "thumb" else "media_id")

    def download(self, media_id: str) -> File:
        """A picture or voice that somebody sent. What it is, its content says, not its `content_type`.

        Raises `BadContent` for a media_id that is wrong, too old, or a video's, for which WeChat gives an address.
        """
        if not _MEDIA_ID.fullmatch(media_id):  # it comes in a push: anything may be in it
            raise BadContent
        answer = self.fetch("GET", "/cgi-bin/media/get", query={"media_id": media_id})
        if isinstance(answer, File):
            return answer
        raise BadContent
