"""The page: alarms of delivery, and the calls of the day by app and endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, current_app, render_template

from backend.console.attention import notice_name
from backend.console.blueprint import console_blueprint
from backend.console.channel_pages import texts
from backend.console.guard import current_nodes
from backend.kernel.access import Caller, access
from backend.staff import Permission, district_id
from backend.wechat.client import WeChatClient
from backend.wechat.quotas import Usage
from messages.alarms import open_alarms

channel = console_blueprint("channel", "backend.console", "/console/channel")


@dataclass(frozen=True)
class UsageLine:
    """The calls of one endpoint today."""

    product: str
    name: str
    usage: Usage

    @property
    def percent(self) -> int:
        """How much of the day's quota is used."""
        return round(100 * self.usage.used / self.usage.per_day) if self.usage.per_day else 0


@channel.get("")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def state() -> str:
    """Everything on one page; the whole bureau's, so it is the district's."""
    if district_id() not in current_nodes(Permission.MANAGE_SETTINGS):
        abort(404)
    return render_template(
        "console/channel/state.html",
        alarms=open_alarms(),
        usage=_usage(),
        texts=texts,
        notice_name=notice_name,
        apps=_apps(),
    )


def _clients() -> dict[str, WeChatClient]:
    return {product: current_app.extensions[f"wechat_{product}"] for product in texts.PRODUCTS}


def _apps() -> dict[str, str]:
    return {client.app_id: texts.PRODUCTS[product] for product, client in _clients().items()}


def _usage() -> Sequence[UsageLine]:
    """What has been used today or is closed, the closed ones first."""
    return [
        UsageLine(texts.PRODUCTS[product], texts.ENDPOINTS.get(one.path, one.path), one)
        for product, client in _clients().items()
        for one in client.quotas.usage()
        if one.used or one.closed_until
    ]
