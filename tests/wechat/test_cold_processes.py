"""Eight processes that start at once, on an empty Redis, fetch one token (wechat-protocol §2.3, §10 no. 3)."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from redis import Redis

from tests.wechat.stand_in import Reply, StandIn

PROCESSES = 8


@pytest.mark.parametrize(("kind", "path"), [("stable", "/cgi-bin/stable_token"), ("classic", "/cgi-bin/token")])
def test_eight_cold_processes_fetch_one_token(
    wechat: StandIn, redis: Redis, redis_url: str, kind: str, path: str
) -> None:
    def slowly() -> Reply:
        time.sleep(0.5)  # so that all the others have to wait
        return wechat.next_token()

    wechat.token_answer = slowly
    wechat.answers["/cgi-bin/token"] = lambda _call: slowly()
    command = [sys.executable, "-m", "tests.wechat.token_process", redis_url, wechat.url, kind]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = {process.communicate(timeout=30)[0] for process in started}
    finally:
        for process in started:
            process.kill()
    assert told == {"token-1\n"}
    assert len(wechat.calls_to(path)) == len(wechat.calls) == 1
