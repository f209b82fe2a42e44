"""The verification service over HTTP: its answers, its failures, the stand-in of the sandbox, and the settings."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from backend.app import create_app
from backend.embedded.environment import make_plan
from backend.logs import strike
from backend.people import verification_http
from backend.people.verification_http import FAILURES_IN_A_ROW, PAUSE_SECONDS, HttpVerificationService
from backend.people.verification_service import Answer, use_verification_service, verification_service
from backend.settings import SettingsError, demonstration_environment, read_settings
from tests.people.support import CARD, Phone, card_number
from tests.story.world import sandbox_app, served

KEY = "a-key"
RIGHT = {"result": "matched"}


class Bureau:
    """A verification service on this machine: `status` and `body` are what it answers."""

    def __init__(self) -> None:
        self.status, self.body = 200, json.dumps(RIGHT).encode()
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        bureau = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                bureau.asked.append((self.path, dict(self.headers), self.rfile.read(length)))
                self.send_response(bureau.status)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.send_header("Content-Length", str(len(bureau.body)))
                self.end_headers()
                self.wfile.write(bureau.body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/check"


@pytest.fixture
def bureau_service() -> Iterator[Bureau]:
    standing = Bureau()
    yield standing
    standing.server.shutdown()
    standing.server.server_close()


def ask(service: HttpVerificationService) -> Answer:
    return service.check("王小明", CARD, card_number())


def test_name_and_number_go_in_the_body_and_the_key_in_a_header(bureau_service: Bureau) -> None:
    assert ask(HttpVerificationService(bureau_service.url, KEY)) is Answer.MATCHED
    [(path, headers, body)] = bureau_service.asked
    assert path == "/check"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert json.loads(body) == {"name": "王小明", "id_type": CARD.value, "id_number": card_number()}


def test_a_mismatch_is_an_answer(bureau_service: Bureau) -> None:
    bureau_service.body = b'{"result": "mismatched"}'
    assert ask(HttpVerificationService(bureau_service.url, KEY)) is Answer.MISMATCHED


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"result": "perhaps"}'),
        (200, b'{"result": {"matched": true}}'),
        (200, b'{"result": true}'),
        (200, b"\xff\xfe"),
        (302, b""),
        (401, b'{"result": "matched"}'),
        (404, b""),
        (500, b'{"result": "matched"}'),
    ],
)
def test_anything_else_is_no_answer(bureau_service: Bureau, status: int, body: bytes) -> None:
    bureau_service.status, bureau_service.body = status, body
    assert ask(HttpVerificationService(bureau_service.url, KEY)) is Answer.UNAVAILABLE
    assert len(bureau_service.asked) == 1  # never again by itself


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://[::1", "http://127.0.0.1:99999/"])
def test_a_service_that_cannot_be_reached_is_away(url: str) -> None:
    assert ask(HttpVerificationService(url, KEY)) is Answer.UNAVAILABLE


def test_a_slow_service_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(_client: httpx.Client, *_: Any, **__: Any) -> httpx.Response:
        raise httpx.ReadTimeout("too slow")

    monkeypatch.setattr(httpx.Client, "post", late)
    assert ask(HttpVerificationService("http://127.0.0.1:9/", KEY)) is Answer.UNAVAILABLE
    timeout = httpx.Timeout(verification_http.READ_SECONDS, connect=verification_http.CONNECT_SECONDS)
    assert (timeout.read, timeout.connect) == (5.0, 2.0)


def test_after_failures_nobody_is_made_to_wait_and_one_tries_again(bureau_service: Bureau) -> None:
    moment = [100.0]
    service = HttpVerificationService(bureau_service.url, KEY, clock=lambda: moment[0])
    bureau_service.status = 500
    for _ in range(FAILURES_IN_A_ROW + 5):
        assert ask(service) is Answer.UNAVAILABLE
    assert len(bureau_service.asked) == FAILURES_IN_A_ROW
    moment[0] += PAUSE_SECONDS
    assert ask(service) is Answer.UNAVAILABLE
    assert ask(service) is Answer.UNAVAILABLE
    assert len(bureau_service.asked) == FAILURES_IN_A_ROW + 1
    moment[0] += PAUSE_SECONDS
    bureau_service.status = 200
    assert [ask(service), ask(service)] == [Answer.MATCHED] * 2


def test_nothing_personal_is_logged(bureau_service: Bureau, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bureau_service.status = 500
    ask(HttpVerificationService(bureau_service.url, KEY))
    ask(HttpVerificationService("http://127.0.0.1:9/", KEY))
    ours = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "verification_service_unusable" in ours
    assert "verification_service_away" in ours
    for secret in ("王小明", card_number(), KEY):
        assert secret not in strike(ours)
        assert secret not in "".join(
            record.getMessage() for record in caplog.records if record.name.startswith("backend")
        )


# --- the sandbox's stand-in ---


@pytest.fixture
def stand_in(app: Flask, tmp_path: Path) -> Iterator[tuple[str, Callable[[str], Any]]]:
    """The sandbox's address, and how to tell it what to answer."""
    made = sandbox_app(app.extensions["settings"], "http://127.0.0.1:9", tmp_path)

    def choose(answers: str) -> Any:
        return made.test_client().post("/sandbox/identity-check", json={"answers": answers})

    with served(made) as address:
        yield address, choose
    made.extensions["sandbox"].close()


