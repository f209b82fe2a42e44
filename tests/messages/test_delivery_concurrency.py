"""Several workers at once: each message is sent once, and a person gets one at a time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from backend.kernel.clock import now
from backend.storage import transaction
from messages.delivery import deliver_due
from messages.models import OutboxMessage, OutboxState
from tests.messages.support import FakeClient, balance, map_templates, message, queue, someone

pytestmark = pytest.mark.usefixtures("database", "clock")

WORKERS = 8


def in_threads(work: Callable[[], object], count: int = WORKERS) -> None:
    """Run `work` in several threads that start together; a failure in one fails the test."""
    start, failures = threading.Barrier(count), []

    def run() -> None:
        start.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the test fails with it below
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    assert failures == []


def drain(client: FakeClient) -> None:
    while deliver_due(client.by_app()):
        pass


def test_eight_workers_send_each_message_once():
    messages = [queue(someone(wrote=True)) for _ in range(120)]
    client = FakeClient()
    in_threads(lambda: drain(client))
    assert len(client.calls) == len(messages)
    assert set(Counter(call.openid for call in client.calls).values()) == {1}
    assert {message(each).state for each in messages} == {OutboxState.SENT}


def claim_unguarded(read_by_all: threading.Barrier) -> OutboxMessage:
    """What a claim would be without the lock and without the condition on the state."""
    with transaction() as db:
        due = sa.select(OutboxMessage).where(OutboxMessage.state == OutboxState.QUEUED, OutboxMessage.next_at <= now())
        found = db.scalars(due.order_by(OutboxMessage.next_at).limit(1)).one()
        read_by_all.wait()
        db.execute(sa.update(OutboxMessage).where(OutboxMessage.id == found.id).values(state=OutboxState.SENDING))
        return found


def test_without_the_guard_the_same_message_would_be_sent_twice():
    queue(someone(wrote=True))
    read_by_all, client = threading.Barrier(2), FakeClient()
    in_threads(lambda: client.send_customer_text(str(claim_unguarded(read_by_all).recipient_id), "text"), count=2)
    assert len(client.calls) == 2


def test_with_the_guard_two_who_ask_together_get_one_between_them():
    queue(someone(wrote=True))
    client = FakeClient()
    in_threads(lambda: deliver_due(client.by_app(), limit=1), count=2)
    assert len(client.calls) == 1


def test_a_person_gets_one_message_at_a_time():
    map_templates()
    person = someone(follows=True)
    for _ in range(40):
        queue(person)
    under_way, most, lock, client = [0], [0], threading.Lock(), FakeClient()

    def count() -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        with transaction() as db:  # long enough for others to try
            db.execute(sa.text("SELECT pg_sleep(0.005)"))
        with lock:
            under_way[0] -= 1

    client.before_answer = count
    in_threads(lambda: drain(client))
    drain(client)
    assert len(client.calls) == 40
    assert most == [1]


def test_the_last_credit_is_used_once():
    map_templates()
    person = someone(credits=3)
    messages = [queue(person) for _ in range(10)]
    client = FakeClient()
    in_threads(lambda: drain(client))
    drain(client)
    assert len(client.calls) == 3
    assert balance(person) == 0
    assert Counter(message(each).state for each in messages) == {OutboxState.SENT: 3, OutboxState.DEAD: 7}
