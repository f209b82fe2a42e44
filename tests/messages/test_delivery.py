"""Delivery: which way a message takes, what each answer of WeChat leads to, and what becomes of the stock."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.ids import new_id
from backend.storage import transaction
from backend.wechat.errors import OutcomeUnknown, Unreachable, error_for
from messages import Channel, Product, attach_address, map_template, note_subscription
from messages.alarms import open_alarms
from messages.delivery import deliver_due
from messages.models import Address, AttemptOutcome, OutboxMessage, OutboxState
from messages.outcomes import MAX_ATTEMPTS
from tests.messages.support import (
    ACCOUNT_APP,
    DATA,
    FIELDS,
    MINI_APP,
    NOON,
    NOTICE,
    FakeClient,
    attempts,
    balance,
    map_templates,
    message,
    queue,
    someone,
    window,
)

pytestmark = pytest.mark.usefixtures("database", "clock")

ALL = ["miniprogram_subscribe", "template", "customer_text"]


@pytest.fixture
def everyone_everywhere():
    """Somebody who can be reached by every channel."""
    map_templates()
    return someone(follows=True, credits=2, wrote=True)


def deliver(*answers, limit=100) -> FakeClient:
    client = FakeClient(*answers)
    deliver_due(client.by_app(), limit=limit)
    return client


@pytest.mark.parametrize(
    ("reach", "endpoint"),
    [
        ({"follows": True, "credits": 1, "wrote": True}, "miniprogram_subscribe"),
        ({"follows": True, "wrote": True}, "template"),
        ({"wrote": True}, "customer_text"),
    ],
)
def test_the_first_open_channel_is_taken(reach, endpoint):
    map_templates()
    message_id = queue(someone(**reach))
    assert deliver().endpoints == [endpoint]
    row = message(message_id)
    assert (row.state, row.attempts, row.failure) == (OutboxState.SENT, 1, None)
    assert row.settled_at == NOON
    (attempt,) = attempts(message_id)
    assert (attempt.outcome, attempt.ended_at, attempt.channel) == (AttemptOutcome.SENT, NOON, row.channel)


def test_without_a_channel_it_goes_to_the_desk():
    map_templates()
    message_id = queue(someone())
    assert deliver().calls == []
    row = message(message_id)
    assert (row.state, row.failure, row.settled_at) == (OutboxState.DEAD, "no_channel", None)


def test_without_a_template_a_channel_is_closed():
    message_id = queue(someone(follows=True, credits=1))
    assert deliver().calls == []
    assert message(message_id).state is OutboxState.DEAD


def test_without_a_client_for_the_app_an_address_is_closed():
    message_id = queue(someone(wrote=True))
    deliver_due({MINI_APP: FakeClient()})
    assert message(message_id).state is OutboxState.DEAD


def test_what_is_said(everyone_everywhere):
    with transaction():
        map_template(ACCOUNT_APP, Channel.TEMPLATE, NOTICE, "TPL-T", FIELDS, link="https://mz.example.cn/{subject_id}")
    message_id = queue(everyone_everywhere)
    client = deliver(error_for(43101), error_for(43004))
    by_subscription, by_template, by_text = client.calls
    expected = {key: DATA[field] for key, field in FIELDS.items()}
    assert by_subscription.data == by_template.data == expected
    assert (by_subscription.openid, by_subscription.template_id) == (everyone_everywhere.mini, "TPL-S")
    assert (by_template.openid, by_template.template_id) == (everyone_everywhere.account, "TPL-T")
    assert by_template.link == f"https://mz.example.cn/{everyone_everywhere.id}"
    assert len(by_template.client_msg_id) == 32
    assert DATA["hint"] in by_text.text
    assert message(message_id).state is OutboxState.SENT


def test_the_accounts_own_subscriptions_use_their_own_endpoint():
    person = someone(follows=True)
    with transaction():
        map_template(ACCOUNT_APP, Channel.SUBSCRIBE, NOTICE, "TPL-B", FIELDS)
        note_subscription(ACCOUNT_APP, person.account, [("TPL-B", True)])
    queue(person)
    assert deliver().endpoints == ["account_subscribe"]


def test_long_term_consent_goes_first_and_is_not_used_up():
    person = someone(credits=1)
    with transaction():
        attach_address(person.id, Product.ACCOUNT, ACCOUNT_APP, person.account)
        map_template(MINI_APP, Channel.SUBSCRIBE, NOTICE, "TPL-S", FIELDS)
        map_template(ACCOUNT_APP, Channel.SUBSCRIBE, NOTICE, "TPL-L", FIELDS, long_term=True)
        note_subscription(ACCOUNT_APP, person.account, [("TPL-L", True)])
    for _ in range(3):
        queue(person)
    assert deliver().endpoints == ["account_subscribe"] * 3
    assert balance(person) == 1


def test_credits_are_used_up_one_by_one():
    map_templates()
    person = someone(credits=2)
    sent = [queue(person) for _ in range(3)]
    assert deliver().endpoints == ["miniprogram_subscribe"] * 2
    assert balance(person) == 0
    assert [message(each).state for each in sent] == [OutboxState.SENT, OutboxState.SENT, OutboxState.DEAD]


def test_a_window_is_used_up_and_closes(clock):
    person = someone(wrote=True)
    for _ in range(6):
        queue(person)
    assert deliver().endpoints == ["customer_text"] * 5
    assert window(person)[1] == 0
    later = someone(wrote=True)
    clock.advance(timedelta(hours=48))
    queue(later)
    assert deliver().calls == []


REFUSALS = {
    "no credit": 43101,
    "window closed": 45015,
    "count used up": 45047,
    "unknown openid": 40003,
    "does not follow": 43004,
    "bad content": 47003,
    "misconfigured": 48001,
    "banned": 43107,
    "unknown code": 99999,
}


@pytest.mark.parametrize("errcode", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_leads_to_the_next_channel_at_once(errcode, everyone_everywhere):
    message_id = queue(everyone_everywhere)
    assert deliver(error_for(errcode)).endpoints == ALL[:2]
    assert message(message_id).state is OutboxState.SENT
    assert [attempt.outcome for attempt in attempts(message_id)] == [AttemptOutcome.REFUSED, AttemptOutcome.SENT]
    assert attempts(message_id)[0].errcode == errcode


@pytest.mark.parametrize(
    ("errcode", "failure"), [(47003, "bad_content"), (48001, "misconfigured"), (99999, "unknown_error")]
)
def test_refused_everywhere_it_goes_to_the_desk_with_the_reason(errcode, failure, everyone_everywhere):
    message_id = queue(everyone_everywhere)
    assert deliver(*[error_for(errcode)] * 3).endpoints == ALL
    row = message(message_id)
    assert (row.state, row.failure) == (OutboxState.DEAD, failure)


@pytest.mark.parametrize(
    ("errcode", "left"),
    [(43101, 0), (40003, 0), (47003, 2), (48001, 2), (-1, 2), (43108, 2), (45009, 2), (40001, 2)],
)
def test_credit_is_given_back_unless_wechat_has_none(errcode, left):
    map_templates()
    person = someone(credits=2)
    queue(person)
    deliver(error_for(errcode), limit=1)
    assert balance(person) == left


@pytest.mark.parametrize(
    ("answer", "left"), [(None, 1), (Unreachable(), 2), (OutcomeUnknown(), 1), (ValueError("fault"), 1)]
)
def test_credit_stays_taken_where_the_call_may_have_been_carried_out(answer, left):
    map_templates()
    person = someone(credits=2)
    queue(person)
    deliver(answer, limit=1)
    assert balance(person) == left


@pytest.mark.parametrize(("errcode", "left"), [(45015, 0), (45047, 0), (-1, 5), (48001, 5)])
def test_the_window_is_accounted_for_likewise(errcode, left):
    person = someone(wrote=True)
    queue(person)
    deliver(error_for(errcode), limit=1)
    assert window(person)[1] == left


def test_who_does_not_follow_is_not_asked_again(everyone_everywhere):
    queue(everyone_everywhere)
    deliver(error_for(43101), error_for(43004))
    queue(everyone_everywhere)
    assert deliver().endpoints == ["customer_text"]
    with transaction() as db:
        assert (
            db.scalars(sa.select(Address.reachable).where(Address.openid == everyone_everywhere.account)).one() is False
        )


@pytest.mark.parametrize("failure", [error_for(-1), error_for(40001), error_for(43108), Unreachable()])
def test_a_passing_failure_is_tried_again_the_same_way(failure, everyone_everywhere, clock):
    message_id = queue(everyone_everywhere)
    assert deliver(failure).endpoints == ALL[:1]
    row = message(message_id)
    assert (row.state, row.next_at) == (OutboxState.QUEUED, NOON + timedelta(seconds=10))
    assert deliver().calls == []
    clock.advance(timedelta(seconds=10))
    assert deliver().endpoints == ALL[:1]
    assert message(message_id).state is OutboxState.SENT


def test_after_ten_tries_people_take_over(clock):
    person = someone(wrote=True)
    message_id = queue(person)
    gaps = []
    for _ in range(MAX_ATTEMPTS):
        assert len(deliver(error_for(-1)).calls) == 1
        gaps.append(message(message_id).next_at - clock.moment)
        # By day, for at night nothing would be tried.
        clock.move_to((message(message_id).next_at + timedelta(days=1)).replace(hour=12))
        with transaction() as db:
            db.execute(sa.update(Address).values(window_until=clock.moment + timedelta(hours=1), window_left=1))
    assert gaps[:6] == [timedelta(seconds=s) for s in (10, 60, 300, 900, 3600, 10800)]
    row = message(message_id)
    assert (row.state, row.failure, row.attempts) == (OutboxState.DEAD, "busy", MAX_ATTEMPTS)
    assert deliver().calls == []


def test_a_quota_stops_the_channel_until_it_is_filled_again_and_is_no_try(clock):
    map_templates()
    messages = [queue(someone(follows=True)) for _ in range(3)]
    client = deliver(error_for(45011))
    assert len(client.calls) == 1
    rows = [message(each) for each in messages]
    assert {row.next_at for row in rows} == {NOON + timedelta(minutes=1)}
    assert {(row.state, row.attempts) for row in rows} == {(OutboxState.QUEUED, 0)}
    clock.advance(timedelta(minutes=1))
    assert len(deliver().calls) == 3


def test_a_daily_quota_waits_for_midnight_in_beijing():
    map_templates()
    message_id = queue(someone(follows=True))
    deliver(error_for(45009))
    assert message(message_id).next_at == NOON.replace(day=18, hour=0)


def test_while_wechat_is_away_one_call_finds_out():
    map_templates()
    for _ in range(5):
        queue(someone(follows=True))
    assert len(deliver(Unreachable()).calls) == 1


def test_nothing_is_told_too_late(clock):
    message_id = queue(someone(wrote=True), not_after=NOON + timedelta(minutes=5))
    clock.advance(timedelta(minutes=5))
    assert deliver().calls == []
    assert message(message_id).state is OutboxState.EXPIRED


def test_at_night_only_urgent_messages_go_out(clock):
    clock.move_to(NOON.replace(hour=22))
    message_id = queue(someone(wrote=True))
    queue(someone(wrote=True), "marriage.rescheduled")
    assert len(deliver().calls) == 1
    assert message(message_id).next_at == NOON.replace(day=18, hour=8)
    clock.move_to(NOON.replace(day=18, hour=8))
    assert deliver().endpoints == ["customer_text"]
    assert message(message_id).state is OutboxState.SENT


def test_a_retry_does_not_slip_into_the_night(clock):
    clock.move_to(NOON.replace(hour=20, minute=59, second=55))
    message_id = queue(someone(wrote=True))
    deliver(error_for(-1))
    clock.advance(timedelta(seconds=10))
    assert deliver().calls == []
    assert message(message_id).next_at == NOON.replace(day=18, hour=8)


def test_data_a_template_cannot_take_leads_to_the_next_channel(everyone_everywhere):
    """The field is free text, so it could be posted; the operator chose a narrower key for it."""
    with transaction():
        for app_id, channel in ((MINI_APP, Channel.SUBSCRIBE), (ACCOUNT_APP, Channel.TEMPLATE)):
            map_template(app_id, channel, NOTICE, f"TPL-{channel[0].upper()}", {"phrase1": "matter"})
    message_id = queue(everyone_everywhere, matter="登记 No. 1")
    assert deliver().endpoints == ["customer_text"]
    assert [attempt.failure for attempt in attempts(message_id)] == ["bad_content", "bad_content", None]
    assert balance(everyone_everywhere) == 2
    assert {(alarm.field, alarm.notice, alarm.errcode) for alarm in open_alarms()} == {("phrase1", NOTICE, None)}


def test_a_row_older_than_the_catalogue_goes_to_the_desk():
    message_id = queue(someone(wrote=True))
    with transaction() as db:
        db.execute(sa.update(OutboxMessage).values(notice="marriage.gone"))
    assert deliver().calls == []
    assert (message(message_id).state, message(message_id).failure) == (OutboxState.DEAD, "unknown_notice")


def test_one_bad_message_does_not_hold_up_the_next():
    first, second = queue(someone(wrote=True)), queue(someone(wrote=True))
    client = deliver(RuntimeError("fault"))
    assert len(client.calls) == 2
    assert {message(first).state, message(second).state} == {OutboxState.UNCERTAIN, OutboxState.SENT}


def test_no_transaction_is_open_while_wechat_is_called(database):
    queue(someone(wrote=True))
    client = FakeClient()
    checked_out = []
    client.before_answer = lambda: checked_out.append(database.engine.pool.checkedout())
    deliver_due(client.by_app())
    assert checked_out == [0]


def test_delivery_does_not_join_a_transaction():
    with transaction(), pytest.raises(RuntimeError):
        deliver_due(FakeClient().by_app())


def test_the_limit_is_kept_and_the_count_is_right():
    for _ in range(5):
        queue(someone(wrote=True))
    client = FakeClient()
    assert [deliver_due(client.by_app(), limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert len(client.calls) == 5


def test_logs_hold_no_openid_and_no_text(caplog, everyone_everywhere):
    caplog.set_level(0)
    queue(everyone_everywhere)
    deliver(error_for(43101), error_for(43004), RuntimeError("fault"))
    queue(someone(), key=str(new_id()))
    deliver()
    shown = caplog.text
    assert "send_fault" in shown
    for secret in (everyone_everywhere.account, everyone_everywhere.mini, DATA["number"], DATA["place"]):
        assert secret not in shown
