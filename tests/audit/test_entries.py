"""Who looked, in which role, for what and from where; and whose numbers are watched."""

from __future__ import annotations

import uuid
from datetime import time

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backend.kernel.errors import AppError
from backend.staff.audit import (
    acting,
    acting_ends,
    clean_purpose,
    record,
    record_look,
    watch_index,
)
from backend.staff.audit.acting import coarse_address
from backend.staff.audit.models import WatchedNumber
from backend.staff.audit.rules import Limits, Rule, WatchKind
from backend.staff.audit.watch import (
    add_well_known,
    declare_relative,
    register_own_number,
    remove_watched,
    watched_by,
)
from backend.storage import broken_constraint, transaction
from tests.audit.support import CASE, Bureau, last_entry
from tests.console.support import party_number

ME, OTHER = uuid.uuid4(), uuid.uuid4()
NUMBER, ANOTHER = party_number(1, 0), party_number(2, 0)
LIMITS = Limits(minutes=10, opened=3, listed=100, starts=time(7), ends=time(20), rules=frozenset(Rule))


# --- who, in which role, from where ---


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("::1", "::/48"),
        ("unix", None),
        (None, None),
    ],
)
def test_addresses_are_kept_coarsely(address: str | None, kept: str | None) -> None:
    assert coarse_address(address) == kept


def test_what_is_recorded_carries_the_actor_of_the_request(bureau: Bureau) -> None:
    absent = bureau.accounts["registrar-2"]
    acting(bureau.registrar, "registrar", "203.0.113.77", "req-1", stand_in_for=absent)
    with transaction():
        record_look("marriage.appointment_viewed", CASE, ["a"], task=f"{CASE}:a", fields=("name",), party=1)
    seen = last_entry()
    assert (seen.account_id, seen.role, seen.address, seen.request_id) == (
        bureau.registrar,
        "registrar",
        "203.0.113.0/24",
        "req-1",
    )
    assert (seen.stand_in_for, seen.look, seen.subject_id, seen.subject_ids) == (absent, True, "a", [])
    assert (seen.task, seen.fields, seen.detail) == (f"{CASE}:a", ["name"], {"party": 1})
    acting_ends()
    with transaction():
        record("marriage.desk.confirm", CASE, "a")
    done = last_entry()
    assert (done.account_id, done.role, done.address, done.look) == (None, None, None, False)


def test_a_role_is_not_noted_for_somebody_else(bureau: Bureau) -> None:
    acting(bureau.registrar, "registrar", "203.0.113.77", "req-1")
    with transaction():
        record("staff.locked", "staff_account", account_id=bureau.auditor)
    entry = last_entry()
    assert (entry.account_id, entry.role, entry.address) == (bureau.auditor, None, "203.0.113.0/24")


def test_a_list_names_each_record_it_showed(bureau: Bureau) -> None:
    with transaction():
        record_look("marriage.board_viewed", CASE, ["a", "b"], account_id=bureau.registrar)
    assert (last_entry().subject_id, last_entry().subject_ids) == (None, ["a", "b"])
    with transaction():
        record_look("marriage.board_viewed", CASE, [], account_id=bureau.registrar)
    assert (last_entry().subject_id, last_entry().subject_ids) == (None, [])


@pytest.mark.parametrize("text", ["", "  短 ", "长" * 201, "是我表妹 61010219900101001X", "电话 13900001234"])
def test_reasons_that_are_none(text: str) -> None:
    with pytest.raises(AppError) as refusal:
        clean_purpose(text)
    assert refusal.value.errors.keys() == {"purpose"}


def test_a_reason_is_trimmed() -> None:
    assert clean_purpose("  同事请假，\n 由我代办 ") == "同事请假， 由我代办"


# --- watched numbers ---


def test_numbers_are_kept_as_fingerprints(bureau: Bureau) -> None:
    declare_relative(bureau.registrar, " 王小明 ", NUMBER.lower(), "sibling")
    [row] = watched_by(bureau.registrar)
    assert (row.name, row.note, row.last4, row.number_index) == ("王小明", "sibling", NUMBER[-4:], watch_index(NUMBER))
    with transaction() as session:
        stored = session.execute(sa.select(WatchedNumber.__table__)).one()
    assert NUMBER not in str(stored)
    assert NUMBER.encode() not in b"".join(value for value in stored if isinstance(value, bytes))


@pytest.mark.parametrize(
    ("name", "number", "relation", "fields"),
    [
        ("王小明", "61010219900101001", "sibling", {"number"}),
        ("王小明", NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2"), "sibling", {"number"}),
        ("", NUMBER, "friend", {"name", "relation"}),
        ("王" * 31, "###", "sibling", {"name", "number"}),
    ],
)
def test_what_cannot_be_declared(bureau: Bureau, name: str, number: str, relation: str, fields: set[str]) -> None:
    with pytest.raises(AppError) as refusal:
        declare_relative(bureau.registrar, name, number, relation)
    assert refusal.value.errors.keys() == fields
    assert watched_by(bureau.registrar) == []


def test_a_relative_is_declared_once_by_each(bureau: Bureau) -> None:
    declare_relative(bureau.registrar, "王小明", NUMBER, "sibling")
    with pytest.raises(AppError, match="state_conflict"):
        declare_relative(bureau.registrar, "王小明", NUMBER, "child")
    declare_relative(bureau.accounts["registrar-2"], "王小明", NUMBER, "child")
    assert len(watched_by(bureau.registrar)) == 1


def test_a_new_number_takes_the_place_of_the_old(bureau: Bureau) -> None:
    register_own_number(bureau.registrar, NUMBER)
    register_own_number(bureau.registrar, ANOTHER)
    assert [row.last4 for row in watched_by(bureau.registrar)] == [ANOTHER[-4:]]


def test_one_takes_back_only_what_is_ones_own(bureau: Bureau) -> None:
    declare_relative(bureau.registrar, "王小明", NUMBER, "sibling")
    [row] = watched_by(bureau.registrar)
    assert not remove_watched(bureau.auditor, WatchKind.RELATIVE, row.id)
    assert not remove_watched(bureau.auditor, WatchKind.WELL_KNOWN, row.id)
    assert remove_watched(bureau.registrar, WatchKind.RELATIVE, row.id)
    assert last_entry().action == "audit.watched_removed"


def test_a_well_known_person_belongs_to_nobody(bureau: Bureau) -> None:
    add_well_known(bureau.auditor, "某演员", NUMBER, "演员")
    with pytest.raises(AppError, match="state_conflict"):
        add_well_known(bureau.auditor, "某演员", NUMBER, "演员")
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        session.execute(sa.update(WatchedNumber).values(account_id=bureau.registrar))
    assert broken_constraint(refused.value) == "ck_watched_numbers_account_unless_well_known"
