"""Workers that meet or die, and files that are erased when due: nothing is lost, spoilt or left behind."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from backend.files import (
    Owner,
    UploadState,
    attach,
    erase_of,
    on_settled,
    open_upload,
    receive,
)
from backend.files import vault as vault_module
from backend.files.erasing import remove_files
from backend.files.fetch import anything_due, fetch_next
from backend.files.holdings import files_holding, files_rules
from backend.files.models import Upload
from backend.kernel.clock import MovableClock, now
from backend.kernel.ids import new_id
from backend.kernel.personal_data import Batch
from backend.storage import transaction
from backend.storage.sealing import SealBroken
from tests.files.samples import jpeg, png
from tests.files.support import files, gives, kept, owed, refused, row

# --- workers ---


def test_one_file_is_fetched_once_by_many_workers(vault: Path, owner: uuid.UUID) -> None:
    for _ in range(6):
        owed(owner)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: fetch_next(gives(jpeg())), range(12)))
    assert done.count(True) == 6
    assert len(files(vault)) == 6


def overtaken(vault: Path, owner: uuid.UUID, clock: MovableClock) -> bytes:
    """A worker that was taken to be dead comes to its end after the one that took over: what is read."""
    upload_id = owed(owner)

    def slow(_app_id: str, _media_id: str) -> bytes:
        clock.advance(timedelta(minutes=3))
        assert fetch_next(gives(png()))
        return jpeg()

    assert fetch_next(slow)
    assert len(files(vault)) == 1
    return open_upload(upload_id, Owner(owner)).content


def test_a_worker_taken_to_be_dead_spoils_nothing(vault: Path, owner: uuid.UUID, clock: MovableClock) -> None:
    assert overtaken(vault, owner, clock) == png()


def test_without_names_of_their_own_it_would(
    vault: Path, owner: uuid.UUID, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_module, "new_name", lambda: "ab" * 16)
    monkeypatch.setattr(vault_module, "remove", lambda _name: None)
    with pytest.raises(SealBroken):
        overtaken(vault, owner, clock)


def test_what_was_erased_while_it_was_fetched_is_not_kept(vault: Path, owner: uuid.UUID) -> None:
    upload_id = owed(owner)

    def slow(_app_id: str, _media_id: str) -> bytes:
        with transaction():
            files_holding.erase(owner)
        return jpeg()

    assert fetch_next(slow)
    assert row(upload_id).state is UploadState.DELETED
    assert files(vault) == []


def test_a_worker_that_dies_leaves_the_file_to_the_next(
    vault: Path, owner: uuid.UUID, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = owed(owner)
    with monkeypatch.context() as dying:
        dying.setattr(receive, "_handlers", {lambda _: 1 / 0: None})
        with pytest.raises(ZeroDivisionError):
            fetch_next(gives(jpeg()))
    assert len(files(vault)) == 1, "written, and not recorded"
    assert not anything_due()
    clock.advance(timedelta(minutes=3))
    assert fetch_next(gives(jpeg()))
    assert len(files(vault)) == 1
    assert open_upload(upload_id, Owner(owner)).content == jpeg()


def test_handlers_hear_what_became_of_a_file(vault: Path, owner: uuid.UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "_handlers", {})
    heard: list[tuple[str, str | None]] = []
    on_settled(lambda upload: heard.append((upload.state.value, upload.refusal and upload.refusal.value)))
    kept(owner)
    kept(owner, b"x")
    assert heard == [("fetched", None), ("refused", "wrong_type")]


# --- erasing ---


def nothing_left(upload_id: uuid.UUID) -> bool:
    found = row(upload_id)
    left = (found.owner_id, found.media_id, found.subject_id, found.sha256, found.file_key_sealed, found.stored_name)
    return found.state is UploadState.DELETED and left == (None,) * 6


def test_whoever_leaves_takes_their_files_along(vault: Path, owner: uuid.UUID) -> None:
    mine, used, waiting = kept(owner), kept(owner, png()), owed(owner)
    attach(used, owner, "case", new_id())
    with transaction():
        assert len(files_holding.collect(owner)[0].records) == 3
        assert files_holding.erase(owner) == {"uploads": 2}
        assert len(files(vault)) == 2, "not before the commit"
    assert nothing_left(mine)
    assert nothing_left(waiting)
    assert refused(mine, Owner(owner)) == ("not_found", 404)
    assert open_upload(used, Owner(owner)).content == png()
    assert len(files(vault)) == 1


def test_a_rollback_keeps_the_file(vault: Path, owner: uuid.UUID) -> None:
    upload_id = kept(owner)

    def fails() -> None:
        with transaction():
            files_holding.erase(owner)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert open_upload(upload_id, Owner(owner)).content == jpeg()


def test_a_file_that_its_remover_left_is_removed_later(
    vault: Path, owner: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = new_id()
    upload_id = kept(owner)
    attach(upload_id, owner, "case", subject)
    with monkeypatch.context() as dying:
        dying.setattr("backend.files.erasing.remove_files", lambda: 1 / 0)
        assert erase_of("case", subject) == 1
    assert len(files(vault)) == 1
    assert row(upload_id).file_key_sealed is None, "but unreadable from the commit on"
    assert remove_files() == 1
    assert files(vault) == []
    assert nothing_left(upload_id)


def test_what_nobody_used_goes_after_thirty_days(vault: Path, owner: uuid.UUID, clock: MovableClock) -> None:
    loose, ended = files_rules
    assert loose.run is not None
    assert ended.run is not None
    mine, used = kept(owner), kept(owner, png())
    attach(used, owner, "case", new_id())
    clock.advance(timedelta(days=30))
    assert loose.run(Batch(now(), 10)) == 0
    clock.advance(timedelta(seconds=1))
    assert loose.run(Batch(now(), 10, [owner])) == 0, "a legal hold"
    assert loose.run(Batch(now(), 10)) == 1
    assert nothing_left(mine)
    assert row(used).state is UploadState.FETCHED
    clock.advance(timedelta(days=30, seconds=1))
    assert ended.run(Batch(now(), 10)) == 1
    with transaction() as session:
        assert session.scalars(sa.select(Upload.id)).all() == [used]
