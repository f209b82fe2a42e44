"""Claims that ran out, answers that were lost, and pushes that settle the doubt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.storage import transaction
from backend.wechat.errors import OutcomeUnknown, Unreachable, error_for
from messages import note_subscription_sent, note_template_finished, send_again, settle
from messages.credits import note_unfollowed
from messages.delivery import CLAIM, anything_due, deliver_due
from messages.models import AttemptOutcome, Channel, OutboxState
from tests.messages.support import (
    ACCOUNT_APP,
    MINI_APP,
    NOON,
    FakeClient,
    attempts,
    balance,
    map_templates,
    message,
    queue,
    someone,
)

pytestmark = pytest.mark.usefixtures("database", "clock")

MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """Ends the sender as kill -9 would: nothing of delivery handles it."""


def deliver(*answers) -> FakeClient:
    client = FakeClient(*answers)
    deliver_due(client.by_app())
    return client


def crash(*, before: list = ()) -> FakeClient:
    """Deliver until the sender dies between the call and the record."""
    client = FakeClient(*before, Killed())
    with pytest.raises(Killed):
        deliver_due(client.by_app())
    return client


def state(message_id) -> OutboxState:
    return message(message_id).state


@pytest.fixture
def follower():
    map_templates()
    return someone(follows=True)


@pytest.fixture
def subscriber():
    map_templates()
    return someone(credits=1)


def test_a_claim_protects_until_it_runs_out(follower, clock):
    message_id = queue(follower)
    crash()
    assert state(message_id) is OutboxState.SENDING
    (attempt,) = attempts(message_id)
    assert (attempt.ended_at, attempt.outcome) == (None, None)
    clock.advance(CLAIM - timedelta(seconds=1))
    assert deliver().calls == []


def test_the_next_message_to_a_person_waits_and_others_do_not(follower, clock):
    queue(follower)
    crash()
    waiting, other = queue(follower), queue(someone(follows=True))
    client = FakeClient()
    assert deliver_due(client.by_app()) == 1
    assert (state(waiting), state(other)) == (OutboxState.QUEUED, OutboxState.SENT)
    assert not anything_due()
    clock.advance(CLAIM)
    assert anything_due()
    assert deliver_due(client.by_app()) == 2
    assert state(waiting) is OutboxState.SENT


def test_a_template_message_is_repeated_under_the_same_id(follower, clock):
    message_id = queue(follower)
    first = crash()
    clock.advance(CLAIM)
    second = deliver()
    assert [call.client_msg_id for call in second.calls] == [first.calls[0].client_msg_id]
    assert state(message_id) is OutboxState.SENT
    assert [attempt.outcome for attempt in attempts(message_id)] == [AttemptOutcome.LOST, AttemptOutcome.SENT]


@pytest.mark.parametrize("told", ["the push", "nobody"])
def test_whoever_left_meanwhile_is_not_written_to_again(follower, clock, told):
    message_id = queue(follower)
    crash()
    clock.advance(CLAIM)
    if told == "the push":
        with transaction():
            note_unfollowed(ACCOUNT_APP, follower.account)
    calls = deliver().calls
    assert [call.openid for call in calls] == ([] if told == "the push" else [follower.account])
    assert state(message_id) is (OutboxState.UNCERTAIN if told == "the push" else OutboxState.SENT)


def test_the_nine_minutes_run_from_the_first_call_however_often_it_crashes(follower, clock):
    message_id = queue(follower)
    ids = set()
    for _ in range(4):  # at 0, 2, 4, 6 minutes
        ids |= {call.client_msg_id for call in crash().calls}
        clock.advance(CLAIM)
    ids |= {call.client_msg_id for call in crash().calls}  # at 8 minutes
    assert len(ids) == 1
    clock.advance(CLAIM)  # 10 minutes after the first, 2 after the last
    assert deliver().calls == []
    assert state(message_id) is OutboxState.UNCERTAIN


def test_nine_minutes_are_the_edge(follower, clock):
    early, late = queue(follower), None
    crash()
    clock.advance(9 * MINUTE - timedelta(seconds=1))
    assert len(deliver().calls) == 1
    assert state(early) is OutboxState.SENT
    late = queue(follower)
    crash()
    clock.advance(9 * MINUTE)
    assert deliver().calls == []
    assert state(late) is OutboxState.UNCERTAIN


@pytest.mark.parametrize("reach", [{"credits": 2}, {"wrote": True}])
def test_other_channels_are_never_repeated_nor_left_for_the_next(reach, clock):
    map_templates()
    person = someone(**reach)
    message_id = queue(person)
    crash()
    clock.advance(CLAIM)
    assert deliver().calls == []
    row = message(message_id)
    assert (row.state, row.failure, row.settled_at) == (OutboxState.UNCERTAIN, "uncertain", None)
    clock.advance(timedelta(hours=3))
    assert deliver().calls == []


@pytest.mark.parametrize("reach", [{"credits": 2}, {"wrote": True}])
def test_a_lost_answer_is_uncertain_at_once(reach):
    map_templates()
    message_id = queue(someone(**reach))
    assert len(deliver(OutcomeUnknown()).calls) == 1
    assert state(message_id) is OutboxState.UNCERTAIN


def test_a_lost_answer_of_a_template_message_is_asked_for_again(follower, clock):
    message_id = queue(follower)
    first = deliver(OutcomeUnknown())
    assert state(message_id) is OutboxState.QUEUED
    clock.advance(timedelta(seconds=10))
    second = deliver()
    assert second.calls[0].client_msg_id == first.calls[0].client_msg_id
    assert state(message_id) is OutboxState.SENT


def test_a_doubt_is_not_left_for_another_channel(clock):
    map_templates()
    person = someone(follows=True, wrote=True)
    message_id = queue(person)
    assert deliver(OutcomeUnknown()).endpoints == ["template"]
    for pause in (10, 60, 300):
        clock.advance(timedelta(seconds=pause))
        assert deliver(Unreachable()).endpoints == ["template"]
    clock.advance(15 * MINUTE)
    assert deliver().calls == []
    assert state(message_id) is OutboxState.UNCERTAIN


def test_a_definite_refusal_ends_the_doubt(clock):
    map_templates()
    message_id = queue(someone(follows=True, wrote=True))
    deliver(OutcomeUnknown())
    clock.advance(timedelta(seconds=10))
    assert deliver(error_for(43004)).endpoints == ["template", "customer_text"]
    assert state(message_id) is OutboxState.SENT


def test_a_doubtful_message_is_not_repeated_when_it_is_too_late(follower, clock):
    message_id = queue(follower, not_after=NOON + MINUTE)
    deliver(OutcomeUnknown())
    clock.advance(MINUTE)
    assert deliver().calls == []
    assert state(message_id) is OutboxState.UNCERTAIN


def late(client: FakeClient, action) -> FakeClient:
    """Deliver with `client`, and do something else while WeChat has not yet answered the first call."""
    client.before_answer = lambda: (setattr(client, "before_answer", lambda: None), action())
    deliver_due(client.by_app())
    return client


@pytest.mark.parametrize("answer", [None, error_for(47003), error_for(-1), OutcomeUnknown()])
def test_a_slow_sender_cannot_undo_what_its_successor_did(answer, follower, clock):
    message_id = queue(follower)

    def successor():
        clock.advance(CLAIM)
        assert len(deliver().calls) == 1

    late(FakeClient(answer), successor)
    assert state(message_id) is OutboxState.SENT


def test_a_slow_success_settles_what_had_become_uncertain(subscriber, clock):
    message_id = queue(subscriber)

    def give_up():
        clock.advance(CLAIM)
        deliver()
        assert state(message_id) is OutboxState.UNCERTAIN

    late(FakeClient(), give_up)
    assert state(message_id) is OutboxState.SENT
    assert [attempt.outcome for attempt in attempts(message_id)] == [AttemptOutcome.SENT]


def test_a_slow_refusal_gives_the_credit_back_and_leaves_the_rest_to_people(subscriber, clock):
    message_id = queue(subscriber)

    def give_up():
        clock.advance(CLAIM)
        deliver()

    late(FakeClient(error_for(-1)), give_up)
    assert state(message_id) is OutboxState.UNCERTAIN
    assert balance(subscriber) == 1


def test_sent_again_by_staff_a_template_message_is_a_new_send(follower, clock):
    message_id = queue(follower)
    first = crash()
    clock.advance(10 * MINUTE)
    deliver()
    assert send_again(message_id)
    second = deliver()
    assert second.calls[0].client_msg_id != first.calls[0].client_msg_id
    assert state(message_id) is OutboxState.SENT


# --- pushes ---


def finished(person, msg_id, status="success") -> None:
    with transaction():
        note_template_finished(ACCOUNT_APP, person.account, msg_id, status)


def subscription_sent(person, msg_id, code=0) -> None:
    with transaction():
        note_subscription_sent(MINI_APP, person.mini, "TPL-S", msg_id, code)


def test_a_template_push_names_its_message(follower):
    message_id = queue(follower)
    deliver()
    (attempt,) = attempts(message_id)
    finished(follower, attempt.remote_id)
    assert attempts(message_id)[0].outcome is AttemptOutcome.DELIVERED
    assert state(message_id) is OutboxState.SENT


@pytest.mark.parametrize("status", ["failed:user block", "failed: system failed"])
def test_taken_is_not_delivered_and_the_next_way_is_tried(status):
    map_templates()
    person = someone(follows=True, wrote=True)
    message_id = queue(person)
    deliver()
    finished(person, attempts(message_id)[0].remote_id, status)
    assert state(message_id) is OutboxState.QUEUED
    assert deliver().endpoints == ["customer_text"]
    finished(person, attempts(message_id)[0].remote_id, status)
    assert state(message_id) is OutboxState.SENT


def test_a_push_that_is_faster_than_the_record(follower):
    message_id = queue(follower)
    late(FakeClient(), lambda: finished(follower, "3400000001"))
    (attempt,) = attempts(message_id)
    assert (state(message_id), attempt.outcome) == (OutboxState.SENT, AttemptOutcome.DELIVERED)
    assert attempt.remote_id == "3400000001"


def test_a_push_of_failure_that_is_faster_than_the_record():
    map_templates()
    person = someone(follows=True, wrote=True)
    message_id = queue(person)
    client = late(FakeClient(), lambda: finished(person, "3400000001", "failed:user block"))
    assert client.endpoints == ["template", "customer_text"]
    assert state(message_id) is OutboxState.SENT


def test_a_push_settles_what_a_dead_sender_left(subscriber, clock):
    message_id = queue(subscriber)
    crash()
    subscription_sent(subscriber, "1")
    assert state(message_id) is OutboxState.SENDING
    clock.advance(CLAIM)
    assert deliver().calls == []
    assert state(message_id) is OutboxState.SENT


def test_a_push_settles_what_was_uncertain(subscriber):
    message_id = queue(subscriber)
    deliver(OutcomeUnknown())
    subscription_sent(subscriber, "1")
    assert state(message_id) is OutboxState.SENT
    assert balance(subscriber) == 0


def test_a_push_settles_what_waits_to_be_repeated(follower, clock):
    message_id = queue(follower)
    deliver(OutcomeUnknown())
    finished(follower, "77")
    assert state(message_id) is OutboxState.SENT
    clock.advance(MINUTE)
    assert deliver().calls == []


def test_an_undelivered_subscription_message_gives_its_credit_back_once(subscriber):
    message_id = queue(subscriber)
    deliver()
    assert balance(subscriber) == 0
    for _ in range(3):
        subscription_sent(subscriber, "1", 43107)
    assert balance(subscriber) == 1
    assert state(message_id) is OutboxState.QUEUED


def test_a_push_of_no_credit_does_not_make_one(subscriber):
    queue(subscriber)
    deliver()
    subscription_sent(subscriber, "1", 43101)
    assert balance(subscriber) == 0


def test_a_repeated_push_is_not_taken_for_the_next_message(clock):
    map_templates()
    person = someone(credits=2)
    first = queue(person)
    deliver()
    subscription_sent(person, "1")
    second = queue(person)
    deliver(OutcomeUnknown())
    subscription_sent(person, "1")
    assert (state(first), state(second)) == (OutboxState.SENT, OutboxState.UNCERTAIN)


def test_pushes_about_others_and_old_pushes_change_nothing(follower, clock):
    message_id = queue(follower)
    deliver(OutcomeUnknown())
    finished(someone(follows=True), "77")
    clock.advance(timedelta(hours=1))
    finished(follower, "77")
    assert attempts(message_id)[0].outcome is AttemptOutcome.UNKNOWN


def test_what_a_person_told_by_telephone_is_not_reopened(subscriber):
    message_id = queue(subscriber)
    deliver(OutcomeUnknown())
    assert settle(message_id)
    subscription_sent(subscriber, "1", 43107)
    row = message(message_id)
    assert (row.state, row.channel) == (OutboxState.SENT, Channel.DESK)
