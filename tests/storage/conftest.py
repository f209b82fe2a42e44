"""A table of sealed values that is known by two columns and bound by a third, and keys that are put back."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from backend.kernel.ids import new_id
from backend.storage import Database, KeyRing, Sealed, key_ring, transaction, use_keys
from backend.storage import census as census_module

OLD, NEW, INDEX = os.urandom(32), os.urandom(32), os.urandom(32)
OLD_RING = KeyRing({"old": OLD}, INDEX)
NEW_RING = KeyRing({"new": NEW, "old": OLD}, INDEX)


class _Apart(orm.DeclarativeBase):
    """Tables of these tests, which no migration knows."""

    metadata = sa.MetaData()


class Letter(_Apart):
    """A letter in somebody's box; its values are bound to `seal_id`."""

    __tablename__ = "letters"

    box: orm.Mapped[str] = orm.mapped_column(sa.String(8), primary_key=True)
    number: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    seal_id: orm.Mapped[uuid.UUID] = orm.mapped_column(sa.Uuid)
    text_sealed: orm.Mapped[bytes] = orm.mapped_column(sa.LargeBinary, info={"sealed_by": "seal_id"})
    note_sealed: orm.Mapped[bytes | None] = orm.mapped_column(sa.LargeBinary, info={"sealed_by": "seal_id"})

    text = Sealed()
    note = Sealed()


@pytest.fixture
def keys(app: Flask) -> Iterator[None]:
    """Puts the process's keys back afterwards."""
    before = key_ring()
    yield
    use_keys(before)


@pytest.fixture
def letters(clean_database: Database, keys: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Letter]]:
    """The only table of sealed values there is now, empty; old keys are in use."""
    monkeypatch.setattr(census_module, "Base", _Apart)
    monkeypatch.setattr(census_module, "columns_in_database", lambda: {"letters.text_sealed", "letters.note_sealed"})
    _Apart.metadata.create_all(clean_database.engine)
    use_keys(OLD_RING)
    yield Letter
    _Apart.metadata.drop_all(clean_database.engine)


def write_letters(count: int) -> None:
    """That many letters in two boxes; every third has a note."""
    with transaction() as session:
        for number in range(count):
            letter = Letter(box="ab"[number % 2], number=number, seal_id=new_id())
            letter.text, letter.note = f"text {number}", f"note {number}" if number % 3 == 0 else None
            session.add(letter)


def read_letters() -> dict[int, tuple[str | None, str | None]]:
    """Text and note of every letter, opened with the process's keys."""
    with transaction() as session:
        return {letter.number: (letter.text, letter.note) for letter in session.scalars(sa.select(Letter))}
