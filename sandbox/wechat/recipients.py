"""Who a message is for."""

from __future__ import annotations

from sandbox.state import Resident
from sandbox.wechat.endpoint import Call
from sandbox.wechat.errors import WeChatError


def recipient(call: Call) -> Resident:
    """The resident behind `touser`. Raises 40003 also for an openid of the other product."""
    resident = call.world.state.by_openid(call.app.product, call.text("touser"))
    if resident is None:
        raise WeChatError(40003)
    return resident
