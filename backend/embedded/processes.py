"""Starting and stopping processes so that none outlives us.

Three nets, because each has a hole: on Linux the kernel signals a child when the thread that started it ends
(PR_SET_PDEATHSIG; so start servers from a thread that lives as long as they should, best the main one); every stop ends
the child's whole process group; and a record in DATA_DIR/run lets the next start end what a `kill -9` left behind on
systems without the first net.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

_PR_SET_PDEATHSIG = 1
# The C library is opened here and not between fork and exec, where only very little is safe to do.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
# psutil derives the start time from the machine's clock, which time synchronisation may nudge.
_START_TOLERANCE_SECONDS = 2.0


@dataclass(frozen=True)
class SystemUser:
    """A user of the operating system that a child process is to run as."""

    uid: int
    gid: int


def start(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    output: IO[bytes] | int,
    last_signal: signal.Signals = signal.SIGTERM,
    user: SystemUser | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own, so that a terminal's Ctrl-C reaches only us.

    `last_signal` is what the kernel sends it when we are gone; `user` is whom it runs as (None: as we do).
    Raises `OSError` when it cannot be started.
    """
    return subprocess.Popen(
        list(argv),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        process_group=0,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
        # Runs after the change of user, which would clear the setting again.
        preexec_fn=_follow_parent(last_signal) if _libc else None,
    )


def _follow_parent(last_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def follow() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above could take effect
            os._exit(1)

    return follow


def stop(process: subprocess.Popen[bytes], steps: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send each signal of `steps` and give it that many seconds; then end the whole process group by SIGKILL."""
    for number, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    kill_group(process)
    process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a child and whatever it left in its process group (web workers whose parent was killed keep the port).

    It does not wait, so a signal handler may call it.
    """
    # Nobody may be left; macOS says "not permitted" when only an uncollected process is.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def remember(record: Path, process: subprocess.Popen[bytes]) -> None:
    """Write who `process` is, so that `stop_leftover` of a later start can recognise it."""
    try:
        created = psutil.Process(process.pid).create_time()
    except psutil.Error:
        return  # it is already gone
    record.write_text(json.dumps({"pid": process.pid, "created": created}), encoding="ascii")


def forget(record: Path) -> None:
    """Remove the record of a process that has been stopped."""
    record.unlink(missing_ok=True)


def stop_leftover(record: Path, seconds: float = 5.0) -> bool:
    """End the process of `record`, if it still runs. A reused process number is recognised by its start time.

    Returns whether there was one. Raises `psutil.AccessDenied` when it belongs to another user.
    """
    try:
        known = json.loads(record.read_text(encoding="ascii"))
        leftover = psutil.Process(int(known["pid"]))
        ours = alive(leftover) and abs(leftover.create_time() - float(known["created"])) < _START_TOLERANCE_SECONDS
    except (OSError, ValueError, KeyError, TypeError, psutil.NoSuchProcess):
        ours = False
    if ours:
        end(leftover, signal.SIGTERM, seconds)
    forget(record)
    return ours


def end(process: psutil.Process, number: signal.Signals, seconds: float) -> None:
    """End a process that is not our child, and its group: politely, and after `seconds` by SIGKILL."""
    try:
        leads_group = os.getpgid(process.pid) == process.pid
    except ProcessLookupError:
        return
    for attempt in (number, signal.SIGKILL):
        try:
            process.send_signal(attempt)
        except psutil.NoSuchProcess:
            break
        if _gone_within(process, seconds):
            break
    if leads_group:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _gone_within(process: psutil.Process, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def alive(process: psutil.Process) -> bool:
    """Whether it still runs. One that ended but that nobody collects, as in some containers, counts as gone."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
