"""Another key of the blind indexes: everything is found as before, nobody exists twice, and wrong keys are refused."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from backend import models
from backend.commands import keys_cli
from backend.kernel.clock import MovableClock, now
from backend.people.models import Person
from backend.settings import SettingsError
from backend.staff.audit.rules import Relation
from backend.staff.audit.watch import declare_relative, watch_index
from backend.storage import Base, Database, KeyRing, blind_index, database, key_ring, transaction, use_keys
from backend.storage.index_keys import (
    IndexFault,
    IndexKeyMark,
    IndexKeysDiffer,
    StillInUse,
    claim_index_keys,
    index_columns,
    index_fault,
    reindex,
)
from tests.life_events.support import groom
from tests.marriage.support import book, code_of, make_office, make_slot
from tests.people_proxies.support import DAUGHTER, MOTHER, ask, make_person, staff_account
from tests.storage.conftest import NEW

_TABLES = models

# Bytes that are no index: hashes without a key, of tokens and codes that nobody can guess, and of files and entries.
PLAIN_HASHES = {
    "audit_bookmarks.hash",
    "audit_bookmarks.round_hash",
    "audit_links.hash",
    "audit_links.previous_hash",
    "idempotent_answers.request_hash",
    "index_key_marks.mark",
    "login_codes.browser_hash",
    "login_codes.code_hash",
    "login_sessions.token_hash",
    "marriage_cloud_ceremonies.token_hash",
    "marriage_covers.key_hash",
    "marriage_covers.sha256",
    "staff_half_sign_ins.token_hash",
    "staff_scan_tickets.browser_hash",
    "staff_scan_tickets.scene_hash",
    "staff_sessions.token_hash",
    "uploads.sha256",
}


def with_key(*newer: bytes) -> KeyRing:
    """The application's keys, and these index keys put in front of its own."""
    ring = key_ring()
    (index_key, *before) = (*newer, *reversed(ring._index_keys))
    return KeyRing(ring._keys, index_key, ring.current.cipher, before)


@pytest.fixture
def ring(app: Flask, clean_database: Database, clock: MovableClock) -> Iterator[KeyRing]:
    """The keys with which the database was filled; put back afterwards."""
    before = key_ring()
    claim_index_keys()
    _close_what_others_left_open(clean_database)
    yield before
    use_keys(before)


def _close_what_others_left_open(database: Database) -> None:
    """Tests that made a second application leave its pool connected; here nobody else may be."""
    with database.engine.begin() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )
    database.engine.dispose()


def count(statement: str) -> int:
    with transaction() as session:
        return session.scalar(sa.text(statement)) or 0


def found_by_number(person_id: uuid.UUID) -> bool:
    """Whether the person is found by the number that is sealed in their row."""
    with transaction() as session:
        person = session.get_one(Person, person_id, populate_existing=True)
        index = blind_index(f"resident_identity_card:{person.id_number}", "identity_number")
        return session.scalar(sa.select(Person.id).where(Person.id_number_index == index)) == person_id


def test_every_column_of_bytes_is_sealed_an_index_or_a_plain_hash() -> None:
    of_bytes = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary) and not column.name.endswith("_sealed")
    }
    assert of_bytes == {f"{column.table.name}.{column.name}" for column in index_columns()} | PLAIN_HASHES


@given(st.text(max_size=40), st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=4, unique=True))
def test_going_from_key_to_key_ends_where_all_keys_together_begin(value: str, keys: list[bytes]) -> None:
    fields = {"k": bytes(32)}
    rings = [KeyRing(fields, keys[n], index_keys_before=keys[:n][::-1]) for n in range(len(keys))]
    index = rings[0].index(value, "purpose")
    for layers, newer in enumerate(rings[1:], start=1):
        index = newer.index_anew(index, layers)
        assert index == newer.index(value, "purpose")
    assert len(set(rings[-1].index_marks)) == len(keys)
    assert rings[-1].index_marks[0] == rings[0].index_marks[0]
    assert rings[-1].index("", "") not in rings[-1].index_marks


