"""Numbers for operations."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.jobs.figures import delivery_figures
from backend.kernel.ids import new_id
from backend.storage import transaction
from backend.wechat.errors import OutcomeUnknown
from messages import ReminderPlan, Subject, set_reminders
from messages.delivery import deliver_due
from messages.models import OutboxState
from tests.messages.support import DATA, NOON, FakeClient, queue, someone

pytestmark = pytest.mark.usefixtures("database", "clock")


def test_an_empty_house():
    figures = delivery_figures(NOON)
    assert set(figures.messages.values()) == {0}
    assert (figures.oldest_due, figures.reminders_waiting) == (timedelta(0), 0)


def test_what_waits_is_counted_and_what_is_done_is_not():
    queue(someone(wrote=True))  # answer lost: uncertain
    deliver_due(FakeClient(OutcomeUnknown()).by_app())
    queue(someone())  # for the desk
    queue(someone(), "marriage.booked")  # given up quietly
    queue(someone(wrote=True))  # sent
    deliver_due(FakeClient().by_app())
    queue(someone())
    queue(someone())
    with transaction():
        plan = ReminderPlan("marriage.reminder_day_before", new_id(), NOON, NOON + timedelta(hours=1), DATA)
        set_reminders(Subject("appointment", new_id()), [plan])
    figures = delivery_figures(NOON + timedelta(seconds=30))
    assert figures.messages == {
        OutboxState.QUEUED: 2,
        OutboxState.SENDING: 0,
        OutboxState.DEAD: 1,
        OutboxState.UNCERTAIN: 1,
    }
    assert (figures.oldest_due, figures.reminders_waiting) == (timedelta(seconds=30), 1)
