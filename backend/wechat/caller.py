"""One app's way to WeChat: connections, token, quotas. The endpoints stand in the modules that build on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from redis import Redis

from backend.settings import TokenKind, WeChatApp
from backend.wechat.closures import Closures
from backend.wechat.errors import TokenRejected
from backend.wechat.quotas import LIMITS, Limit, Quotas
from backend.wechat.tokens import TicketBroker, TokenBroker
from backend.wechat.transport import Answer, File, Part, exchange, exchange_file, open_http

_Given = TypeVar("_Given")


class Caller:
    """One app's API. Safe to share between threads; make it after a fork. `base_url` has no trailing slash."""

    def __init__(
        self,
        app: WeChatApp,
        base_url: str,
        redis: Redis,
        *,
        token_kind: TokenKind = "stable",  # noqa: S107 - no secret
        limits: Callable[[], Mapping[str, Limit]] = lambda: LIMITS,
        closures: Closures | None = None,
    ) -> None:
        self._app = app
        self._http = open_http(base_url)
        self.quotas = Quotas(app.app_id, redis, limits, closures)
        self.tokens = TokenBroker(app, self._http, redis, token_kind, self.quotas)
        self.tickets = TicketBroker(app.app_id, redis, self._ask_for_ticket)

    @property
    def app_id(self) -> str:
        """The app whose API this is."""
        return self._app.app_id

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        part: Part | None = None,
    ) -> Answer:
        """One call with the token. A refused token is replaced and the call repeated, once (§2.3, §10 no. 4).

        The repeat is safe for sends too: a call whose token was refused has done nothing. Nothing else is repeated.
        Raises `QuotaExceeded` without a request where there is none left.
        """
        return self._with_token(
            path,
            lambda token: exchange(
                self._http, method, path, query={**(query or {}), "access_token": token}, body=json, part=part
            ),
        )

    def fetch(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> File | Answer:
        """`call` for an endpoint that answers with a file, or with JSON."""
        return self._with_token(
            path,
            lambda token: exchange_file(
                self._http, method, path, query={**(query or {}), "access_token": token}, body=json
            ),
        )

    def _ask_for_ticket(self) -> Answer:
        return self.call("GET", "/cgi-bin/ticket/getticket", query={"type": "jsapi"})

    def _with_token(self, path: str, send: Callable[[str], _Given]) -> _Given:
        token = self.tokens.get()
        try:
            with self.quotas.used(path):
                return send(token)
        except TokenRejected:
            self.tokens.rejected(token)
        token = self.tokens.get()
        with self.quotas.used(path):
            return send(token)
