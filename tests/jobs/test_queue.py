"""Waking the workers: one job for many messages, and never a failure for the one who posts."""

from __future__ import annotations

import os
import time

import pytest
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from backend.jobs import clients, entries
from backend.jobs.clients import use_clients
from backend.jobs.queue import FAILURE_SECONDS, JOB_SECONDS, QUEUES, WAKE_KEY, WAKE_SECONDS, wake_delivery
from backend.storage import transaction
from messages.models import OutboxState
from tests.messages.support import FakeClient, message, queue, someone

pytestmark = pytest.mark.usefixtures("database", "clock")


def jobs(redis) -> list[Job]:
    return Queue("delivery", connection=redis, serializer=JSONSerializer).jobs


@pytest.fixture
def client() -> FakeClient:
    fake = FakeClient()
    use_clients(fake.by_app)
    return fake


def test_many_messages_wake_once(redis):
    for _ in range(10):
        queue(someone())
    (job,) = jobs(redis)
    assert job.func_name == "backend.jobs.entries.deliver_due_messages"
    assert (job.timeout, job.result_ttl, job.failure_ttl) == (JOB_SECONDS, 0, FAILURE_SECONDS)
    assert job.retries_left == 2
    assert 0 < redis.ttl(WAKE_KEY) <= WAKE_SECONDS


def test_jobs_do_not_pile_up_while_no_worker_runs(redis):
    for _ in range(5):
        assert wake_delivery()
        redis.delete(WAKE_KEY)
    assert len(jobs(redis)) == 1


def test_what_is_posted_while_a_job_runs_wakes_again(redis, client):
    queue(someone(wrote=True))
    late = []
    client.before_answer = lambda: late.append(queue(someone(wrote=True))) if not late else None
    SimpleWorker(list(QUEUES), connection=redis, serializer=JSONSerializer).work(
        burst=True, logging_level="ERROR", max_jobs=1
    )
    assert len(jobs(redis)) == 1
    assert message(late[0]).state is OutboxState.SENT


def test_a_full_outbox_is_left_to_a_new_job_after_a_while(redis, client, monkeypatch):
    monkeypatch.setattr(entries, "RUN_SECONDS", -1)
    for _ in range(entries.BATCH + 1):
        queue(someone(wrote=True))
    redis.flushdb()
    entries.deliver_due_messages()
    assert len(client.calls) == entries.BATCH
    assert len(jobs(redis)) == 1


def test_without_redis_posting_works_and_waking_says_so(no_redis, caplog):
    assert message(queue(someone())).state is OutboxState.QUEUED
    begun = time.monotonic()
    assert wake_delivery() is False
    assert time.monotonic() - begun < 1  # a request waits for it
    assert "redis_away error=ConnectionError" in caplog.text


def test_an_entry_runs_without_redis(no_redis, client):
    message_id = queue(someone(wrote=True))
    entries.deliver_due_messages()
    assert message(message_id).state is OutboxState.SENT


def test_nothing_rolled_back_wakes_anyone(redis):
    def post_and_fail() -> None:
        with transaction():
            queue(someone())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        post_and_fail()
    assert redis.keys("*") == []


def test_clients_are_made_once_per_process(monkeypatch):
    made = []
    use_clients(lambda: made.append(1) or {})
    clients.clients()
    clients.clients()
    assert made == [1]
    monkeypatch.setattr(os, "getpid", lambda: -1)
    clients.clients()
    assert made == [1, 1]
