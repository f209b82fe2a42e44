"""The account's menu, and menus for users with a tag (wechat-protocol.md §6.1)."""

from __future__ import annotations

from typing import Any

from sandbox.consent import own_host
from sandbox.state import ConditionalMenu, Resident
from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.wechat.menu_rules import check_buttons, check_domains
from sandbox.world import World

DEFAULT_MENU: list[dict[str, Any]] = [
    {"type": "click", "name": "婚姻登记", "key": "MENU_MARRIAGE"},
    {"type": "click", "name": "我的预约", "key": "MENU_MY_APPOINTMENTS"},
    {"type": "click", "name": "帮助", "key": "MENU_HELP"},
]
FIRST_ID = 400_000_000
# Sex, region and language are refused since they stopped matching; only a tag is left.
MATCHED = {"tag_id"}


def menu_for(world: World, resident: Resident) -> list[dict[str, Any]]:
    """What this resident's phone shows: the newest rule that fits, else the menu for all."""
    for menu in reversed(world.state.conditional_menus):
        if menu["tag_id"] in resident.tags:
            return list(menu["button"])
    return world.state.menu or DEFAULT_MENU


def _create(call: Call) -> dict[str, Any]:
    buttons = check_buttons(call.body.get("button"), call.world.config.miniprogram.app_id)
    with call.world.lock:
        call.world.state.menu = buttons
        call.world.changed()
    return dict(OK)


def _get(call: Call) -> dict[str, Any]:
    state = call.world.state
    if state.menu is None:
        raise WeChatError(46003)
    told: dict[str, Any] = {"menu": {"button": state.menu}}
    if state.conditional_menus:
        told["conditionalmenu"] = [_told(menu) for menu in reversed(state.conditional_menus)]
    return told


def _told(menu: ConditionalMenu) -> dict[str, Any]:
    return {"button": menu["button"], "matchrule": {"tag_id": str(menu["tag_id"])}, "menuid": int(menu["menuid"])}


def _current(call: Call) -> dict[str, Any]:
    menu = call.world.state.menu
    return {"is_menu_open": int(menu is not None), "selfmenu_info": {"button": menu or []}}


def _delete(call: Call) -> dict[str, Any]:
    with call.world.lock:
        call.world.state.menu = None
        call.world.state.conditional_menus = []
        call.world.changed()
    return dict(OK)


def _add_conditional(call: Call) -> dict[str, Any]:
    world = call.world
    if world.state.menu is None:
        raise WeChatError(65303)
    buttons = check_buttons(call.body.get("button"), world.config.miniprogram.app_id)
    check_domains(buttons, own_host(world))
    tag_id = _tag_of(call)
    with world.lock:
        menu = ConditionalMenu(menuid=str(FIRST_ID + world.state.number()), button=buttons, tag_id=tag_id)
        world.state.conditional_menus.append(menu)
        world.changed()
    return {"menuid": menu["menuid"]}


def _tag_of(call: Call) -> int:
    rule = call.body.get("matchrule")
    if not isinstance(rule, dict) or not any(rule.values()):
        raise WeChatError(65304)
    if {name for name, value in rule.items() if value} - MATCHED:
        raise WeChatError(65320)
    text = str(rule["tag_id"])
    if not text.isdecimal() or all(tag["id"] != int(text) for tag in call.world.state.tags):
        raise WeChatError(45159)
    return int(text)


def _delete_conditional(call: Call) -> dict[str, Any]:
    wanted = str(call.body.get("menuid", ""))
    with call.world.lock:
        kept = [menu for menu in call.world.state.conditional_menus if menu["menuid"] != wanted]
        if len(kept) == len(call.world.state.conditional_menus):
            raise WeChatError(65301)
        call.world.state.conditional_menus = kept
        call.world.changed()
    return dict(OK)


def _try_match(call: Call) -> dict[str, Any]:
    resident = call.world.state.by_openid("account", call.text("user_id"))
    if resident is None:
        raise WeChatError(40003)
    if call.world.state.menu is None:
        raise WeChatError(46003)
    return {"button": menu_for(call.world, resident)}


ENDPOINTS = (
    Endpoint("/cgi-bin/menu/create", "POST", _create, only="account", daily=1000),
    Endpoint("/cgi-bin/menu/get", "GET", _get, only="account", daily=10_000),
    Endpoint("/cgi-bin/menu/delete", "GET", _delete, only="account", daily=1000),
    Endpoint("/cgi-bin/get_current_selfmenu_info", "GET", _current, only="account", daily=10_000),
    Endpoint("/cgi-bin/menu/addconditional", "POST", _add_conditional, only="account", daily=2000),
    Endpoint("/cgi-bin/menu/delconditional", "POST", _delete_conditional, only="account", daily=2000),
    Endpoint("/cgi-bin/menu/trymatch", "POST", _try_match, only="account", daily=20_000),
)
