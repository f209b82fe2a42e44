"""Many at once: one chain, whatever the number of writers, and nobody waits in a circle."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.people.models import Person
from backend.staff.audit import chain, record
from backend.storage import Database, session, transaction, use_database
from tests.audit.support import Bureau, links, outcome
from tests.concurrency.support import all_at_once

WRITERS = 40
ROUNDS = 5


@pytest.fixture
def crowd(bureau: Bureau, clean_database: Database, database_url: str) -> Iterator[Bureau]:
    """A connection for every writer."""
    wide = Database(database_url, pool_size=WRITERS)
    use_database(wide)
    yield bureau
    use_database(clean_database)
    wide.engine.dispose()


def test_forty_writers_make_one_chain(crowd: Bureau) -> None:
    before = len(links())

    def write(writer: int) -> None:
        for turn in range(ROUNDS):
            with transaction():
                for part in range(1 + writer % 3):
                    record("staff.locked", "staff_account", f"{writer}-{turn}-{part}")

    assert all_at_once(WRITERS, write) == Counter(done=WRITERS)
    written = sum(1 + writer % 3 for writer in range(WRITERS)) * ROUNDS
    chain_now = links()
    assert [link.position for link in chain_now] == list(range(1, before + written + 1))
    assert outcome().found is None


def _crossing(people: list[uuid.UUID]) -> list[str]:
    """One transaction has recorded and wants a row; another holds the row and records. What fails, by name."""
    has_recorded, has_row = threading.Event(), threading.Event()
    failures: list[str] = []

    def first() -> None:
        with transaction():
            record("staff.locked", "staff_account", "first")
            has_recorded.set()
            assert has_row.wait(10)
            session().execute(sa.select(Person).where(Person.id == people[0]).with_for_update())

    def second() -> None:
        with transaction():
            session().execute(sa.select(Person).where(Person.id == people[0]).with_for_update())
            has_row.set()
            assert has_recorded.wait(10)
            record("staff.locked", "staff_account", "second")

    def guarded(run: Callable[[], None]) -> None:
        try:
            run()
        except DBAPIError as error:
            failures.append(type(error.orig).__name__)

    threads = [threading.Thread(target=guarded, args=(run,)) for run in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return failures


@pytest.fixture
def people(crowd: Bureau) -> list[uuid.UUID]:
    """Somebody whose row is wanted by two."""
    with transaction() as opened:
        person = Person(id=new_id(), created_at=now())
        opened.add(person)
    return [person.id]


def test_a_late_lock_never_waits_in_a_circle_with_row_locks(crowd: Bureau, people: list[uuid.UUID]) -> None:
    before = len(links())
    assert _crossing(people) == []
    assert len(links()) == before + 2
    assert outcome().found is None


def test_an_early_lock_would(crowd: Bureau, people: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test above would say nothing about if this did not fail: the lock taken when the entry is written."""
    monkeypatch.setattr(chain, "before_commit", lambda link: link())
    assert _crossing(people) == ["DeadlockDetected"]


def test_who_verifies_does_not_wait_for_who_writes(crowd: Bureau) -> None:
    with transaction():
        record("staff.locked", "staff_account", "open")
        found: list[object] = []
        reader = threading.Thread(target=lambda: found.append(outcome().found))
        reader.start()
        reader.join(10)
        assert found == [None]
