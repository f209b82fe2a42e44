"""A small real HTTP server that stands for the product, and what the tests of the sandbox share."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient

from sandbox.config import AppConfig
from sandbox.push_crypto import decrypt, encrypt, sign

ACCOUNT_APP_ID = "wx00000000000000a1"
MINIPROGRAM_APP_ID = "wx00000000000000b2"
SECRET = "secretsecretsecretsecret"


@dataclass
class Heard:
    """One request that the product got."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    at: float


class Server(ThreadingHTTPServer):
    """A client that hangs up is nothing to print a traceback about."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Product:
    """Answers pushes with `answer(heard)` → (status, body), and the clock with `clock_status`."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answer: Callable[[Heard], tuple[int, bytes]] = lambda heard: (200, b"success")
        self.clock_status = 204
        self.lock = threading.Condition()
        product = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def _serve(self) -> None:
                url = urlsplit(self.path)
                query = {key: values[0] for key, values in parse_qs(url.query, keep_blank_values=True).items()}
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                heard = Heard(self.command, url.path, query, body, time.monotonic())
                with product.lock:
                    product.heard.append(heard)
                    product.lock.notify_all()
                is_clock = url.path == "/demonstration/clock"
                status, answer = (product.clock_status, b"") if is_clock else product.answer(heard)
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the sandbox had given up on us, which some tests want

            def log_message(self, *args: Any) -> None:
                return

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def wait_for(self, count: int, matching: Callable[[Heard], bool] = lambda heard: True) -> list[Heard]:
        """Wait until `count` requests match; fails after five seconds."""

        def found() -> list[Heard]:
            return [heard for heard in self.heard if matching(heard)]

        with self.lock:
            assert self.lock.wait_for(lambda: len(found()) >= count, timeout=5), f"heard only {self.heard}"
            return found()


def text_reply(app: AppConfig, openid: str, text: str, **changes: str) -> bytes:
    """A correct plain text reply; `changes` spoil single elements."""
    fields = {
        "ToUserName": openid,
        "FromUserName": app.original_id,
        "CreateTime": "1714112446",
        "MsgType": "text",
        "Content": text,
    } | changes
    return ("<xml>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in fields.items()) + "</xml>").encode()


def sealed_reply(app: AppConfig, plain: bytes, timestamp: str = "1714112445", nonce: str = "415670741") -> bytes:
    """A correct encrypted reply."""
    sealed = encrypt(app, plain)
    signature = sign(app.token, timestamp, nonce, sealed)
    return (
        f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    ).encode()


def plain_of(app: AppConfig, heard: Heard) -> str:
    """The readable body of an encrypted push, after checking its msg_signature."""
    text = heard.body.decode()
    sealed = (
        json.loads(text)["Encrypt"] if text.startswith("{") else text.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    )
    assert heard.query["msg_signature"] == sign(app.token, heard.query["timestamp"], heard.query["nonce"], sealed)
    return decrypt(app, sealed).decode()


def stable_token(client: FlaskClient, app_id: str, **more: Any) -> str:
    wanted = {"grant_type": "client_credential", "appid": app_id, "secret": SECRET} | more
    return client.post("/cgi-bin/stable_token", json=wanted).json["access_token"]


def call(client: FlaskClient, path: str, token: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST as the product does: raw UTF-8 JSON with the token in the query."""
    raw = json.dumps(body, ensure_ascii=False).encode()
    return json.loads(client.post(path, query_string={"access_token": token}, data=raw).data)


def advance(client: FlaskClient, seconds: int) -> None:
    assert client.post("/sandbox/clock", json={"advance_seconds": seconds}).status_code == 200


APPOINTMENT = {
    "thing1": {"value": "结婚登记"},
    "time2": {"value": "2027年05月18日 10:00"},
    "thing3": {"value": "新城区婚姻登记处"},
    "character_string4": {"value": "MZ-0518-0037"},
    "thing5": {"value": "请带双方身份证"},
}


def fetch(client: FlaskClient, path: str, token: str, **query: Any) -> Any:
    """GET as the product does, with the token in the query; the JSON of the answer."""
    return client.get(path, query_string={"access_token": token, **query}).json


def turn(client: FlaskClient, **switches: Any) -> None:
    """Change settings of the sandbox."""
    answer = client.post("/sandbox/settings", json=switches)
    assert answer.status_code == 200, answer.json


def act(client: FlaskClient, user: dict[str, Any], what: str, **body: Any) -> dict[str, Any]:
    """Something the resident does, by the control API; it must be allowed."""
    answer = client.post(f"/sandbox/users/{user['id']}/{what}", json=body)
    assert answer.status_code < 300, answer.json
    done: dict[str, Any] = answer.json
    return done
