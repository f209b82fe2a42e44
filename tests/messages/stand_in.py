"""Three of WeChat's endpoints on loopback. It can keep a caller waiting, so that it can be killed."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class StandIn:
    """Tells people what it is sent. `told` is what arrived on phones: a repeated client_msg_id arrives once (§5.1)."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self.hold = threading.Event()  # while it is clear, sends are carried out and not answered
        self.hold.set()
        self.arrived = threading.Event()
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def __enter__(self) -> StandIn:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path == "/cgi-bin/stable_token":
            return {"access_token": "token", "expires_in": 7200}
        with self._lock:
            self.received.append(body)
            message_id = body.get("client_msg_id")
            if message_id is None or message_id not in self._seen:
                self.told.append(body)
            if message_id is not None:
                self._seen.add(message_id)
        self.arrived.set()
        self.hold.wait(timeout=60)
        return {"errcode": 0, "errmsg": "ok", "msgid": 3400000001}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                answer = json.dumps(stand_in.answer(urlsplit(self.path).path, json.loads(self.rfile.read(length))))
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer.encode())
                except ConnectionError:
                    return  # the caller has been killed

            def log_message(self, *_: object) -> None:
                return

        return Handler
