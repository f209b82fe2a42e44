"""The account's menu (wechat-protocol.md §6.1)."""

from __future__ import annotations

from typing import Any

from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError

# What each type of button must carry, with the largest size in bytes.
NEEDS = {
    "click": {"key": 128},
    "view": {"url": 1024},
    "miniprogram": {"url": 1024, "appid": 64, "pagepath": 1024},
    "scancode_push": {"key": 128},
    "scancode_waitmsg": {"key": 128},
    "pic_sysphoto": {"key": 128},
    "pic_photo_or_album": {"key": 128},
    "pic_weixin": {"key": 128},
    "location_select": {"key": 128},
}
DEFAULT_MENU: list[dict[str, Any]] = [
    {"type": "click", "name": "婚姻登记", "key": "MENU_MARRIAGE"},
    {"type": "click", "name": "我的预约", "key": "MENU_MY_APPOINTMENTS"},
    {"type": "click", "name": "帮助", "key": "MENU_HELP"},
]


def _create(call: Call) -> dict[str, Any]:
    buttons = call.body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise WeChatError(40016)
    for button in buttons:
        _check_top(button)
    with call.world.lock:
        call.world.state.menu = buttons
        call.world.changed()
    return dict(OK)


def _get(call: Call) -> dict[str, Any]:
    if call.world.state.menu is None:
        raise WeChatError(46003)
    return {"menu": {"button": call.world.state.menu}}


def _delete(call: Call) -> dict[str, Any]:
    with call.world.lock:
        call.world.state.menu = None
        call.world.changed()
    return dict(OK)


def _check_top(button: Any) -> None:
    _check_name(button, 16, 40018)
    children = button.get("sub_button")
    if not children:
        _check_action(button, type_code=40017, key_code=40019, url_code=40020)
        return
    if not isinstance(children, list) or len(children) > 5:
        raise WeChatError(40023)
    for child in children:
        _check_name(child, 60, 40025)
        _check_action(child, type_code=40024, key_code=40026, url_code=40027)


def _check_name(button: Any, limit: int, errcode: int) -> None:
    name = button.get("name") if isinstance(button, dict) else None
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= limit:
        raise WeChatError(errcode)


def _check_action(button: dict[str, Any], *, type_code: int, key_code: int, url_code: int) -> None:
    needs = NEEDS.get(str(button.get("type")))
    if needs is None:
        raise WeChatError(type_code)
    for name, limit in needs.items():
        value = button.get(name)
        if not isinstance(value, str) or not 1 <= len(value.encode()) <= limit:
            raise WeChatError(url_code if name == "url" else key_code)


ENDPOINTS = (
    Endpoint("/cgi-bin/menu/create", "POST", _create, only="account", daily=1000),
    Endpoint("/cgi-bin/menu/get", "GET", _get, only="account", daily=10_000),
    Endpoint("/cgi-bin/menu/delete", "GET", _delete, only="account", daily=1000),
)
