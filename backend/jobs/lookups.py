"""Asking WeChat about followers with the clients of this process."""

from __future__ import annotations

from typing import cast

from backend.jobs.clients import clients
from backend.wechat.caller import Caller
from backend.wechat.errors import Misconfigured
from backend.wechat.followers import unionid_of


def unionid_by_app(app_id: str, openid: str) -> str | None:
    """The unionid of a follower of an app; raises a `WeChatError`, `Misconfigured` for an app that is not ours."""
    client = clients().get(app_id)
    if client is None:
        raise Misconfigured
    return unionid_of(cast(Caller, client), openid)  # the other part of it is delivery's
