"""The outbox: posted with the transaction, once per key, and moved only along the table."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.storage import transaction
from messages import Subject, cancel_for, post
from messages.models import Channel, OutboxMessage, OutboxState
from messages.outbox import MOVES, move, use_wake
from tests.messages.support import DATA, NOTICE, message, queue, someone

pytestmark = pytest.mark.usefixtures("database", "clock")


def put(message_id, state: OutboxState) -> None:
    with transaction() as db:
        db.execute(sa.update(OutboxMessage).where(OutboxMessage.id == message_id).values(state=state))


def count() -> int:
    with transaction() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(OutboxMessage))


def test_posting_needs_a_transaction():
    with pytest.raises(RuntimeError):
        post(NOTICE, recipient_id=someone().id, subject=Subject("a", someone().id), data=DATA, key="k")


def test_the_same_key_is_queued_once():
    person = someone()
    assert queue(person, key="booked:1") == queue(person, key="booked:1", place="别处")
    assert count() == 1


def test_what_is_rolled_back_is_not_told_and_wakes_nobody():
    woken = []
    use_wake(lambda: woken.append(1))

    def post_and_fail() -> None:
        with transaction():
            queue(someone())
            post("marriage.gone", recipient_id=someone().id, subject=Subject("a", someone().id), data=DATA, key="k")

    with pytest.raises(KeyError):
        post_and_fail()
    assert count() == 0
    assert woken == []


def test_a_commit_wakes_once_however_much_was_posted():
    woken = []
    use_wake(lambda: woken.append(count()))
    with transaction():
        queue(someone())
        queue(someone())
    assert woken == [2]


def test_a_failing_wake_is_no_matter():
    def broken():
        raise ConnectionError

    use_wake(broken)
    assert message(queue(someone())).state is OutboxState.QUEUED


def test_bad_data_is_refused_before_anything_is_written():
    with pytest.raises(ValueError, match="identity number"):
        queue(someone(), hint="号码610102199503151234")
    assert count() == 0


@pytest.mark.parametrize("origin", OutboxState)
def test_only_listed_moves_happen(origin):
    message_id = queue(someone())
    for target in OutboxState:
        put(message_id, origin)
        with transaction():
            moved = move(message_id, target)
        assert moved is (target in MOVES[origin])
        assert message(message_id).state is (target if moved else origin)


@given(wishes=st.lists(st.sampled_from(OutboxState), max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_wishes_stays_within_the_table(wishes):
    message_id = queue(someone())
    state = OutboxState.QUEUED
    for wish in wishes:
        with transaction():
            moved = move(message_id, wish)
        assert moved is (wish in MOVES[state])
        state = wish if moved else state
    row = message(message_id)
    assert row.state is state
    nobody_acts = {OutboxState.SENT, OutboxState.CANCELLED, OutboxState.EXPIRED}
    assert (row.settled_at is not None) == (state in nobody_acts)


def test_every_state_is_in_the_table_and_two_are_final():
    assert set(MOVES) == set(OutboxState)
    assert {state for state, targets in MOVES.items() if not targets} == {OutboxState.CANCELLED, OutboxState.EXPIRED}


def test_a_move_can_be_narrowed():
    message_id = queue(someone())
    with transaction():
        assert not move(message_id, OutboxState.SENT, only_from=(OutboxState.DEAD,))
    assert message(message_id).state is OutboxState.QUEUED


def test_cancelling_spares_what_is_on_its_way_and_other_subjects():
    person, other = someone(), someone()
    waiting, under_way, elsewhere = queue(person), queue(person), queue(other)
    put(under_way, OutboxState.SENDING)
    with transaction():
        assert cancel_for(Subject("appointment", person.id)) == 1
    states = [message(each).state for each in (waiting, under_way, elsewhere)]
    assert states == [OutboxState.CANCELLED, OutboxState.SENDING, OutboxState.QUEUED]


def test_cancelling_by_prefix_takes_wildcards_literally():
    person = someone()
    kept = queue(person, key="reminderX1")
    gone = queue(person, key="reminder_1")
    with transaction():
        assert cancel_for(Subject("appointment", person.id), key_prefix="reminder_") == 1
    assert [message(kept).state, message(gone).state] == [OutboxState.QUEUED, OutboxState.CANCELLED]


def test_a_second_message_on_its_way_to_one_person_is_impossible():
    person = someone()
    first, second = queue(person), queue(person)
    put(first, OutboxState.SENDING)
    with pytest.raises(sa.exc.IntegrityError, match="one_at_a_time"), transaction():
        move(second, OutboxState.SENDING, channel=Channel.TEMPLATE)
