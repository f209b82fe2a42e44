"""The credentials of one app, fetched once and shared by all processes (wechat-protocol §2.1-2.4).

Of the two kinds of access_token the stable one is preferred: two fetches never invalidate one another, so the lock only
saves quota, and giving up on it is harmless. A classic token dies some minutes after the next one is fetched, so its
fetcher waits for the lock as long as a lock can last. Secret, token and ticket are never logged.
"""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta

import httpx
from redis import Redis

from backend.kernel.clock import now
from backend.settings import TokenKind, WeChatApp
from backend.wechat.errors import Misconfigured, OutcomeUnknown, TokenRejected, Unreachable, WeChatError
from backend.wechat.quotas import Quotas
from backend.wechat.token_store import LOCK_MILLISECONDS, StoredToken, TokenStore
from backend.wechat.transport import Answer, exchange, text_of

logger = logging.getLogger(__name__)

# In its last five minutes WeChat hands out the next token while the old one still works (§2.2).
EARLY = timedelta(minutes=5)

# How long to wait for another process's fetch before fetching ourselves, and for another thread's (which includes it).
SHARED_WAIT_SECONDS = 5.0
LOCAL_WAIT_SECONDS = 12.0
_POLL_SECONDS = 0.05

STABLE, CLASSIC = "/cgi-bin/stable_token", "/cgi-bin/token"


class Broker(ABC):
    """Gives out something that WeChat lends for two hours. Safe to share between threads; works on, per process, while
    Redis is away."""

    what = "access token"
    shared_wait_seconds: float | None = None  # None: `SHARED_WAIT_SECONDS`

    def __init__(self, app_id: str, store: TokenStore) -> None:
        self._app_id = app_id
        self._store = store
        self._fetching = threading.Lock()

    @abstractmethod
    def _ask(self) -> tuple[str, timedelta]:
        """Ask WeChat for it: the value and how long it lives. Raises `WeChatError`, or `ValueError` for rubbish."""

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
        deadline = time.monotonic() + (self.shared_wait_seconds or SHARED_WAIT_SECONDS)
        while (owner := self._store.lock()) is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            stored = self._store.read()
            if stored and now() < stored.expires_at:
                return None
        return owner

    def _fetch(self) -> StoredToken:
        try:
            value, life = self._ask()
        except (OutcomeUnknown, ValueError, OverflowError):
            raise Unreachable from None  # a fetch may be repeated at will, and the caller's request was not sent
        stored = StoredToken(value, now() + life)
        self._store.write(stored, life)
        logger.info("%s fetched: app=%s expires_at=%s", self.what, self._app_id, stored.expires_at.isoformat())
        return stored


class TokenBroker(Broker):
    """The access_token of one app, of the kind the operator chose; separate per app id."""

    def __init__(
        self, app: WeChatApp, http: httpx.Client, redis: Redis, kind: TokenKind = "stable", quotas: Quotas | None = None
    ) -> None:
        super().__init__(app.app_id, TokenStore(app.app_id, redis))
        self._app = app
        self._http = http
        self._kind = kind
        self._quotas = quotas
        if kind == "classic":
            self.shared_wait_seconds = LOCK_MILLISECONDS / 1000 + 1

    def _ask(self) -> tuple[str, timedelta]:
        path = STABLE if self._kind == "stable" else CLASSIC
        try:
            if self._quotas is not None:
                with self._quotas.used(path):
                    return _lent(self._exchange(path), "access_token")
            return _lent(self._exchange(path), "access_token")
        except TokenRejected as error:
            # Here 40001 means a wrong AppSecret (§0.1); a retry would not help.
            raise Misconfigured(error.errcode, error.rid) from None

    def _exchange(self, path: str) -> Answer:
        given = {"grant_type": "client_credential", "appid": self._app.app_id, "secret": self._app.secret}
        if path == CLASSIC:
            return exchange(self._http, "GET", path, query=given)
        # force_refresh kills the token others are using, and works only 20 times a day (§2.2).
        return exchange(self._http, "POST", path, body={**given, "force_refresh": False})


class TicketBroker(Broker):
    """The jsapi_ticket of the account (§2.4), which is fetched with its access_token."""

    what = "jsapi ticket"

    def __init__(self, app_id: str, redis: Redis, call: Callable[[], Answer]) -> None:
        super().__init__(app_id, TokenStore(app_id, redis, kind="ticket"))
        self._call = call

    def _ask(self) -> tuple[str, timedelta]:
        return _lent(self._call(), "ticket")


def _lent(answer: Answer, name: str) -> tuple[str, timedelta]:
    return text_of(answer, name), timedelta(seconds=int(text_of(answer, "expires_in")))
