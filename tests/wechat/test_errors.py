from __future__ import annotations

import pickle
from datetime import datetime

import pytest

from backend.kernel.clock import clock_at
from backend.wechat import errors
from backend.wechat.errors import WeChatError, error_for


@pytest.mark.parametrize(
    ("errcode", "kind", "retry"),
    [
        (-1, errors.Busy, True),
        (40001, errors.TokenRejected, True),
        (40014, errors.TokenRejected, True),
        (42001, errors.TokenRejected, True),
        (40013, errors.Misconfigured, False),
        (40125, errors.Misconfigured, False),
        (40164, errors.Misconfigured, False),
        (41001, errors.Misconfigured, False),
        (48001, errors.Misconfigured, False),
        (43004, errors.RecipientRefuses, False),
        (43019, errors.RecipientRefuses, False),
        (50005, errors.RecipientRefuses, False),
        (48002, errors.RecipientRefuses, False),
        (43101, errors.NoCredit, False),
        (45015, errors.WindowClosed, False),
        (45047, errors.WindowClosed, False),
        (40003, errors.UnknownRecipient, False),
        (47003, errors.BadContent, False),
        (40037, errors.BadContent, False),
        (45168, errors.BadContent, False),
        (40165, errors.BadContent, False),
        (44002, errors.BadContent, False),
        (47001, errors.BadContent, False),
        (45002, errors.BadContent, False),
        (40029, errors.CodeRejected, False),
        (40163, errors.CodeRejected, False),
        (40226, errors.HighRiskUser, False),
        (45009, errors.QuotaExceeded, True),
        (45011, errors.QuotaExceeded, True),
        (43108, errors.ConcurrentSend, True),
        (43107, errors.Banned, False),
        (48004, errors.Banned, False),
        (43116, errors.Banned, False),
        (99999, errors.UnknownError, False),
    ],
)
def test_each_code_has_its_class(errcode: int, kind: type[WeChatError], retry: bool) -> None:
    error = error_for(errcode, "662b4bbd-1a2b3c4d-0f1e2d3c")
    assert type(error) is kind
    assert (error.errcode, error.rid, error.retry) == (errcode, "662b4bbd-1a2b3c4d-0f1e2d3c", retry)
    assert str(errcode) in str(error)


def test_no_code_stands_in_two_classes() -> None:
    listed = [code for codes in errors._CODES.values() for code in codes]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(
    ("errcode", "now", "retry_at"),
    [
        (45009, "2026-04-01T23:59:59+08:00", "2026-04-02T00:00:00+08:00"),
        (45009, "2026-12-31T00:00:00+08:00", "2027-01-01T00:00:00+08:00"),
        (45009, "2026-04-01T20:00:00+00:00", "2026-04-03T00:00:00+08:00"),
        (45011, "2026-04-01T09:30:12.000005+08:00", "2026-04-01T09:31:00+08:00"),
        (45011, "2026-04-01T23:59:30+08:00", "2026-04-02T00:00:00+08:00"),
    ],
)
def test_quotas_say_when_to_come_back(errcode: int, now: str, retry_at: str) -> None:
    with clock_at(datetime.fromisoformat(now)):
        error = error_for(errcode)
    assert isinstance(error, errors.QuotaExceeded)
    assert error.retry_at == datetime.fromisoformat(retry_at)


def test_who_could_not_be_reached_was_not_sent_anything() -> None:
    assert errors.Unreachable().sent is False
    assert errors.OutcomeUnknown().sent is None
    assert issubclass(errors.OutcomeUnknown, errors.Unreachable)


def test_errors_survive_a_queue() -> None:
    for error in (error_for(43101, "rid"), errors.OutcomeUnknown(), errors.PushRefused(403, "no_key")):
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert vars(copy) == vars(error)
