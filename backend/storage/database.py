"""The database of this process: the engine, the parent of all tables, the names of constraints.

READ COMMITTED is pinned, because under REPEATABLE READ a lock waited for shows the snapshot from before the wait, and
the last place is sold twice (docs/adr/0002).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(orm.DeclarativeBase):
    """Parent of all tables; every constraint has a name by which an error or a migration can speak of it."""

    metadata = sa.MetaData(naming_convention=NAMING)


class Database:
    """One pooled engine. Times are shown in 北京时间; a statement never waits for ever."""

    def __init__(self, url: str, *, pool_size: int = 16) -> None:
        self.engine = sa.create_engine(
            url,
            isolation_level="READ COMMITTED",
            pool_size=pool_size,
            max_overflow=4,
            pool_pre_ping=False,
            pool_recycle=1800,
            connect_args={
                "options": "-c timezone=Asia/Shanghai -c statement_timeout=15000 -c lock_timeout=8000",
                "connect_timeout": 5,
            },
        )
        sa.event.listen(self.engine, "handle_error", _forget_pool_when_server_went_away)

    def forget_connections(self) -> None:
        """Drop inherited connections without closing them; call in a child after fork."""
        self.engine.dispose(close=False)


def _forget_pool_when_server_went_away(context: sa.engine.ExceptionContext) -> None:
    # After a database restart one failed statement empties the pool, instead of each connection failing once.
    if context.is_disconnect:
        context.invalidate_pool_on_disconnect = True


class _Process:
    database: Database | None = None


def use_database(database: Database) -> None:
    """Choose the database of this process."""
    _Process.database = database


def database() -> Database:
    """The database of this process; raises `RuntimeError` before `use_database`."""
    if _Process.database is None:
        raise RuntimeError("no database has been chosen yet")
    return _Process.database


def broken_constraint(error: sa.exc.IntegrityError) -> str | None:
    """The name of the constraint or unique index that refused a row."""
    diagnosis = getattr(error.orig, "diag", None)
    return diagnosis.constraint_name if diagnosis else None
