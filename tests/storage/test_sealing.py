"""Sealed values open only where they belong; blind indexes tell equal from unequal."""

from __future__ import annotations

import os

import pytest
import sqlalchemy as sa

from backend.kernel.ids import new_id
from backend.storage import KeyRing
from backend.storage.sealing import SealBroken, bound_by, sealed_context

OLD, NEW, INDEX = os.urandom(32), os.urandom(32), os.urandom(32)


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


def test_a_value_may_be_bound_to_another_column_than_id():
    assert bound_by(table("id", "other").c.x_sealed) == "id"
    assert bound_by(table("account_id").c.x_sealed) == "account_id"
    assert bound_by(table("box", "number", sealed_by="number").c.x_sealed) == "number"


@pytest.mark.parametrize("info", [{}, {"sealed_by": "somewhere"}])
def test_a_table_that_leaves_it_open_is_refused(info: dict[str, str]):
    with pytest.raises(LookupError, match=r"deeds\.x_sealed"):
        bound_by(table("box", "number", **info).c.x_sealed)


def table(*key: str, **info: str) -> sa.Table:
    """A table with that primary key and one sealed column."""
    columns = [sa.Column(name, sa.Uuid, primary_key=True) for name in key]
    return sa.Table("deeds", sa.MetaData(), *columns, sa.Column("x_sealed", sa.LargeBinary, info=info))
