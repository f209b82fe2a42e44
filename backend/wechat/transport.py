"""One HTTP exchange with WeChat's servers, and what its outcome means (wechat-protocol §0).

wechatpy's client is not used: it has no timeout on token calls, retries a refused token without limit, and keeps
hard-coded hosts (§8.1 no. 1, 3, 4).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from backend.wechat.errors import Misconfigured, OutcomeUnknown, Unreachable, WeChatError, error_for

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0

Answer = dict[str, Any]

MEDIA_SECONDS = 20.0  # a picture takes longer than an answer
LARGEST_FILE = 20 << 20

_RID = re.compile(r"\brid: ([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})\b")
# Where 47003 names the field, sometimes cut off (§5.3); it is shown to people and never decided by.
_FIELD = re.compile(r"\bdata\.([a-z_]{1,32}[0-9]{1,3})\b")


@dataclass(frozen=True)
class Part:
    """One file of a multipart body. It is kept as bytes, so a repeat sends it whole (§8.1 no. 2)."""

    name: str
    file_name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class File:
    """A file WeChat gave us; `content_type` is what WeChat calls it, without parameters."""

    content: bytes = field(repr=False)
    content_type: str


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
    part: Part | None = None,
) -> Answer:
    """Send one request, with a JSON `body` or one file, and return its JSON object. Never retries.

    Raises `Unreachable` if it was surely not sent, `OutcomeUnknown` if no usable answer came, `Misconfigured` if the
    base address does not lead to WeChat, and the class of the errcode otherwise.
    """
    with _logged(path):
        return _judged(_sent(http, method, path, query, body, part))


def exchange_file(
    http: httpx.Client,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> File | Answer:
    """Send one request to an endpoint that answers with a file, or with JSON: a refusal, or a video's address (§6.5).

    Told apart by whether the answer is a JSON object, not by status or by Content-Type, which WeChat gets wrong (§0).
    Raises as `exchange` does, and `OutcomeUnknown` for an empty answer or one of more than `LARGEST_FILE` bytes.
    """
    with _logged(path):
        response = _sent(http, method, path, query, body, None)
        if response.status_code != httpx.codes.OK:
            raise _status_failure(response.status_code)
        if response.content.lstrip()[:1] == b"{":
            return _judged(response)
        if not 0 < len(response.content) <= LARGEST_FILE:
            raise OutcomeUnknown
        return File(response.content, response.headers.get("Content-Type", "").partition(";")[0].strip().lower())


@contextmanager
def _logged(path: str) -> Iterator[None]:
    try:
        yield
    except WeChatError as error:
        logger.warning("WeChat call failed: path=%s errcode=%s rid=%s", path, error.errcode, error.rid)
        raise


def _sent(
    http: httpx.Client,
    method: str,
    path: str,
    query: Mapping[str, str] | None,
    body: Mapping[str, Any] | None,
    part: Part | None,
) -> httpx.Response:
    # Errors of httpx are not chained: they hold the request, and its address holds the token.
    try:
        if part is not None:
            # An ASCII file name: with another one WeChat finds no file (41005, §6.5).
            files = {part.name: (part.file_name, part.content, part.content_type)}
            return http.request(method, path, params=query, files=files, timeout=_LONG)
        content = None if body is None else encode(body)
        return http.request(method, path, params=query, content=content, headers=_JSON)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        failure: WeChatError = Unreachable()
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
        failure = Misconfigured()
    except httpx.HTTPError:
        failure = OutcomeUnknown()
    raise failure


_LONG = httpx.Timeout(MEDIA_SECONDS, connect=CONNECT_SECONDS)
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
        error = error_for(errcode, _rid(answer))
        error.field = _field(answer)
        raise error
    return answer


def _status_failure(status: int) -> WeChatError:
    """WeChat answers 200 even to mistakes (§0), so another status is a gateway's or another server's."""
    if status in (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS):
        return Unreachable()
    return OutcomeUnknown() if status >= 500 else Misconfigured()


def _rid(answer: Answer) -> str | None:
    found = _RID.search(str(answer.get("errmsg", "")))
    return found[1] if found else None


def _field(answer: Answer) -> str | None:
    found = _FIELD.search(str(answer.get("errmsg", "")))
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
