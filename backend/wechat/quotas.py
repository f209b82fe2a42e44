"""How often an app has used an endpoint, and whether it may use it once more (wechat-protocol §0.1, §5.6).

Counted in Redis for all processes, by the day of Beijing and by the minute, and stopped before WeChat would answer
45009 or 45011. The counters may be lost; a 45009 that came all the same closes the endpoint until midnight, and that
is kept where it cannot be lost (`Closures`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from redis import Redis
from redis.exceptions import RedisError

from backend.kernel.clock import now
from backend.wechat.closures import Closures
from backend.wechat.errors import DAY_QUOTA, MINUTE_QUOTA, QuotaExceeded

logger = logging.getLogger(__name__)

REDIS_PAUSE_SECONDS = 10.0
_NO_LIMIT = 10**15

# Check and count in one step. The keys outlive their day and minute a little, so that they can be read afterwards.
_COUNT = """
if tonumber(redis.call('get', KEYS[1]) or '0') >= tonumber(ARGV[1]) then return 1 end
if tonumber(redis.call('get', KEYS[2]) or '0') >= tonumber(ARGV[2]) then return 2 end
redis.call('incr', KEYS[1])
redis.call('expire', KEYS[1], 172800)
redis.call('incr', KEYS[2])
redis.call('expire', KEYS[2], 120)
return 0
"""


@dataclass(frozen=True)
class Limit:
    """How many calls an endpoint takes from one app; None where WeChat names no limit."""

    per_day: int | None = None
    per_minute: int | None = None


# The usual limits. A test account (测试号) has far lower ones: a bureau sets its own as `wechat.quotas`.
LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "/cgi-bin/token": Limit(2_000),
        "/cgi-bin/stable_token": Limit(500_000, 10_000),
        "/cgi-bin/ticket/getticket": Limit(1_000_000),
        "/cgi-bin/message/template/send": Limit(100_000),
        "/cgi-bin/message/custom/send": Limit(500_000),
        "/cgi-bin/message/subscribe/send": Limit(10_000_000),
        "/cgi-bin/menu/create": Limit(1_000),
        "/cgi-bin/menu/get": Limit(10_000),
        "/cgi-bin/menu/delete": Limit(1_000),
        "/cgi-bin/menu/addconditional": Limit(2_000),
        "/cgi-bin/menu/delconditional": Limit(2_000),
        "/cgi-bin/qrcode/create": Limit(100_000),
        "/cgi-bin/media/upload": Limit(100_000),
        "/cgi-bin/media/get": Limit(200_000),
        "/wxa/getwxacodeunlimit": Limit(None, 5_000),
        "/wxa/generate_urllink": Limit(500_000),
        "/wxa/generatescheme": Limit(500_000),
        "/wxa/msg_sec_check": Limit(2_000_000, 4_000),
        "/wxa/media_check_async": Limit(200_000, 2_000),
    }
)


@dataclass(frozen=True)
class Usage:
    """What one endpoint has been used for today. `closed_until`: WeChat itself said that the day's quota is gone."""

    path: str
    used: int
    per_day: int | None
    closed_until: datetime | None


class Quotas:
    """The quotas of one app. Safe to share between threads. While Redis is away nothing is counted."""

    def __init__(
        self,
        app_id: str,
        redis: Redis,
        limits: Callable[[], Mapping[str, Limit]] = lambda: LIMITS,
        closures: Closures | None = None,
    ) -> None:
        self._app_id = app_id
        self._redis = redis
        self._limits = limits
        self._closures = closures or Closures()
        self._away_until = 0.0

    @contextmanager
    def used(self, path: str) -> Iterator[None]:
        """Count a call that is made inside; raises `QuotaExceeded` instead of letting WeChat say it."""
        self._admit(path)
        try:
            yield
        except QuotaExceeded as error:
            if error.errcode == DAY_QUOTA:
                self._closures.close(self._app_id, path, error.retry_at, error.rid)
            raise

    def usage(self) -> Sequence[Usage]:
        """Every endpoint with a day's limit, or closed, the fullest first; none used while Redis is away."""
        closed, limits = self._closures.of_app(self._app_id), self._limits()
        paths = [path for path in sorted({*limits, *closed}) if path in closed or limits[path].per_day is not None]
        counts = self._read([self._day_key(path) for path in paths])
        found = [
            Usage(path, count, limits[path].per_day if path in limits else None, closed.get(path))
            for path, count in zip(paths, counts, strict=True)
        ]
        return sorted(found, key=lambda one: (one.closed_until is None, -(one.used / (one.per_day or _NO_LIMIT))))

    def reopen(self) -> None:
        """Start counting anew: WeChat has given all quotas back (clear_quota, §5.6)."""
        self._closures.reopen(self._app_id)
        try:
            self._redis.delete(*[self._day_key(path) for path in self._limits()])
        except RedisError as error:
            self._redis_is_away(error)

    def _admit(self, path: str) -> None:
        closed_until = self._closures.of_app(self._app_id).get(path)
        if closed_until is not None:
            raise QuotaExceeded(DAY_QUOTA, retry_at=closed_until)
        limit = self._limits().get(path, Limit())
        over = self._count(path, limit)
        if over:
            logger.warning("quota used up: app=%s path=%s limit=%s", self._app_id, path, limit)
            raise QuotaExceeded(over)

    def _count(self, path: str, limit: Limit) -> int | None:
        """Count one call; the errcode WeChat would answer if there is none left."""
        if time.monotonic() < self._away_until:
            return None
        keys = (self._day_key(path), f"wechat:used:{self._app_id}:{path}:{now():%Y%m%d%H%M}")
        limits = [_NO_LIMIT if most is None else most for most in (limit.per_day, limit.per_minute)]
        try:
            over = self._redis.eval(_COUNT, 2, *keys, *[str(most) for most in limits])
        except RedisError as error:
            self._redis_is_away(error)
            return None
        return {1: DAY_QUOTA, 2: MINUTE_QUOTA}.get(int(str(over)))

    def _read(self, keys: Sequence[str]) -> list[int]:
        try:
            values = self._redis.mget(keys) if keys else []
        except RedisError as error:
            self._redis_is_away(error)
            values = [None] * len(keys)
        return [int(value or 0) for value in values]

    def _day_key(self, path: str) -> str:
        return f"wechat:used:{self._app_id}:{path}:{now():%Y%m%d}"

    def _redis_is_away(self, error: RedisError) -> None:
        self._away_until = time.monotonic() + REDIS_PAUSE_SECONDS
        logger.warning("Redis is away, calls are not counted: %s", type(error).__name__)
