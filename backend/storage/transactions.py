"""Transactions that use cases share.

A use case runs inside `transaction()`: it commits once at the end, or joins the one that is already open, so that a
chat turn can run several use cases as one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import orm

from backend.storage.database import database
from backend.storage.statements import Rider, Values, driver_of, execute

log = logging.getLogger(__name__)


class _Open:
    """An open transaction: its connection, and an ORM session on it from the moment somebody asks for one."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.follow_ups: dict[Callable[[], None], None] = {}
        self.before_commit: dict[Callable[[], None], None] = {}
        self.after_commit: dict[Callable[[], None], None] = {}
        self.riders: list[Rider] = []
        self._session: orm.Session | None = None

    @property
    def session(self) -> orm.Session:
        self.send_riders()
        if self._session is None:
            self._session = orm.Session(self.connection, expire_on_commit=False)
            # Whoever holds on to the session sees what was to ride along, as if it had been written at once.
            sa.event.listen(self._session, "do_orm_execute", lambda _: self.send_riders())
            sa.event.listen(self._session, "before_flush", lambda *_: self.send_riders())
        return self._session

    def flush(self) -> None:
        if self._session is not None:
            self._session.flush()
        self.send_riders()

    def send_riders(self) -> None:
        """Write what still waits to ride along with another statement."""
        riders, self.riders = self.riders, []
        for statement, values in riders:
            execute(self.connection, statement, values)

    def follow_up(self) -> None:
        """Do what follows from all that was done, and what follows from that."""
        while self.follow_ups:
            action = next(iter(self.follow_ups))
            del self.follow_ups[action]
            action()
        self.flush()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()


_open: ContextVar[_Open | None] = ContextVar("open", default=None)


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
            opened.follow_up()
            for action in opened.before_commit:
                action()
            opened.flush()
        finally:
            _open.reset(token)
            opened.close()
    _run_after_commit(opened)


def run(statement: sa.TextClause, values: Values) -> psycopg.Cursor[Any]:
    """Run a statement in the open transaction by the driver itself; rows have the columns as attributes.

    For the few statements that every push and every booking needs: it takes a quarter of the processor time of a
    session's `execute`. It does not see what the session has not flushed. Raises the same errors (`sa.exc.DBAPIError`
    and below), and `RuntimeError` outside a transaction.
    """
    opened = _current()
    riders, opened.riders = opened.riders, []
    return execute(opened.connection, statement, values, riders)


def run_along(statement: sa.TextClause, values: Values) -> None:
    """Write together with the next `run`, by one statement; at the latest when a session is asked for or on commit.

    For writes of which nobody needs the result and which the next `run` need not see.
    """
    _current().riders.append((statement, values))


def look(statement: sa.TextClause, values: Values) -> Any:
    """The first row of a query, or None. Like `run`; outside a transaction it takes one round trip instead of three."""
    return next(iter(ask(statement, values)), None)


def ask(statement: sa.TextClause, values: Values) -> Sequence[Any]:
    """All rows of one statement, which outside a transaction is one of its own and takes one round trip."""
    opened = _open.get()
    if opened is not None:
        opened.send_riders()
        return execute(opened.connection, statement, values).fetchall()
    with one_connection() as connection:
        return execute(connection, statement, values).fetchall()


_alone: ContextVar[sa.Connection | None] = ContextVar("alone", default=None)


@contextmanager
def one_connection() -> Iterator[sa.Connection]:
    """Keep one connection for all that is asked inside by `ask` and `look`; each statement commits by itself."""
    held = _alone.get()
    if held is not None:
        yield held
        return
    with database().engine.connect() as connection:
        driver, token = driver_of(connection), _alone.set(connection)
        driver.autocommit = True
        try:
            yield connection
        finally:
            _alone.reset(token)
            if not driver.closed:
                driver.autocommit = False


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
            try:
                yield joined.session
                joined.send_riders()
            finally:
                joined.riders.clear()  # what was to be written in here is undone with the rest


def follow_up(action: Callable[[], None]) -> None:
    """Run `action` in the open transaction once the rest is done, before what is to be last (`before_commit`).

    For what follows from a change, whoever made it: equal actions are run once. It must not wait for locks, since the
    transaction holds some already, and must stand it that what it follows from was undone by a savepoint.
    """
    _current().follow_ups[action] = None


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
