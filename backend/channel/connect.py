"""Clients as the settings say."""

from __future__ import annotations

from collections.abc import Mapping

from redis import Redis

from backend.settings import Settings, WeChatApp
from backend.wechat.client import WeChatClient
from backend.wechat.closures import StoredClosures
from backend.wechat.quotas import LIMITS, Limit


def make_client(app: WeChatApp, settings: Settings, redis: Redis) -> WeChatClient:
    """The client of one app. Connections cannot be shared across a fork: make it in the process that uses it."""
    limits = limits_of(settings)
    return WeChatClient(
        app,
        settings.wechat_api_base_url,
        redis,
        token_kind=settings.wechat_token_kind,
        limits=lambda: limits,
        closures=StoredClosures(),
    )


def limits_of(settings: Settings) -> Mapping[str, Limit]:
    """WeChat's usual limits, with those the operator knows better (`WECHAT_QUOTAS`)."""
    return {**LIMITS, **{path: Limit(day, minute) for path, (day, minute) in settings.wechat_quotas.items()}}
