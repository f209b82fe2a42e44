"""A loopback stand-in for WeChat's API: it counts, and does what a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN_PATH = "/cgi-bin/stable_token"


@dataclass
class Call:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    content_type: str = ""


@dataclass
class Reply:
    """`declared` is the Content-Length to claim, for bodies that break off."""

    status: int = 200
    body: bytes = b'{"errcode":0,"errmsg":"ok"}'
    declared: int | None = None
    content_type: str = "application/json"
    hold: threading.Event | None = field(default=None, repr=False)


def refusal(errcode: int, errmsg: str = "refused rid: 662b4bbd-1a2b3c4d-0f1e2d3c") -> Reply:
    return Reply(body=json.dumps({"errcode": errcode, "errmsg": errmsg}).encode())


def success(**fields: Any) -> Reply:
    return Reply(body=json.dumps(fields).encode())


class StandIn:
    """Gives tokens `token-1`, `token-2` … and takes only the last; other paths answer as `answers` says."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: dict[str, Callable[[Call], Reply]] = {}
        self.token_answer: Callable[[], Reply] = self.next_token
        self.expires_in = 7200
        self.release = threading.Event()
        self._issued = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> StandIn:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def next_token(self) -> Reply:
        with self._lock:
            self._issued += 1
            return success(access_token=f"token-{self._issued}", expires_in=self.expires_in)

    def held(self) -> Reply:
        """An answer that does not come until the test is over."""
        return Reply(hold=self.release)

    def calls_to(self, path: str) -> list[Call]:
        return [call for call in list(self.calls) if call.path == path]

    @property
    def token_fetches(self) -> int:
        return len(self.calls_to(TOKEN_PATH))

    def answer(self, call: Call) -> Reply:
        self.calls.append(call)
        if call.path == TOKEN_PATH:
            return self.token_answer()
        needs_token = not call.path.startswith(("/sns/", "/cgi-bin/token"))
        if needs_token and call.query.get("access_token") != f"token-{self._issued}":
            return refusal(40001)
        answer = self.answers.get(call.path)
        return answer(call) if answer else Reply()


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._send(
                stand_in.answer(
                    Call(
                        self.command,
                        address.path,
                        dict(parse_qsl(address.query)),
                        body,
                        self.headers.get("Content-Type", ""),
                    )
                )
            )

        def do_POST(self) -> None:
            self.do_GET()

        def _send(self, reply: Reply) -> None:
            if reply.hold:
                reply.hold.wait(30)
                self.close_connection = True
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body) if reply.declared is None else reply.declared))
            self.end_headers()
            self.wfile.write(reply.body)
            if reply.declared is not None:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler
