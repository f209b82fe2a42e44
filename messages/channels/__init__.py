"""The channels of WeChat, one module each, all of the shape of `ChannelModule`. Imported by delivery alone.

| channel | protection against telling twice |
|---|---|
| template | `client_msg_id`: a repeat within about ten minutes is told once (wechat-protocol §5.1) |
| subscribe | none; a push says later what became of it |
| customer_service | none |
| desk | a person does it |
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from messages.channels import customer_service, subscribe, template
from messages.models import Channel
from messages.ways import Client, Letter, Way


class ChannelModule(Protocol):
    """What delivery asks of a channel."""

    @property
    def REPEATABLE_FOR(self) -> timedelta | None:  # noqa: N802 - a constant of a module
        """How long after a call the same call does no harm; None: never repeat one whose outcome is unknown."""

    def obstacle(self, way: Way, now: datetime) -> str | None:
        """Why the way cannot be used at present, or None if it can."""

    def take(self, way: Way, now: datetime) -> bool:
        """Take what one send uses up, in the open transaction; False if another send took the last."""

    def give_back(self, way: Way, now: datetime) -> None:
        """Undo `take` for a send that was surely not carried out."""

    def correct(self, way: Way) -> None:
        """WeChat says that there was nothing left to take, or nobody there: write that down."""

    def send(self, client: Client, way: Way, letter: Letter) -> str | None:
        """Call WeChat; returns the id by which a later push names the message. Raises `WeChatError`."""


CHANNELS: Mapping[Channel, ChannelModule] = MappingProxyType(
    {Channel.SUBSCRIBE: subscribe, Channel.TEMPLATE: template, Channel.CUSTOMER_SERVICE: customer_service}
)
