"""A picture sent in a chat becomes an upload where a step awaits one, once, and never otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from rq import Queue

from backend.chat import answering
from backend.files import Owner, UploadState, fetch, open_upload, use_vault
from backend.files.models import Upload
from backend.jobs import entries, queue
from backend.jobs.clients import use_clients
from backend.jobs.media import fetch_media
from backend.kernel.clock import MovableClock
from backend.storage import transaction
from backend.tick_tasks import sweep_uploads
from backend.wechat.errors import BadContent, Busy
from backend.wechat.transport import File
from messages.models import OutboxMessage
from tests.chat.phone import Phone, is_stored
from tests.files.samples import jpeg
from tests.flows.test_pictures import DIRECTORY, PURPOSE


class MediaServer:
    """WeChat's side of temporary media: what it holds by media_id, or an error."""

    def __init__(self) -> None:
        self.held: dict[str, bytes | Exception] = {}

    def download(self, media_id: str) -> File:
        found = self.held.get(media_id, BadContent(40007))
        if isinstance(found, Exception):
            raise found
        return File(found, "text/plain")  # what WeChat calls it does not matter


@pytest.fixture
def wechat(phone: Phone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MediaServer]:
    """A conversation that takes pictures, a vault of the test's own, and WeChat's media."""
    server = MediaServer()
    monkeypatch.setattr(answering, "DIRECTORY", DIRECTORY)
    monkeypatch.setattr("backend.chat.shared_turn.DIRECTORY", DIRECTORY)
    use_vault(tmp_path, None)
    use_clients(lambda: {phone.account.app_id: server})  # type: ignore[dict-item]
    yield server
    use_vault(phone.flask.extensions["settings"].data_dir / "files", None)


def uploads() -> list[Upload]:
    with transaction() as session:
        return list(session.scalars(sa.select(Upload).order_by(Upload.created_at, Upload.id)))


def sends(phone: Phone, media_id: str) -> str:
    return phone.replies(phone.message("image", MediaId=media_id, PicUrl="http://x"))


def test_a_picture_is_kept_for_its_purpose(phone: Phone, wechat: MediaServer) -> None:
    wechat.held["MEDIA-ONE"] = jpeg()
    phone.says("交证明")
    assert sends(phone, "MEDIA-ONE") == "收到第1页，请再拍第2页。"
    [row] = uploads()
    assert (row.purpose, row.state, row.app_id) == (PURPOSE, "owed", phone.account.app_id)
    entries.fetch_uploads()
    [row] = uploads()
    assert row.owner_id is not None
    assert open_upload(row.id, Owner(row.owner_id)).content == jpeg()


def test_elsewhere_it_is_not(phone: Phone, wechat: MediaServer) -> None:
    assert sends(phone, "MEDIA-ONE").startswith("这里用不上照片")
    assert uploads() == []


def test_a_repeat_makes_no_second_one(phone: Phone, wechat: MediaServer) -> None:
    phone.says("交证明")
    push = phone.message("image", MediaId="MEDIA-ONE", PicUrl="http://x")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: phone.replies(push), range(4))) == {"收到第1页，请再拍第2页。"}
    assert len(uploads()) == 1


def test_a_media_id_that_is_none_is_no_picture(phone: Phone, wechat: MediaServer) -> None:
    phone.says("交证明")
    for media_id in ("", "x" * 201):
        assert sends(phone, media_id).startswith("这里用不上照片")
    assert uploads() == []


def outbox() -> list[dict[str, str]]:
    with transaction() as session:
        return list(session.scalars(sa.select(OutboxMessage.data)))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<html>", "刚才发的不是照片，或者是打不开的格式。"),
        (jpeg()[:-2], "刚才的照片不完整，打不开。"),
        (BadContent(40007), "刚才的照片没有取到。"),
    ],
)
def test_who_sent_what_cannot_be_kept_is_asked_for_another(
    phone: Phone, wechat: MediaServer, content: bytes | Exception, why: str
) -> None:
    wechat.held["MEDIA-ONE"] = content
    phone.says("交证明")
    sends(phone, "MEDIA-ONE")
    assert fetch.fetch_next(fetch_media)
    assert outbox() == [{"why": why}]
    assert uploads()[0].state is UploadState.REFUSED


def test_wechat_being_busy_is_waited_for(phone: Phone, wechat: MediaServer, clock: MovableClock) -> None:
    wechat.held["MEDIA-ONE"] = Busy(-1)
    phone.says("交证明")
    sends(phone, "MEDIA-ONE")
    entries.fetch_uploads()
    assert uploads()[0].state is UploadState.OWED
    assert outbox() == []


def test_the_tick_finds_what_redis_lost(phone: Phone, wechat: MediaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    wechat.held["MEDIA-ONE"] = jpeg()
    phone.says("交证明")
    sends(phone, "MEDIA-ONE")
    queue.redis().flushdb()
    sweep_uploads()
    assert Queue(queue.FILES, connection=queue.redis()).count == 1
    monkeypatch.setattr("backend.tick_tasks.wake_files", lambda: False)
    sweep_uploads()
    assert uploads()[0].state is UploadState.FETCHED
    assert not is_stored("MEDIA-ONE"), "the way to WeChat's copy is forgotten"