def test_everything_is_found_again_and_nobody_exists_twice(app: Flask, ring: KeyRing) -> None:
    man, daughter, clerk = groom(), make_person(DAUGHTER), staff_account()
    office = make_office("anping")
    slot, other = make_slot(office, "2026-11-26 10:00", 2), make_slot(office, "2026-11-27 10:00", 2)
    book(slot, 0, man)
    tie = ask(daughter, MOTHER)
    declare_relative(clerk, *MOTHER, Relation.PARENT.value)
    use_keys(with_key(NEW))
    assert not found_by_number(man)
    assert index_fault() is IndexFault.BEHIND
    done = app.test_cli_runner().invoke(keys_cli, ["reindex"])
    assert done.exit_code == 0, done.output
    assert "marriage_parties.id_number_index：换了 2 个" in done.output
    assert index_fault() is None
    assert found_by_number(man)
    assert code_of(lambda: book(other, 0, man)) == "already_booked"  # the unique index knows them
    assert code_of(lambda: ask(daughter, MOTHER)) == "state_conflict"
    with transaction() as session:
        index = session.scalar(sa.text("SELECT principal_number_index FROM proxy_ties WHERE id = :id"), {"id": tie})
        assert bytes(index) == blind_index(f"resident_identity_card:{MOTHER[1]}", "identity_number")
        # The number of a watched person is kept nowhere, and yet found.
        watched = session.scalar(sa.text("SELECT number_index FROM watched_numbers"))
        assert bytes(watched) == watch_index(MOTHER[1])
    again = app.test_cli_runner().invoke(keys_cli, ["reindex"])
    assert (again.exit_code, "这次换了 0 个" in again.output) == (0, True)


def test_two_keys_at_once_and_one_after_the_other(ring: KeyRing) -> None:
    man = groom()
    use_keys(with_key(os.urandom(32), NEW))
    list(reindex())
    assert found_by_number(man)
    use_keys(with_key(os.urandom(32)))
    list(reindex())
    assert found_by_number(man)
    assert index_fault() is None


def test_a_run_that_is_cut_short_has_done_nothing(ring: KeyRing) -> None:
    man = groom()
    use_keys(with_key(NEW))
    steps = reindex()
    for step in steps:
        if step.column == "persons.id_number_index":
            break
    steps.close()  # as a killed process leaves its transaction
    use_keys(ring)
    assert index_fault() is None
    assert found_by_number(man)


def test_nothing_is_done_while_somebody_else_is_connected(app: Flask, ring: KeyRing) -> None:
    man = groom()
    use_keys(with_key(NEW))
    with sa.create_engine(database().engine.url).connect() as other:
        other.execute(sa.text("SELECT 1"))
        with pytest.raises(StillInUse):
            list(reindex())
        refused = app.test_cli_runner().invoke(keys_cli, ["reindex"])
    assert (refused.exit_code, "请先停下" in refused.output) == (1, True)
    use_keys(ring)
    assert found_by_number(man)


@pytest.mark.parametrize("command", ["worker", "tick"])
def test_no_process_works_with_other_keys(app: Flask, ring: KeyRing, command: str) -> None:
    use_keys(with_key(NEW))
    behind = app.test_cli_runner().invoke(app.cli.commands[command])
    assert (behind.exit_code, "keys reindex" in behind.output) == (1, True)
    use_keys(KeyRing({"k": bytes(32)}, NEW))
    unknown = app.test_cli_runner().invoke(app.cli.commands[command])
    assert (unknown.exit_code, "请改回原来的密钥" in unknown.output) == (1, True)
    assert app.test_cli_runner().invoke(keys_cli, ["reindex"]).exit_code == 1
    with pytest.raises(IndexKeysDiffer):
        claim_index_keys()
    ready = app.test_client().get("/readyz")
    assert ready.status_code == 503
    assert ready.get_json()["checks"]["index_key"].startswith("unknown")


def test_a_new_database_takes_the_keys_it_is_first_used_with(app: Flask, clean_database: Database) -> None:
    assert index_fault() is None
    claim_index_keys()
    claim_index_keys()
    with transaction() as session:
        [mark] = session.scalars(sa.select(IndexKeyMark))
    assert (mark.mark, mark.set_at <= now()) == (key_ring().index_marks[-1], True)


def test_the_setting_takes_keys_newest_first(make_settings: object) -> None:
    one, two = "A" * 43 + "=", "B" * 42 + "A="
    settings = make_settings(BLIND_INDEX_KEY=f"{one}, {two}")  # type: ignore[operator]
    assert (settings.blind_index_key, len(settings.blind_index_keys_before)) == (bytes(32), 1)
    with pytest.raises(SettingsError, match="BLIND_INDEX_KEY must not name a key twice"):
        make_settings(BLIND_INDEX_KEY=f"{one},{one}")  # type: ignore[operator]
