"""What follows from WeChat's errors, and what a history of attempts says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.kernel.ids import new_id
from backend.wechat import errors
from messages.models import AttemptOutcome, Channel, DeliveryAttempt
from messages.outcomes import VERDICTS, failure_at_the_end, open_doubt, pause_after, refused_ways, verdict_for

SENT, REFUSED, NOT_NOW, UNKNOWN, LOST = (
    AttemptOutcome.SENT,
    AttemptOutcome.REFUSED,
    AttemptOutcome.NOT_NOW,
    AttemptOutcome.UNKNOWN,
    AttemptOutcome.LOST,
)


def attempt(outcome, failure=None, channel=Channel.TEMPLATE) -> DeliveryAttempt:
    return DeliveryAttempt(id=new_id(), channel=channel, address_id=new_id(), outcome=outcome, failure=failure)


@pytest.mark.parametrize(
    ("errcode", "failure", "outcome"),
    [
        (-1, "busy", NOT_NOW),
        (40001, "token_rejected", NOT_NOW),
        (43108, "concurrent_send", NOT_NOW),
        (45009, "quota_exceeded", NOT_NOW),
        (45011, "quota_exceeded", NOT_NOW),
        (43101, "no_credit", REFUSED),
        (45015, "window_closed", REFUSED),
        (45047, "window_closed", REFUSED),
        (40003, "unknown_recipient", REFUSED),
        (43004, "recipient_refuses", REFUSED),
        (47003, "bad_content", REFUSED),
        (48001, "misconfigured", REFUSED),
        (43107, "banned", REFUSED),
        (99999, "unknown_error", REFUSED),
    ],
)
def test_each_errcode_has_its_verdict(errcode, failure, outcome):
    verdict = verdict_for(errors.error_for(errcode))
    assert (verdict.failure, verdict.outcome) == (failure, outcome)


def test_a_request_that_was_not_sent_is_told_from_one_without_an_answer():
    assert verdict_for(errors.Unreachable()).outcome is NOT_NOW
    assert verdict_for(errors.OutcomeUnknown()).outcome is UNKNOWN


def test_no_parent_hides_its_children():
    kinds = [kind for kind, _ in VERDICTS]
    for position, kind in enumerate(kinds):
        assert not any(issubclass(later, kind) for later in kinds[position + 1 :])


def test_retryable_errors_are_retried_and_only_they():
    for code in errors.ERROR_CLASSES:
        error = errors.error_for(code)
        assert (verdict_for(error).outcome is NOT_NOW) is error.retry


def test_pauses_grow_and_stay():
    pauses = [pause_after(number) for number in range(1, 11)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[5], pauses[9]) == (timedelta(seconds=10), timedelta(hours=3), timedelta(hours=3))


@pytest.mark.parametrize(
    ("outcomes", "position"),
    [
        ([], None),
        ([SENT], None),
        ([REFUSED, NOT_NOW], None),
        ([UNKNOWN], 0),
        ([NOT_NOW, LOST], 1),
        ([LOST, UNKNOWN], 0),
        ([UNKNOWN, NOT_NOW], 0),
        ([UNKNOWN, REFUSED], None),
        ([UNKNOWN, REFUSED, LOST], 2),
    ],
)
def test_a_doubt_lasts_from_its_first_call_until_it_is_answered(outcomes, position):
    history = [attempt(outcome) for outcome in outcomes]
    assert open_doubt(history) is (None if position is None else history[position])


def test_only_refused_ways_are_closed():
    closed, later = attempt(REFUSED), attempt(NOT_NOW)
    assert refused_ways([closed, later]) == {(closed.channel, closed.address_id)}


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        ([], "no_channel"),
        (["no_credit", "recipient_refuses"], "no_channel"),
        (["bad_content", "window_closed"], "bad_content"),
        (["bad_content", "misconfigured"], "misconfigured"),
    ],
)
def test_staff_read_what_they_can_mend(failures, expected):
    assert failure_at_the_end([attempt(REFUSED, failure) for failure in failures]) == expected
