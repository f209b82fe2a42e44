"""Times of keeping, with the clock moved years ahead: not a day too early, not a day too long, also after failures."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import BEIJING, MovableClock
from backend.kernel.personal_data import Batch, Period, RetentionRule
from backend.marriage.rules import State
from backend.people.models import Person
from backend.people.rights.consent import choose
from backend.people.rights.holdings import erase_person
from backend.people.rights.holds import lift_hold, place_hold
from backend.people.rights.models import ConsentEvent, RetentionRun
from backend.people.rights.retention import retention_rules, rule_reports, run_turn, use_rules
from backend.people.rights.rules import Via
from backend.personal_data import RULES
from backend.staff import record
from backend.storage import transaction
from backend.tick_tasks import room_tasks
from tests.marriage.support import couple
from tests.rights.support import (
    Resident,
    appointment_ids,
    book,
    make_officer,
    make_person,
    places_of,
    prove,
    rows,
    set_state,
)

Maker = Callable[..., Resident]


@pytest.fixture(autouse=True)
def the_rules(office: uuid.UUID):
    """Every rule, beginning with the first; what a test put in their place is gone afterwards."""
    use_rules(RULES)
    yield
    use_rules(RULES)


def sweep(limit: int = 500) -> int:
    """Turns until nothing is due; how many rows went."""
    erased = 0
    for _ in range(2000):
        before = [(run.rule, run.batches, run.ended_at) for run in runs()]
        erased += run_turn(limit)
        if before == [(run.rule, run.batches, run.ended_at) for run in runs()]:
            return erased
    raise AssertionError("the sweep does not end")


def runs() -> list[RetentionRun]:
    with transaction() as session:
        return list(session.scalars(sa.select(RetentionRun).order_by(RetentionRun.id)))


def at(day: date, clock_time: time = time(12, 0)) -> datetime:
    return datetime.combine(day, clock_time, BEIJING)


# --- bookings ---


@pytest.mark.parametrize(
    ("state", "last"),
    [
        (State.SERVED, date(2028, 11, 26)),
        (State.FAILED_DOCUMENTS, date(2028, 11, 26)),
        (State.NO_SHOW, date(2027, 11, 26)),
        (State.REFUSED, date(2027, 11, 26)),
    ],
)
def test_a_booking_goes_after_its_last_day_and_is_counted(
    resident: Maker, office: uuid.UUID, clock: MovableClock, state: State, last: date
):
    wang = resident()
    made = book(office, wang.id, 0, "2026-11-26 10:00")
    clock.move_to(datetime(2026, 11, 26, 10, 40, tzinfo=BEIJING))
    set_state(made.appointment_id, state)
    clock.move_to(at(last, time(23, 59, 59)))
    sweep()
    assert appointment_ids() == {made.appointment_id}
    clock.move_to(at(last + timedelta(days=1), time(1, 0)))
    sweep()
    assert appointment_ids() == set()
    assert rows("marriage_parties") == rows("marriage_appointment_events") == 0
    with transaction() as session:
        counted = session.execute(sa.text("SELECT month::text, state, appointments FROM marriage_appointment_counts"))
        assert counted.all() == [("2026-11-01", state.value, 1)]
    assert places_of(*(party.id_number for party in couple(0))) == set()


def test_a_cancelled_booking_goes_after_180_days(resident: Maker, office: uuid.UUID, clock: MovableClock):
    made = book(office, resident().id, 0, "2026-11-26 10:00")
    set_state(made.appointment_id, State.CANCELLED)
    clock.advance(timedelta(days=180))
    sweep()
    assert appointment_ids() == {made.appointment_id}
    clock.advance(timedelta(hours=1))
    sweep()
    assert appointment_ids() == set()


def test_a_booking_nobody_closed_goes_two_years_after_its_day(resident: Maker, office: uuid.UUID, clock: MovableClock):
    made = book(office, resident().id, 0, "2026-11-26 10:00")
    clock.move_to(at(date(2028, 11, 26), time(23, 0)))  # two years after it was made are over, after its day not
    sweep()
    assert appointment_ids() == {made.appointment_id}
    clock.move_to(at(date(2028, 11, 27)))
    sweep()
    assert appointment_ids() == set()


def test_what_is_ahead_stays_however_often_one_sweeps(resident: Maker, office: uuid.UUID, clock: MovableClock):
    made = book(office, resident().id, 0, "2026-11-26 10:00")
    for _ in range(3):
        sweep()
        clock.advance(timedelta(hours=2))
    assert appointment_ids() == {made.appointment_id}


def test_the_audit_trail_outlives_what_it_speaks_of(resident: Maker, office: uuid.UUID, clock: MovableClock):
    made = book(office, resident().id, 0, "2026-11-26 10:00")
    set_state(made.appointment_id, State.SERVED)
    with transaction():
        record("marriage.appointment_viewed", "marriage_appointment", made.appointment_id)
    entries = rows("audit_entries")
    clock.move_to(at(date(2030, 1, 1)))
    sweep()
    assert appointment_ids() == set()
    assert rows("audit_entries") == entries
    with transaction() as session:
        assert session.scalar(
            sa.text("SELECT count(*) FROM audit_entries WHERE subject_id = :id"), {"id": str(made.appointment_id)}
        )


# --- batches, interruption, fairness ---


def many_cancelled(resident: Maker, office: uuid.UUID, count: int) -> None:
    person_id = resident().id
    for index in range(count):
        made = book(office, person_id, index, f"2026-11-26 1{index}:00")
        set_state(made.appointment_id, State.CANCELLED)


def only(name: str, **changes: object) -> RetentionRule:
    """Put one rule in the place of all."""
    rule = replace(next(rule for rule in RULES if rule.name == name), **changes)
    use_rules([rule])
    return rule


def test_a_sweep_goes_batch_by_batch_and_is_reported_as_one(resident: Maker, office: uuid.UUID, clock: MovableClock):
    many_cancelled(resident, office, 5)
    only("marriage.cancelled")
    clock.advance(timedelta(days=181))
    assert [run_turn(2) for _ in range(5)] == [2, 2, 1, 0, 0]
    [run] = runs()
    assert (run.rule, run.erased, run.batches) == ("marriage.cancelled", 5, 4)
    assert run.ended_at == run.started_at == clock()


def test_a_sweep_that_was_cut_short_goes_on_where_it_stopped(resident: Maker, office: uuid.UUID, clock: MovableClock):
    """A process dies after a batch, another takes over; and one dies within a batch, which then never was."""
    many_cancelled(resident, office, 5)
    rule = only("marriage.cancelled")
    clock.advance(timedelta(days=181))
    assert run_turn(2) == 2

    def die_half_way(batch: Batch) -> int:
        assert rule.run is not None
        rule.run(batch)
        raise ConnectionError("the server went away")

    use_rules([replace(rule, run=die_half_way)])
    with pytest.raises(ConnectionError):
        run_turn(2)
    assert (len(appointment_ids()), runs()[0].erased, runs()[0].ended_at) == (3, 2, None)
    use_rules([rule])
    assert [run_turn(2) for _ in range(3)] == [2, 1, 0]
    [run] = runs()
    assert (run.erased, run.ended_at is None) == (5, False)
    with transaction() as session:
        assert session.scalar(sa.text("SELECT sum(appointments) FROM marriage_appointment_counts")) == 5


def rule_of(name: str, run: Callable[[Batch], int], every: timedelta = timedelta(hours=1)) -> RetentionRule:
    return RetentionRule(name, name, ("leases",), Period(), "since", "basis", run, every)


def test_a_rule_with_much_to_do_and_one_that_fails_keep_nobody():
    turns: list[str] = []

    def endless(_batch: Batch) -> int:
        turns.append("endless")
        return 1

    def failing(_batch: Batch) -> int:
        turns.append("failing")
        raise ConnectionError

    def quick(_batch: Batch) -> int:
        turns.append("quick")
        return 0

    use_rules([rule_of("endless", endless), rule_of("failing", failing), rule_of("quick", quick)])
    for _ in range(6):
        try:
            run_turn()
        except ConnectionError:
            continue
    assert turns == ["endless", "failing", "quick", "endless", "failing", "endless"]


def test_a_rule_has_its_turn_again_when_its_time_has_come(clock: MovableClock):
    seen: list[datetime] = []

    def look(batch: Batch) -> int:
        seen.append(batch.moment)
        return 0

    use_rules([rule_of("looking", look, timedelta(minutes=10))])
    for _ in range(30):
        run_turn()
        clock.advance(timedelta(minutes=1))
    assert [(moment - seen[0]) / timedelta(minutes=1) for moment in seen] == [0, 10, 20]
    clock.advance(timedelta(days=-30))  # a demonstration's clock was set back
    run_turn()
    assert len(seen) == 4
    assert [run.erased for run in runs()] == [0], "sweeps that found nothing pile up"


def test_the_tick_runs_the_turns():
    tasks = {task.name: task.run for task in room_tasks()}
    assert tasks["rights.retention"] is run_turn
    names = {rule.name for rule in retention_rules() if rule.run is not None}
    for _ in names:
        run_turn()
    assert {run.rule for run in runs()} == names


def test_what_the_program_never_erases_is_listed_and_never_runs():
    kept = {rule.name for rule in RULES if rule.run is None}
    assert kept == {"staff.audit"}
    sweep()
    assert kept & {run.rule for run in runs()} == set()
    reports = {report.rule.name: report for report in rule_reports()}
    assert reports["staff.audit"].next_due is None


def test_the_report_tells_what_went_and_when_it_is_due_again(resident: Maker, office: uuid.UUID, clock: MovableClock):
    many_cancelled(resident, office, 3)
    clock.advance(timedelta(days=181))
    sweep()
    at_work = clock()
    clock.advance(timedelta(hours=1))
    sweep()
    report = next(report for report in rule_reports() if report.rule.name == "marriage.cancelled")
    assert (report.last_erased, report.last_erased_at, report.erased_in_all) == (3, at_work, 3)
    assert report.next_due == clock() + timedelta(hours=1)
    assert report.newest is not None
    assert report.newest.erased == 0


# --- legal holds ---


def test_a_hold_keeps_the_bookings_of_a_person_and_of_their_couple(
    resident: Maker, office: uuid.UUID, clock: MovableClock
):
    wang, li, zhao = resident("wang"), resident("li"), resident("zhao")
    prove(li.id, couple(1)[1])
    bookings = [book(office, who.id, index, f"2026-11-26 1{index}:00") for index, who in enumerate((wang, wang, zhao))]
    for made in bookings:
        set_state(made.appointment_id, State.SERVED)
    hold_id = place_hold(li.id, "（2026）陕01行初7号", make_officer())
    clock.move_to(at(date(2029, 1, 1)))
    sweep()
    assert appointment_ids() == {bookings[1].appointment_id}
    lift_hold(hold_id, make_officer())
    clock.advance(timedelta(hours=1))
    sweep()
    assert appointment_ids() == set()


# --- the people room ---


def test_consents_are_kept_three_years_after_they_ceased_to_count(resident: Maker, clock: MovableClock):
    wang = resident()
    for given in (False, True):
        choose(wang.id, "reminders", given=given, version=1, via=Via.API)
    clock.move_to(at(date(2029, 11, 23)))
    sweep()
    assert rows("consent_events") == 2
    clock.move_to(at(date(2029, 11, 24)))
    sweep()
    with transaction() as session:
        assert session.scalars(sa.select(ConsentEvent.given)).all() == [True]
    clock.move_to(at(date(2040, 1, 1)))
    sweep()
    assert rows("consent_events") == 1, "what is in force stays, however old"


def test_of_a_closed_account_nothing_is_left_in_the_end(resident: Maker, office: uuid.UUID, clock: MovableClock):
    """The last trace goes with the last record that had a time of its own; until then the row is an empty number."""
    wang = resident()
    prove(wang.id, couple(0)[0], phone="13900000011")
    set_state(book(office, wang.id, 0, "2026-11-26 10:00").appointment_id, State.SERVED)
    wang.put("/consents/reminders", {"given": False, "version": 1})
    wang.asks("export")
    wang.asks("close_account", confirmed=True)
    clock.move_to(at(date(2029, 11, 23)))
    sweep()
    with transaction() as session:
        told = {key: value for key, value in vars(session.get_one(Person, wang.id)).items() if not key.startswith("_")}
    assert {key for key, value in told.items() if value is not None} == {"id", "created_at", "closed_at", "level"}
    clock.move_to(at(date(2029, 11, 24)))
    sweep()
    clock.advance(timedelta(hours=1))
    sweep()
    with transaction() as session:
        assert session.get(Person, wang.id) is None
    for table in ("persons", "rights_requests", "rights_request_events", "consent_events", "privacy_notices_shown"):
        assert rows(table) == 0, table


def test_an_account_that_is_not_closed_is_never_erased(clock: MovableClock):
    person_id = make_person()
    clock.move_to(at(date(2060, 1, 1)))
    sweep()
    with transaction() as session:
        assert session.get(Person, person_id) is not None


def test_an_empty_account_goes_at_once_when_nothing_refers_to_it(clock: MovableClock):
    person_id = make_person()
    erase_person(person_id)
    sweep()
    with transaction() as session:
        assert session.get(Person, person_id) is None


def test_a_held_account_stays_also_when_it_is_empty():
    person_id = make_person()
    place_hold(person_id, "审计", make_officer())
    erase_person(person_id)
    sweep()
    with transaction() as session:
        assert session.get(Person, person_id) is not None


@pytest.mark.parametrize("table", ["login_sessions", "data_exports", "outbox_messages", "idempotent_answers"])
def test_what_had_a_clean_up_of_its_own_is_a_rule_now(resident: Maker, office, clock: MovableClock, table: str):
    wang = resident()
    book(office, wang.id, 0, "2026-11-26 10:00")
    wang.post("/rights-requests", {"kind": "export"}, key="one")
    with transaction() as session:
        session.execute(sa.text("UPDATE outbox_messages SET state = 'sent', settled_at = created_at"))
    assert rows(table) > 0
    sweep()
    assert rows(table) > 0
    clock.advance(timedelta(days=180, hours=1))
    sweep()
    assert rows(table) == 0
