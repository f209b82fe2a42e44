from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from backend.kernel.clock import MovableClock
from backend.settings import WeChatApp
from backend.wechat import token_store, tokens, transport
from backend.wechat.errors import Busy, Misconfigured, OutcomeUnknown, Unreachable, WeChatError
from backend.wechat.tokens import TokenBroker

from .stand_in import Reply, StandIn, refusal, success

pytestmark = pytest.mark.usefixtures("clock")

KEY = "wechat:token:wx0123456789abcdef"
LOCK = "wechat:token-lock:wx0123456789abcdef"
MakeBroker = Callable[[], TokenBroker]


@pytest.fixture
def make_broker(app: WeChatApp, wechat: StandIn, redis: Redis) -> Iterator[MakeBroker]:
    """A broker as another process would have it: own connections, own memory, the same Redis."""
    clients: list[httpx.Client] = []

    def make() -> TokenBroker:
        clients.append(transport.open_http(wechat.url))
        return TokenBroker(app, clients[-1], redis)

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def no_redis() -> Redis:
    return Redis(unix_socket_path="/nowhere/redis.sock", retry=Retry(NoBackoff(), 0))


def together(work: Callable[[], Any], threads: int = 8) -> list[Any]:
    barrier = threading.Barrier(threads)

    def started_together(_: int) -> Any:
        barrier.wait(10)
        return work()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(started_together, range(threads)))


def test_asks_for_the_stable_token(make_broker: MakeBroker, wechat: StandIn, redis: Redis, app: WeChatApp) -> None:
    assert make_broker().get() == "token-1"
    call = wechat.calls[0]
    assert (call.method, call.path, call.query) == ("POST", "/cgi-bin/stable_token", {})
    assert json.loads(call.body) == {
        "grant_type": "client_credential",
        "appid": app.app_id,
        "secret": app.secret,
        "force_refresh": False,
    }
    assert json.loads(redis.get(KEY) or b"") == {"token": "token-1", "expires_at": "2024-04-26T16:20:45+08:00"}
    assert 0 < redis.ttl(KEY) <= 7200
    assert redis.get(LOCK) is None


def test_eight_cold_threads_fetch_one_token(make_broker: MakeBroker, wechat: StandIn) -> None:
    assert set(together(make_broker().get)) == {"token-1"}
    assert wechat.token_fetches == 1


def test_eight_cold_processes_fetch_one_token(make_broker: MakeBroker, wechat: StandIn) -> None:
    assert set(together(lambda: make_broker().get())) == {"token-1"}
    assert wechat.token_fetches == 1


def test_a_token_serves_until_its_last_five_minutes(
    make_broker: MakeBroker, wechat: StandIn, clock: MovableClock
) -> None:
    broker = make_broker()
    broker.get()
    clock.advance(timedelta(seconds=6899))
    assert broker.get() == "token-1"
    clock.advance(timedelta(seconds=1))
    assert broker.get() == "token-2"
    clock.advance(timedelta(seconds=7200))
    assert broker.get() == "token-3"
    assert wechat.token_fetches == 3


def test_in_the_last_five_minutes_one_renews_and_nobody_waits(
    make_broker: MakeBroker, wechat: StandIn, clock: MovableClock
) -> None:
    broker, neighbour = make_broker(), make_broker()
    broker.get()
    clock.advance(timedelta(seconds=7000))
    asked, answer = threading.Event(), threading.Event()

    def slowly() -> Reply:
        asked.set()
        answer.wait(10)
        return wechat.next_token()

    wechat.token_answer = slowly
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(broker.get)
        assert asked.wait(10)
        assert broker.get() == "token-1"
        assert neighbour.get() == "token-1"
        answer.set()
        assert renewing.result(10) == "token-2"
    assert neighbour.get() == "token-2"
    assert wechat.token_fetches == 2


