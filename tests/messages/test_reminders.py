"""Reminders follow their subject: set, moved, cancelled, posted once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.ids import new_id
from backend.storage import transaction
from messages import ReminderPlan, Subject, cancel_reminders, leave_alone, set_reminders
from messages.delivery import deliver_due
from messages.models import OutboxMessage, OutboxState, Reminder, ReminderState
from messages.reminders import post_due
from tests.messages.support import DATA, NOON, FakeClient, someone

pytestmark = pytest.mark.usefixtures("database", "clock")

HOUR = timedelta(hours=1)
DAY_BEFORE, TWO_HOURS = "marriage.reminder_day_before", "marriage.reminder_two_hours"


def subject() -> Subject:
    return Subject("appointment", new_id())


def plan(person_id, notice=DAY_BEFORE, *, due=NOON + HOUR, not_after=NOON + 5 * HOUR, **data) -> ReminderPlan:
    return ReminderPlan(notice, person_id, due, not_after, {**DATA, **data})


def put(about: Subject, *plans: ReminderPlan) -> None:
    with transaction():
        set_reminders(about, plans)


def rows() -> list[Reminder]:
    with transaction() as db:
        return list(db.scalars(sa.select(Reminder).order_by(Reminder.notice)))


def posted() -> list[OutboxMessage]:
    with transaction() as db:
        return list(db.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)))


def test_a_reminder_is_posted_when_due_and_once(clock):
    put(subject(), plan(someone().id))
    assert post_due() == 0
    clock.advance(HOUR)
    assert post_due() == 1
    assert post_due() == 0
    (row,) = rows()
    (told,) = posted()
    assert told.key == f"reminder:{row.id}:1"
    assert (told.not_after, told.notice, told.data) == (row.not_after, DAY_BEFORE, DATA)
    assert row.state is ReminderState.POSTED


def test_setting_the_same_twice_changes_nothing(clock):
    about, person = subject(), someone()
    put(about, plan(person.id))
    put(about, plan(person.id))
    assert [row.version for row in rows()] == [1]
    clock.advance(HOUR)
    post_due()
    put(about, plan(person.id))
    assert post_due() == 0
    assert [told.state for told in posted()] == [OutboxState.QUEUED]


def test_a_moved_reminder_is_told_at_the_new_time_only(clock):
    about, person = subject(), someone()
    put(about, plan(person.id))
    put(about, plan(person.id, due=NOON + 3 * HOUR))
    clock.advance(HOUR)
    assert post_due() == 0
    clock.advance(2 * HOUR)
    assert post_due() == 1
    assert [told.key.rsplit(":", 1)[1] for told in posted()] == ["2"]


def test_moving_cancels_what_is_queued_for_the_old_time_and_tells_again(clock):
    about, person = subject(), someone(wrote=True)
    put(about, plan(person.id))
    clock.advance(HOUR)
    post_due()
    put(about, plan(person.id, due=NOON + 2 * HOUR, time="2027年5月19日 10:00"))
    clock.advance(HOUR)
    post_due()
    assert [told.state for told in posted()] == [OutboxState.CANCELLED, OutboxState.QUEUED]
    client = FakeClient()
    deliver_due(client.by_app())
    assert len(client.calls) == 1
    assert "5月19日" in client.calls[0].text


def test_changed_words_count_as_a_change():
    about, person = subject(), someone()
    put(about, plan(person.id))
    put(about, plan(person.id, place="碑林区婚姻登记处"))
    assert [(row.version, row.data["place"]) for row in rows()] == [(2, "碑林区婚姻登记处")]


def test_reminders_no_longer_planned_go_away_with_what_they_queued(clock):
    about, person = subject(), someone()
    put(about, plan(person.id), plan(person.id, TWO_HOURS, due=NOON + 2 * HOUR))
    clock.advance(HOUR)
    post_due()
    put(about, plan(person.id, TWO_HOURS, due=NOON + 2 * HOUR))
    assert [row.state for row in rows()] == [ReminderState.CANCELLED, ReminderState.WAITING]
    assert [told.state for told in posted()] == [OutboxState.CANCELLED]


def test_cancelling_leaves_other_subjects_and_other_messages(clock):
    about, other, person = subject(), subject(), someone()
    put(about, plan(person.id))
    put(other, plan(person.id))
    with transaction():
        cancel_reminders(about)
    clock.advance(HOUR)
    assert post_due() == 1
    assert {row.state for row in rows() if row.subject_id == about.id} == {ReminderState.CANCELLED}


def test_a_cancelled_reminder_can_be_set_again(clock):
    about, person = subject(), someone()
    put(about, plan(person.id))
    put(about)
    put(about, plan(person.id))
    clock.advance(HOUR)
    assert post_due() == 1
    assert posted()[0].key.endswith(":2")


def test_what_nobody_ran_for_is_not_told_too_late(clock):
    put(subject(), plan(someone().id, not_after=NOON + 2 * HOUR))
    clock.advance(2 * HOUR)
    assert post_due() == 1
    assert posted() == []
    assert [row.state for row in rows()] == [ReminderState.CANCELLED]


def test_two_plans_for_one_thing_are_refused():
    person = someone()
    with pytest.raises(ValueError, match="two plans"):
        put(subject(), plan(person.id), plan(person.id, due=NOON + 2 * HOUR))
    with pytest.raises(ValueError, match="identity number"):
        put(subject(), plan(person.id, hint="610102199503151234"))
    assert rows() == []


def test_a_reminder_whose_notice_is_gone_does_not_hold_up_others(clock):
    put(subject(), plan(someone().id))
    put(subject(), plan(someone().id))
    with transaction() as db:
        first = db.scalars(sa.select(Reminder).limit(1)).one()
        first.notice = "marriage.gone"
    clock.advance(HOUR)
    assert post_due() == 2
    deliver_due(FakeClient().by_app())
    assert {told.failure for told in posted()} == {"unknown_notice", "no_channel"}


def test_a_person_can_be_left_alone(clock):
    person, other = someone(), someone()
    put(subject(), plan(person.id), plan(person.id, TWO_HOURS, due=NOON + 2 * HOUR))
    put(subject(), plan(other.id, TWO_HOURS, due=NOON + 2 * HOUR))
    clock.advance(HOUR)
    post_due()
    with transaction():
        leave_alone(person.id)
    clock.advance(HOUR)
    assert post_due() == 1
    assert {(told.recipient_id, told.state) for told in posted()} == {
        (person.id, OutboxState.CANCELLED),
        (other.id, OutboxState.QUEUED),
    }


def test_a_batch_is_limited_and_several_workers_share(clock):
    people = [someone() for _ in range(40)]
    for person in people:
        put(subject(), plan(person.id))
    clock.advance(HOUR)
    counted = []
    workers = [threading.Thread(target=lambda: counted.append(post_due(limit=10))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    while post_due(limit=10):
        pass
    assert all(count <= 10 for count in counted)
    assert sorted(told.recipient_id for told in posted()) == sorted(person.id for person in people)
