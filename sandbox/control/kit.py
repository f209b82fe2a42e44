"""Reading requests of the control API and answering them."""

from __future__ import annotations

from typing import Any

from flask import request

from sandbox.config import PRODUCTS, Product
from sandbox.state import ChatItem, Resident
from sandbox.wechat.menu import menu_for
from sandbox.world import World


class Refused(Exception):
    """A request that cannot be served; `text` is for the person at the page."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def body() -> dict[str, Any]:
    """The JSON object of the request; an empty body is an empty object.

    JSON is demanded by content type as well, so that a page of another origin cannot post here unasked.
    """
    if not request.get_data(cache=True):
        return {}
    value = request.get_json(silent=True)
    if not isinstance(value, dict):
        raise Refused(400, "请发送 JSON 对象（Content-Type: application/json）")
    return value


def member(value: dict[str, Any], name: str, kind: type | tuple[type, ...], default: Any) -> Any:
    """One member, checked for its type; true and false are not taken for numbers."""
    found = value.get(name, default)
    wrong_flag = isinstance(found, bool) and kind is not bool
    if found is not default and (wrong_flag or not isinstance(found, kind)):
        raise Refused(400, f"{name} 的类型不对")
    return found


def product_of(value: dict[str, Any]) -> Product:
    """Which product a request means; the account where nothing is said."""
    wanted = value.get("product", "account")
    for product in PRODUCTS:
        if product == wanted:
            return product
    raise Refused(400, "product 请填 account 或 miniprogram")


def query_number(name: str, default: int) -> int:
    """A whole number from the query string."""
    text = request.args.get(name, str(default))
    if not text.isdecimal():
        raise Refused(400, f"{name} 请填整数")
    return int(text)


def resident_of(world: World, resident_id: str) -> Resident:
    """The resident with this id. Raises `Refused` 404."""
    resident = world.state.residents.get(resident_id)
    if resident is None:
        raise Refused(404, "没有这位居民")
    return resident


def resident_json(world: World, resident: Resident) -> dict[str, Any]:
    """A resident as the control API shows one."""
    return {
        "id": resident.id,
        "name": resident.name,
        "account_openid": resident.account_openid,
        "miniprogram_openid": resident.miniprogram_openid,
        "unionid": resident.unionid,
        "following": resident.following,
        "credits": resident.credits,
        "windows": resident.windows,
        "phone": resident.phone,
        "refuses_messages": resident.refuses_messages,
        "blacklisted": resident.blacklisted,
        "subscriptions_off": resident.subscriptions_off,
        "kept_choices": resident.kept_choices,
        "tags": resident.tags,
        "menu": menu_for(world, resident),
        "waiting": world.waiting.get(resident.id, 0),
        "last_item": chat_json(resident.chat[-1]) if resident.chat else None,
    }


def chat_json(item: ChatItem) -> dict[str, Any]:
    """A chat item with `from` in place of `sender`, which Python would not let us name so."""
    shown: dict[str, Any] = dict(item)
    shown["from"] = shown.pop("sender")
    return shown