def test_a_failed_early_renewal_leaves_the_old_token_and_is_not_repeated_at_once(
    make_broker: MakeBroker, wechat: StandIn, clock: MovableClock, redis: Redis
) -> None:
    broker = make_broker()
    broker.get()
    clock.advance(timedelta(seconds=7000))
    wechat.token_answer = lambda: refusal(-1)
    assert [broker.get() for _ in range(5)] == ["token-1"] * 5
    assert wechat.token_fetches == 2
    assert 0 < redis.pttl(LOCK) <= token_store.LOCK_MILLISECONDS
    clock.advance(timedelta(seconds=200))
    redis.delete(LOCK)
    with pytest.raises(Busy):
        broker.get()


def test_a_rejected_token_is_fetched_anew_once(make_broker: MakeBroker, wechat: StandIn) -> None:
    first, second = make_broker(), make_broker()
    assert first.get() == second.get() == "token-1"

    def reject_and_get() -> str:
        first.rejected("token-1")
        return first.get()

    assert set(together(reject_and_get)) == {"token-2"}
    second.rejected("token-1")
    assert second.get() == "token-2"
    assert wechat.token_fetches == 2


def test_a_dead_holder_of_the_lock_is_waited_for_only_so_long(
    make_broker: MakeBroker, wechat: StandIn, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "SHARED_WAIT_SECONDS", 0.2)
    redis.set(LOCK, "somebody else", px=60_000)
    assert make_broker().get() == "token-1"
    assert redis.get(LOCK) == b"somebody else", "the lock of another was released"


def test_what_another_process_fetched_meanwhile_is_taken(
    make_broker: MakeBroker, wechat: StandIn, redis: Redis
) -> None:
    broker = make_broker()
    redis.set(LOCK, "somebody else", px=60_000)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(broker.get)
        redis.set(KEY, json.dumps({"token": "theirs", "expires_at": "2024-04-26T16:20:45+08:00"}))
        assert waiting.result(10) == "theirs"
    assert wechat.token_fetches == 0


@pytest.mark.parametrize("left", ["", "null", "[]", "{", '{"token": "x"}', '{"token": "x", "expires_at": 5}'])
def test_rubbish_in_redis_is_overwritten(make_broker: MakeBroker, redis: Redis, left: str) -> None:
    redis.set(KEY, left)
    assert make_broker().get() == "token-1"


def test_works_on_a_text_connection(app: WeChatApp, wechat: StandIn, redis_url: str, redis: Redis) -> None:
    with transport.open_http(wechat.url) as http, Redis.from_url(redis_url, decode_responses=True) as text_redis:
        broker = TokenBroker(app, http, text_redis)
        assert [broker.get(), broker.get()] == ["token-1", "token-1"]
        broker.rejected("token-1")
        assert broker.get() == "token-2"


def test_without_redis_each_process_keeps_its_own(
    app: WeChatApp, wechat: StandIn, no_redis: Redis, clock: MovableClock
) -> None:
    with transport.open_http(wechat.url) as http:
        broker = TokenBroker(app, http, no_redis)
        assert set(together(broker.get)) == {"token-1"}
        broker.rejected("token-0")
        assert broker.get() == "token-1"
        broker.rejected("token-1")
        assert broker.get() == "token-2"
        clock.advance(timedelta(seconds=7000))
        assert broker.get() == "token-3"
    assert wechat.token_fetches == 3


