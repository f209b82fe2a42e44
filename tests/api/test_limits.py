"""Rate limits: who asks too often is told when to come back, and nobody else suffers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from backend.app import create_app
from backend.jobs import clients
from backend.jobs import queue as jobs_queue
from backend.kernel.clock import MovableClock, use_clock
from backend.people import log_in
from backend.rate_limits import limiter
from messages import outbox
from tests.api.conftest import Caller
from tests.api.test_appointments import code_of

# What a second application would choose for the whole process.
CHOICES = (
    (import_module("backend.storage.database")._Process, "database"),
    (import_module("backend.storage.sealing")._Process, "keys"),
    (outbox._Process, "wake"),
    (jobs_queue._Process, "redis"),
    (clients._Process, "make"),
    (clients._Process, "made"),
    (limiter, "enabled"),
    (limiter, "_storage_dead"),
)


@pytest.fixture
def limited(make_settings: Any, bureau: Flask, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with its limits on; the process is as before afterwards."""
    for holder, name in CHOICES:
        monkeypatch.setattr(holder, name, getattr(holder, name))
    made = create_app(make_settings(RATE_LIMITS="on"))
    use_clock(clock)  # a demonstration brings its own, which runs
    return made


def refused_login(app: Flask, address: str) -> Any:
    return app.test_client().post("/api/v1/sessions", json={}, environ_base={"REMOTE_ADDR": address})


def test_logins_are_limited_by_address(limited: Flask) -> None:
    answers = [refused_login(limited, "10.0.0.1") for _ in range(61)]
    assert Counter(answer.status_code for answer in answers) == {422: 60, 429: 1}
    assert code_of(answers[-1]) == (429, "rate_limited")
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert refused_login(limited, "10.0.0.2").status_code == 422


def test_bookings_are_limited_by_person(limited: Flask) -> None:
    app_id = limited.extensions["settings"].miniprogram.app_id
    wang, li = (
        Caller(limited.test_client(), log_in(app_id, f"openid-of-{name}", None).token) for name in ("wang", "li")
    )
    answers = [wang.post("/appointments", {}) for _ in range(31)]
    assert Counter(answer.status_code for answer in answers) == {422: 30, 429: 1}
    assert code_of(answers[-1]) == (429, "rate_limited")
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert li.post("/appointments", {}).status_code == 422
    assert wang.get("/appointments").status_code == 200


def test_nobody_unknown_reaches_the_limit_of_a_person(limited: Flask) -> None:
    answers = [limited.test_client().post("/api/v1/marriage/appointments", json={}) for _ in range(32)]
    assert Counter(answer.status_code for answer in answers) == {401: 32}


def test_without_redis_every_process_counts_for_itself(
    limited: Flask, monkeypatch: pytest.MonkeyPatch, free_slots: Callable[..., list[dict[str, Any]]]
) -> None:
    nowhere = Redis.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr(limiter._storage, "storage", nowhere)
    monkeypatch.setattr(jobs_queue._Process, "redis", nowhere)
    answers = [refused_login(limited, "10.0.0.3") for _ in range(61)]
    assert Counter(answer.status_code for answer in answers) == {422: 60, 429: 1}
    app_id = limited.extensions["settings"].miniprogram.app_id
    wang = Caller(limited.test_client(), log_in(app_id, "openid-of-wang", None).token)
    assert wang.book(free_slots()[0]["id"], 1).status_code == 201
