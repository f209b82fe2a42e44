"""The chain: every entry is linked when it is committed, and whatever is done to it afterwards is found."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backend.staff.audit import AuditEntry, record
from backend.staff.audit.chain import ENTRIES, GENESIS, Anchor, canonical, head, link_hash
from backend.staff.audit.models import AuditLink
from backend.staff.audit.verify import Break, Fault
from backend.storage import atomic, transaction
from tests.audit.support import Bureau, add_entries, links, outcome, tamper, tampering


def position_of(entry_id: int) -> int:
    return next(link.position for link in links() if link.entry_id == entry_id)


def end() -> Anchor:
    with transaction():
        return head()


def record_and_fail() -> None:
    record("staff.locked", "staff_account", "taken back")
    raise RuntimeError


# --- linking ---


def test_each_entry_is_linked_by_its_own_transaction(bureau: Bureau) -> None:
    before = len(links())
    added = add_entries(5)
    chain = links()
    assert [link.position for link in chain] == list(range(1, before + 6))
    assert [link.entry_id for link in chain[-5:]] == added
    assert [link.previous_hash for link in chain] == [GENESIS.hash, *(link.hash for link in chain[:-1])]
    last = outcome()
    assert (last.found, last.at, last.done) == (None, end(), last.total)


def test_several_entries_of_one_transaction_are_linked_in_order(bureau: Bureau) -> None:
    before = len(links())
    with transaction() as session:
        for number in range(4):
            record("staff.locked", "staff_account", str(number))
        # Linked as the last act, not one by one.
        assert session.scalar(sa.select(sa.func.count()).select_from(AuditLink)) == before
    assert len(links()) == before + 4
    assert outcome().found is None


def test_what_a_savepoint_takes_back_leaves_no_link(bureau: Bureau) -> None:
    before = len(links())
    with transaction():
        record("staff.locked", "staff_account", "kept")
        with pytest.raises(RuntimeError), atomic():
            record_and_fail()
        record("staff.locked", "staff_account", "kept too")
    assert len(links()) == before + 2
    assert outcome().found is None


def test_a_savepoint_that_takes_everything_back_leaves_nothing(bureau: Bureau) -> None:
    before = len(links())
    with transaction(), pytest.raises(RuntimeError), atomic():
        record_and_fail()
    assert len(links()) == before
    assert outcome().found is None


def test_a_transaction_that_fails_leaves_neither_entry_nor_link(bureau: Bureau) -> None:
    before = len(links())
    with pytest.raises(RuntimeError), transaction():
        record_and_fail()
    assert len(links()) == before
    add_entries(1)
    assert outcome().found is None


# --- the hash ---


def test_the_hash_covers_every_column_of_an_entry() -> None:
    whole = {
        "id": 7,
        "at": datetime(2027, 5, 18, 9, 40, tzinfo=UTC),
        "account_id": uuid.uuid4(),
        "role": "registrar",
        "stand_in_for": uuid.uuid4(),
        "action": "marriage.appointment_viewed",
        "look": True,
        "subject_kind": "marriage_appointment",
        "subject_id": "x",
        "subject_ids": ["a", "b"],
        "fields": ["name"],
        "task": "t",
        "purpose": "p",
        "address": "203.0.113.0/24",
        "request_id": "r",
        "detail": {"a": [1, {"b": None}]},
    }
    assert whole.keys() == {column.name for column in ENTRIES.c}
    first = link_hash(GENESIS.hash, whole)
    assert {name for name in whole if link_hash(GENESIS.hash, whole | {name: None}) == first} == set()
    assert link_hash(first, whole) != first


def test_the_canonical_form_is_the_same_whatever_the_order_and_the_zone() -> None:
    moment = datetime(2027, 5, 18, 9, 40, 0, 5, tzinfo=UTC)
    one = canonical({"id": 1, "at": moment, "detail": {"b": 1, "a": "名"}, "role": None, "fields": [], "look": False})
    other = canonical({"detail": {"a": "名", "b": 1}, "at": moment.astimezone(), "id": 1})
    assert one == other == '{"at":"2027-05-18T09:40:00.000005+00:00","detail":{"a":"名","b":1},"id":1}'.encode()


@pytest.mark.parametrize("text", ["", "1", "x:00", "0:" + "00" * 32, "3:00", "3:zz"])
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Anchor.parse(text)


def test_an_anchor_is_read_as_it_is_written() -> None:
    anchor = Anchor(3, bytes(range(32)))
    assert Anchor.parse(f" {anchor}\n") == anchor


# --- the guards in the database ---


@pytest.mark.parametrize("table", ["audit_entries", "audit_links"])
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_the_trail_and_its_chain_are_only_added_to(bureau: Bureau, table: str, statement: str) -> None:
    add_entries(1)
    column = "action" if table == "audit_entries" else "hash"
    with pytest.raises(DBAPIError, match="is append-only"), transaction() as session:
        session.execute(sa.text(statement.format(table, column)))
    assert outcome().found is None


# --- broken on purpose ---


@pytest.mark.parametrize(
    "change",
    [
        "action = 'staff.signed_in'",
        "at = at + interval '1 microsecond'",
        "subject_id = 'somebody else'",
        "account_id = (SELECT id FROM staff_accounts LIMIT 1)",
        "detail = detail || '{\"attempts\": 99}'",
        "purpose = 'a reason that was never given'",
        "look = true",
        "fields = '{name}'",
        "address = '10.0.0.0/24'",
    ],
)
def test_an_altered_entry_is_found(bureau: Bureau, change: str) -> None:
    added = add_entries(9)
    assert tamper(f"UPDATE audit_entries SET {change} WHERE id = :id", id=added[4]) == 1
    assert outcome().found == Break(Fault.ALTERED, position_of(added[4]), added[4])


def test_an_altered_hash_is_found(bureau: Bureau) -> None:
    added = add_entries(6)
    tamper("UPDATE audit_links SET hash = sha256(hash) WHERE entry_id = :id", id=added[2])
    assert outcome().found == Break(Fault.ALTERED, position_of(added[2]), added[2])


def test_the_first_of_many_is_told(bureau: Bureau) -> None:
    added = add_entries(9)
    tamper("UPDATE audit_entries SET action = 'x' WHERE id IN (:a, :b)", a=added[6], b=added[3])
    assert outcome().found == Break(Fault.ALTERED, position_of(added[3]), added[3])


def test_a_removed_entry_is_found(bureau: Bureau) -> None:
    added = add_entries(6)
    position = position_of(added[3])
    tamper("DELETE FROM audit_entries WHERE id = :id", id=added[3])
    assert outcome().found == Break(Fault.REMOVED, position, added[3])


def test_a_removed_entry_with_its_link_is_found(bureau: Bureau) -> None:
    added = add_entries(6)
    position = position_of(added[3])
    tamper("DELETE FROM audit_links WHERE entry_id = :id", id=added[3])
    tamper("DELETE FROM audit_entries WHERE id = :id", id=added[3])
    assert outcome().found == Break(Fault.REMOVED, position)


def test_a_gap_that_was_closed_is_found(bureau: Bureau) -> None:
    added = add_entries(6)
    position = position_of(added[3])
    with tampering() as connection:
        connection.execute(sa.text("DELETE FROM audit_links WHERE entry_id = :id"), {"id": added[3]})
        connection.execute(sa.text("DELETE FROM audit_entries WHERE id = :id"), {"id": added[3]})
        for later in range(position + 1, position + 3):
            connection.execute(
                sa.text("UPDATE audit_links SET position = position - 1 WHERE position = :at"), {"at": later}
            )
    assert outcome().found == Break(Fault.REORDERED, position, added[4])


def test_an_entry_slipped_in_is_found(bureau: Bureau) -> None:
    added = add_entries(4)
    tamper(
        "INSERT INTO audit_entries (id, at, action, subject_kind, detail) OVERRIDING SYSTEM VALUE"
        " VALUES (:id, now(), 'staff.signed_in', 'staff_account', '{}')",
        id=added[-1] + 1000,
    )
    assert outcome().found == Break(Fault.UNLINKED, None, added[-1] + 1000)


def test_entries_changed_about_are_found(bureau: Bureau) -> None:
    added = add_entries(6)
    one, other = position_of(added[2]), position_of(added[3])
    with tampering() as connection:
        for before, after in ((one, 10_000), (other, one), (10_000, other)):
            connection.execute(
                sa.text("UPDATE audit_links SET position = :after WHERE position = :before"),
                {"before": before, "after": after},
            )
    assert outcome().found == Break(Fault.REORDERED, one, added[3])


def test_a_fork_is_found(bureau: Bureau) -> None:
    added = add_entries(6)
    third, fourth = (next(link for link in links() if link.entry_id == entry) for entry in added[2:4])
    with transaction() as session:
        row = session.execute(sa.select(ENTRIES).where(ENTRIES.c.id == added[3])).mappings().one()
    # The fourth follows the second, as the third does, and is whole in itself.
    tamper(
        "UPDATE audit_links SET previous_hash = :previous, hash = :hash WHERE position = :position",
        previous=third.previous_hash,
        hash=link_hash(third.previous_hash, dict(row)),
        position=fourth.position,
    )
    assert outcome().found == Break(Fault.FORKED, fourth.position, added[3])


def test_a_cut_off_end_is_found_by_its_anchor(bureau: Bureau) -> None:
    added = add_entries(6)
    kept = end()
    for entry_id in added[-2:]:
        tamper("DELETE FROM audit_links WHERE entry_id = :id", id=entry_id)
        tamper("DELETE FROM audit_entries WHERE id = :id", id=entry_id)
    assert outcome().found is None  # nothing in the database itself tells
    assert outcome(kept).found == Break(Fault.TRUNCATED, kept.position)


def test_a_chain_written_anew_is_found_by_its_anchor(bureau: Bureau) -> None:
    add_entries(6)
    early, kept = Anchor(links()[0].position, links()[0].hash), end()
    with tampering() as connection:
        connection.execute(sa.text("UPDATE audit_entries SET action = 'staff.signed_in' WHERE subject_id = 'row-1'"))
        previous = GENESIS.hash
        for link in connection.execute(sa.select(AuditLink.__table__).order_by(AuditLink.position)).all():
            row = connection.execute(sa.select(ENTRIES).where(ENTRIES.c.id == link.entry_id)).mappings().one()
            following = link_hash(previous, dict(row))
            connection.execute(
                sa.text("UPDATE audit_links SET previous_hash = :previous, hash = :hash WHERE position = :position"),
                {"previous": previous, "hash": following, "position": link.position},
            )
            previous = following
    assert outcome().found is None
    assert outcome(early).found is None  # the end is what has to be kept
    assert outcome(early, kept).found == Break(Fault.REWRITTEN, kept.position)


def test_what_is_whole_stays_whole_while_it_grows(bureau: Bureau) -> None:
    add_entries(4)
    kept = end()
    add_entries(4)
    bureau.clock.advance(timedelta(days=400))
    assert outcome(kept).found is None


def test_an_empty_trail_is_whole(clean_database: object) -> None:
    last = outcome()
    assert (last.found, last.at, last.total) == (None, GENESIS, 0)
    with transaction() as session:
        assert session.scalars(sa.select(AuditEntry)).all() == []
