"""Rate limits, counted in Redis; without it each process counts for itself, rather than refusing or letting all in."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from backend.settings import Settings

limiter = Limiter(key_func=get_remote_address, strategy="fixed-window")


def configure_limits(app: Flask, settings: Settings) -> None:
    """Attach the limiter; RATE_LIMITS=off is for load tests."""
    app.config.update(
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=settings.redis_url.replace("unix://", "redis+unix://"),
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_SWALLOW_ERRORS=True,
        RATELIMIT_KEY_PREFIX="nuanmin:limit",
    )
    limiter.init_app(app)
