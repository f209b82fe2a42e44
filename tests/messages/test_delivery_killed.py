"""A real sender process is killed between WeChat's work and our record of it; nobody is told twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from messages.delivery import CLAIM, deliver_due
from messages.models import OutboxState
from tests.messages.sender import real_clients
from tests.messages.stand_in import StandIn
from tests.messages.support import balance, map_templates, message, queue, someone

pytestmark = [pytest.mark.usefixtures("database", "clock"), pytest.mark.processes]

ROOT = Path(__file__).parents[2]


@pytest.fixture
def wechat() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def kill_sender(database, redis_url, wechat, clock):
    """Start a sender, and kill it with -9 while WeChat has carried out its call and not yet answered."""

    def kill() -> None:
        wechat.hold.clear()
        wechat.arrived.clear()
        url = database.engine.url.render_as_string(hide_password=False)
        command = [sys.executable, "-m", "tests.messages.sender", url, redis_url, wechat.url, clock.moment.isoformat()]
        sender = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
        try:
            assert wechat.arrived.wait(timeout=60)
        finally:
            sender.kill()
            sender.wait()
            wechat.hold.set()
        assert sender.returncode == -9

    return kill


@pytest.fixture
def deliver(redis_url, wechat):
    return lambda: deliver_due(real_clients(wechat.url, redis_url))


def test_a_template_message_is_repeated_and_told_once(kill_sender, deliver, wechat, clock):
    map_templates()
    message_id = queue(someone(follows=True))
    kill_sender()
    assert message(message_id).state is OutboxState.SENDING
    assert deliver() == 0
    clock.advance(CLAIM)
    assert deliver() == 1
    assert message(message_id).state is OutboxState.SENT
    assert (len(wechat.received), len(wechat.told)) == (2, 1)


@pytest.mark.parametrize("reach", [{"credits": 2}, {"wrote": True}])
def test_what_cannot_be_repeated_is_not(reach, kill_sender, deliver, wechat, clock):
    map_templates()
    person = someone(**reach)
    message_id = queue(person)
    kill_sender()
    clock.advance(CLAIM)
    deliver()
    clock.advance(timedelta(hours=1))
    deliver()
    assert message(message_id).state is OutboxState.UNCERTAIN
    assert (len(wechat.received), len(wechat.told)) == (1, 1)
    if "credits" in reach:
        assert balance(person) == 1


def test_one_dead_sender_holds_up_one_message_only(kill_sender, deliver, wechat):
    map_templates()
    stuck = queue(someone(follows=True))
    others = [queue(someone(follows=True)) for _ in range(5)]
    kill_sender()
    deliver()
    assert message(stuck).state is OutboxState.SENDING
    assert {message(each).state for each in others} == {OutboxState.SENT}
    assert len(wechat.told) == 6
