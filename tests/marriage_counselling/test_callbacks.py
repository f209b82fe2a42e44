"""Words that tell of danger: never in the way, help shown first, and a person calls back in time."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.kernel.crisis import Crisis
from backend.marriage.counselling.callbacks import close_callback, note_missed_call, raise_callback, take_callback
from backend.marriage.counselling.desk_queries import figures, open_callbacks
from backend.marriage.counselling.models import Callback
from backend.marriage.counselling.parameters import CALLBACK_MINUTES
from backend.marriage.counselling.rules import CallbackState, Outcome
from backend.marriage.days import close_days
from backend.parameters import set_value
from backend.storage import transaction
from tests.marriage.support import at, code_of
from tests.marriage_counselling.support import calls, make_account, nodes, row, talk


def written_at(office: uuid.UUID, person: uuid.UUID, text: str, clock: MovableClock) -> str:
    """When somebody who writes at a moment is to be called."""
    clock.move_to(at(text))
    with transaction():
        raise_callback(office, person, Crisis.VIOLENCE, ("李女士", "13800001111"))
    [call] = calls()
    with transaction() as session:
        session.execute(sa.delete(Callback))
    return f"{call.due_at:%m-%d %H:%M}"


def test_a_crisis_is_booked_and_called_back(office: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID) -> None:
    made = talk(office, person, about="他喝了酒就打我，怕" + "啊" * 600, together=True)
    kept = row(made.id)
    assert (kept.at_risk, kept.together, len(kept.about or "")) == (True, False, 500)
    [call] = calls()
    assert (call.crisis, call.session_id, call.state) == (Crisis.VIOLENCE, made.id, CallbackState.OPEN)
    assert (call.name, call.phone) == ("李女士", "13800001111")
    assert call.due_at == at("2026-11-23 09:30")
    assert "打".encode() not in call.name_sealed + call.phone_sealed


def test_despair_is_called_and_two_may_still_come(office: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID) -> None:
    made = talk(office, person, about="有时候真不想活了", together=True)
    assert (made.at_risk, made.together) == (False, True)
    assert [call.crisis for call in calls()] == [Crisis.DESPAIR]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("2026-11-26 11:45", "11-26 13:45"),
        ("2026-11-26 16:50", "11-27 09:20"),
        ("2026-11-27 16:50", "11-28 09:20"),  # the registry is open on Saturday morning
        ("2026-11-28 12:50", "11-30 09:20"),
        ("2026-11-29 15:00", "11-30 09:30"),
        ("2026-09-30 16:45", "10-08 09:15"),  # 国庆
    ],
)
def test_the_clock_runs_while_the_registry_is_open(
    office: uuid.UUID, person: uuid.UUID, clock: MovableClock, text: str, due: str
) -> None:
    assert written_at(office, person, text, clock) == due


def test_closed_days_and_what_the_bureau_sets(office: uuid.UUID, person: uuid.UUID, clock: MovableClock) -> None:
    clock.move_to(at("2026-11-23 08:00"))
    close_days(office, at("2026-11-26 00:00").date(), at("2026-11-26 00:00").date(), "停电")
    set_value(CALLBACK_MINUTES, "", 20, at("2026-11-23 08:00"), "test")
    assert written_at(office, person, "2026-11-25 16:50", clock) == "11-27 09:10"


def test_one_takes_it_and_says_what_came_of_it(office: uuid.UUID, person: uuid.UUID, clock: MovableClock) -> None:
    one, other = make_account("c-one"), make_account("c-two")
    clock.move_to(at("2026-11-26 10:00"))
    with transaction():
        raise_callback(office, person, Crisis.VIOLENCE, ("李女士", "13800001111"))
        raise_callback(office, person, Crisis.DESPAIR, ("李女士", "13800001111"))
    [call] = calls()
    assert code_of(lambda: close_callback(call.id, one, Outcome.SAFE)) == "state_conflict", "nobody has taken it"
    take_callback(call.id, one)
    take_callback(call.id, one)
    assert code_of(lambda: take_callback(call.id, other)) == "state_conflict"
    assert code_of(lambda: close_callback(call.id, other, Outcome.SAFE)) == "state_conflict"
    assert code_of(lambda: close_callback(call.id, one, Outcome.UNREACHABLE)) == "too_early"
    assert code_of(lambda: close_callback(call.id, one, Outcome.MOOT)) == "invalid"
    clock.move_to(at("2026-11-26 11:50"))
    note_missed_call(call.id, one)
    [again] = calls()
    assert (again.state, again.attempts, again.due_at) == (CallbackState.OPEN, 1, at("2026-11-26 13:50"))
    assert code_of(lambda: note_missed_call(call.id, one)) == "state_conflict"
    for _ in range(2):
        take_callback(call.id, other)
        note_missed_call(call.id, other)
    take_callback(call.id, other)
    close_callback(call.id, other, Outcome.UNREACHABLE)
    assert code_of(lambda: take_callback(call.id, one)) == "state_conflict"
    [closed] = calls()
    assert (closed.outcome, closed.taken_by, closed.closed_at) == (
        Outcome.UNREACHABLE,
        other,
        at("2026-11-26 11:50"),
    )
    assert open_callbacks(nodes(office), 10) == []
    counted = figures(nodes(office), at("2026-11-26 12:00").date())
    assert (counted.callbacks, counted.callbacks_in_time, counted.callbacks_open) == (1, 1, 0)
    assert code_of(lambda: take_callback(uuid.uuid4(), one)) == "not_found"


def test_after_it_was_closed_new_words_are_a_new_call(office: uuid.UUID, person: uuid.UUID) -> None:
    account = make_account("c-one")
    for outcome in (Outcome.SAFE, Outcome.REFERRED):
        with transaction():
            raise_callback(office, person, Crisis.VIOLENCE, ("李女士", "13800001111"))
        [call] = [one for one in calls() if one.state is CallbackState.OPEN]
        take_callback(call.id, account)
        close_callback(call.id, account, outcome)
    assert [call.outcome for call in calls()] == [Outcome.SAFE, Outcome.REFERRED]


def test_the_program_closes_nothing_by_itself(office: uuid.UUID, person: uuid.UUID) -> None:
    with transaction():
        raise_callback(office, person, Crisis.VIOLENCE, ("李女士", "13800001111"))
    [call] = calls()
    statement = sa.text("UPDATE counselling_callbacks SET state = 'closed', outcome = 'safe', closed_at = now()")
    with pytest.raises(sa.exc.IntegrityError, match="closed_by_a_person"), transaction() as session:
        session.execute(statement)
    assert calls()[0].state is call.state
