"""Where a token or ticket is kept: in Redis for all processes, and in this process for as long as Redis is away."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

LOCK_MILLISECONDS = 10_000

# redis-py retries inside each command, for seconds; after one failure we do without Redis for this long.
REDIS_PAUSE_SECONDS = 10.0

_DELETE_IF_EQUAL = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


@dataclass(frozen=True)
class StoredToken:
    """A token and the moment (aware) from which WeChat refuses it."""

    token: str = field(repr=False)
    expires_at: datetime


class _Away:
    """Redis did not answer; not the same as Redis answering that there is nothing."""


_AWAY = _Away()


class TokenStore:
    """The token, or ticket, of one app. No method raises because of Redis. Redis, where it answers, is right."""

    def __init__(self, app_id: str, redis: Redis, kind: str = "token") -> None:
        self._redis = redis
        self._key = f"wechat:{kind}:{app_id}"
        self._lock_key = f"wechat:{kind}-lock:{app_id}"
        self._last_seen: StoredToken | None = None
        self._away_until = 0.0

    def read(self) -> StoredToken | None:
        """The stored token, which may be past its time."""
        value = self._ask(lambda: self._redis.get(self._key))
        if value is not _AWAY:
            self._last_seen = _decoded(value)
        return self._last_seen

    def write(self, stored: StoredToken, life: timedelta) -> None:
        """Replace the token."""
        self._last_seen = stored
        value = json.dumps({"token": stored.token, "expires_at": stored.expires_at.isoformat()})
        self._ask(lambda: self._redis.set(self._key, value, px=life))

    def discard(self, token: str) -> None:
        """Forget `token`; leave another one alone."""
        seen = self._last_seen
        if seen and seen.token == token:
            self._last_seen = None
        value = self._ask(lambda: self._redis.get(self._key))
        stored = None if value is _AWAY else _decoded(value)
        if stored and stored.token == token:
            self._ask(lambda: self._redis.eval(_DELETE_IF_EQUAL, 1, self._key, value))

    def lock(self) -> str | None:
        """The right to fetch, for ten seconds, as a word for `unlock`; None if another process has it.

        While Redis is away everyone gets it: the caller's own lock then keeps this process to one fetch.
        """
        owner = secrets.token_hex(8)
        taken = self._ask(lambda: self._redis.set(self._lock_key, owner, nx=True, px=LOCK_MILLISECONDS))
        return owner if taken else None

    def unlock(self, owner: str) -> None:
        """Give the right back, if it is still ours."""
        self._ask(lambda: self._redis.eval(_DELETE_IF_EQUAL, 1, self._lock_key, owner))

    def _ask(self, command: Callable[[], Any]) -> Any:
        if time.monotonic() < self._away_until:
            return _AWAY
        try:
            return command()
        except RedisError as error:
            self._away_until = time.monotonic() + REDIS_PAUSE_SECONDS
            logger.warning("Redis is away, tokens are kept per process: %s", type(error).__name__)
            return _AWAY


def _decoded(value: bytes | str | None) -> StoredToken | None:
    """None also for what another version of this program may have left there."""
    try:
        found = json.loads(value or "null")
        return StoredToken(found["token"], datetime.fromisoformat(found["expires_at"]))
    except (ValueError, TypeError, KeyError):
        return None
