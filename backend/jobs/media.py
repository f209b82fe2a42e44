"""Files of WeChat's, fetched for the files room by this process's clients (wechat-protocol §6.5)."""

from __future__ import annotations

from typing import Protocol, cast

from backend.files.fetch import Gone, NotNow
from backend.jobs.clients import clients
from backend.wechat.errors import WeChatError
from backend.wechat.transport import File


class _Downloads(Protocol):
    """What is needed of `WeChatClient`, whose other part delivery uses."""

    def download(self, media_id: str) -> File: ...


def fetch_media(app_id: str, media_id: str) -> bytes:
    """The bytes of a file that somebody sent to an app. Raises `NotNow` and `Gone`."""
    client = clients().get(app_id)
    if client is None:
        raise Gone
    try:
        return cast(_Downloads, client).download(media_id).content
    except WeChatError as error:
        raise (NotNow if error.retry else Gone) from None
