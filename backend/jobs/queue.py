"""Waking the workers. Redis only makes delivery prompt: whatever it loses, the tick finds in PostgreSQL."""

from __future__ import annotations

import logging

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from backend.console.exports.queue import use_wake as use_export_wake
from backend.files.queue import use_wake as use_file_wake
from backend.people.entry.unionids import use_wake as use_lookup_wake
from messages.outbox import use_wake

log = logging.getLogger(__name__)

DELIVERY = "delivery"
EXPORTS = "exports"
FILES = "files"
LOOKUPS = "lookups"
QUEUES = (DELIVERY, FILES, LOOKUPS, EXPORTS)  # in this order: nobody's notice waits for a file

WAKE_KEY = "nuanmin:wake:delivery"
WAKE_SECONDS = 5  # one job is enough for all that is posted within this time before it starts

# What the worker of each queue calls.
ENTRIES = {
    DELIVERY: "backend.jobs.entries.deliver_due_messages",
    EXPORTS: "backend.jobs.entries.build_exports",
    FILES: "backend.jobs.entries.fetch_uploads",
    LOOKUPS: "backend.jobs.entries.ask_wechat",
}
JOB_SECONDS = 300
FAILURE_SECONDS = 7 * 24 * 3600

_REDIS_SECONDS = 0.5  # requests wait for it after their commit


class _Process:
    redis: Redis | None = None


def use_redis(url: str) -> None:
    """Choose the Redis of this process, and let every commit that queues messages wake the workers through it."""
    _Process.redis = Redis.from_url(url, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS)
    use_wake(wake_delivery)
    use_export_wake(wake_exports)
    use_file_wake(wake_files)
    use_lookup_wake(wake_lookups)


def redis() -> Redis:
    """The Redis of this process; raises `RuntimeError` before `use_redis`."""
    if _Process.redis is None:
        raise RuntimeError("no Redis has been chosen yet")
    return _Process.redis


def wake_delivery() -> bool:
    """See to it that a worker looks at the outbox soon; False if Redis is away. Never raises for that."""
    try:
        if redis().set(WAKE_KEY, "1", nx=True, ex=WAKE_SECONDS):
            _enqueue(DELIVERY)
    except RedisError as error:
        log.warning("redis_away error=%s", type(error).__name__)
        return False
    return True


def wake_exports() -> bool:
    """See to it that a worker looks at the exports soon; False if Redis is away. Never raises for that."""
    return _woken(EXPORTS)


def wake_files() -> bool:
    """See to it that a worker fetches what is owed soon; False if Redis is away. Never raises for that."""
    return _woken(FILES)


def wake_lookups() -> bool:
    """See to it that a worker asks about new followers soon; False if Redis is away. Never raises for that."""
    return _woken(LOOKUPS)


def _woken(name: str) -> bool:
    try:
        _enqueue(name)
    except RedisError as error:
        log.warning("redis_away error=%s", type(error).__name__)
        return False
    return True


def forget_wake() -> None:
    """A worker has begun to look: whoever posts from now on wakes one again. Redis being away is no matter here."""
    try:
        redis().delete(WAKE_KEY)
    except RedisError as error:
        log.warning("redis_away error=%s", type(error).__name__)


def _enqueue(name: str) -> None:
    queue = Queue(name, connection=redis(), serializer=JSONSerializer)
    if queue.is_empty():  # a job that waits has not looked yet and will see what we have committed
        again = Retry(max=2)
        queue.enqueue_call(ENTRIES[name], timeout=JOB_SECONDS, result_ttl=0, failure_ttl=FAILURE_SECONDS, retry=again)
