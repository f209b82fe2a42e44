"""The factory: settings → storage → blueprints → command line. No logic of its own."""

from __future__ import annotations

from flask import Flask
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix

from backend import access_guard, operations
from backend.api.kit import configure_api
from backend.api.sessions import blueprint as sessions_api
from backend.chat.callback import create_callback_blueprint
from backend.commands import register_commands
from backend.console.kit import install_console
from backend.demonstration.clock import configure_demonstration
from backend.jobs.clients import use_clients
from backend.jobs.queue import use_redis
from backend.logs import configure_logging
from backend.marriage.api import blueprint as marriage_api
from backend.marriage.console import marriage_console
from backend.rate_limits import configure_limits
from backend.settings import Settings, read_settings
from backend.storage import Database, KeyRing, use_database, use_keys
from backend.wechat.client import WeChatClient

MAX_BODY_BYTES = 1 << 20


def create_app(settings: Settings | None = None) -> Flask:
    """The application, ready to serve or to run commands.

    Raises `SettingsError` naming the setting that stops start-up.
    """
    settings = settings or read_settings()
    configure_logging()
    app = Flask("backend", static_folder=None)
    app.config.update(SECRET_KEY=settings.secret_key, MAX_CONTENT_LENGTH=MAX_BODY_BYTES)
    app.extensions["settings"] = settings
    if not settings.demonstration:
        # Production stands behind one proxy (docs/operations.md): callers are counted by their own addresses.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    _connect(app, settings)
    configure_demonstration(app, settings)
    configure_limits(app, settings)
    api = configure_api(app)
    api.register_blueprint(sessions_api)
    api.register_blueprint(marriage_api)
    app.register_blueprint(create_callback_blueprint(settings))
    app.register_blueprint(operations.create_blueprint())
    install_console(app, [marriage_console], secure_cookies=not settings.demonstration)
    register_commands(app)
    access_guard.install(app)
    return app


def _connect(app: Flask, settings: Settings) -> None:
    use_database(Database(settings.database_url))
    use_keys(KeyRing(settings.field_keys, settings.blind_index_key))
    # Short time-outs: Redis holds only what can be lost, so nothing may wait long for it.
    redis = Redis.from_url(settings.redis_url, socket_connect_timeout=1, socket_timeout=2)
    app.extensions["redis"] = redis
    use_redis(settings.redis_url)
    app.extensions["wechat_account"] = WeChatClient(settings.account, settings.wechat_api_base_url, redis)
    app.extensions["wechat_miniprogram"] = WeChatClient(settings.miniprogram, settings.wechat_api_base_url, redis)
    use_clients(lambda: _make_clients(settings, redis))


def _make_clients(settings: Settings, redis: Redis) -> dict[str, WeChatClient]:
    """Clients by app id, for delivery; made anew in each forked worker, since connections cannot be shared."""
    return {
        app.app_id: WeChatClient(app, settings.wechat_api_base_url, redis)
        for app in (settings.account, settings.miniprogram)
    }
