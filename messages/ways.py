"""The ways by which a message could leave: what is known of each address, template and stock, read in one query."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from backend.storage import session
from backend.wechat.fields import fit_fields
from messages.models import Address, Channel, MessageTemplate, Product, SubscriptionCredit
from messages.notices import Notice


@dataclass(frozen=True)
class Way:
    """One address by one channel, with what the choice depends on. The template's part is empty where none is needed.

    `balance`: one-time sends left of the template; `window_until`, `window_left`: customer-service sends (§5.4).
    """

    channel: Channel
    address_id: uuid.UUID
    product: Product
    app_id: str
    openid: str = field(repr=False)
    reachable: bool
    window_until: datetime | None
    window_left: int
    template_id: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    link: str | None = None
    long_term: bool = False
    balance: int = 0


@dataclass(frozen=True)
class Letter:
    """What is to be said: `text` whole, `data` by the notice's fields. `round` counts how often staff had it sent."""

    message_id: uuid.UUID
    round: int
    subject_id: uuid.UUID
    text: str = field(repr=False)
    data: Mapping[str, str] = field(repr=False)

    def values(self, way: Way) -> dict[str, str]:
        """The data under the keys of the way's template, cut and checked as WeChat will (§5.3).

        Raises `FieldError`, also for a field the notice has lost since the template was entered.
        """
        return fit_fields({key: self.data.get(name, "") for key, name in way.fields.items()}, way.choices)

    def link(self, way: Way) -> str | None:
        """What a tap opens."""
        return None if way.link is None else way.link.format(subject_id=self.subject_id)


class Client(Protocol):
    """What the channels need of `backend.wechat.client.WeChatClient`; all raise `WeChatError`."""

    def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        url: str | None = None,
        client_msg_id: str | None = None,
    ) -> str: ...

    def send_account_subscribe(
        self, openid: str, template_id: str, data: Mapping[str, str], page: str | None = None
    ) -> None: ...

    def send_miniprogram_subscribe(
        self, openid: str, template_id: str, data: Mapping[str, str], page: str | None = None
    ) -> None: ...

    def send_customer_text(self, openid: str, text: str) -> None: ...


def ways_out(wanted: Notice, recipient_id: uuid.UUID) -> list[Way]:
    """Every way a notice could take to a recipient, best first: the notice's order, then long-term consent first."""
    rows = (
        session()
        .execute(
            sa.select(Address, MessageTemplate, sa.func.coalesce(SubscriptionCredit.balance, 0))
            .outerjoin(
                MessageTemplate, sa.and_(MessageTemplate.app_id == Address.app_id, MessageTemplate.notice == wanted.key)
            )
            .outerjoin(
                SubscriptionCredit,
                sa.and_(
                    SubscriptionCredit.address_id == Address.id,
                    SubscriptionCredit.template_id == MessageTemplate.template_id,
                ),
            )
            .where(Address.recipient_id == recipient_id)
            .order_by(Address.id)
            # Stock is moved by statements, so what an earlier query of this session saw may be old.
            .execution_options(populate_existing=True)
        )
        .all()
    )
    texts = {address.id: _way(address, Channel.CUSTOMER_SERVICE) for address, _, _ in rows}
    templates = [_templated(address, template, balance) for address, template, balance in rows if template is not None]
    ways = [*texts.values(), *sorted(templates, key=lambda way: not way.long_term)]
    return [way for channel in wanted.channels for way in ways if way.channel is channel]


def _way(address: Address, channel: Channel) -> Way:
    return Way(
        channel=channel,
        address_id=address.id,
        product=address.product,
        app_id=address.app_id,
        openid=address.openid,
        reachable=address.reachable,
        window_until=address.window_until,
        window_left=address.window_left,
    )


def _templated(address: Address, template: MessageTemplate, balance: int) -> Way:
    return Way(
        channel=template.channel,
        address_id=address.id,
        product=address.product,
        app_id=address.app_id,
        openid=address.openid,
        reachable=address.reachable,
        window_until=address.window_until,
        window_left=address.window_left,
        template_id=template.template_id,
        fields=template.fields,
        choices=template.choices,
        link=template.link,
        long_term=template.long_term,
        balance=balance,
    )
