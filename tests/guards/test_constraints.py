"""What the catalogue of the migrated database says about names and indexes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from backend.storage import Base, Database

# Alembic's own.
NOT_OURS = ("alembic_version",)

# contype n, NOT NULL, has names of PostgreSQL's own making from version 18 on.
CONSTRAINTS = sa.text(
    """
    SELECT relation.relname, con.contype::text, con.conname
    FROM pg_constraint AS con JOIN pg_class AS relation ON relation.oid = con.conrelid
    WHERE con.connamespace = 'public'::regnamespace AND con.contype IN ('p', 'u', 'f', 'c', 'x')
    """
)
INDEXES = sa.text(
    """
    SELECT relation.relname, name.relname AS index_name, index.indisunique
    FROM pg_index AS index
    JOIN pg_class AS name ON name.oid = index.indexrelid
    JOIN pg_class AS relation ON relation.oid = index.indrelid
    WHERE relation.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_constraint AS con WHERE con.conindid = index.indexrelid AND con.contype <> 'f')
    """
)
# A foreign key is served by an index on all rows that begins with a column of it.
UNINDEXED = sa.text(
    """
    SELECT relation.relname, con.conname
    FROM pg_constraint AS con JOIN pg_class AS relation ON relation.oid = con.conrelid
    WHERE con.contype = 'f' AND con.connamespace = 'public'::regnamespace
      AND NOT EXISTS (
        SELECT FROM pg_index AS index
        WHERE index.indrelid = con.conrelid AND index.indpred IS NULL AND index.indkey[0] = ANY(con.conkey)
      )
    """
)
PREFIXES = {"p": "pk", "u": "uq", "f": "fk", "c": "ck", "x": "ex"}


@pytest.fixture
def connection(clean_database: Database) -> Iterator[sa.Connection]:
    """A connection to the migrated database; what is done with it is undone."""
    with clean_database.engine.connect() as opened:
        yield opened


def badly_named(connection: sa.Connection) -> list[str]:
    """Constraints and indexes whose names do not follow `backend.storage.database.NAMING`."""
    found = []
    for table, kind, name in connection.execute(CONSTRAINTS):
        wanted = f"{PREFIXES[kind]}_{table}" + ("" if kind == "p" else "_")
        if table not in NOT_OURS and not (name == wanted if kind == "p" else name.startswith(wanted)):
            found.append(name)
    for table, name, unique in connection.execute(INDEXES):
        if table not in NOT_OURS and not name.startswith(f"{'uq' if unique else 'ix'}_{table}_"):
            found.append(name)
    return sorted(found)


def unindexed(connection: sa.Connection) -> list[str]:
    """Foreign keys that no index serves: deleting or locking the other row would read the whole table."""
    return sorted(name for _, name in connection.execute(UNINDEXED))


def test_constraints_and_indexes_are_named_by_the_convention(connection: sa.Connection):
    assert len(connection.execute(CONSTRAINTS).all()) > 60
    assert len(connection.execute(INDEXES).all()) > 15
    assert badly_named(connection) == []


def test_every_foreign_key_has_an_index(connection: sa.Connection):
    assert unindexed(connection) == []


def test_every_table_is_one_of_the_models(connection: sa.Connection):
    assert set(sa.inspect(connection).get_table_names()) - set(NOT_OURS) == Base.metadata.tables.keys()


def test_no_extension_is_needed(connection: sa.Connection):
    assert connection.scalars(sa.text("SELECT extname FROM pg_extension")).all() == ["plpgsql"]


def test_bad_names_are_found(connection: sa.Connection):
    connection.execute(
        sa.text("CREATE TABLE visits (id int PRIMARY KEY, day date UNIQUE, hours int CHECK (hours > 0))")
    )
    connection.execute(sa.text("CREATE INDEX by_hours ON visits (hours)"))
    assert badly_named(connection) == ["by_hours", "visits_day_key", "visits_hours_check", "visits_pkey"]


def test_missing_indexes_are_found(connection: sa.Connection):
    connection.execute(
        sa.text(
            """
            CREATE TABLE visits (
                person_id uuid CONSTRAINT fk_visits_person_id REFERENCES persons,
                guide_id uuid CONSTRAINT fk_visits_guide_id REFERENCES persons,
                driver_id uuid CONSTRAINT fk_visits_driver_id REFERENCES persons,
                day date
            )
            """
        )
    )
    connection.execute(sa.text("CREATE INDEX ix_visits_person_id ON visits (person_id, day)"))
    connection.execute(sa.text("CREATE INDEX ix_visits_guide_id ON visits (guide_id) WHERE day IS NULL"))
    connection.execute(sa.text("CREATE INDEX ix_visits_day ON visits (day, driver_id)"))
    assert unindexed(connection) == ["fk_visits_driver_id", "fk_visits_guide_id"]
