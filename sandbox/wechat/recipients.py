"""Who a message is for."""

from __future__ import annotations

from sandbox.state import Resident
from sandbox.wechat.endpoint import Call
from sandbox.wechat.errors import WeChatError


def recipient(call: Call) -> Resident:
    """The resident behind `touser`. Raises 40003 also for the other product's openids, 43019 if blacklisted."""
    resident = call.world.state.by_openid(call.app.product, call.text("touser"))
    if resident is None:
        raise WeChatError(40003)
    if resident.blacklisted and call.app.product == "account":
        raise WeChatError(43019)
    return resident
