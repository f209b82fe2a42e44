"""Joining, undoing and going on: what use cases may rely on when a chat turn runs several of them as one."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backend.kernel.clock import MovableClock
from backend.kernel.ids import new_id
from backend.storage import Database, after_commit, atomic, broken_constraint, run, session, transaction

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
