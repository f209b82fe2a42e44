"""The access_token of one app, fetched once and shared by all processes (wechat-protocol §2.2, §2.3).

The stable_token endpoint is used: two fetches never invalidate one another, so the lock only saves quota, and giving
up on it is harmless. The secret and the token are never logged.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

import httpx
from redis import Redis

from backend.kernel.clock import now
from backend.settings import WeChatApp
from backend.wechat.errors import Misconfigured, OutcomeUnknown, TokenRejected, Unreachable, WeChatError
from backend.wechat.token_store import StoredToken, TokenStore
from backend.wechat.transport import exchange, text_of

logger = logging.getLogger(__name__)

# In its last five minutes WeChat hands out the next token while the old one still works (§2.2).
EARLY = timedelta(minutes=5)

# How long to wait for another process's fetch before fetching ourselves, and for another thread's (which includes it).
SHARED_WAIT_SECONDS = 5.0
LOCAL_WAIT_SECONDS = 12.0
_POLL_SECONDS = 0.05


class TokenBroker:
    """Gives out the token of one app. Safe to share between threads; works on, per process, while Redis is away."""

    def __init__(self, app: WeChatApp, http: httpx.Client, redis: Redis) -> None:
        self._app = app
        self._http = http
        self._store = TokenStore(app.app_id, redis)
        self._fetching = threading.Lock()

    def get(self) -> str:
        """A token that should work. Nobody waits while there is a valid one.

        Raises a `WeChatError` if there is none and none can be fetched within about 17 s, never `OutcomeUnknown`: the
        caller's own request has not been sent.
        """
        stored = self._store.read()
        if stored and now() < stored.expires_at - EARLY:
            return stored.token
        if stored and now() < stored.expires_at:
            return self._renewed_early(stored)
        return self._fetched_or_awaited()

    def rejected(self, token: str) -> None:
        """Tell that WeChat refused `token` (40001, 40014, 42001). It is forgotten, unless a newer one is stored."""
        self._store.discard(token)

    def _renewed_early(self, old: StoredToken) -> str:
        """One caller fetches the next token, the others go on with the old one."""
        if not self._fetching.acquire(blocking=False):
            return old.token
        try:
            owner = self._store.lock()
            if owner is None:
                return old.token
            current = self._store.read()
            if current is None or current == old:
                # Not released on failure: it expires by itself, so one caller in ten seconds tries again, not all.
                current = self._fetch()
            self._store.unlock(owner)
            return current.token
        except WeChatError:
            return old.token
        finally:
            self._fetching.release()

    def _fetched_or_awaited(self) -> str:
        if not self._fetching.acquire(timeout=LOCAL_WAIT_SECONDS):
            raise Unreachable
        try:
            owner = self._locked_or_waited_out()
            try:
                # Read under the lock: whoever held it before us has stored what we want.
                stored = self._store.read()
                return stored.token if stored and now() < stored.expires_at else self._fetch().token
            finally:
                if owner is not None:
                    self._store.unlock(owner)
        finally:
            self._fetching.release()

    def _locked_or_waited_out(self) -> str | None:
        """The lock, or None once another process has stored a token or has had time enough to do so."""
        deadline = time.monotonic() + SHARED_WAIT_SECONDS
        while (owner := self._store.lock()) is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            stored = self._store.read()
            if stored and now() < stored.expires_at:
                return None
        return owner

    def _fetch(self) -> StoredToken:
        request = {
            "grant_type": "client_credential",
            "appid": self._app.app_id,
            "secret": self._app.secret,
            "force_refresh": False,  # true kills the token others are using, and only 20 times a day (§2.2)
        }
        try:
            answer = exchange(self._http, "POST", "/cgi-bin/stable_token", body=request)
            token, life = text_of(answer, "access_token"), timedelta(seconds=int(text_of(answer, "expires_in")))
        except (OutcomeUnknown, ValueError, OverflowError):
            raise Unreachable from None  # a fetch may be repeated at will, and the caller's request was not sent
        except TokenRejected as error:
            # Here 40001 means a wrong AppSecret (§0.1); a retry would not help.
            raise Misconfigured(error.errcode, error.rid) from None
        stored = StoredToken(token, now() + life)
        self._store.write(stored, life)
        logger.info("access token fetched: app=%s expires_at=%s", self._app.app_id, stored.expires_at.isoformat())
        return stored
