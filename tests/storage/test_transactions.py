"""Joining, undoing and going on: what use cases may rely on when a chat turn runs several of them as one."""

from __future__ import annotations

import uuid
from contextlib import suppress

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backend.kernel.clock import MovableClock, now
from backend.kernel.ids import new_id
from backend.storage import (
    Database,
    after_commit,
    ask,
    atomic,
    broken_constraint,
    lean_transaction,
    run,
    run_along,
    session,
    transaction,
)

ADD = sa.text("INSERT INTO persons (id, created_at) VALUES (:id, :now)")


def there(person_id: uuid.UUID) -> bool:
    with transaction() as opened:
        return bool(opened.scalar(sa.text("SELECT count(*) FROM persons WHERE id = :id"), {"id": person_id}))


@pytest.mark.parametrize("by_driver", [True, False])
def test_a_refusal_inside_atomic_undoes_that_alone(
    clean_database: Database, clock: MovableClock, *, by_driver: bool
) -> None:
    first, undone, last = new_id(), new_id(), new_id()

    def add(person_id: uuid.UUID) -> None:
        values = {"id": person_id, "now": clock()}
        if by_driver:
            run(ADD, values)
        else:
            session().execute(ADD, values)

    def refuse() -> None:
        with atomic():
            add(undone)
            raise LookupError("half-way")

    with transaction():
        add(first)
        with pytest.raises(LookupError):
            refuse()
        add(last)
    assert [there(person) for person in (first, undone, last)] == [True, False, True]


@pytest.mark.parametrize("by_driver", [True, False])
def test_a_broken_constraint_inside_atomic_does_not_end_the_turn(
    clean_database: Database, clock: MovableClock, *, by_driver: bool
) -> None:
    twice, last = {"id": new_id(), "now": clock()}, {"id": new_id(), "now": clock()}

    def add_again() -> None:
        with atomic():
            run(ADD, twice) if by_driver else session().execute(ADD, twice)

    with transaction():
        run(ADD, twice)
        with pytest.raises(IntegrityError) as caught:
            add_again()
        assert broken_constraint(caught.value) == "pk_persons"
        run(ADD, last)
    assert there(last["id"])


def test_what_follows_a_commit_runs_once_and_only_after_it(clean_database: Database, clock: MovableClock) -> None:
    person, seen = new_id(), []

    def look() -> None:
        seen.append(there(person))

    def fail() -> None:
        with transaction():
            after_commit(look)
            raise LookupError("nothing was committed")

    with transaction():
        after_commit(look)
        after_commit(look)
        run(ADD, {"id": person, "now": clock()})
        assert seen == []
    assert seen == [True]
    with pytest.raises(LookupError):
        fail()
    assert seen == [True]


# --- writes that ride along ---

ALONG = sa.text("INSERT INTO leases (name, holder, expires_at, beat_at) VALUES (:name, '100%', :at, :at)")
ANYTHING = sa.text("SELECT :name AS name")
WITH_A_TABLE = sa.text("WITH one AS (SELECT 1 AS n) SELECT n, :name AS name FROM one")


def leases() -> list[str]:
    """The names that were written."""
    return [row.name for row in ask(sa.text("SELECT name FROM leases ORDER BY name"), {})]


def along(name: str) -> None:
    """Write a lease with the next statement."""
    run_along(ALONG, {"name": name, "at": now()})


@pytest.mark.parametrize("statement", [ANYTHING, WITH_A_TABLE])
def test_writes_ride_along_with_the_next_statement(clean_database: Database, statement: sa.TextClause) -> None:
    with lean_transaction():
        along("a")
        along("b")
        assert run(statement, {"name": "main"}).fetchone().name == "main"
        assert leases() == ["a", "b"]
    assert leases() == ["a", "b"]


def test_writes_that_nothing_follows_are_written_on_commit(clean_database: Database) -> None:
    with lean_transaction():
        along("a")
    assert leases() == ["a"]


def test_whoever_asks_for_a_session_sees_what_was_to_ride_along(clean_database: Database) -> None:
    with lean_transaction():
        along("a")
        assert session().scalar(sa.text("SELECT count(*) FROM leases")) == 1
    with transaction() as held:
        along("b")
        assert held.scalar(sa.text("SELECT count(*) FROM leases")) == 2


def test_what_rides_along_is_undone_with_its_part(clean_database: Database) -> None:
    with transaction():
        along("before")
        with suppress(ZeroDivisionError), atomic():
            along("inside")
            raise ZeroDivisionError
        along("after")
    assert leases() == ["after", "before"]


def test_what_was_to_ride_along_is_gone_with_the_transaction(clean_database: Database) -> None:
    with suppress(ZeroDivisionError), lean_transaction():
        along("a")
        raise ZeroDivisionError
    with lean_transaction():
        run(ANYTHING, {"name": "next"})
    assert leases() == []


def test_a_rider_that_is_refused_is_told_by_its_constraint(clean_database: Database) -> None:
    def twice() -> None:
        with lean_transaction():
            along("a")
            along("a")
            run(ANYTHING, {"name": "main"})

    with pytest.raises(IntegrityError) as refused:
        twice()
    assert broken_constraint(refused.value) == "pk_leases"
