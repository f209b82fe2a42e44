"""What residents send: fetched by a worker, checked, encrypted, read by those who may, erased when due."""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from backend.console.upload_reader import StaffReader
from backend.files import (
    Owner,
    Refusal,
    SettledUpload,
    UploadState,
    attach,
    open_upload,
    use_vault,
)
from backend.files.clamd import ScannerAway, scanner_at
from backend.files.fetch import Gone, NotNow, anything_due, fetch_next
from backend.kernel.clock import MovableClock, now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.staff.audit import AuditEntry
from backend.staff.create import insert_account
from backend.staff.models import NodeKind, OrganisationNode
from backend.storage import key_ring, transaction, use_keys
from backend.storage.rotation import Rotation
from backend.storage.sealing import KeyRing, SealBroken
from tests.chat.phone import is_stored
from tests.concurrency.support import new_person
from tests.files.conftest import Clamd
from tests.files.samples import EICAR, jpeg, pdf, png
from tests.files.support import files, gives, kept, owed, refused, row

# --- keeping ---


@pytest.mark.parametrize("body", [jpeg(), png(), pdf()], ids=["jpeg", "png", "pdf"])
def test_a_picture_is_kept_and_read_by_its_owner(vault: Path, owner: uuid.UUID, body: bytes) -> None:
    upload_id = owed(owner)
    assert refused(upload_id, Owner(owner)) == ("state_conflict", 409)
    assert fetch_next(gives(body))
    assert not fetch_next(gives(body))
    found = row(upload_id)
    assert (found.state, found.size, found.sha256) == ("fetched", len(body), hashlib.sha256(body).digest())
    assert found.media_id is None
    opened = open_upload(upload_id, Owner(owner))
    assert (opened.content, opened.content_type) == (body, found.content_type)


def test_the_file_is_encrypted_under_a_name_that_tells_nothing(vault: Path, owner: uuid.UUID) -> None:
    body = png(pixels=bytes(range(256)) * 40)
    upload_id = kept(owner, body)
    [file] = files(vault)
    assert file.name == row(upload_id).stored_name
    assert str(upload_id) not in str(file)
    assert upload_id.hex not in str(file)
    assert body[:16] not in file.read_bytes()
    assert b"IHDR" not in file.read_bytes()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert not is_stored("IHDR")


def test_a_file_that_was_altered_or_exchanged_does_not_open(vault: Path, owner: uuid.UUID) -> None:
    first, second = kept(owner), kept(owner, png())
    names = {one: next(vault.rglob(row(one).stored_name or "")) for one in (first, second)}
    whole = names[first].read_bytes()
    for changed in (whole[:-1], whole[:5], b"", b"\x09" + whole[1:], whole[:-1] + bytes([whole[-1] ^ 1])):
        names[first].write_bytes(changed)
        with pytest.raises(SealBroken):
            open_upload(first, Owner(owner))
    names[first].write_bytes(names[second].read_bytes())
    with pytest.raises(SealBroken):
        open_upload(first, Owner(owner))


@pytest.fixture
def other_keys() -> Iterator[Callable[[], None]]:
    """Put a new key before the present ones; at the end they are as before."""
    before = key_ring()
    yield lambda: use_keys(KeyRing({"new": b"n" * 32, **before._keys}, b"i" * 32, "sm4-gcm"))
    use_keys(before)


def test_a_change_of_keys_leaves_the_files_readable(
    vault: Path, owner: uuid.UUID, other_keys: Callable[[], None]
) -> None:
    upload_id = kept(owner)
    [file] = files(vault)
    before = file.read_bytes()
    other_keys()
    rotation = Rotation()
    list(rotation.run())
    assert rotation.outcome().whole
    use_keys(KeyRing({"new": b"n" * 32}, b"i" * 32, "sm4-gcm"))
    assert open_upload(upload_id, Owner(owner)).content == jpeg()
    assert file.read_bytes() == before
    assert open_upload(kept(owner, png()), Owner(owner)).content == png(), "with the other cipher"


# --- refusing ---


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>", Refusal.WRONG_TYPE),
        (png()[:-3], Refusal.DAMAGED),
        (b"\0" * (11 << 20), Refusal.TOO_LARGE),
        (Gone(), Refusal.GONE),
    ],
    ids=["type", "damaged", "large", "gone"],
)
def test_what_is_refused_is_not_kept_and_never_served(
    vault: Path, owner: uuid.UUID, body: bytes | Exception, why: Refusal
) -> None:
    upload_id = owed(owner)
    assert fetch_next(gives(body))
    found = row(upload_id)
    assert (found.state, found.refusal, found.stored_name, found.media_id) == ("refused", why, None, None)
    assert files(vault) == []
    assert refused(upload_id, Owner(owner)) == ("not_found", 404)
    assert not anything_due()