def test_the_sandbox_knows_test_numbers_only(stand_in: tuple[str, Callable[[str], Any]]) -> None:
    service = HttpVerificationService(f"{stand_in[0]}/identity-check", "demonstration")
    assert ask(service) is Answer.MATCHED
    assert service.check("陈大文", CARD, "810000199003071237") is Answer.MATCHED
    assert service.check("JOHN", CARD, "TEST12345") is Answer.MATCHED
    assert service.check("张三", CARD, "11010519491231002X") is Answer.MISMATCHED


def test_the_sandbox_answers_as_it_is_told(stand_in: tuple[str, Callable[[str], Any]]) -> None:
    address, choose = stand_in
    service = HttpVerificationService(f"{address}/identity-check", "demonstration")
    for told, answer in (
        ("mismatch", Answer.MISMATCHED),
        ("unavailable", Answer.UNAVAILABLE),
        ("match", Answer.MATCHED),
    ):
        assert choose(told).get_json() == {"answers": told}
        assert ask(service) is answer
    assert choose("perhaps").status_code == 400
    assert ask(HttpVerificationService(f"{address}/identity-check", "another")) is Answer.UNAVAILABLE


def test_the_sandboxs_journal_has_no_numbers(stand_in: tuple[str, Callable[[str], Any]]) -> None:
    ask(HttpVerificationService(f"{stand_in[0]}/identity-check", "demonstration"))
    journal = httpx.get(f"{stand_in[0]}/sandbox/journal").text
    assert "/identity-check" in journal
    assert card_number() not in journal
    assert "王小明" not in journal


def test_a_resident_of_the_demonstration_is_verified(
    bureau: Flask, phone: Callable[..., Phone], stand_in: tuple[str, Callable[[str], Any]]
) -> None:
    before = verification_service()
    use_verification_service(HttpVerificationService(f"{stand_in[0]}/identity-check", "demonstration"))
    try:
        assert phone().verifies(1).get_json()["level"] == 3
    finally:
        use_verification_service(before)


# --- settings ---


def environ(**changes: str) -> dict[str, str]:
    given = {"DATABASE_URL": "postgresql://a/b", "REDIS_URL": "redis://c"}
    return demonstration_environment() | given | changes


def test_without_settings_there_is_no_service(make_settings: Any) -> None:
    settings = read_settings(environ())
    assert (settings.verification_service_url, settings.verification_service_key) == (None, None)
    before = verification_service()
    try:
        create_app(make_settings())
        assert verification_service() is None
        create_app(make_settings(VERIFICATION_SERVICE_URL="http://127.0.0.1:9/", VERIFICATION_SERVICE_KEY=KEY))
        assert isinstance(verification_service(), HttpVerificationService)
    finally:
        use_verification_service(before)


def test_half_a_service_is_named() -> None:
    with pytest.raises(SettingsError, match="VERIFICATION_SERVICE_KEY"):
        read_settings(environ(VERIFICATION_SERVICE_URL="https://check.example"))
    with pytest.raises(SettingsError, match="VERIFICATION_SERVICE_URL") as refused:
        read_settings(environ(VERIFICATION_SERVICE_KEY="secret-word"))
    assert "secret-word" not in str(refused.value)
    with pytest.raises(SettingsError, match="VERIFICATION_SERVICE_URL"):
        read_settings(environ(VERIFICATION_SERVICE_URL="check.example", VERIFICATION_SERVICE_KEY=KEY))
    with pytest.raises(SettingsError, match="VERIFICATION_SERVICE_ADDRESS"):
        read_settings(environ(VERIFICATION_SERVICE_ADDRESS="https://check.example"))


def test_make_run_asks_the_sandbox_unless_told_otherwise(tmp_path: Path) -> None:
    plan = make_plan({}, tmp_path, lambda _text: None)
    assert plan.env["VERIFICATION_SERVICE_URL"] == f"http://127.0.0.1:{plan.sandbox_port}/identity-check"
    assert plan.env["VERIFICATION_SERVICE_KEY"]
    own = {"VERIFICATION_SERVICE_URL": "https://check.example", "VERIFICATION_SERVICE_KEY": KEY}
    assert own.items() <= make_plan(own, tmp_path, lambda _text: None).env.items()
    real = make_plan({"WECHAT_API_BASE_URL": "https://api.weixin.qq.com"}, tmp_path, lambda _text: None)
    assert real.env["VERIFICATION_SERVICE_URL"] == ""
