"""Another key of the blind indexes, without knowing what was indexed, while the product stands still (docs/adr/0005).

The newest key hashes every index once more. All of it is one transaction, so an interrupted run has done nothing. A
mark in the database tells with which keys its indexes were made: a process with other keys would find nobody, and would
let the same person book twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.clock import now
from backend.storage.database import Base, database
from backend.storage.sealing import key_ring
from backend.storage.transactions import transaction
from backend.storage.types import Moment

_BATCH = 5000


class IndexKeyMark(Base):
    """With which keys the blind indexes of this database were made; one row, which tells nothing of the keys."""

    __tablename__ = "index_key_marks"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.CheckConstraint("octet_length(mark) = 32", name="mark_is_whole"),
    )

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    mark: Mapped[bytes] = mapped_column(sa.LargeBinary)
    set_at: Mapped[datetime] = mapped_column(Moment)


class IndexFault(StrEnum):
    """Why the keys of this process do not fit the indexes of the database."""

    BEHIND = "behind"  # a key was put before those in use, and `keys reindex` has not run
    UNKNOWN = "unknown"  # made with a key that this process does not have


class IndexKeysDiffer(Exception):
    """The keys of this process do not fit the indexes of the database; `fault` says how."""

    def __init__(self, fault: IndexFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class StillInUse(Exception):
    """Other connections to the database; `count` says how many."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def index_fault() -> IndexFault | None:
    """What is wrong with the keys of this process; None also for a database that bears no mark yet."""
    with transaction() as session:
        mark = session.scalar(sa.select(IndexKeyMark.mark))
    return None if mark is None else _fault(mark)


def claim_index_keys() -> None:
    """Mark a new database with the keys of this process; raises `IndexKeysDiffer` for one that bears another mark."""
    first = insert(IndexKeyMark).values(id=1, mark=key_ring().index_marks[-1], set_at=now())
    with transaction() as session:
        session.execute(first.on_conflict_do_nothing(index_elements=["id"]))
    if fault := index_fault():
        raise IndexKeysDiffer(fault)


def _fault(mark: bytes) -> IndexFault | None:
    marks = key_ring().index_marks
    if mark == marks[-1]:
        return None
    return IndexFault.BEHIND if mark in marks else IndexFault.UNKNOWN


@dataclass(frozen=True)
class Reindexed:
    """How many indexes of a column were made anew."""

    column: str
    count: int


def index_columns() -> Sequence[sa.Column[bytes]]:
    """Every column of blind indexes: by its name, or by `info={"blind_index": True}` where it has another."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary)
        and (column.name.endswith("_index") or column.info.get("blind_index"))
    ]


def reindex() -> Iterator[Reindexed]:
    """Make every index anew with the keys put before those it was made with; tells of each column. Once is enough.

    Raises `IndexKeysDiffer` for indexes made with an unknown key, `StillInUse` while anybody else is connected.
    """
    claim_unknown = index_fault()
    if claim_unknown is IndexFault.UNKNOWN:
        raise IndexKeysDiffer(claim_unknown)
    database().engine.dispose()  # connections of our own that rest in the pool are no users
    with transaction() as session:
        # It reads everything and writes most of it.
        session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        if others := session.scalar(_OTHERS):
            raise StillInUse(others)
        mark = session.scalar(sa.select(IndexKeyMark.mark).with_for_update())
        layers = len(key_ring().index_marks) if mark is None else key_ring().index_marks.index(mark) + 1
        if layers < len(key_ring().index_marks):
            session.execute(sa.text("CREATE TEMPORARY TABLE anew (old bytea, new bytea) ON COMMIT DROP"))
            for column in index_columns():
                yield Reindexed(f"{column.table.name}.{column.name}", _reindex(session, column, layers))
            session.execute(sa.update(IndexKeyMark).values(mark=key_ring().index_marks[-1], set_at=now()))


_OTHERS = sa.text(
    """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    """
)


def _reindex(session: sa.orm.Session, column: sa.Column[bytes], layers: int) -> int:
    """One column: what each value becomes is worked out here, so that no key is ever sent to the database."""
    session.execute(sa.text("TRUNCATE anew"))
    values = session.scalars(
        sa.select(column).where(column.is_not(None)).distinct(), execution_options={"yield_per": _BATCH}
    )
    for some in values.partitions():
        pairs = [{"old": bytes(old), "new": key_ring().index_anew(bytes(old), layers)} for old in some]
        session.execute(sa.text("INSERT INTO anew VALUES (:old, :new)"), pairs)
    anew = sa.table("anew", sa.column("old"), sa.column("new"))
    change = sa.update(column.table).where(column == anew.c.old).values({column: anew.c.new})
    done: int = session.execute(change, execution_options={"synchronize_session": False}).rowcount  # type: ignore[attr-defined]
    return done
