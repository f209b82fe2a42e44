"""One HTTP exchange with WeChat's servers, and what its outcome means (wechat-protocol §0).

wechatpy's client is not used: it has no timeout on token calls, retries a refused token without limit, and keeps
hard-coded hosts (§8.1 no. 1, 3, 4).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from typing import Any

import httpx

from backend.wechat.errors import Misconfigured, OutcomeUnknown, Unreachable, WeChatError, error_for

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0

Answer = dict[str, Any]

_RID = re.compile(r"\brid: ([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})\b")


class _WithoutAddresses(logging.Filter):
    """Drops httpx's line per request: it shows the whole address, and with it access_token and, at logins, the secret.

    A filter, not a level: a level is overwritten as soon as someone turns all logging up.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


logging.getLogger("httpx").addFilter(_WithoutAddresses())


def open_http(base_url: str) -> httpx.Client:
    """A pooled client for one base address. Make one per process, after a fork: its connections cannot be shared."""
    return httpx.Client(base_url=base_url, timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS))


def exchange(
    http: httpx.Client,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Answer:
    """Send one request and return its JSON object. Never retries.

    Raises `Unreachable` if it was surely not sent, `OutcomeUnknown` if no usable answer came, `Misconfigured` if the
    base address does not lead to WeChat, and the class of the errcode otherwise.
    """
    try:
        return _judged(_sent(http, method, path, query, body))
    except WeChatError as error:
        logger.warning("WeChat call failed: path=%s errcode=%s rid=%s", path, error.errcode, error.rid)
        raise


def _sent(
    http: httpx.Client, method: str, path: str, query: Mapping[str, str] | None, body: Mapping[str, Any] | None
) -> httpx.Response:
    # Errors of httpx are not chained: they hold the request, and its address holds the token.
    try:
        return http.request(method, path, params=query, content=None if body is None else encode(body), headers=_JSON)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        failure: WeChatError = Unreachable()
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
        failure = Misconfigured()
    except httpx.HTTPError:
        failure = OutcomeUnknown()
    raise failure


_JSON = {"Content-Type": "application/json; charset=utf-8"}


def encode(body: Mapping[str, Any]) -> bytes:
    r"""JSON in raw UTF-8: bodies with \uXXXX are refused or shown as they are (40033, 47002)."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _judged(response: httpx.Response) -> Answer:
    if response.status_code != httpx.codes.OK:
        raise _status_failure(response.status_code)
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):  # ValueError: cut off, or not UTF-8
        raise OutcomeUnknown from None
    if not isinstance(answer, dict):
        raise OutcomeUnknown
    errcode = _whole(answer.get("errcode", 0))
    if errcode is None:
        raise OutcomeUnknown
    if errcode:
        raise error_for(errcode, _rid(answer))
    return answer


def _status_failure(status: int) -> WeChatError:
    """WeChat answers 200 even to mistakes (§0), so another status is a gateway's or another server's."""
    if status in (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS):
        return Unreachable()
    return OutcomeUnknown() if status >= 500 else Misconfigured()


def _rid(answer: Answer) -> str | None:
    found = _RID.search(str(answer.get("errmsg", "")))
    return found[1] if found else None


def _whole(value: object) -> int | None:
    try:
        return int(value) if isinstance(value, int | str) else None
    except ValueError:
        return None


def text_of(answer: Answer, name: str) -> str:
    """A field that a success must have, as text. Raises `OutcomeUnknown` where it is missing."""
    value = answer.get(name)
    if isinstance(value, str | int) and value != "":
        return str(value)
    raise OutcomeUnknown


def list_of(answer: Answer, name: str) -> list[Any]:
    """A list that a success must have. Raises `OutcomeUnknown` where it is missing."""
    value = answer.get(name)
    if isinstance(value, list):
        return value
    raise OutcomeUnknown
