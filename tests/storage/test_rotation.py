"""Keys and ciphers are changed while the product runs: nothing is lost, nothing stays old, and it says how it went."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.demonstration.load import load_demonstration
from backend.kernel.clock import MovableClock
from backend.storage import Database, KeyRing, census, key_ring, transaction, use_keys
from backend.storage.census import columns_in_database, sealed_columns, take_census, unused_keys
from backend.storage.rotation import Outcome, Rotation, _Walker
from backend.storage.sealing import Mark, bound_by, sealed_context
from tests.storage.conftest import INDEX, NEW, NEW_RING, OLD, OLD_RING, Letter, read_letters, write_letters

BOTH_OF_FORTY = 40 + 14  # every letter's text, every third one's note


def rotated(batch: int = 7) -> Outcome:
    rotation = Rotation(batch)
    list(rotation.run())
    return rotation.outcome()


def marks() -> set[Mark | None]:
    """Every mark that any value bears."""
    return {mark for counted in take_census().values() for mark in counted}


def test_every_sealed_column_of_the_demonstration_is_rotated_and_opens(
    app: Flask, clean_database: Database, clock: MovableClock, keys: None
):
    """New keys, then the other cipher. Reads what each column holds as the rotation does: by what it is bound to."""
    use_keys(OLD_RING)
    load_demonstration(app.extensions["settings"])
    before = everything_opened()
    assert before
    for ring in (NEW_RING, KeyRing({"new": NEW}, INDEX, "sm4-gcm"), KeyRing({"new": NEW}, INDEX)):
        use_keys(ring)
        outcome = rotated(batch=50)
        assert outcome.whole
        assert outcome.done == len(before)
        assert marks() == {ring.current}
        assert everything_opened() == before
    assert rotated().done == 0, "a second run changes nothing"


def everything_opened() -> dict[tuple[str, str], str]:
    """Every sealed value there is, by its column and row id."""
    opened = {}
    with transaction() as session:
        for column in sealed_columns():
            table, bound = column.table, column.table.c[bound_by(column)]
            for row_id, sealed in session.execute(sa.select(bound, column).where(column.is_not(None))):
                context = sealed_context(table.name, column.name, row_id)
                opened[f"{table.name}.{column.name}", str(row_id)] = key_ring().open(sealed, context)
    return opened


def test_the_database_has_no_sealed_column_that_the_models_do_not_know(app: Flask, clean_database: Database):
    assert columns_in_database() == {f"{column.table.name}.{column.name}" for column in sealed_columns()}


def test_a_program_that_does_not_know_every_table_never_says_a_key_can_go(
    letters: type[Letter], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(census, "columns_in_database", columns_in_database)
    with pytest.raises(LookupError, match=r"marriage_parties\.name_sealed"):
        rotated()
    with pytest.raises(LookupError, match=r"marriage_parties\.name_sealed"):
        take_census()


def test_a_table_with_a_key_of_two_columns_and_values_bound_to_a_third(letters: type[Letter]):
    write_letters(40)
    before = read_letters()
    use_keys(NEW_RING)
    rotation = Rotation(batch=7)
    steps = list(rotation.run())
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert (steps[-1].table, steps[-1].done, steps[-1].total) == ("letters", BOTH_OF_FORTY, BOTH_OF_FORTY)
    assert rotation.outcome() == Outcome(BOTH_OF_FORTY, {}, {}, [], ["old"])
    use_keys(KeyRing({"new": NEW}, INDEX))  # the old key is gone for good
    assert read_letters() == before


@pytest.mark.parametrize("batch", [1, 3, 39, 40, 41])
def test_pages_leave_nothing_out(letters: type[Letter], batch: int):
    write_letters(40)
    use_keys(NEW_RING)
    assert rotated(batch).whole
    assert marks() == {NEW_RING.current}


def test_a_batch_holds_no_more_bytes_than_fit(letters: type[Letter], monkeypatch: pytest.MonkeyPatch):
    write_letters(12)
    sizes: list[int] = []
    changes = _Walker._changes

    def note(walker: _Walker, rows: Any) -> Any:
        sizes.append(sum(len(row[column] or b"") for row in rows for column in walker._columns))
        return changes(walker, rows)

    monkeypatch.setattr(_Walker, "_changes", note)
    monkeypatch.setattr("backend.storage.rotation._BATCH_BYTES", 200)
    use_keys(NEW_RING)
    assert rotated(batch=12).whole
    assert len(sizes) > 3
    assert max(sizes) <= 200
    use_keys(KeyRing({"newest": OLD, "new": NEW}, INDEX))
    monkeypatch.setattr("backend.storage.rotation._BATCH_BYTES", 1)
    assert rotated(batch=12).whole, "a value above the limit is a batch of its own"


def test_interrupted_it_goes_on_where_it_was(letters: type[Letter]):
    write_letters(40)
    before = read_letters()
    use_keys(NEW_RING)
    first = Rotation(batch=7).run()
    assert next(first).done == 0
    done = [next(first), next(first)][-1].done
    first.close()
    assert 0 < done < BOTH_OF_FORTY
    assert read_letters() == before
    assert marks() == {OLD_RING.current, NEW_RING.current}
    assert rotated().done == BOTH_OF_FORTY - done
    assert read_letters() == before


def test_the_whole_is_counted_twice_and_no_more(letters: type[Letter], clean_database: Database):
    """What is counted after each batch costs the square of the rows."""
    write_letters(40)
    use_keys(NEW_RING)
    counts: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if "count(" in statement:
            counts.append(statement)

    sa.event.listen(clean_database.engine, "before_cursor_execute", note)
    try:
        rotated(batch=1)
    finally:
        sa.event.remove(clean_database.engine, "before_cursor_execute", note)
    assert len(counts) == 2


def test_two_at_once_do_each_value_once(letters: type[Letter]):
    write_letters(200)
    before = read_letters()
    use_keys(NEW_RING)
    barrier = threading.Barrier(2)

    def run(_: int) -> Outcome:
        barrier.wait()
        return rotated(batch=5)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(run, range(2)))
    assert [outcome.whole for outcome in outcomes] == [True, True]
    assert sum(outcome.done for outcome in outcomes) == 200 + 67
    assert read_letters() == before


def test_locked_rows_are_passed_over_and_come_last(letters: type[Letter], clean_database: Database):
    write_letters(40)
    use_keys(NEW_RING)
    rotation = Rotation(batch=7)
    steps = rotation.run()
    with clean_database.engine.connect() as other:
        other.execute(sa.select(Letter).where(Letter.number.in_([2, 4])).with_for_update())
        while (step := next(steps)).done < BOTH_OF_FORTY - 2:
            pass  # letters 2 and 4 have no notes
        assert marks() == {OLD_RING.current, NEW_RING.current}
        other.rollback()
    assert [step.done for step in steps][-1] == step.total
    assert rotation.outcome().whole


@pytest.fixture
def no_patience(clean_database: Database) -> Iterator[None]:
    """Nobody waits longer than a moment for a lock."""

    def shorten(connection: sa.Connection) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")

    sa.event.listen(clean_database.engine, "begin", shorten)
    yield
    sa.event.remove(clean_database.engine, "begin", shorten)


def test_a_row_that_stays_locked_is_reported_and_its_key_kept(
    letters: type[Letter], clean_database: Database, no_patience: None
):
    write_letters(10)
    use_keys(NEW_RING)
    with clean_database.engine.connect() as other:
        other.execute(sa.select(Letter).where(Letter.number == 2).with_for_update())
        outcome = rotated()
    assert outcome == Outcome(10 + 4 - 1, {"letters.text_sealed": 1}, {}, [], [])
    assert not outcome.whole
    assert rotated() == Outcome(1, {}, {}, [], ["old"])


def test_whoever_still_writes_with_old_keys_is_noticed(letters: type[Letter]):
    write_letters(10)
    use_keys(NEW_RING)
    rotation = Rotation(batch=4)
    for _ in rotation.run():
        with transaction() as session:
            seal_id = session.scalar(sa.select(Letter.seal_id).where(Letter.number == 0))
            stale = OLD_RING.seal("stale", f"letters.text_sealed:{seal_id}")
            session.execute(sa.update(Letter).where(Letter.number == 0).values(text_sealed=stale))
    outcome = rotation.outcome()
    assert (outcome.left, outcome.unused, outcome.whole) == ({"letters.text_sealed": 1}, [], False)


def test_values_that_do_not_open_stop_nothing(letters: type[Letter]):
    write_letters(10)
    lost = KeyRing({"lost": INDEX}, INDEX)
    damage = {3: b"", 4: b"\x01\xffrubbish", 5: lost.seal("x", "y"), 6: OLD_RING.seal("x", "of another row")}
    with transaction() as session:
        for number, value in damage.items():
            session.execute(sa.update(Letter).where(Letter.number == number).values(text_sealed=value))
    use_keys(NEW_RING)
    outcome = rotated(batch=4)
    assert (outcome.done, outcome.left, outcome.unreadable) == (6 + 4, {}, {"letters.text_sealed": 4})
    assert set(outcome.examples) == {f"letters.text_sealed {'ab'[n % 2]}, {n}" for n in damage}
    assert not outcome.whole
    assert outcome.unused == [], "letter 6 is marked with the old key"
    [counted] = [counted for column, counted in take_census().items() if column.name == "text_sealed"]
    assert counted == {NEW_RING.current: 6, None: 2, Mark("aes-256-gcm", "lost"): 1, OLD_RING.current: 1}
    with transaction() as session:
        kept = session.scalar(sa.select(Letter.text_sealed).where(Letter.number == 4))
    assert kept == damage[4], "what does not open is left as it is"


def test_a_key_is_unused_only_when_no_value_needs_it(letters: type[Letter]):
    ring = KeyRing({"new": NEW, "old": OLD, "older": INDEX}, INDEX)
    write_letters(1)
    assert unused_keys(take_census(), ring) == ["older"]


def rotate_while_somebody_writes() -> str | None:
    """Rotate one letter; between its being read and its being written, somebody changes its text."""
    write_letters(1)
    use_keys(NEW_RING)

    def change_text() -> None:
        with transaction() as session:
            letter = session.scalar(sa.select(Letter))
            assert letter
            letter.text = "changed meanwhile"

    writer = threading.Thread(target=change_text)
    plain = _Walker._anew

    def slowly(walker: _Walker, column: sa.Column[bytes], row: Any) -> Any:
        if not writer.ident:
            writer.start()
            writer.join(0.5)  # with the row locked it is still waiting then
        return plain(walker, column, row)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Walker, "_anew", slowly)
        rotated()
    writer.join()
    return read_letters()[0][0]


def test_what_is_written_meanwhile_is_not_overwritten(letters: type[Letter]):
    assert rotate_while_somebody_writes() == "changed meanwhile"


def test_without_the_row_lock_it_would_be(letters: type[Letter], monkeypatch: pytest.MonkeyPatch):
    locked = _Walker._locked

    def unlocked(walker: _Walker, keys: Any, *, wait: bool) -> Any:
        query = locked(walker, keys, wait=wait)
        query._for_update_arg = None
        return query

    monkeypatch.setattr(_Walker, "_locked", unlocked)
    assert rotate_while_somebody_writes() == "text 0"
