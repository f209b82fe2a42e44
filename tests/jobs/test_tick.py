"""The tick: due tasks once, failures contained, delivery also while Redis is away or wiped."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from backend.jobs.clients import use_clients
from backend.jobs.lease import LEASE_FOR
from backend.jobs.queue import QUEUES
from backend.jobs.tick import TASKS, Task, Tick, repeated, run_tick, sweep, tick_age
from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.storage import Database, transaction, use_database
from messages import ReminderPlan, Subject, set_reminders
from messages.models import OutboxMessage, OutboxState
from tests.messages.support import DATA, NOON, FakeClient, message, queue, someone

pytestmark = pytest.mark.usefixtures("database", "clock")

SECOND = timedelta(seconds=1)


@pytest.fixture
def client() -> FakeClient:
    fake = FakeClient()
    use_clients(fake.by_app)
    return fake


def counting(counts: list, name: str, every: float) -> Task:
    return Task(name, every, lambda: counts.append(name))


def work_off(redis) -> None:
    """What a worker would do now."""
    worker = SimpleWorker(list(QUEUES), connection=redis, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="ERROR")


@pytest.mark.usefixtures("redis", "client")
def test_tasks_run_at_their_intervals(clock):
    ran = []
    tick = Tick([counting(ran, "often", 2), counting(ran, "seldom", 5)])
    for _ in range(11):
        tick.run_once(now())
        clock.advance(SECOND)
    assert (ran.count("often"), ran.count("seldom")) == (6, 3)


@pytest.mark.usefixtures("redis", "client")
def test_a_clock_set_back_does_not_stop_the_tasks(clock):
    ran = []
    tick = Tick([counting(ran, "task", 5)])
    tick.run_once(now())
    clock.advance(timedelta(hours=-3))
    tick.run_once(now())
    assert ran == ["task", "task"]


@pytest.mark.usefixtures("redis", "client")
def test_a_failing_task_stops_neither_the_others_nor_itself(clock, caplog):
    ran = []

    def fail() -> None:
        ran.append("failing")
        raise ZeroDivisionError

    tick = Tick([Task("failing", 1, fail), counting(ran, "next", 1)])
    for _ in range(2):
        tick.run_once(now())
        clock.advance(SECOND)
    assert ran == ["failing", "next"] * 2
    assert "task_failed task=failing" in caplog.text


@pytest.mark.usefixtures("redis", "client")
def test_of_two_ticks_one_works_and_the_other_takes_over(clock):
    ran = []
    first, second = Tick([counting(ran, "first", 1)]), Tick([counting(ran, "second", 1)])
    for _ in range(20):
        first.run_once(now())
        second.run_once(now())
        clock.advance(SECOND)
    assert ran == ["first"] * 20
    clock.advance(LEASE_FOR)
    second.run_once(now())
    assert ran[-1] == "second"
    assert first.run_once(now()) == ()


@pytest.mark.usefixtures("redis", "client")
def test_a_stopped_tick_hands_over_at_once():
    ran = []
    first, second = Tick(), Tick([counting(ran, "second", 1)])
    first.run_once(now())
    first.stop()
    second.run_once(now())
    assert ran == ["second"]


@pytest.mark.usefixtures("redis", "client")
def test_ticks_in_several_threads_run_each_task_once():
    ran, start = [], threading.Barrier(4)
    task = counting(ran, "once", 3600)

    def loop() -> None:
        tick = Tick([task])
        start.wait()
        for _ in range(20):
            tick.run_once(now())

    threads = [threading.Thread(target=loop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert ran == ["once"]


@pytest.mark.usefixtures("redis", "client")
def test_the_loop_outlives_the_database(database, clock, caplog):
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    stop, seen = threading.Event(), []

    def task() -> None:
        seen.append(True)
        stop.set()

    use_database(away)
    loop = threading.Thread(target=run_tick, args=([Task("task", 1, task)], stop))
    loop.start()
    while "tick_without_database" not in caplog.text:
        stop.wait(0.01)
    use_database(database)
    loop.join(timeout=30)
    assert seen == [True]


def test_age_of_the_tick(clock, client, redis):
    assert tick_age(now()) is None
    Tick().run_once(now())
    clock.advance(9 * SECOND)
    assert tick_age(now()) == 9 * SECOND


# --- delivery ---


def test_a_reminder_goes_all_the_way(clock, client, redis):
    person = someone(wrote=True)
    plan = ReminderPlan("marriage.reminder_day_before", person.id, NOON + SECOND, NOON + timedelta(hours=1), DATA)
    with transaction():
        set_reminders(Subject("appointment", new_id()), [plan])
    tick = Tick()
    tick.run_once(now())
    work_off(redis)
    assert client.calls == []
    clock.advance(5 * SECOND)
    tick.run_once(now())
    work_off(redis)
    assert client.endpoints == ["customer_text"]


def test_what_a_wiped_redis_forgot_is_delivered(client, redis):
    message_id = queue(someone(wrote=True))
    assert Queue("delivery", connection=redis, serializer=JSONSerializer).count == 1
    redis.flushdb()
    work_off(redis)
    assert client.calls == []
    Tick().run_once(now())
    work_off(redis)
    assert message(message_id).state is OutboxState.SENT
    assert len(client.calls) == 1


def test_while_redis_is_away_the_tick_delivers(client, no_redis):
    message_id = queue(someone(wrote=True))
    Tick().run_once(now())
    assert message(message_id).state is OutboxState.SENT
    assert len(client.calls) == 1


def test_with_nothing_due_nobody_is_woken(client, redis, clock):
    sweep()
    assert redis.keys("*") == []
    clock.move_to(NOON.replace(hour=22))
    queue(someone(wrote=True))
    redis.flushdb()
    with transaction() as db:
        db.execute(sa.update(OutboxMessage).values(next_at=NOON.replace(day=18, hour=8)))
    sweep()
    assert redis.keys("*") == []


def test_a_task_in_batches_ends_when_nothing_is_left_and_is_bounded():
    left = [3, 2, 0, 9]
    repeated(lambda: left.pop(0))()
    assert left == [9]
    calls = []
    repeated(lambda: calls.append(1) or 1)()
    assert len(calls) == 20


def test_task_names_are_told_apart():
    assert len({task.name for task in TASKS}) == len(TASKS)
