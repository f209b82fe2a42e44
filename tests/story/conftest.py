"""The world of the stories."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from backend.jobs.clients import use_clients
from backend.kernel.clock import MovableClock
from backend.storage import Database
from backend.wechat.client import WeChatClient
from backend.wechat.web_login import WebLogin
from tests.story.world import World, built_world


@pytest.fixture
def world(app: Flask, clean_database: Database, clock: MovableClock, tmp_path: Path) -> Iterator[World]:
    """Product and sandbox over HTTP, with the demonstration bureau, on a Monday morning."""
    settings, redis = app.extensions["settings"], app.extensions["redis"]
    before = {name: app.extensions[name] for name in ("wechat_account", "wechat_miniprogram", "wechat_web_login")}

    def rewire(sandbox_url: str) -> None:
        clients = {
            wechat.app_id: WeChatClient(wechat, sandbox_url, redis)
            for wechat in (settings.account, settings.miniprogram)
        }
        app.extensions["wechat_account"] = clients[settings.account.app_id]
        app.extensions["wechat_miniprogram"] = clients[settings.miniprogram.app_id]
        app.extensions["wechat_web_login"] = WebLogin(settings.account, sandbox_url, sandbox_url)
        use_clients(lambda: clients)

    with built_world(app, clock, tmp_path, rewire) as built:
        yield built
    app.extensions.update(before)
