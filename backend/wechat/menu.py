"""The account's menu (wechat-protocol §6.1), and the tag by which some people see another one.

A menu is checked here first: WeChat's refusal names a code and no button.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.wechat.caller import Caller
from backend.wechat.errors import BadContent, Misconfigured
from backend.wechat.transport import list_of, text_of

NO_MENU = 46003

MOST_TOP, MOST_BELOW = 3, 5
TOP_NAME, BELOW_NAME = 16, 60  # bytes
KEY, URL, PATH = 128, 1024, 1024  # bytes

# What each type of button must carry, and the most bytes of it.
BUTTONS: Mapping[str, Mapping[str, int]] = {
    "click": {"key": KEY},
    "view": {"url": URL},
    "miniprogram": {"url": URL, "appid": 64, "pagepath": PATH},
    "scancode_push": {"key": KEY},
    "scancode_waitmsg": {"key": KEY},
}


class MenuFault(BadContent):
    """A menu that WeChat would refuse. `where` is the path to the button, such as `2.1`, `why` a code."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__()
        self.args = (where, why)
        self.where = where
        self.why = why

    def __str__(self) -> str:
        return f"MenuFault where={self.where} why={self.why}"


class Menus(Caller):
    """Menus and tags of the account. Phones show a new menu within about five minutes."""

    def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Replace the menu of everybody. Raises `MenuFault` before anything is sent."""
        check_menu(menu)
        self.call("POST", "/cgi-bin/menu/create", json=menu)

    def add_conditional_menu(self, menu: Mapping[str, Any], tag_id: str) -> str:
        """Add a menu for those with a tag; the newest that fits wins. Returns its id. A menu for all must be there."""
        check_menu(menu)
        body = {**menu, "matchrule": {"tag_id": tag_id}}
        return text_of(self.call("POST", "/cgi-bin/menu/addconditional", json=body), "menuid")

    def get_menu(self) -> dict[str, Any] | None:
        """The published menus as WeChat keeps them: `menu`, and `conditionalmenu` if there are any; None for none."""
        try:
            return self.call("GET", "/cgi-bin/menu/get")
        except Misconfigured as error:
            if error.errcode == NO_MENU:
                return None
            raise

    def delete_conditional_menu(self, menu_id: str) -> None:
        """Take one conditional menu away; those who saw it see the menu of everybody."""
        self.call("POST", "/cgi-bin/menu/delconditional", json={"menuid": menu_id})

    def tag_named(self, name: str) -> str:
        """The id of the followers' tag (用户标签) of that name, made where there is none."""
        for tag in list_of(self.call("GET", "/cgi-bin/tags/get"), "tags"):
            if isinstance(tag, dict) and tag.get("name") == name:
                return text_of(tag, "id")
        made = self.call("POST", "/cgi-bin/tags/create", json={"tag": {"name": name}}).get("tag")
        return text_of(made if isinstance(made, dict) else {}, "id")


def check_menu(menu: Mapping[str, Any]) -> None:
    """Raise `MenuFault` for what WeChat would refuse: counts, lengths in bytes, types and what they need."""
    buttons = menu.get("button")
    _check_count(buttons, "", MOST_TOP)
    for number, button in enumerate(_list(buttons), start=1):
        where = str(number)
        _check_name(button, where, TOP_NAME)
        below = button.get("sub_button")
        if not below:
            _check_action(button, where)
            continue
        _check_count(below, where, MOST_BELOW)
        for second, child in enumerate(_list(below), start=1):
            _check_name(child, f"{where}.{second}", BELOW_NAME)
            _check_action(child, f"{where}.{second}")


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _check_count(buttons: object, where: str, most: int) -> None:
    if not 1 <= len(_list(buttons)) <= most:
        raise MenuFault(where, "count")


def _check_name(button: object, where: str, most: int) -> None:
    if not isinstance(button, dict):
        raise MenuFault(where, "button")
    _check_text(button, "name", most, where)


def _check_action(button: Mapping[str, Any], where: str) -> None:
    needed = BUTTONS.get(str(button.get("type")))
    if needed is None:
        raise MenuFault(where, "type")
    for name, most in needed.items():
        _check_text(button, name, most, where)
    if "url" in needed and not str(button["url"]).startswith(("http://", "https://")):
        raise MenuFault(where, "url")


def _check_text(button: Mapping[str, Any], name: str, most: int, where: str) -> None:
    value = button.get(name)
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= most:
        raise MenuFault(where, name)
