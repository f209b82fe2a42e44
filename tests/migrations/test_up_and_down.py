"""Migrations go up from nothing, down to nothing and up again, and make exactly the tables of the models."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command as alembic
from alembic.util import CommandError

from backend.commands import migrations
from backend.operations import MIGRATION_HEAD
from backend.storage import Base, Database

# What a schema consists of, in PostgreSQL's own words. `create_all` cannot make what is listed in MIGRATED_ONLY.
PARTS = {
    "column": """
        SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity,
            is_generated, generation_expression
        FROM information_schema.columns WHERE table_schema = 'public'
    """,
    "constraint": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    """,
    "index": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "sequence": "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
    "function": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "trigger": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
}
MIGRATED_ONLY = {
    ("sequence", "marriage_appointment_numbers"),
    ("sequence", "archive_request_numbers"),
    ("sequence", "divorce_case_numbers"),
    ("sequence", "marriage_ceremony_numbers"),
    ("sequence", "counselling_session_numbers"),
    ("sequence", "marriage_group_entry_numbers"),
    ("function", "link_audit_entries"),
    ("function", "refuse_change"),
    ("trigger", "audit_entries", "audit_entries_append_only"),
    ("trigger", "audit_entries", "audit_entries_no_truncate"),
    ("trigger", "audit_links", "audit_links_append_only"),
    ("trigger", "audit_links", "audit_links_no_truncate"),
    ("trigger", "consent_events", "consent_events_append_only"),
    ("trigger", "life_events", "life_events_append_only"),
    ("trigger", "life_events", "life_events_reason_forgotten"),
}


def schema(database: Database) -> set[tuple[object, ...]]:
    """Everything a database is made of, without Alembic's own table."""
    with database.engine.connect() as connection:
        rows = {(kind, *row) for kind, query in PARTS.items() for row in connection.execute(sa.text(query))}
    return {row for row in rows if row[1] != "alembic_version"}


def version(database: Database) -> str | None:
    """The revision a database is at."""
    with database.engine.connect() as connection:
        return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


def test_up_down_and_up_again(empty_database: Database):
    assert schema(empty_database) == set()
    alembic.upgrade(migrations(), "head")
    first = schema(empty_database)
    assert version(empty_database) == MIGRATION_HEAD.read_text().strip()
    assert len(first) > 200
    alembic.downgrade(migrations(), "base")
    assert schema(empty_database) == set()
    assert version(empty_database) is None
    alembic.upgrade(migrations(), "head")
    assert schema(empty_database) == first


def test_each_step_can_be_taken_back(empty_database: Database):
    alembic.upgrade(migrations(), "head")
    while version(empty_database) is not None:
        at = version(empty_database)
        after = schema(empty_database)
        alembic.downgrade(migrations(), "-1")
        alembic.upgrade(migrations(), "+1")
        assert (version(empty_database), schema(empty_database)) == (at, after)
        alembic.downgrade(migrations(), "-1")
        assert schema(empty_database) != after


def test_the_migrations_make_the_tables_of_the_models(empty_database: Database):
    Base.metadata.create_all(empty_database.engine)
    wanted = schema(empty_database)
    Base.metadata.drop_all(empty_database.engine)
    assert schema(empty_database) == set()
    alembic.upgrade(migrations(), "head")
    assert schema(empty_database) - wanted == MIGRATED_ONLY
    assert wanted - schema(empty_database) == set()


def test_alembic_finds_no_difference(empty_database: Database):
    alembic.upgrade(migrations(), "head")
    alembic.check(migrations())


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE persons ADD COLUMN nickname text",
        "ALTER TABLE staff_accounts ALTER COLUMN username TYPE varchar(80)",
        "DROP INDEX ix_wechat_identities_person_id",
    ],
)
def test_a_difference_is_found(empty_database: Database, change: str):
    alembic.upgrade(migrations(), "head")
    before = schema(empty_database)
    with empty_database.engine.begin() as connection:
        connection.execute(sa.text(change))
    with pytest.raises(CommandError, match="New upgrade operations"):
        alembic.check(migrations())
    assert schema(empty_database) != before


def test_a_check_that_alembic_does_not_see_is_found(empty_database: Database):
    alembic.upgrade(migrations(), "head")
    before = schema(empty_database)
    with empty_database.engine.begin() as connection:
        connection.execute(
            sa.text("ALTER TABLE marriage_slots DROP CONSTRAINT ck_marriage_slots_taken_within_capacity")
        )
    assert {row[2] for row in before - schema(empty_database)} == {"ck_marriage_slots_taken_within_capacity"}