def test_what_cannot_be_fetched_now_is_tried_for_three_days(vault: Path, owner: uuid.UUID, clock: MovableClock) -> None:
    upload_id = owed(owner)
    tries = 0
    while row(upload_id).state is UploadState.OWED:
        assert clock() < row(upload_id).created_at + timedelta(days=4)
        tries += fetch_next(gives(NotNow()))
        clock.advance(timedelta(minutes=10))
    assert 20 < tries < 60
    assert row(upload_id).refusal is Refusal.GONE


# --- the scanner ---


def test_the_scanner_is_asked_and_believed(vault: Path, owner: uuid.UUID, clamd_at: Callable[..., Clamd]) -> None:
    path = f"{tempfile.mkdtemp(prefix='clamd-')}/c"
    clamd = clamd_at(path)
    use_vault(vault, scanner_at(path))
    body = png(pixels=bytes(200_000))
    clean = kept(owner, body)
    assert clamd.scanned == [body]
    assert open_upload(clean, Owner(owner)).content == body
    infected = kept(owner, jpeg(after=EICAR))
    assert row(infected).refusal is Refusal.INFECTED
    assert len(files(vault)) == 1


@pytest.mark.parametrize(
    "answer", [b"INSTREAM size limit exceeded. ERROR", b"", b"stream: OKAY", b"stream: x FOUND. ERROR"]
)
def test_without_a_clear_answer_nothing_is_kept_yet(
    vault: Path, owner: uuid.UUID, clock: MovableClock, clamd_at: Callable[..., Clamd], answer: bytes
) -> None:
    clamd = clamd_at()
    clamd.answer = answer
    use_vault(vault, scanner_at(f"127.0.0.1:{clamd._listener.getsockname()[1]}"))
    upload_id = owed(owner)
    assert fetch_next(gives(jpeg()))
    assert row(upload_id).state is UploadState.OWED
    assert files(vault) == []
    clamd.answer = None
    clock.advance(timedelta(minutes=3))
    assert fetch_next(gives(jpeg()))
    assert row(upload_id).state is UploadState.FETCHED


@pytest.mark.parametrize("address", ["127.0.0.1:9", "/nowhere/clamd.sock"])
def test_a_scanner_that_is_away(address: str) -> None:
    with pytest.raises(ScannerAway):
        scanner_at(address)(b"x")


# --- who reads ---


def test_strangers_find_nothing(vault: Path, owner: uuid.UUID) -> None:
    upload_id = kept(owner)
    assert refused(upload_id, Owner(new_person(now()))) == ("not_found", 404)
    assert refused(new_id(), Owner(owner)) == ("not_found", 404)


def looks() -> list[tuple[str, str | None, str | None]]:
    with transaction() as session:
        return [(e.action, e.subject_id, e.task) for e in session.scalars(sa.select(AuditEntry)) if e.look]


def somebody_at_a_desk() -> uuid.UUID:
    with transaction() as session:
        place = OrganisationNode(id=new_id(), kind=NodeKind.DISTRICT, code="d", name="新城区", parent_id=None)
        session.add(place)
        session.flush()
        return insert_account("officer", "测试", "no hash", place).id


def test_staff_who_may_look_leave_a_trace_and_others_see_nothing(vault: Path, owner: uuid.UUID) -> None:
    upload_id, subject, account = kept(owner), new_id(), somebody_at_a_desk()
    attach(upload_id, owner, "case", subject)

    def permitted(upload: SettledUpload) -> bool:
        return upload.subject == ("case", subject)

    assert refused(upload_id, StaffReader(account, lambda _: False)) == ("not_found", 404)
    assert looks() == []
    reader = StaffReader(account, permitted, task=f"case:{subject}")
    assert open_upload(upload_id, reader).content == jpeg()
    assert looks() == [("files.opened", str(upload_id), f"case:{subject}")]


def test_a_look_that_cannot_be_written_down_is_not_given(vault: Path, owner: uuid.UUID) -> None:
    upload_id = kept(owner)

    class Untraceable(StaffReader):
        def note_look(self, upload: SettledUpload) -> None:
            raise RuntimeError("no trail")

    with pytest.raises(RuntimeError):
        open_upload(upload_id, Untraceable(new_id(), lambda _: True))


def test_a_file_becomes_part_of_one_matter_of_its_owner(vault: Path, owner: uuid.UUID) -> None:
    upload_id = kept(owner)
    for stranger, wanted in ((new_person(now()), upload_id), (owner, new_id())):
        with pytest.raises(AppError):
            attach(wanted, stranger, "case", new_id())
    attach(upload_id, owner, "case", new_id())
    with pytest.raises(AppError):
        attach(upload_id, owner, "case", new_id())
