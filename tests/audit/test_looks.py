"""Which looks are unusual, and what becomes of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backend.kernel.clock import BEIJING
from backend.kernel.errors import AppError
from backend.parameters import set_value
from backend.staff.audit import (
    AuditEntry,
    conflict,
    reason_stated,
    record,
    record_look,
    watch_index,
)
from backend.staff.audit.flags import look_into
from backend.staff.audit.models import AuditFlag
from backend.staff.audit.parameters import ALL, MANY_LISTED, MANY_OPENED, RULES_IN_USE, WORK_ENDS, limits_at
from backend.staff.audit.rules import FlagState, Limits, Look, Outcome, Rule, Watched, WatchKind, unusual
from backend.staff.audit.watch import (
    add_well_known,
    declare_relative,
    register_own_number,
)
from backend.storage import Database, broken_constraint, transaction
from tests.audit.support import CASE, Bureau, act, flagged, last_entry, look, outcome
from tests.console.support import TUESDAY, counted_queries, party_number

ME, OTHER = uuid.uuid4(), uuid.uuid4()
NUMBER, ANOTHER = party_number(1, 0), party_number(2, 0)
LIMITS = Limits(minutes=10, opened=3, listed=100, starts=time(7), ends=time(20), rules=frozenset(Rule))


# --- the rules alone ---


def rules_of(*watched: Watched, opened: int = 1, listed: int = 0, at: time = time(10), limits: Limits = LIMITS):
    return set(unusual(Look(ME, datetime.combine(TUESDAY, at, BEIJING), watched, opened, listed), limits))


@pytest.mark.parametrize(
    ("watched", "rule"),
    [
        (Watched(WatchKind.STAFF, ME), Rule.OWN_RECORD),
        (Watched(WatchKind.STAFF, OTHER), Rule.COLLEAGUE),
        (Watched(WatchKind.RELATIVE, ME), Rule.RELATIVE),
        (Watched(WatchKind.WELL_KNOWN, None), Rule.WELL_KNOWN),
    ],
)
def test_whose_record_it_is(watched: Watched, rule: Rule) -> None:
    assert rules_of(watched) == {rule}
    others = {**LIMITS.__dict__, "rules": frozenset(Rule) - {rule}}
    assert rules_of(watched, limits=Limits(**others)) == set()


def test_somebody_elses_relative_is_nobody_to_me() -> None:
    assert rules_of(Watched(WatchKind.RELATIVE, OTHER)) == set()


@pytest.mark.parametrize(("opened", "listed", "many"), [(3, 0, False), (4, 0, True), (0, 100, False), (0, 101, True)])
def test_how_many_are_many(opened: int, listed: int, many: bool) -> None:
    assert rules_of(opened=opened, listed=listed) == ({Rule.MANY_IN_A_ROW} if many else set())


@pytest.mark.parametrize(
    ("at", "outside"), [(time(6, 59), True), (time(7), False), (time(19, 59), False), (time(20), True), (time(2), True)]
)
def test_hours_of_work(at: time, outside: bool) -> None:
    assert rules_of(at=at) == ({Rule.OUTSIDE_HOURS} if outside else set())


def test_defaults_are_within_their_limits(bureau: Bureau) -> None:
    assert limits_at(TUESDAY).rules == list(Rule)
    assert all(parameter.typed_default is not None for parameter in ALL)


# --- flags ---


@pytest.mark.parametrize(
    ("watch", "rule"),
    [
        (lambda b: declare_relative(b.registrar, "王小明", NUMBER, "sibling"), Rule.RELATIVE),
        (lambda b: register_own_number(b.registrar, NUMBER), Rule.OWN_RECORD),
        (lambda b: register_own_number(b.accounts["registrar-2"], NUMBER), Rule.COLLEAGUE),
        (lambda b: add_well_known(b.auditor, "某演员", NUMBER, "演员"), Rule.WELL_KNOWN),
    ],
)
def test_a_look_at_a_watched_number_is_flagged(bureau: Bureau, watch: Callable[[Bureau], None], rule: Rule) -> None:
    watch(bureau)
    look(bureau, number_indexes=[watch_index(ANOTHER)])
    assert flagged() == []
    look(bureau, number_indexes=[watch_index(ANOTHER), watch_index(NUMBER)])
    assert flagged() == [rule]
    assert last_entry().detail == {"unusual": [rule.value]}  # in the chain, whatever becomes of the flag
    assert outcome().found is None


def test_the_same_matter_is_flagged_once_a_day(bureau: Bureau) -> None:
    add_well_known(bureau.auditor, "某演员", NUMBER, "演员")
    for _ in range(3):
        look(bureau, number_indexes=[watch_index(NUMBER)])
    look(bureau, "case-2", number_indexes=[watch_index(NUMBER)])
    bureau.clock.advance(timedelta(days=1))
    look(bureau, number_indexes=[watch_index(NUMBER)])
    assert flagged() == [Rule.WELL_KNOWN] * 3


def test_acts_are_flagged_for_ones_own_people_alone(bureau: Bureau) -> None:
    declare_relative(bureau.registrar, "王小明", NUMBER, "sibling")
    add_well_known(bureau.auditor, "某演员", ANOTHER, "演员")
    bureau.clock.move_to(TUESDAY.replace(hour=23))
    with transaction():
        indexes = [watch_index(NUMBER), watch_index(ANOTHER)]
        record("marriage.desk.confirm", CASE, "a", account_id=bureau.registrar, number_indexes=indexes)
    assert flagged() == [Rule.RELATIVE]


def test_many_in_a_row(bureau: Bureau) -> None:
    set_value(MANY_OPENED, "", 3, TUESDAY, "test")
    for number in (1, 2, 3, 3, 2, 1):
        look(bureau, f"case-{number}")
    assert flagged() == []
    look(bureau, "case-4")
    look(bureau, "case-5")
    assert flagged() == [Rule.MANY_IN_A_ROW]  # one for the hour


@pytest.mark.parametrize("between", ["step", "time"])
def test_a_step_or_some_time_begins_a_new_count(bureau: Bureau, between: str) -> None:
    set_value(MANY_OPENED, "", 3, TUESDAY, "test")
    for number in range(9):
        look(bureau, f"case-{number}")
        bureau.clock.advance(timedelta(seconds=1))
        if number % 3 == 2 and between == "step":
            act(bureau, f"case-{number}")
            bureau.clock.advance(timedelta(seconds=1))
        elif number % 3 == 2:
            bureau.clock.advance(timedelta(minutes=11))
    assert flagged() == []


def test_signing_in_or_searching_begins_no_new_count(bureau: Bureau) -> None:
    set_value(MANY_OPENED, "", 3, TUESDAY, "test")
    for number in range(4):
        look(bureau, f"case-{number}")
        bureau.clock.advance(timedelta(seconds=1))
        with transaction():
            record("staff.signed_in", "staff_account", bureau.registrar, account_id=bureau.registrar)
            record("console.searched", "search", account_id=bureau.registrar)
            record("audit.reason_stated", CASE, "case-1", account_id=bureau.registrar, purpose="由我代办")
        bureau.clock.advance(timedelta(seconds=1))
    assert flagged() == [Rule.MANY_IN_A_ROW]


def test_somebody_elses_looks_are_not_counted(bureau: Bureau) -> None:
    set_value(MANY_OPENED, "", 2, TUESDAY, "test")
    for number in range(2):
        look(bureau, f"case-{number}")
        with transaction():
            record_look("marriage.appointment_viewed", CASE, [f"x{number}"], account_id=bureau.accounts["registrar-2"])
    assert flagged() == []


def test_lists_are_counted_by_what_they_show(bureau: Bureau) -> None:
    set_value(MANY_LISTED, "", 60, TUESDAY, "test")
    for page in (0, 0, 1, 1):
        with transaction():
            shown = [f"case-{30 * page + row}" for row in range(30)]
            record_look("marriage.board_viewed", CASE, shown, account_id=bureau.registrar)
    assert flagged() == []
    with transaction():
        record_look("marriage.board_viewed", CASE, ["case-61", "case-62"], account_id=bureau.registrar)
    assert flagged() == [Rule.MANY_IN_A_ROW]


def test_outside_hours_is_one_flag_a_night(bureau: Bureau) -> None:
    set_value(WORK_ENDS, "", "18:00", TUESDAY, "test")
    bureau.clock.move_to(TUESDAY.replace(hour=18, minute=1))
    for number in range(3):
        look(bureau, f"case-{number}")
    assert flagged() == [Rule.OUTSIDE_HOURS]


def test_a_rule_can_be_switched_off(bureau: Bureau) -> None:
    set_value(RULES_IN_USE, "", ["relative"], TUESDAY, "test")
    bureau.clock.move_to(TUESDAY.replace(hour=23))
    look(bureau)
    assert flagged() == []


def test_the_system_is_not_flagged(bureau: Bureau) -> None:
    bureau.clock.move_to(TUESDAY.replace(hour=3))
    with transaction():
        record_look("marriage.board_viewed", CASE, ["a"])
    assert (flagged(), last_entry().account_id) == ([], None)


def test_the_price_of_a_look_does_not_grow(bureau: Bureau, clean_database: Database) -> None:
    with counted_queries(clean_database) as few:
        look(bureau, number_indexes=[watch_index(NUMBER)])
    for number in range(40):
        look(bureau, f"case-{number}")
    with counted_queries(clean_database) as many:
        look(bureau, number_indexes=[watch_index(NUMBER)])
    assert len(few) == len(many) <= 8


# --- conflicts of interest ---


def test_a_conflict_is_ones_own_or_a_relatives_record(bureau: Bureau) -> None:
    other = bureau.accounts["registrar-2"]
    declare_relative(bureau.registrar, "王小明", NUMBER, "sibling")
    register_own_number(other, ANOTHER)
    assert conflict(bureau.registrar, [watch_index(NUMBER)]) is WatchKind.RELATIVE
    assert conflict(other, [watch_index(ANOTHER)]) is WatchKind.STAFF
    assert conflict(other, [watch_index(NUMBER)]) is None
    assert conflict(bureau.registrar, [watch_index(ANOTHER)]) is None
    assert conflict(bureau.registrar, []) is None


def test_a_stated_reason_holds_for_a_while_and_for_one_record(bureau: Bureau) -> None:
    with transaction():
        record("audit.reason_stated", CASE, "a", account_id=bureau.registrar, purpose="同事请假，由我代办")
    bureau.clock.advance(timedelta(minutes=29))
    assert reason_stated(bureau.registrar, CASE, "a")
    assert not reason_stated(bureau.registrar, CASE, "b")
    assert not reason_stated(bureau.auditor, CASE, "a")
    bureau.clock.advance(timedelta(minutes=2))
    assert not reason_stated(bureau.registrar, CASE, "a")


# --- looking into a flag ---


def flag(bureau: Bureau) -> uuid.UUID:
    bureau.clock.move_to(TUESDAY.replace(hour=22))
    look(bureau)
    with transaction() as session:
        return session.scalars(sa.select(AuditFlag.id)).one()


def test_an_outcome_is_noted_once(bureau: Bureau) -> None:
    made = flag(bureau)
    look_into(made, bureau.auditor, Outcome.REMINDED, "已当面提醒")
    with transaction() as session:
        row = session.get_one(AuditFlag, made)
        assert (row.state, row.outcome, row.note) == (FlagState.LOOKED_INTO, Outcome.REMINDED, "已当面提醒")
        assert row.looked_into_by == bureau.auditor
    assert last_entry().detail == {"outcome": "reminded"}
    with pytest.raises(AppError, match="state_conflict"):
        look_into(made, bureau.auditor, Outcome.USUAL_WORK, "")


def test_nobody_judges_themselves(bureau: Bureau) -> None:
    made = flag(bureau)
    with pytest.raises(AppError, match="state_conflict"):
        look_into(made, bureau.registrar, Outcome.USUAL_WORK, "")
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        session.execute(
            sa.update(AuditFlag).values(
                state="looked_into", outcome="usual_work", looked_into_by=bureau.registrar, looked_into_at=TUESDAY
            )
        )
    assert broken_constraint(refused.value) == "ck_audit_flags_looked_into_by_another"


@pytest.mark.parametrize(
    ("outcome_code", "note", "fields"),
    [("", "", {"outcome", "note"}), ("reported", "", {"note"}), ("usual_work", "长" * 301, {"note"})],
)
def test_an_outcome_needs_words_unless_it_was_usual_work(
    bureau: Bureau, outcome_code: str, note: str, fields: set[str]
) -> None:
    made = flag(bureau)
    with pytest.raises(AppError) as refusal:
        look_into(made, bureau.auditor, outcome_code, note)
    assert refusal.value.errors.keys() == fields
    look_into(made, bureau.auditor, "usual_work", "")


def test_a_flag_without_outcome_cannot_be_closed(bureau: Bureau) -> None:
    flag(bureau)
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        session.execute(sa.update(AuditFlag).values(state="looked_into"))
    assert broken_constraint(refused.value) == "ck_audit_flags_outcome_once_looked_into"
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
