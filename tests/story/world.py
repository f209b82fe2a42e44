"""The product and WeChat's stand-in, both served over loopback HTTP, under one clock that the test moves.

Everything is driven as its users would: residents through the sandbox's phone, registrars through the console's
forms, programs through the API. Worker and tick are run by hand, so that a test says when.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from backend.jobs.entries import deliver_due_messages
from backend.jobs.tick import Tick
from backend.kernel.clock import MovableClock, now
from backend.settings import Settings, WeChatApp
from backend.staff.demo import DEMONSTRATION_PASSWORD
from backend.tick_tasks import room_tasks
from sandbox.app import create_app as create_sandbox
from sandbox.config import AppConfig, Config, Product
from tests.kept import fill_demonstration


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free loopback port; its address."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server: BaseWSGIServer = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sandbox_app(settings: Settings, product_url: str, directory: Path) -> Flask:
    """A sandbox that knows the product's credentials."""

    def config(product: Product, app: WeChatApp) -> AppConfig:
        return AppConfig(product, app.app_id, app.secret, app.token, app.aes_key, app.mode, app.original_id)

    return create_sandbox(
        Config(
            public_base_url=product_url,
            data_dir=directory,
            account=config("account", settings.account),
            miniprogram=config("miniprogram", settings.miniprogram),
            push_timeout_seconds=5.0,
            event_delay_seconds=0.0,
        )
    )


@dataclass
class Resident:
    """Somebody with a phone."""

    world: World
    id: str
    name: str

    def says(self, text: str, **options: Any) -> str:
        """Send a text; what the account answered, or `<outcome>` where it said nothing."""
        sent = self.world.sandbox.post(f"/sandbox/users/{self.id}/messages", json={"text": text, **options}).json()
        return sent["reply"]["text"] if sent.get("reply") and "text" in sent["reply"] else f"<{sent['outcome']}>"

    def chat(self) -> list[dict[str, Any]]:
        """Everything on the phone's screen."""
        items: list[dict[str, Any]] = self.world.sandbox.get(f"/sandbox/users/{self.id}/chat").json()["items"]
        return items

    def notices(self) -> list[dict[str, Any]]:
        """Service notices and template messages received."""
        return [item for item in self.chat() if item["from"] == "notice"]

    def token(self) -> str:
        """A login of the mini-program."""
        code = self.world.sandbox.post(f"/sandbox/users/{self.id}/login_code").json()["code"]
        answer = self.world.product.post("/api/v1/sessions", json={"code": code})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])


@dataclass
class Registrar:
    """Somebody at the console, with a browser of their own."""

    world: World
    username: str
    browser: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.browser = httpx.Client(base_url=self.world.product_url, follow_redirects=True, timeout=30)
        page = self.browser.get("/console/sign-in")
        answer = self.browser.post(
            "/console/sign-in",
            data={"csrf_token": token_in(page.text), "username": self.username, "password": DEMONSTRATION_PASSWORD},
            headers={"Referer": self.world.product_url},
        )
        assert answer.status_code == 200, answer.text
        assert "/console/sign-in" not in str(answer.url)

    def opens(self, path: str) -> str:
        """A page of the console."""
        answer = self.browser.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def finds(self, number: str) -> str:
        """The path of an appointment's page, found on the board by its number."""
        board = self.opens("/console/marriage/appointments?tab=all")
        answer = self.browser.post(
            "/console/search",
            data={"csrf_token": token_in(board), "q": number},
            headers={"Referer": self.world.product_url},
        )
        found = re.search(r"/console/marriage/appointments/[0-9a-f-]{36}", answer.text + str(answer.url))
        assert found, answer.text
        return found[0]

    def does(self, path: str, action: str, **fields: str) -> httpx.Response:
        """Press a button of an appointment's page."""
        page = self.opens(path)
        return self.browser.post(
            f"{path}/{action}",
            data={"csrf_token": token_in(page), **fields},
            headers={"Referer": self.world.product_url},
        )


def token_in(page: str) -> str:
    """The forgery token of a page."""
    found = re.search(r'name="csrf[_-]token"[^>]*(?:value|content)="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]


@dataclass
class World:
    """Both programs and the clock."""

    app: Flask
    stand_in: Flask
    product_url: str
    sandbox_url: str
    clock: MovableClock
    product: httpx.Client
    sandbox: httpx.Client
    tick: Tick

    def resident(self, name: str) -> Resident:
        """One of the sandbox's residents by name."""
        users = self.sandbox.get("/sandbox/users").json()["items"]
        return next(Resident(self, user["id"], name) for user in users if user["name"] == name)

    def registrar(self, username: str = "registrar-1") -> Registrar:
        """A registrar, signed in."""
        return Registrar(self, username)

    def work(self) -> None:
        """Let tick and worker do what is due now."""
        self.tick.run_once(now())
        deliver_due_messages()

    def journal(self, path: str) -> list[dict[str, Any]]:
        """Calls to one endpoint of WeChat, oldest first."""
        items: list[dict[str, Any]] = self.sandbox.get("/sandbox/journal", params={"limit": 500}).json()["items"]
        return sorted((item for item in items if item["path"] == path), key=lambda item: item["id"])


@contextmanager
def built_world(app: Flask, clock: MovableClock, directory: Path, rewire: Any) -> Iterator[World]:
    """Serve both, load the demonstration bureau, and let `rewire` point the product at the sandbox."""
    settings: Settings = app.extensions["settings"]
    with ExitStack() as stack:
        product_url = stack.enter_context(served(app))
        stand_in = sandbox_app(settings, product_url, directory)
        stack.callback(stand_in.extensions["sandbox"].close)
        stand_in.extensions["sandbox"].now = lambda: clock().timestamp()
        sandbox_url = stack.enter_context(served(stand_in))
        rewire(sandbox_url)
        fill_demonstration(settings)
        product = stack.enter_context(httpx.Client(base_url=product_url, timeout=30))
        sandbox = stack.enter_context(httpx.Client(base_url=sandbox_url, timeout=60))
        yield World(app, stand_in, product_url, sandbox_url, clock, product, sandbox, Tick(room_tasks()))
