"""What a menu must look like (wechat-protocol.md §6.1). Every check raises the errcode of the part at fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from sandbox.wechat.errors import WeChatError

KEY, URL = {"key": 128}, {"url": 1024}
MEDIA, ARTICLE = {"media_id": 128}, {"article_id": 128}
# What each type of button must carry, with the largest size in bytes.
NEEDS: dict[str, dict[str, int]] = {
    "click": KEY,
    "view": URL,
    "miniprogram": {"url": 1024, "appid": 64, "pagepath": 1024},
    "scancode_push": KEY,
    "scancode_waitmsg": KEY,
    "pic_sysphoto": KEY,
    "pic_photo_or_album": KEY,
    "pic_weixin": KEY,
    "location_select": KEY,
    "media_id": MEDIA,
    "view_limited": MEDIA,
    "article_id": ARTICLE,
    "article_view_limited": ARTICLE,
}
OUTSIDE_DOMAINS = 3


def check_buttons(buttons: Any, miniprogram: str) -> list[dict[str, Any]]:
    """The buttons, if they are a menu. `miniprogram` is the app id that may be opened (45064)."""
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise WeChatError(40016)
    for button in buttons:
        _check_top(button, miniprogram)
    return buttons


def check_domains(buttons: list[dict[str, Any]], own_host: str) -> None:
    """A conditional menu may lead to three outside hosts at most (65316)."""
    hosts = {urlsplit(str(button.get("url", ""))).hostname for button in leaves(buttons) if button.get("url")}
    if len(hosts - {own_host, None}) > OUTSIDE_DOMAINS:
        raise WeChatError(65316)


def leaves(buttons: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The buttons that do something."""
    for button in buttons:
        yield from button.get("sub_button") or [button]


def _check_top(button: Any, miniprogram: str) -> None:
    _check_name(button, 16, 40018)
    children = button.get("sub_button")
    if not children:
        _check_action(button, miniprogram, (40017, 40019, 40020, 40055))
        return
    if not isinstance(children, list) or len(children) > 5:
        raise WeChatError(40023)
    for child in children:
        _check_name(child, 60, 40025)
        _check_action(child, miniprogram, (40024, 40026, 40027, 40054))


def _check_name(button: Any, limit: int, errcode: int) -> None:
    name = button.get("name") if isinstance(button, dict) else None
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= limit:
        raise WeChatError(errcode)


def _check_action(button: dict[str, Any], miniprogram: str, codes: tuple[int, int, int, int]) -> None:
    type_code, key_code, url_code, domain_code = codes
    needs = NEEDS.get(str(button.get("type")))
    if needs is None:
        raise WeChatError(type_code)
    for name, limit in needs.items():
        value = button.get(name)
        if not isinstance(value, str) or not 1 <= len(value.encode()) <= limit:
            raise WeChatError(url_code if name == "url" else key_code)
    if "url" in needs and urlsplit(button["url"]).scheme not in ("http", "https"):
        raise WeChatError(domain_code)
    if "appid" in needs and button["appid"] != miniprogram:
        raise WeChatError(45064)
