"""The sandbox as a Flask application."""

from __future__ import annotations

import httpx
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from sandbox.clock_moves import ClockNotMoved, ClockRefused
from sandbox.config import Config, read_config
from sandbox.consent import consent
from sandbox.control.kit import Refused
from sandbox.control.people import people
from sandbox.control.phone import phone
from sandbox.control.settings import settings
from sandbox.control.tools import tools
from sandbox.identity_check import identity_check
from sandbox.jssdk import jssdk
from sandbox.page.views import page
from sandbox.residents import NotAllowed
from sandbox.wechat.routes import wechat_blueprint
from sandbox.world import World

BODY_LIMIT_BYTES = 16 << 20  # a file of 10 MiB in base64
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_app(config: Config | None = None) -> Flask:
    """Build the application; its world is `app.extensions["sandbox"]` and wants `close()` at the end."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["sandbox"] = World(config or read_config())
    for blueprint in (people, phone, tools, settings, wechat_blueprint(), consent, jssdk, identity_check, page):
        app.register_blueprint(blueprint)
    _register_errors(app)
    app.after_request(_harden)
    return app


def _register_errors(app: Flask) -> None:
    app.register_error_handler(Refused, lambda error: ({"error": error.text}, error.status))
    app.register_error_handler(NotAllowed, lambda error: ({"error": str(error)}, 409))
    app.register_error_handler(ClockRefused, lambda error: ({"error": str(error)}, 400))
    app.register_error_handler(ClockNotMoved, lambda error: ({"error": str(error)}, 502))
    app.register_error_handler(httpx.HTTPError, lambda error: ({"error": f"没有连上：{type(error).__name__}"}, 502))
    app.register_error_handler(HTTPException, lambda error: ({"error": f"{error.code} {error.name}"}, error.code))


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
