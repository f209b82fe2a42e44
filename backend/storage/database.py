"""Engine and transactions.

A use case runs inside `transaction()`: it commits once at the end, or joins the one that is already open, so that a
chat turn can run several use cases as one. READ COMMITTED is pinned, because under REPEATABLE READ a lock waited for
shows the snapshot from before the wait, and the last place is sold twice (docs/adr/0002).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from psycopg.rows import namedtuple_row
from sqlalchemy import orm

log = logging.getLogger(__name__)

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

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
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


class _Open:
    """An open transaction: its connection, and an ORM session on it from the moment somebody asks for one."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.before_commit: dict[Callable[[], None], None] = {}
        self.after_commit: dict[Callable[[], None], None] = {}
        self._session: orm.Session | None = None

    @property
    def session(self) -> orm.Session:
        if self._session is None:
            self._session = orm.Session(self.connection, expire_on_commit=False)
        return self._session

    def flush(self) -> None:
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()


_open: ContextVar[_Open | None] = ContextVar("open", default=None)


def use_database(database: Database) -> None:
    """Choose the database of this process."""
    _Process.database = database


def database() -> Database:
    """The database of this process; raises `RuntimeError` before `use_database`."""
    if _Process.database is None:
        raise RuntimeError("no database has been chosen yet")
    return _Process.database


def _current() -> _Open:
    current = _open.get()
    if current is None:
        raise RuntimeError("this needs an open transaction()")
    return current


def session() -> orm.Session:
    """The session of the open transaction; raises `RuntimeError` outside one."""
    return _current().session


@contextmanager
def transaction() -> Iterator[orm.Session]:
    """Join the open transaction, or open one that commits at the end and rolls back on any exception.

    Functions given to `after_commit` run once the commit has happened; a failure of theirs is logged, not raised,
    because what was accepted is safe and the tick does their work too.
    """
    with lean_transaction():
        yield session()


@contextmanager
def lean_transaction() -> Iterator[None]:
    """Like `transaction()`, for what asks by `run`: an ORM session is only made when somebody wants one."""
    if _open.get() is not None:
        yield
        return
    with database().engine.begin() as connection:
        opened = _Open(connection)
        token = _open.set(opened)
        try:
            yield
            opened.flush()
            for action in opened.before_commit:
                action()
            opened.flush()
        finally:
            _open.reset(token)
            opened.close()
    _run_after_commit(opened)


def run(statement: sa.TextClause, values: Mapping[str, Any]) -> psycopg.Cursor[Any]:
    """Run a statement in the open transaction by the driver itself; rows have the columns as attributes.

    For the few statements that every push and every booking needs: it takes a quarter of the processor time of a
    session's `execute`. It does not see what the session has not flushed. Raises the same errors (`sa.exc.DBAPIError`
    and below), and `RuntimeError` outside a transaction.
    """
    return _run(_current().connection, statement, values)


def look(statement: sa.TextClause, values: Mapping[str, Any]) -> Any:
    """The first row of a query, or None. Like `run`; outside a transaction it takes one round trip instead of three."""
    opened = _open.get()
    if opened is not None:
        return _run(opened.connection, statement, values).fetchone()
    with database().engine.connect() as connection:
        driver = _driver(connection)
        driver.autocommit = True
        try:
            return _run(connection, statement, values).fetchone()
        finally:
            if not driver.closed:
                driver.autocommit = False


def _run(connection: sa.Connection, statement: sa.TextClause, values: Mapping[str, Any]) -> psycopg.Cursor[Any]:
    driver = _driver(connection)
    try:
        return driver.cursor(row_factory=namedtuple_row).execute(_text(statement), values)
    except psycopg.Error as error:
        if driver.closed:  # see _forget_pool_when_server_went_away
            connection.invalidate(error)
            database().engine.dispose()
        raise sa.exc.DBAPIError.instance(
            str(statement), None, error, psycopg.Error, hide_parameters=True, connection_invalidated=driver.closed
        ) from error


def _driver(connection: sa.Connection) -> psycopg.Connection[Any]:
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


@lru_cache
def _text(statement: sa.TextClause) -> str:
    """The statement with the driver's placeholders."""
    return str(statement.compile(dialect=database().engine.dialect))


@contextmanager
def atomic() -> Iterator[orm.Session]:
    """Like `transaction()`, but what is done inside happens wholly or not at all also when joining.

    A command that may refuse half-way uses this, so that a chat turn can catch the refusal and go on.
    """
    joined = _open.get()
    if joined is None:
        with transaction() as opened:
            yield opened
    else:
        with joined.session.begin_nested():
            # A session sets its savepoint when it first asks for its connection. What is `run` never makes it ask.
            joined.session.connection()
            yield joined.session


def before_commit(action: Callable[[], None]) -> None:
    """Run `action` as the last thing of the open transaction; the same function is run once however often it is given.

    For what takes a lock that everybody wants: taken last, it is held briefly and never while waiting for another.
    """
    _current().before_commit[action] = None


def after_commit(action: Callable[[], None]) -> None:
    """Run `action` when the open transaction has committed; the same function is run once however often it is given."""
    _current().after_commit[action] = None


def _run_after_commit(committed: _Open) -> None:
    for action in committed.after_commit:
        try:
            action()
        except Exception:
            log.warning("after_commit_failed", exc_info=True)


def broken_constraint(error: sa.exc.IntegrityError) -> str | None:
    """The name of the constraint or unique index that refused a row."""
    diagnosis = getattr(error.orig, "diag", None)
    return diagnosis.constraint_name if diagnosis else None
