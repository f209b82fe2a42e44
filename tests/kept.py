"""What many tests begin with: filled in once by each worker and kept in a schema of its own, then copied from there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from backend.demonstration.load import load_demonstration
from backend.kernel.clock import now
from backend.settings import Settings
from backend.storage import Base, Database, database
from tests.servers import filled_tables

_SEQUENCES = """
    SELECT sequence.relname AS name FROM pg_class AS sequence
    JOIN pg_depend AS owned ON owned.objid = sequence.oid AND owned.deptype IN ('a', 'i')
    WHERE sequence.relkind = 'S' AND sequence.relnamespace = 'public'::regnamespace
"""
_kept: dict[tuple[str, str], Sequence[str]] = {}


def fill_once(name: str, fill: Callable[[], object]) -> None:
    """Fill this worker's database with what `fill` makes of it, at the same standing time in every test.

    What the database holds already has to be the same in every test too.
    """
    stored = database()
    key = (stored.engine.url.render_as_string(), name)
    if key in _kept:
        _copy_back(stored, f"kept_{name}", _kept[key])
        return
    fill()
    _kept[key] = _keep(stored, f"kept_{name}")


def fill_demonstration(settings: Settings) -> None:
    """The whole demonstration bureau as it is at the tests' standing time; its rows are sealed by the usual keys."""
    fill_once(f"demonstration_{now():%Y%m%d%H%M}", lambda: load_demonstration(settings))


def _keep(stored: Database, schema: str) -> Sequence[str]:
    with stored.engine.begin() as connection:
        filled = filled_tables(connection)
        connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
        for table in filled:
            connection.execute(sa.text(f"CREATE TABLE {schema}.{table} AS TABLE {table}"))
        connection.execute(
            sa.text(
                f"CREATE TABLE {schema}.counted AS SELECT sequencename AS name, last_value FROM pg_sequences"
                f" WHERE schemaname = 'public' AND last_value IS NOT NULL AND sequencename IN ({_SEQUENCES})"
            )
        )
    return filled


def _copy_back(stored: Database, schema: str, tables: Sequence[str]) -> None:
    """As a replica, for the same reasons as `empty_tables`."""
    with stored.engine.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for table in filled_tables(connection):
            connection.execute(sa.text(f"DELETE FROM {table}"))
        for table in tables:
            columns = _written(table)
            connection.execute(
                sa.text(
                    f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {schema}.{table}"
                )
            )
        connection.execute(sa.text(f"SELECT setval(name::regclass, last_value) FROM {schema}.counted"))


def _written(table: str) -> str:
    """The columns that are written; PostgreSQL works the others out."""
    columns = Base.metadata.tables[table].columns
    return ", ".join(f'"{column.name}"' for column in columns if column.computed is None)
