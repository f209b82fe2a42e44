"""A bureau that has a trail already: its entries are linked when the chain comes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic import command as alembic
from flask import Flask

from backend.commands import migrations
from backend.staff.audit.verify import Break, Fault
from backend.storage import Database, database, use_database
from tests.audit.support import add_entries, links, outcome, tamper
from tests.servers import Servers, new_database


@pytest.fixture
def older(app: Flask, servers: Servers, worker_id: str) -> Iterator[Database]:
    """A database from before the chain, with a trail of 1203 entries."""
    usual = database()
    made = Database(new_database(servers, f"audit_{worker_id}"))
    use_database(made)
    alembic.upgrade(migrations(), "0004")
    with made.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO audit_entries (at, action, subject_kind, subject_id, detail)"
                " SELECT now(), 'staff.locked', 'staff_account', nullif(number, 3)::text,"
                ' CASE WHEN number % 2 = 0 THEN \'{}\' ELSE \'{"attempts": 5, "name": "五"}\' END::jsonb'
                " FROM generate_series(1, 1203) AS number"
            )
        )
    yield made
    use_database(usual)
    made.engine.dispose()


def test_older_entries_join_the_chain_and_newer_ones_follow(older: Database) -> None:
    alembic.upgrade(migrations(), "head")
    assert (outcome().found, len(links())) == (None, 1203)
    [added] = add_entries(1)
    assert (links()[-1].entry_id, outcome().found) == (added, None)
    tamper("UPDATE audit_entries SET subject_id = '4' WHERE id = 700")
    assert outcome().found == Break(Fault.ALTERED, 700, 700)


def test_the_chain_can_be_taken_away_again(older: Database) -> None:
    alembic.upgrade(migrations(), "0005")
    alembic.downgrade(migrations(), "0004")
    with older.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM audit_entries")) == 1203
    alembic.upgrade(migrations(), "head")
    assert outcome().found is None
