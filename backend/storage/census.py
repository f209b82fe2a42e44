"""Which columns hold sealed values, and with which keys and ciphers they are sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa

from backend.storage.database import Base
from backend.storage.sealing import KeyRing, Mark, read_mark
from backend.storage.transactions import transaction

_SUFFIX = "_sealed"
_LONGEST_KEY_ID = 8  # backend.settings takes no longer ones

_IN_DATABASE = sa.text(
    """
    SELECT table_name || '.' || column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND data_type = 'bytea' AND column_name LIKE :suffix
    """
)

# How many values of a column bear which mark; None for bytes that are no sealed value.
Marks = Counter[Mark | None]


def sealed_columns() -> list[sa.Column[bytes]]:
    """Every column of sealed values, by its name (docs/adr/0005), table by table."""
    return [column for columns in sealed_tables().values() for column in columns]


def sealed_tables() -> dict[sa.Table, list[sa.Column[bytes]]]:
    """The sealed columns of each table that has any."""
    found = {
        table: [column for column in table.columns if column.name.endswith(_SUFFIX)]
        for table in Base.metadata.sorted_tables
    }
    return {table: columns for table, columns in found.items() if columns}


def take_census() -> dict[sa.Column[bytes], Marks]:
    """Count the values of every sealed column by their marks; reads each table once, in a moment of its own.

    Raises `LookupError` when the database has sealed columns that this program does not know. A program that has not
    imported every table, or is older than the database, must never say that a key can go.
    """
    known = {f"{column.table.name}.{column.name}" for column in sealed_columns()}
    if unknown := sorted(columns_in_database() - known):
        raise LookupError(f"sealed columns unknown to this program: {', '.join(unknown)}")
    counted: dict[sa.Column[bytes], Marks] = {}
    for table, columns in sealed_tables().items():
        counted |= _count(table, columns)
    return counted


def columns_in_database() -> set[str]:
    """The sealed columns the database has, as `table.column`."""
    with transaction() as session:
        return set(session.scalars(_IN_DATABASE, {"suffix": f"%\\{_SUFFIX}"}))


def unused_keys(census: Mapping[sa.Column[bytes], Marks], ring: KeyRing) -> list[str]:
    """Ids of the ring's keys that no value needs, the current key apart."""
    used = {mark.key_id for marks in census.values() for mark in marks if mark} | {ring.current.key_id}
    return [key_id for key_id in ring.key_ids if key_id not in used]


def _count(table: sa.Table, columns: list[sa.Column[bytes]]) -> dict[sa.Column[bytes], Marks]:
    begins = [_begin(column) for column in columns]
    with transaction() as session:
        # A large table takes longer to read than anybody who waits for a page would wait.
        session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        rows = session.execute(sa.select(*begins, sa.func.count()).select_from(table).group_by(*begins)).all()
    counted: dict[sa.Column[bytes], Marks] = {column: Counter() for column in columns}
    for *marks, count in rows:
        for column, begin in zip(columns, marks, strict=True):
            if begin is not None:
                counted[column][read_mark(bytes(begin))] += count
    return counted


def _begin(column: sa.Column[bytes]) -> sa.ColumnElement[bytes]:
    """The mark's bytes: version, length of the key id, key id. Foreign bytes may be too short or claim any length."""
    length = sa.case((sa.func.octet_length(column) > 1, sa.func.get_byte(column, 1)), else_=0)
    return sa.func.substring(column, 1, 2 + sa.func.least(length, _LONGEST_KEY_ID))
