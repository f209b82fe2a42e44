"""The menus we publish: one for everybody, and one with fewer, larger steps for those tagged as elders (§6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.channel.texts import ELDERS_MENU, ELDERS_TAG, MENU
from backend.wechat.client import WeChatClient
from backend.wechat.menu import check_menu

Menu = dict[str, Any]


def our_menu() -> Menu:
    """The menu of everybody."""
    return _menu(MENU)


def elders_menu() -> Menu:
    """The menu of followers with the tag of elders."""
    return _menu(ELDERS_MENU)


def _menu(entries: Mapping[str, str]) -> Menu:
    return {"button": [{"type": "click", "name": name, "key": key} for key, name in entries.items()]}


def publish_menu(client: WeChatClient) -> None:
    """Replace everything that is published. Raises `MenuFault` before anything is sent, and `WeChatError`.

    Old conditional menus go last: until then the newest that fits wins, so nobody is ever without a menu.
    """
    check_menu(our_menu())
    check_menu(elders_menu())
    tag_id, old = client.tag_named(ELDERS_TAG), _conditional(client.get_menu())
    client.create_menu(our_menu())
    client.add_conditional_menu(elders_menu(), tag_id)
    for menu in old:
        client.delete_conditional_menu(str(menu.get("menuid", "")))


def menu_differs(published: Mapping[str, Any] | None) -> bool:
    """Whether what WeChat shows is not what we would publish; also when somebody changed it at mp.weixin.qq.com."""
    if published is None:
        return True
    others = [_buttons(menu) for menu in _conditional(published)]
    return _buttons(published.get("menu")) != _buttons(our_menu()) or others != [_buttons(elders_menu())]


def _conditional(published: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    listed = published.get("conditionalmenu") if published else None
    return [menu for menu in listed if isinstance(menu, dict)] if isinstance(listed, list) else []


def _buttons(menu: object) -> list[tuple[str, ...]]:
    """Type, name and key of each button; WeChat adds empty `sub_button` lists and a menuid of its own."""
    listed = menu.get("button") if isinstance(menu, dict) else None
    found: list[tuple[str, ...]] = []
    for button in listed if isinstance(listed, list) else []:
        below = button.get("sub_button") if isinstance(button, dict) else None
        found.append(tuple(str(button.get(name, "")) for name in ("type", "name", "key", "url")) if button else ())
        found += _buttons({"button": below}) if below else []
    return found
