"""Every errcode of the protocol that a send can meet (§0.1, §5), with its class and what the outbox then does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import BEIJING, MovableClock
from backend.storage import transaction
from backend.wechat import errors
from backend.wechat.errors import WeChatError, error_for
from messages import Channel, map_template
from messages.alarms import dismiss_alarms, open_alarms
from messages.delivery import deliver_due
from messages.models import Address, OutboxState
from tests.messages.support import (
    FIELDS,
    MINI_APP,
    NOON,
    NOTICE,
    FakeClient,
    balance,
    map_templates,
    message,
    queue,
    someone,
)

pytestmark = pytest.mark.usefixtures("database", "clock")

MIDNIGHT = datetime(NOON.year, NOON.month, NOON.day, tzinfo=BEIJING) + timedelta(days=1)


@dataclass(frozen=True)
class Then:
    """What follows: the message is tried again `after`, or lies on the desk as `failure`; staff see an `alarm`."""

    kind: type[WeChatError]
    after: timedelta | None = None
    failure: str | None = None
    alarm: bool = False


AGAIN = timedelta(seconds=10)
NEXT_MINUTE, NEXT_DAY = timedelta(minutes=1), MIDNIGHT - NOON
BAD = Then(errors.BadContent, failure="bad_content", alarm=True)
CONFIG = Then(errors.Misconfigured, failure="misconfigured", alarm=True)
BANNED = Then(errors.Banned, failure="banned", alarm=True)
TOKEN = Then(errors.TokenRejected, after=AGAIN, failure="token_rejected", alarm=True)
PERSON = Then(errors.RecipientRefuses, failure="no_channel")

TABLE = {
    -1: Then(errors.Busy, after=AGAIN, failure="busy"),
    40001: TOKEN,
    40014: TOKEN,
    42001: TOKEN,
    40003: Then(errors.UnknownRecipient, failure="no_channel"),
    40013: CONFIG,
    40125: CONFIG,
    40164: CONFIG,
    40166: CONFIG,
    41001: CONFIG,
    41030: CONFIG,
    43001: CONFIG,
    43002: CONFIG,
    43003: CONFIG,
    48001: CONFIG,
    43004: PERSON,
    43019: PERSON,
    48002: PERSON,
    50005: PERSON,
    43101: Then(errors.NoCredit, failure="no_channel"),
    45015: Then(errors.WindowClosed, failure="no_channel"),
    45047: Then(errors.WindowClosed, failure="no_channel"),
    40033: BAD,
    40037: BAD,
    40165: BAD,
    40249: BAD,
    40250: BAD,
    40252: BAD,
    44002: BAD,
    45002: BAD,
    45008: BAD,
    45168: BAD,
    47001: BAD,
    47002: BAD,
    47003: BAD,
    43108: Then(errors.ConcurrentSend, after=AGAIN, failure="concurrent_send"),
    45009: Then(errors.QuotaExceeded, after=NEXT_DAY, failure="quota_exceeded"),
    45011: Then(errors.QuotaExceeded, after=NEXT_MINUTE, failure="quota_exceeded"),
    40251: BANNED,
    43107: BANNED,
    43116: BANNED,
    48004: BANNED,
    12345: Then(errors.UnknownError, failure="unknown_error", alarm=True),
}
# Codes of endpoints that send nothing to people; their classes are tested with the endpoints.
ELSEWHERE = {
    code
    for code, kind in errors.ERROR_CLASSES.items()
    if code not in TABLE
    and (kind in (errors.BadContent, errors.Misconfigured, errors.CodeRejected, errors.HighRiskUser, errors.IdleUser))
} | {48006}


def deliver(*answers: Exception | None) -> FakeClient:
    client = FakeClient(*answers)
    deliver_due(client.by_app())
    return client


@pytest.mark.parametrize("errcode", TABLE)
def test_what_the_outbox_does(errcode: int) -> None:
    then = TABLE[errcode]
    with transaction():
        map_template(MINI_APP, Channel.SUBSCRIBE, NOTICE, "TPL-S", FIELDS)
    message_id = queue(someone(credits=2))
    error = error_for(errcode, "662b4bbd-1a2b3c4d-0f1e2d3c")
    assert type(error) is then.kind
    assert len(deliver(error).calls) == 1, "the send was repeated blindly"
    row = message(message_id)
    assert row.failure == then.failure
    if then.after is None:
        assert (row.state, row.settled_at) == (OutboxState.DEAD, None), "nobody would see it"
    else:
        assert (row.state, row.next_at) == (OutboxState.QUEUED, NOON + then.after)
    alarms = open_alarms()
    assert bool(alarms) is then.alarm
    if alarms:
        assert (alarms[0].errcode, alarms[0].rid) == (errcode, error.rid)


def test_the_table_is_whole() -> None:
    assert set(errors.ERROR_CLASSES) - set(TABLE) == ELSEWHERE


@pytest.mark.parametrize(("errcode", "left"), [(43101, 0), (40003, 0), (43019, 0), (47003, 2), (45009, 2)])
def test_agreements_that_wechat_does_not_know_are_dropped(errcode: int, left: int) -> None:
    map_templates()
    person = someone(credits=2)
    queue(person)
    deliver(error_for(errcode))
    assert balance(person) == left


@pytest.mark.parametrize("errcode", [43004, 43019, 50005, 40003])
def test_who_does_not_follow_is_left_alone_until_they_do(errcode: int) -> None:
    map_templates()
    person = someone(follows=True)
    queue(person)
    assert deliver(error_for(errcode)).endpoints == ["template"]
    queue(person)
    assert deliver().endpoints == []
    with transaction() as db:
        db.execute(sa.update(Address).values(reachable=True))  # as a push of a follow does
    queue(person)
    assert deliver().endpoints == ["template"]


def test_an_openid_that_is_nobodys_takes_nothing_any_more() -> None:
    person = someone(follows=True, wrote=True)
    queue(person)
    assert deliver(error_for(40003)).endpoints == ["customer_text"]
    map_templates()
    queue(person)
    assert deliver().endpoints == []


# --- a day's quota that is gone ---


def test_another_way_is_taken_where_a_days_quota_is_gone() -> None:
    map_templates()
    person = someone(credits=2, follows=True)
    first, second = queue(person), queue(person)
    assert deliver(error_for(45009)).endpoints == ["miniprogram_subscribe", "template", "template"]
    assert {message(first).state, message(second).state} == {OutboxState.SENT}
    assert balance(person) == 2


def test_what_would_come_too_late_goes_to_the_desk_at_once() -> None:
    map_templates()
    message_id = queue(someone(credits=1), not_after=NOON + timedelta(hours=3))
    deliver(error_for(45009))
    assert (message(message_id).state, message(message_id).failure) == (OutboxState.DEAD, "quota_exceeded")


def test_a_quota_costs_no_tries(clock: MovableClock) -> None:
    map_templates()
    message_id = queue(someone(credits=1))
    for day in range(12):
        clock.moment = NOON + timedelta(days=day)
        assert len(deliver(error_for(45009)).calls) == 1
    assert (message(message_id).state, message(message_id).attempts) == (OutboxState.QUEUED, 0)


# --- alarms ---


def test_one_cause_is_one_alarm_and_the_next_success_ends_it(clock: MovableClock) -> None:
    map_templates()
    person = someone(credits=4)
    for _ in range(2):
        queue(person)
        error = error_for(47003, "662b4bbd-1a2b3c4d-0f1e2d3c")
        error.field = "thing3"
        deliver(error)
        clock.advance(timedelta(minutes=1))
    (alarm,) = open_alarms()
    assert (alarm.times, alarm.template_id, alarm.field, alarm.notice) == (2, "TPL-S", "thing3", NOTICE)
    assert alarm.last_at - alarm.since == timedelta(minutes=1)
    queue(person)
    deliver()
    assert open_alarms() == []


def test_the_apps_own_fault_is_told_once_for_all_its_templates() -> None:
    map_templates()
    map_templates("marriage.booked")
    with transaction():
        map_template(MINI_APP, Channel.SUBSCRIBE, "marriage.booked", "TPL-S2", FIELDS)
    person = someone(credits=1)
    queue(person)
    deliver(error_for(48001))
    queue(person, "marriage.confirmed")
    deliver(error_for(48001))
    assert [(alarm.template_id, alarm.times) for alarm in open_alarms()] == [("", 2)]
    assert dismiss_alarms() == 1
    assert open_alarms() == []


def test_a_success_elsewhere_ends_no_alarm() -> None:
    map_templates()
    queue(someone(credits=1))
    deliver(error_for(47003))
    queue(someone(follows=True))
    deliver()
    assert [alarm.channel for alarm in open_alarms()] == [Channel.SUBSCRIBE]