def test_redis_is_asked_again_after_a_pause(
    make_broker: MakeBroker, wechat: StandIn, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = make_broker()
    broker.get()
    monkeypatch.setattr(token_store, "REDIS_PAUSE_SECONDS", 0.0)
    with monkeypatch.context() as away:
        away.setattr(redis, "get", _raise_away)
        assert broker.get() == "token-1"
    redis.delete(KEY)
    assert broker.get() == "token-2"


def _raise_away(*_: object) -> None:
    raise RedisError


@pytest.mark.parametrize(
    ("answer", "kind", "errcode"),
    [
        (refusal(40001), Misconfigured, 40001),
        (refusal(40013), Misconfigured, 40013),
        (refusal(40125), Misconfigured, 40125),
        (refusal(40164), Misconfigured, 40164),
        (refusal(-1), Busy, -1),
        (Reply(status=502, body=b"<html>"), Unreachable, None),
        (Reply(body=b'{"access_tok', declared=90), Unreachable, None),
        (success(expires_in=7200), Unreachable, None),
        (success(access_token="x"), Unreachable, None),
        (success(access_token="x", expires_in="soon"), Unreachable, None),
        (success(access_token="x", expires_in=10**20), Unreachable, None),
    ],
)
def test_a_failed_fetch_never_leaves_the_callers_request_in_doubt(
    make_broker: MakeBroker, wechat: StandIn, redis: Redis, answer: Reply, kind: type[WeChatError], errcode: int | None
) -> None:
    wechat.token_answer = lambda: answer
    broker = make_broker()
    with pytest.raises(kind) as caught:
        broker.get()
    assert not isinstance(caught.value, OutcomeUnknown)
    assert caught.value.errcode == errcode
    assert redis.get(LOCK) is None
    wechat.token_answer = wechat.next_token
    assert broker.get() == "token-1"


def test_a_token_server_that_hangs_is_given_up(
    make_broker: MakeBroker, wechat: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 0.2)
    monkeypatch.setattr(tokens, "LOCAL_WAIT_SECONDS", 0.1)
    wechat.token_answer = wechat.held
    broker = make_broker()

    def failure() -> type[Exception]:
        with pytest.raises(Unreachable) as caught:
            broker.get()
        return caught.type

    assert set(together(failure)) == {Unreachable}


def test_neither_token_nor_secret_is_logged(
    make_broker: MakeBroker, app: WeChatApp, wechat: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broker = make_broker()
    broker.get()
    broker.rejected("token-1")
    wechat.token_answer = lambda: refusal(40125, f"invalid appsecret {app.secret} rid: 662b4bbd-1a2b3c4d-0f1e2d3c")
    with pytest.raises(Misconfigured) as caught:
        broker.get()
    assert "errcode=40125 rid=662b4bbd-1a2b3c4d-0f1e2d3c" in caplog.text
    for text in (caplog.text, str(caught.value), repr(caught.value)):
        assert app.secret not in text
        assert "token-1" not in text


# --- classic tokens (§2.1): the next one invalidates the one before ---

CLASSIC = "/cgi-bin/token"


@pytest.fixture
def make_classic(app: WeChatApp, wechat: StandIn, redis: Redis) -> Iterator[MakeBroker]:
    clients: list[httpx.Client] = []
    wechat.answers[CLASSIC] = lambda _call: wechat.token_answer()

    def make() -> TokenBroker:
        clients.append(transport.open_http(wechat.url))
        return TokenBroker(app, clients[-1], redis, "classic")

    yield make
    for client in clients:
        client.close()


def test_asks_for_the_classic_token(make_classic: MakeBroker, wechat: StandIn, app: WeChatApp) -> None:
    broker = make_classic()
    assert [broker.get(), broker.get()] == ["token-1", "token-1"]
    (call,) = wechat.calls
    assert (call.method, call.path) == ("GET", CLASSIC)
    assert call.query == {"grant_type": "client_credential", "appid": app.app_id, "secret": app.secret}


def test_a_classic_token_that_many_saw_refused_is_fetched_once(make_classic: MakeBroker, wechat: StandIn) -> None:
    assert make_classic().get() == "token-1"

    def reject_and_get() -> str:
        broker = make_classic()
        broker.rejected("token-1")
        return broker.get()

    assert set(together(reject_and_get)) == {"token-2"}
    assert len(wechat.calls_to(CLASSIC)) == 2


def test_a_classic_token_is_never_fetched_past_a_living_lock(
    make_classic: MakeBroker, wechat: StandIn, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "SHARED_WAIT_SECONDS", 0.1)
    redis.set(LOCK, "somebody else", px=800)
    started = time.monotonic()
    assert make_classic().get() == "token-1"
    assert time.monotonic() - started > 0.7, "another process may have been fetching: its token would be dead"


def test_a_wrong_secret_is_not_logged_with_a_classic_token(
    make_classic: MakeBroker, app: WeChatApp, wechat: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wechat.token_answer = lambda: refusal(40001, f"invalid credential {app.secret} rid: 662b4bbd-1a2b3c4d-0f1e2d3c")
    with pytest.raises(Misconfigured):
        make_classic().get()
    assert "errcode=40001" in caplog.text
    assert app.secret not in caplog.text
