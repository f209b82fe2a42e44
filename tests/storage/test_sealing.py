"""Sealed values open only where they belong; keys are changed while the product runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.demonstration.load import load_demonstration
from backend.kernel.clock import MovableClock
from backend.kernel.ids import new_id
from backend.marriage.book import book_appointment
from backend.marriage.models import Party
from backend.storage import Database, KeyRing, key_ring, transaction, use_keys
from backend.storage.rotation import rotate_keys, sealed_columns
from backend.storage.sealing import SealBroken, sealed_context
from tests.concurrency.support import new_person, new_slot, request

OLD, NEW, INDEX = os.urandom(32), os.urandom(32), os.urandom(32)


@pytest.fixture
def keys(app: Flask) -> Iterator[None]:
    before = key_ring()
    yield
    use_keys(before)


def test_a_value_opens_only_in_its_own_row_and_column() -> None:
    ring, row, other = KeyRing({"a": OLD}, INDEX), new_id(), new_id()
    sealed = ring.seal("110105194912310029", sealed_context("t", "c", row))
    assert ring.open(sealed, sealed_context("t", "c", row)) == "110105194912310029"
    for context in (sealed_context("t", "c", other), sealed_context("t", "d", row), sealed_context("u", "c", row)):
        with pytest.raises(SealBroken):
            ring.open(sealed, context)


def test_the_same_text_is_sealed_differently_each_time() -> None:
    ring = KeyRing({"a": OLD}, INDEX)
    assert ring.seal("x", "c") != ring.seal("x", "c")


def test_tampered_and_foreign_bytes_do_not_open() -> None:
    ring = KeyRing({"a": OLD}, INDEX)
    sealed = ring.seal("x", "c")
    for wrong in (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"\x02" + sealed[1:], sealed[:2] + b"z" + sealed[3:]):
        with pytest.raises(SealBroken):
            ring.open(wrong, "c")


def test_blind_indexes_tell_equal_from_unequal_and_purposes_apart() -> None:
    ring = KeyRing({"a": OLD}, INDEX)
    assert ring.index("1", "identity_number") == ring.index("1", "identity_number")
    assert ring.index("1", "identity_number") != ring.index("2", "identity_number")
    assert ring.index("1", "identity_number") != ring.index("1", "phone")
    assert ring.index("1", "phone") != KeyRing({"a": OLD}, NEW).index("1", "phone")


def test_every_sealed_column_can_be_rotated(app: Flask) -> None:
    names = {f"{column.table.name}.{column.name}" for column in sealed_columns()}
    assert "marriage_parties.id_number_sealed" in names
    assert "conversations.state_sealed" in names
    assert all("id" in column.table.columns for column in sealed_columns())


def test_rotation_is_interrupted_goes_on_and_is_done_while_people_book(
    app: Flask, clean_database: Database, clock: MovableClock, keys: None
) -> None:
    use_keys(KeyRing({"old": OLD}, INDEX))
    load_demonstration(app.extensions["settings"])
    names = {row.id: (row.name, row.id_number) for row in parties()}

    use_keys(KeyRing({"new": NEW, "old": OLD}, INDEX))
    rotation = rotate_keys(batch=3)
    next(rotation)
    rotation.close()  # interrupted
    assert {row.id: (row.name, row.id_number) for row in parties()} == names

    slot_id = new_slot(clock().replace(hour=2) + timedelta(days=3), 5)
    booking = threading.Thread(target=lambda: book_appointment(request(slot_id, 1, new_person(clock()))))
    booking.start()
    last = list(rotate_keys(batch=3))
    booking.join()
    assert all(progress.left == 0 or progress.done for progress in last)
    list(rotate_keys())

    use_keys(KeyRing({"new": NEW}, INDEX))  # the old key is gone for good
    opened = {row.id: (row.name, row.id_number) for row in parties()}
    assert names.items() <= opened.items()
    assert len(opened) == len(names) + 2


def parties() -> list[Party]:
    with transaction() as session:
        return list(session.scalars(sa.select(Party)).all())
