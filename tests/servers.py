"""One PostgreSQL and one Redis for a whole test run, shared by its workers; each worker has a database of its own.

`TEST_DATABASE_URL` (an address whose role may create databases) puts another PostgreSQL in place of ours, so that the
same suite runs on the oldest version we promise.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from alembic import command as alembic

from backend import models  # noqa: F401 - registers every table
from backend.embedded.places import temporary_data_dir
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.redis import EmbeddedRedis
from backend.storage import Base, Database, use_database

TEMPLATE = "nuanmin_template"


@dataclass(frozen=True)
class Servers:
    """Addresses of the run's servers."""

    postgres_url: str
    redis_url: str


@contextmanager
def running_servers() -> Iterator[Servers]:
    """Start both, and make the migrated template every test database is cloned from."""
    with ExitStack() as stack:
        directory = stack.enter_context(temporary_data_dir())
        postgres_url = os.environ.get("TEST_DATABASE_URL")
        if postgres_url is None:
            postgres_url = stack.enter_context(EmbeddedPostgres(directory, durable=False)).url
        redis_url = stack.enter_context(EmbeddedRedis(directory)).url
        servers = Servers(postgres_url, redis_url)
        _make_template(servers)
        yield servers


def database_address(servers: Servers, name: str) -> str:
    """The address of one database on the run's server."""
    url = sa.make_url(servers.postgres_url).set(database=name, drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def redis_address(servers: Servers, number: int) -> str:
    """One of the sixteen databases of the run's Redis."""
    return f"{servers.redis_url}?db={number % 16}"


def clone_template(servers: Servers, name: str) -> str:
    """A fresh database with all tables; its address."""
    _administer(servers, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')
    return database_address(servers, name)


def new_database(servers: Servers, name: str) -> str:
    """A fresh database without tables; its address."""
    _administer(servers, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
    return database_address(servers, name)


def empty_tables(database: Database) -> None:
    """Delete every row, and begin to count anew.

    Only from tables that have rows: to TRUNCATE a hundred tables takes a quarter of a second, a test mostly fills ten.
    As a replica the server runs no triggers, neither those of foreign keys nor those that guard what is only added to.
    """
    with database.engine.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for table in filled_tables(connection):
            connection.execute(sa.text(f"DELETE FROM {table}"))
        connection.execute(sa.text(_COUNT_ANEW))


def filled_tables(connection: sa.Connection) -> Sequence[str]:
    """The names of tables that have rows."""
    return connection.scalars(sa.text(_FILLED)).all()


_FILLED = " UNION ALL ".join(
    f"SELECT '{table.name}' WHERE EXISTS (SELECT FROM {table.name})" for table in Base.metadata.sorted_tables
)
# Sequences that belong to a column; numbers that people see go on.
_COUNT_ANEW = """
    SELECT setval(sequence.oid, 1, false) FROM pg_class AS sequence
    JOIN pg_depend AS owned ON owned.objid = sequence.oid AND owned.deptype IN ('a', 'i')
    WHERE sequence.relkind = 'S'
"""


def _make_template(servers: Servers) -> None:
    from backend.commands import migrations

    database = Database(new_database(servers, TEMPLATE))
    use_database(database)
    alembic.upgrade(migrations(), "head")
    database.engine.dispose()


def _administer(servers: Servers, *statements: str) -> None:
    engine = sa.create_engine(database_address(servers, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()
