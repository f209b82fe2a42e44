"""Sealing what was sealed with older keys anew with the current one (`flask keys rotate`).

Every batch is a transaction of its own and a row that is done is not touched again, so the work may be interrupted and
begun again at any time, and goes on while the product runs: old keys stay readable until they leave FIELD_KEYS.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from backend.storage.database import Base, transaction
from backend.storage.sealing import key_ring, sealed_context

BATCH = 500
_SUFFIX = "_sealed"


@dataclass(frozen=True)
class Progress:
    """How many values of one column have been sealed anew so far, and how many still wait."""

    table: str
    column: str
    done: int
    left: int


def sealed_columns() -> list[sa.Column[bytes]]:
    """Every column of sealed values, by its name (docs/adr/0005)."""
    return [
        column for table in Base.metadata.sorted_tables for column in table.columns if column.name.endswith(_SUFFIX)
    ]


def rotate_keys(batch: int = BATCH) -> Iterator[Progress]:
    """Seal every old value anew, telling the progress after each batch; at the end nothing is left in any column."""
    for column in sealed_columns():
        done, left = 0, _count_old(column)
        while left:
            changed = _rotate_batch(column, batch)
            done, left = done + changed, _count_old(column)
            yield Progress(column.table.name, column.name, done, left)


def _is_old(column: sa.Column[bytes]) -> sa.ColumnElement[bool]:
    mark = key_ring().current_mark
    return sa.and_(column.is_not(None), sa.func.substring(column, 1, len(mark)) != mark)


def _count_old(column: sa.Column[bytes]) -> int:
    with transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(column.table).where(_is_old(column))) or 0


def _rotate_batch(column: sa.Column[bytes], batch: int) -> int:
    table, key = column.table, column.table.c.id
    with transaction() as session:
        # The rows are locked, so that what is being written at this moment is neither lost nor overwritten.
        rows = session.execute(
            sa.select(key, column).where(_is_old(column)).order_by(key).limit(batch).with_for_update()
        ).all()
        for row_id, sealed in rows:
            statement = sa.update(table).where(key == row_id).values({column: _anew(column, row_id, sealed)})
            session.execute(statement)
    return len(rows)


def _anew(column: sa.Column[bytes], row_id: uuid.UUID, sealed: bytes) -> bytes:
    context = sealed_context(column.table.name, column.name, row_id)
    return key_ring().seal(key_ring().open(sealed, context), context)
