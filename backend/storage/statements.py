"""Statements by the driver itself, for the few that every push and every booking needs.

They take a quarter of the processor time of a session's `execute`. Each round trip costs more than what is asked in
it, so writes of which nobody needs the result may ride along with the next statement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from psycopg.rows import namedtuple_row

from backend.storage.database import database

Values = Mapping[str, Any]
Rider = tuple[sa.TextClause, Values]


def execute(
    connection: sa.Connection, statement: sa.TextClause, values: Values, riders: Sequence[Rider] = ()
) -> psycopg.Cursor[Any]:
    """Run a statement together with the riders; rows have the columns as attributes.

    Raises what SQLAlchemy raises (`sa.exc.DBAPIError` and below).
    """
    text, values = _with_riders(statement, values, riders)
    driver = driver_of(connection)
    try:
        return driver.cursor(row_factory=namedtuple_row).execute(text, values)
    except psycopg.Error as error:
        if driver.closed:  # see _forget_pool_when_server_went_away
            connection.invalidate(error)
            database().engine.dispose()
        raise sa.exc.DBAPIError.instance(
            text, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=driver.closed
        ) from error


def driver_of(connection: sa.Connection) -> psycopg.Connection[Any]:
    """The driver's connection below SQLAlchemy's."""
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


@lru_cache
def _text(statement: sa.TextClause) -> str:
    """The statement with the driver's placeholders."""
    return str(statement.compile(dialect=database().engine.dialect))


def _with_riders(statement: sa.TextClause, values: Values, riders: Sequence[Rider]) -> tuple[str, Values]:
    if not riders:
        return _text(statement), values
    together = dict(values)
    for number, (_, rider_values) in enumerate(riders):
        together |= {f"along{number}_{name}": value for name, value in rider_values.items()}
    return _joined_text(statement, tuple(rider for rider, _ in riders)), together


@lru_cache
def _joined_text(statement: sa.TextClause, riders: tuple[sa.TextClause, ...]) -> str:
    """The statement with the riders as its first common table expressions, which PostgreSQL runs though nobody asks."""
    parts = []
    for number, rider in enumerate(riders):
        renamed = re.sub(r"%\((\w+)\)s", rf"%(along{number}_\1)s", _text(rider))
        parts.append(f"along{number} AS ({renamed})")
    text = _text(statement).strip()
    rest = f", {text.removeprefix('WITH')}" if text.startswith("WITH") else f" {text}"
    return f"WITH {', '.join(parts)}{rest}"
