"""Old rows go, unfinished ones stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.ids import new_id
from backend.storage import transaction
from messages import ReminderPlan, Subject, cancel_reminders, set_reminders
from messages.delivery import deliver_due
from messages.housekeeping import KEPT_FOR, remove_old
from messages.models import DeliveryAttempt, OutboxMessage, Reminder
from tests.messages.support import DATA, NOON, FakeClient, queue, someone

pytestmark = pytest.mark.usefixtures("database", "clock")


def ids(table) -> set:
    with transaction() as db:
        return set(db.scalars(sa.select(table.id)))


def test_settled_messages_go_after_half_a_year_and_others_stay(clock):
    for _ in range(3):
        queue(someone(wrote=True))
    on_the_desk = queue(someone())
    deliver_due(FakeClient().by_app())
    clock.advance(KEPT_FOR)
    recent = queue(someone(wrote=True))
    assert remove_old() == 0
    clock.advance(timedelta(seconds=1))
    assert [remove_old(limit=2), remove_old(limit=2), remove_old(limit=2)] == [2, 1, 0]
    assert ids(OutboxMessage) == {on_the_desk, recent}
    assert ids(DeliveryAttempt) == set()


def test_done_reminders_go_and_waiting_ones_stay(clock):
    done, waiting = Subject("appointment", new_id()), Subject("appointment", new_id())
    plan = ReminderPlan("marriage.reminder_day_before", new_id(), NOON, NOON + timedelta(hours=1), DATA)
    with transaction():
        for subject in (done, waiting):
            set_reminders(subject, [plan])
        cancel_reminders(done)
    clock.advance(KEPT_FOR + timedelta(seconds=1))
    assert remove_old() == 1
    with transaction() as db:
        assert db.scalars(sa.select(Reminder.subject_id)).all() == [waiting.id]
