"""/cgi-bin/user/info (wechat-protocol.md §4.2)."""

from __future__ import annotations

from typing import Any

from sandbox.wechat.endpoint import Call, Endpoint
from sandbox.wechat.errors import WeChatError


def _info(call: Call) -> dict[str, Any]:
    resident = call.world.state.by_openid("account", call.args.get("openid", ""))
    if resident is None:
        raise WeChatError(40003)
    unionid = {"unionid": resident.unionid} if call.world.state.switches["unionid_bound"] else {}
    if not resident.following:
        return {"subscribe": 0, "openid": resident.account_openid, **unionid}
    scene = resident.came_by
    return {
        "subscribe": 1,
        "openid": resident.account_openid,
        "language": "zh_CN",
        "subscribe_time": resident.followed_at,
        **unionid,
        "remark": "",
        "groupid": 0,
        "tagid_list": list(resident.tags),
        "subscribe_scene": "ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH",
        "qr_scene": int(scene) if scene.isdecimal() else 0,
        "qr_scene_str": "" if scene.isdecimal() else scene,
    }


ENDPOINTS = (Endpoint("/cgi-bin/user/info", "GET", _info, only="account", daily=5_000_000),)
