"""Everything the product writes to others while it is being driven: answers, addresses, and lines of its log."""

from __future__ import annotations

import html
import io
import json
import logging
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from flask import Flask
from werkzeug.wrappers import Response

from backend.logs import configure_logging
from tests.contract.browsing import Document, endpoint_of

_ADDRESS_HEADERS = (
    "Location", "Link", "Refresh", "Content-Disposition", "HX-Redirect", "HX-Location", "HX-Push-Url", "HX-Replace-Url"
)  # fmt: skip
_CHINESE = re.compile(r"[\u3400-\u9fff·]{2,}")
_DIGITS = re.compile(r"\d{6,}[\dXx]")
# Between the groups of a number that is written to be read: spaces of any kind, and tags.
_BETWEEN_DIGITS = re.compile(r"(?<=\d)(?:\s|-|<[^<>]*>)+(?=[\dXx])")
_RUNS = {"name": _CHINESE, "number": _DIGITS, "phone": _DIGITS}


@dataclass(frozen=True)
class Exchange:
    """One request and what was answered, as texts to be searched."""

    method: str
    address: str
    endpoint: str
    status: int
    addresses: tuple[str, ...]
    body: str
    cookies: str  # what the session cookie says, which anybody can read who has it
    tokens: tuple[str, ...]  # what was given to open doors with


@dataclass
class Recording:
    """What was recorded."""

    exchanges: list[Exchange] = field(default_factory=list)
    log: io.StringIO = field(default_factory=io.StringIO)

    def lines(self) -> list[str]:
        """The log's lines, each as the text it holds."""
        return [json.dumps(json.loads(line), ensure_ascii=False) for line in self.log.getvalue().splitlines()]


@contextmanager
def recording(app: Flask) -> Iterator[Recording]:
    """Record all requests to an application and everything logged as in production."""
    made, plain, root = Recording(), app.wsgi_app, logging.getLogger()
    handlers, level, stderr = root.handlers[:], root.level, sys.stderr

    def recorded(environ: dict[str, Any], start_response: Any) -> Any:
        response = Response.from_app(plain, environ, buffered=True)
        made.exchanges.append(_exchange(app, environ, response))
        return response(environ, start_response)

    sys.stderr = made.log
    try:
        configure_logging()
    finally:
        sys.stderr = stderr
    app.wsgi_app = recorded  # type: ignore[method-assign]
    try:
        yield made
    finally:
        app.wsgi_app = plain  # type: ignore[method-assign]
        root.handlers[:], root.level = handlers, level


def _exchange(app: Flask, environ: Mapping[str, Any], response: Response) -> Exchange:
    method = str(environ["REQUEST_METHOD"])
    # The server hands the path on as bytes in the disguise of text (PEP 3333).
    path = str(environ["PATH_INFO"]).encode("latin-1").decode(errors="replace")
    address = unquote_plus(f"{path}?{environ.get('QUERY_STRING', '')}")
    body = readable(response)
    headers = [response.headers[name] for name in _ADDRESS_HEADERS if name in response.headers]
    inside = [value for _, value in Document(response.get_data(as_text=True)).addresses] if _is_html(response) else []
    # A link to a telephone leads to nobody's server.
    addresses = tuple(unquote_plus(one) for one in [*headers, *inside] if not one.startswith("tel:"))
    return Exchange(
        method,
        address,
        endpoint_of(app, path, method),
        response.status_code,
        addresses,
        body,
        _cookies(app, response),
        _tokens(response),
    )


def _is_html(response: Response) -> bool:
    return "html" in (response.content_type or "")


def readable(response: Response) -> str:
    """An answer's body as the text a person or program reads in it."""
    data = response.get_data()
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return html.unescape("\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist()))
    text = data.decode(errors="replace")
    if "json" in (response.content_type or "") and text:
        return json.dumps(json.loads(text), ensure_ascii=False)
    return html.unescape(text) if _is_html(response) else text


def _tokens(response: Response) -> tuple[str, ...]:
    """Tokens of the API, and of cookies other than the session's."""
    cookies = [one.partition(";")[0].partition("=") for one in response.headers.getlist("Set-Cookie")]
    given = [value for name, _, value in cookies if name != "session" and len(value) > 20]
    if "json" in (response.content_type or "") and isinstance(answer := response.get_json(silent=True), dict):
        given += [answer["token"]] if isinstance(answer.get("token"), str) else []
    return tuple(given)


def _cookies(app: Flask, response: Response) -> str:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    values = [re.match(r"session=([^;]+)", one) for one in response.headers.getlist("Set-Cookie")]
    return json.dumps([serializer.loads(found[1]) for found in values if found], ensure_ascii=False, default=str)


def kinds_in(text: str, known: Mapping[str, set[str]]) -> dict[str, str]:
    """Which kinds of known values a text holds, with one value of each."""
    joined, found = _BETWEEN_DIGITS.sub("", text), {}
    for kind, values in known.items():
        value = _first(joined if _RUNS.get(kind) is _DIGITS else text, values, _RUNS.get(kind))
        if value is not None:
            found[kind] = value
    return found


def _first(text: str, values: set[str], runs: re.Pattern[str] | None) -> str | None:
    """A value that stands in the text; long lists are looked for only where such values can stand."""
    if runs is None:
        return next((value for value in values if value in text), None)
    lengths = {len(value) for value in values}
    for run in set(runs.findall(text)):
        for length in lengths:
            for start in range(len(run) - length + 1):
                if run[start : start + length] in values:
                    return run[start : start + length]
    # What holds other characters, such as a foreign name or a permit's number.
    return next((value for value in values if not runs.fullmatch(value) and value in text), None)
