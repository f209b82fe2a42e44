"""A sandbox under the Flask test client.

This folder has no `__init__.py`: as a package it would be called `sandbox` too, and hide the one under test.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

sys.path.insert(0, str(Path(__file__).parents[2]))

from sandbox.app import create_app
from sandbox.config import AppConfig, Config
from sandbox.world import World
from tests.sandbox.support import ACCOUNT_APP_ID, MINIPROGRAM_APP_ID, SECRET, Product, stable_token


@pytest.fixture
def product() -> Iterator[Product]:
    standing = Product()
    yield standing
    standing.server.shutdown()
    standing.server.server_close()


@pytest.fixture
def config(product: Product, tmp_path: Path) -> Config:
    """Plain mode, a short patience, no pause before finish events."""
    account = AppConfig(
        product="account",
        app_id=ACCOUNT_APP_ID,
        secret=SECRET,
        token="AAAAA",
        aes_key="A" * 43,
        mode="plain",
        original_id="gh_0000000000a1",
    )
    miniprogram = replace(
        account,
        product="miniprogram",
        app_id=MINIPROGRAM_APP_ID,
        token="BBBBB",
        original_id="gh_0000000000b2",
        format="json",
    )
    return Config(
        public_base_url=product.url,
        data_dir=tmp_path,
        account=account,
        miniprogram=miniprogram,
        push_timeout_seconds=2.0,
        event_delay_seconds=0.0,
    )


@pytest.fixture
def make_app(config: Config) -> Iterator[Callable[..., Flask]]:
    """Build sandboxes with changed settings; all are closed at the end."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        made.append(create_app(replace(config, **changes)))
        return made[-1]

    yield make
    for app in made:
        app.extensions["sandbox"].close()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def world(app: Flask) -> World:
    return app.extensions["sandbox"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def wang(client: FlaskClient) -> dict[str, Any]:
    """王小明, who follows the account."""
    return client.get("/sandbox/users").json["items"][0]


@pytest.fixture
def account_token(client: FlaskClient) -> str:
    return stable_token(client, ACCOUNT_APP_ID)


@pytest.fixture
def miniprogram_token(client: FlaskClient) -> str:
    return stable_token(client, MINIPROGRAM_APP_ID)
