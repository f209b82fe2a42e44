"""Quotas: counted for all processes, stopped before WeChat has to say no, and closed for good when it did (§5.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from backend.channel.connect import limits_of
from backend.kernel.clock import BEIJING, MovableClock
from backend.settings import Settings, WeChatApp
from backend.storage import Database, transaction, use_database
from backend.wechat import closures as stored
from backend.wechat.client import WeChatClient
from backend.wechat.closures import Closures, StoredClosures
from backend.wechat.errors import Banned, QuotaExceeded
from backend.wechat.quotas import LIMITS, Limit
from tests.wechat.stand_in import Call, Reply, StandIn, refusal

pytestmark = pytest.mark.usefixtures("clock")

CUSTOM, TEMPLATE, CLEAR = "/cgi-bin/message/custom/send", "/cgi-bin/message/template/send", "/cgi-bin/clear_quota"
MIDNIGHT = datetime(2024, 4, 27, tzinfo=BEIJING)
MakeClient = Callable[..., WeChatClient]


@pytest.fixture
def make_client(app: WeChatApp, wechat: StandIn, redis: Redis) -> Iterator[MakeClient]:
    """A client as another process would have it."""
    made: list[WeChatClient] = []

    def make(limit: Limit = LIMITS[CUSTOM], closures: Closures | None = None, redis: Redis = redis) -> WeChatClient:
        made.append(WeChatClient(app, wechat.url, redis, limits=lambda: {CUSTOM: limit}, closures=closures))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def database(database_url: str, no_database_chosen: None) -> Iterator[Database]:
    own = Database(database_url, pool_size=2)
    with own.engine.begin() as connection:
        connection.execute(sa.text("TRUNCATE wechat_closed_endpoints"))
    use_database(own)
    yield own
    own.engine.dispose()


def send(client: WeChatClient, times: int = 1) -> None:
    for _ in range(times):
        client.send_customer_text("oABC", "好")


def refused(client: WeChatClient) -> QuotaExceeded:
    with pytest.raises(QuotaExceeded) as caught:
        send(client)
    return caught.value


def test_a_days_quota_stops_before_wechat_says_so(
    make_client: MakeClient, wechat: StandIn, clock: MovableClock
) -> None:
    first, second = make_client(Limit(3)), make_client(Limit(3))
    send(first, 2)
    send(second)
    for client in (first, second):
        error = refused(client)
        assert (error.errcode, error.retry_at, error.rid) == (45009, MIDNIGHT, None)
    assert len(wechat.calls_to(CUSTOM)) == 3
    clock.moment = MIDNIGHT
    send(first, 3)
    assert refused(first).retry_at == MIDNIGHT + timedelta(days=1)


def test_the_day_is_beijings(make_client: MakeClient, clock: MovableClock) -> None:
    client = make_client(Limit(1))
    clock.moment = MIDNIGHT - timedelta(seconds=1)
    send(client)
    refused(client)
    clock.advance(timedelta(seconds=1))
    send(client)


def test_a_minutes_quota_waits_for_the_next_minute(
    make_client: MakeClient, wechat: StandIn, clock: MovableClock
) -> None:
    client = make_client(Limit(None, 2))
    send(client, 2)
    error = refused(client)
    assert (error.errcode, error.lasts_until_midnight) == (45011, False)
    clock.moment = error.retry_at
    send(client)
    assert len(wechat.calls_to(CUSTOM)) == 3


def test_other_endpoints_and_other_apps_have_their_own(
    make_client: MakeClient, app: WeChatApp, wechat: StandIn, redis: Redis
) -> None:
    client = make_client(Limit(1))
    send(client)
    wechat.answers[TEMPLATE] = lambda _call: Reply(body=b'{"msgid":1}')
    client.send_template("oABC", "TPL", {})
    other = WeChatClient(
        replace(app, app_id="wxfedcba9876543210"), wechat.url, redis, limits=lambda: {CUSTOM: Limit(1)}
    )
    send(other)
    other.close()
    refused(client)


def test_a_refused_token_counts_for_both_requests(make_client: MakeClient, wechat: StandIn) -> None:
    replies = [refusal(40001), Reply()]
    wechat.answers[CUSTOM] = lambda _call: replies.pop(0)
    client = make_client(Limit(2))
    send(client)
    assert client.quotas.usage()[0].used == 2


def test_usage_is_told_the_fullest_first(make_client: MakeClient) -> None:
    client = make_client(Limit(4))
    assert [one.used for one in client.quotas.usage()] == [0]
    send(client)
    (usage,) = client.quotas.usage()
    assert (usage.path, usage.used, usage.per_day, usage.closed_until) == (CUSTOM, 1, 4, None)


def test_without_redis_nothing_is_counted_and_everything_goes_out(make_client: MakeClient, wechat: StandIn) -> None:
    nowhere = Redis(unix_socket_path="/nowhere/redis.sock", retry=Retry(NoBackoff(), 0))
    client = make_client(Limit(1), redis=nowhere)
    send(client, 3)
    assert len(wechat.calls_to(CUSTOM)) == 3
    assert client.quotas.usage()[0].used == 0


# --- WeChat says that a quota is gone ---


def answer_quota(wechat: StandIn, errcode: int = 45009) -> None:
    wechat.answers[CUSTOM] = lambda _call: refusal(errcode)


@pytest.mark.usefixtures("database")
def test_a_45009_closes_the_endpoint_even_when_redis_is_wiped(
    make_client: MakeClient, wechat: StandIn, redis: Redis, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_quota(wechat)
    first = make_client(closures=StoredClosures())
    assert refused(first).rid == "662b4bbd-1a2b3c4d-0f1e2d3c"
    redis.flushdb()
    wechat.answers.pop(CUSTOM)
    for client in (first, make_client(closures=StoredClosures())):
        assert refused(client).retry_at == MIDNIGHT
        assert client.quotas.usage()[0].closed_until == MIDNIGHT
    assert len(wechat.calls_to(CUSTOM)) == 1
    monkeypatch.setattr(first.quotas._closures, "_kept", stored.Cached(stored._load, 0))
    clock.moment = MIDNIGHT
    send(first)


@pytest.mark.usefixtures("database")
def test_a_closure_counts_although_the_callers_transaction_is_taken_back(
    make_client: MakeClient, wechat: StandIn
) -> None:
    answer_quota(wechat)
    with pytest.raises(QuotaExceeded), transaction():
        send(make_client(closures=StoredClosures()))
    refused(make_client(closures=StoredClosures()))
    assert len(wechat.calls_to(CUSTOM)) == 1


@pytest.mark.usefixtures("database")
def test_a_minutes_refusal_closes_nothing(make_client: MakeClient, wechat: StandIn) -> None:
    answer_quota(wechat, 45011)
    client = make_client(closures=StoredClosures())
    assert refused(client).errcode == 45011
    wechat.answers.pop(CUSTOM)
    send(client)


def test_without_a_database_this_process_knows_it(
    make_client: MakeClient, wechat: StandIn, no_database_chosen: None
) -> None:
    use_database(Database("postgresql://nobody@127.0.0.1:9/nothing", pool_size=1))
    answer_quota(wechat)
    client = make_client(closures=StoredClosures())
    refused(client)
    refused(client)
    assert len(wechat.calls_to(CUSTOM)) == 1


@pytest.mark.usefixtures("database")
def test_what_wechat_gives_back_is_open_again(make_client: MakeClient, wechat: StandIn) -> None:
    cleared: list[Call] = []
    wechat.answers[CLEAR] = lambda call: cleared.append(call) or Reply()  # type: ignore[func-returns-value]
    answer_quota(wechat)
    client = make_client(Limit(1), closures=StoredClosures())
    refused(client)
    wechat.answers.pop(CUSTOM)
    client.clear_quota()
    assert cleared[0].body == b'{"appid":"wx0123456789abcdef"}'
    send(client)
    refused(client)
    wechat.answers[CLEAR] = lambda _call: refusal(48006)
    with pytest.raises(Banned):
        client.clear_quota()


def test_the_operators_limits_come_before_the_usual_ones(make_settings: Callable[..., Settings]) -> None:
    limits = limits_of(make_settings(WECHAT_QUOTAS=f"{CUSTOM}=100/5, /cgi-bin/token=10"))
    assert limits[CUSTOM] == Limit(100, 5)
    assert limits["/cgi-bin/token"] == Limit(10)
    assert limits[TEMPLATE] == LIMITS[TEMPLATE]
