"""Waking the workers. Redis only makes delivery prompt: whatever it loses, the tick finds in PostgreSQL."""

from __future__ import annotations

import logging

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from backend.console.exports.queue import use_wake as use_export_wake
from messages.outbox import use_wake

log = logging.getLogger(__name__)

DELIVERY = "delivery"
EXPORTS = "exports"
QUEUES = (DELIVERY, EXPORTS)  # in this order: nobody's notice waits for a file

WAKE_KEY = "nuanmin:wake:delivery"
WAKE_SECONDS = 5  # one job is enough for all that is posted within this time before it starts

ENTRY = "backend.jobs.entries.deliver_due_messages"
EXPORT_ENTRY = "backend.jobs.entries.build_exports"
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


def redis() -> Redis:
    """The Redis of this process; raises `RuntimeError` before `use_redis`."""
    if _Process.redis is None:
        raise RuntimeError("no Redis has been chosen yet")
    return _Process.redis


def wake_delivery() -> bool:
    """See to it that a worker looks at the outbox soon; False if Redis is away. Never raises for that."""
    try:
        if redis().set(WAKE_KEY, "1", nx=True, ex=WAKE_SECONDS):
            _enqueue_delivery()
    except RedisError as error:
        log.warning("redis_away error=%s", type(error).__name__)
        return False
    return True


def wake_exports() -> bool:
    """See to it that a worker looks at the exports soon; False if Redis is away. Never raises for that."""
    try:
        _enqueue_exports()
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


def _enqueue_delivery() -> None:
    queue = Queue(DELIVERY, connection=redis(), serializer=JSONSerializer)
    if queue.is_empty():  # a job that waits has not looked yet and will see what we have committed
        queue.enqueue_call(ENTRY, timeout=JOB_SECONDS, result_ttl=0, failure_ttl=FAILURE_SECONDS, retry=Retry(max=2))


def _enqueue_exports() -> None:
    queue = Queue(EXPORTS, connection=redis(), serializer=JSONSerializer)
    if queue.is_empty():
        queue.enqueue_call(
            EXPORT_ENTRY, timeout=JOB_SECONDS, result_ttl=0, failure_ttl=FAILURE_SECONDS, retry=Retry(max=2)
        )
