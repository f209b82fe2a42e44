"""Programs that die come back, and stopping stops all of them, in order and in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.embedded import processes
from backend.embedded.places import prepare_data_dir
from backend.embedded.supervisor import Child, ChildProcess, Supervisor
from tests.embedded.run_stand_ins import stand_in
from tests.embedded.support import eventually, gone


class Watch:
    """A supervisor, what it said, and its children by name."""

    def __init__(self, data_dir: Path, *children: Child, backoff: tuple[float, ...] = (0.1,)) -> None:
        self.said: list[str] = []
        self.changes = 0
        self.supervisor = Supervisor(self.said.append, self._changed, backoff)
        self.services = {child.name: ChildProcess(child, prepare_data_dir(data_dir), data_dir) for child in children}
        for service in self.services.values():
            service.launch()
            self.supervisor.watch(service)

    def _changed(self) -> None:
        self.changes += 1

    def pid(self, name: str) -> int:
        return self.supervisor.pids()[name]

    def brought_back(self, name: str, before: int) -> bool:
        self.supervisor.look()
        return self.pid(name) != before


def _child(name: str, *arguments: str, grace: float = 1.0) -> Child:
    return Child(name, stand_in(*arguments), dict(os.environ), grace)


def test_a_dead_child_comes_back_and_the_operator_is_told(data_dir: Path) -> None:
    watch = Watch(data_dir, _child("worker", "wait"), _child("tick", "wait"))
    tick, before = watch.pid("tick"), watch.pid("worker")
    os.kill(before, signal.SIGKILL)
    assert eventually(lambda: watch.brought_back("worker", before))
    watch.supervisor.stop(())
    assert watch.changes == 1
    assert "worker" in watch.said[0]
    assert str(data_dir / "logs" / "worker.log") in watch.said[0]
    assert len(watch.said) == 2
    assert gone(tick)


def test_the_wait_grows_with_each_death(data_dir: Path) -> None:
    watch = Watch(data_dir, _child("web", "ends"), backoff=(0.0, 0.0, 60.0))
    assert eventually(lambda: watch.supervisor.look() or len([line for line in watch.said if "logs" in line]) == 3)
    told = [line for line in watch.said if "logs" in line]
    assert ["60" in line for line in told] == [False, False, True]
    watch.supervisor.stop(())


def test_what_a_dead_child_left_in_its_group_is_ended(data_dir: Path) -> None:
    script = "import subprocess, sys, time; p = subprocess.Popen(sys.argv[1:]); print(p.pid, flush=True); p.wait()"
    child = Child("web", [sys.executable, "-c", script, *stand_in("wait")], dict(os.environ))
    watch = Watch(data_dir, child)
    log = watch.services["web"].log
    assert eventually(lambda: log.read_text(encoding="utf-8").endswith("\n"))
    grandchild, before = int(log.read_text(encoding="utf-8")), watch.pid("web")
    os.kill(before, signal.SIGKILL)
    assert eventually(lambda: watch.brought_back("web", before))
    assert eventually(lambda: gone(grandchild))
    watch.supervisor.stop(())


def test_a_child_that_does_not_listen_is_killed_after_its_grace(data_dir: Path) -> None:
    watch = Watch(data_dir, _child("web", "stubborn", grace=0.2))
    web, log = watch.pid("web"), watch.services["web"].log
    assert eventually(lambda: "deaf" in log.read_text(encoding="utf-8"))
    started = time.monotonic()
    watch.supervisor.stop(())
    assert 0.2 <= time.monotonic() - started < 2.0
    assert gone(web)


def test_everything_ends_at_once_when_told_so(data_dir: Path) -> None:
    watch = Watch(data_dir, _child("web", "stubborn", grace=60.0), _child("tick", "wait"))
    log = watch.services["web"].log
    assert eventually(lambda: "deaf" in log.read_text(encoding="utf-8"))
    pids = watch.supervisor.pids().values()
    watch.supervisor.kill()
    watch.supervisor.stop(())
    assert all(gone(pid) for pid in pids)


def test_children_stop_in_the_order_asked_for(data_dir: Path) -> None:
    watch = Watch(data_dir, *(_child(name, "wait") for name in ("tick", "web", "other", "worker")))
    stopped: list[str] = []
    for service in watch.services.values():
        stop = service.stop
        service.stop = lambda stop=stop, name=service.name: (stop(), stopped.append(name))  # type: ignore[method-assign,assignment,misc]
    watch.supervisor.stop(("web", "worker", "tick", "absent"))
    assert stopped == ["web", "worker", "tick", "other"]


def test_a_program_that_does_not_exist_is_tried_again_later(data_dir: Path) -> None:
    program = data_dir / "program"
    program.symlink_to(sys.executable)
    watch = Watch(data_dir, Child("web", [str(program), *stand_in("wait")[1:]], dict(os.environ)))
    before = watch.pid("web")
    program.unlink()
    os.kill(before, signal.SIGKILL)
    assert eventually(lambda: watch.supervisor.look() or len(watch.said) >= 2)
    program.symlink_to(sys.executable)
    assert eventually(lambda: watch.brought_back("web", before))
    watch.supervisor.stop(())


def test_a_leftover_of_a_killed_run_is_ended_but_no_stranger(data_dir: Path) -> None:
    record = data_dir / "record"
    with subprocess.Popen(stand_in("wait"), process_group=0) as leftover:
        processes.remember(record, leftover)
        assert processes.stop_leftover(record)
        assert leftover.wait(5) == -signal.SIGTERM
    assert not record.exists()
    with subprocess.Popen(stand_in("wait"), process_group=0) as stranger:
        record.write_text(f'{{"pid": {stranger.pid}, "created": 1.0}}', encoding="ascii")
        assert not processes.stop_leftover(record)
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("content", ["", "{", '{"pid": 1}', "[]"])
def test_a_damaged_record_is_thrown_away(data_dir: Path, content: str) -> None:
    record = data_dir / "record"
    record.write_text(content, encoding="ascii")
    assert not processes.stop_leftover(record)
    assert not record.exists()
