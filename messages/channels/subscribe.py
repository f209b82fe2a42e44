"""Subscription messages of the mini-program (wechat-protocol §5.3) and notices of the account (§5.2).

Each uses up one agreement, unless the template is long-term. WeChat offers nothing against double sends: a call
without an answer is never repeated; `subscribe_msg_sent_event` settles it if that push comes.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from backend.storage import session
from messages.credits import return_credit
from messages.models import Product, SubscriptionCredit
from messages.ways import Client, Letter, Way

REPEATABLE_FOR = None


def obstacle(way: Way, now: datetime) -> str | None:  # noqa: ARG001 - all channels have this shape
    """Why the way cannot be used at present, or None."""
    return None if way.balance > 0 else "no_credit"


def take(way: Way, now: datetime) -> bool:  # noqa: ARG001
    """Use up one agreement; False if there is none left."""
    used = 0 if way.long_term else 1
    taken = session().execute(
        _credit(way)
        .where(SubscriptionCredit.balance > 0)
        .values(balance=SubscriptionCredit.balance - used)
        .returning(SubscriptionCredit.balance)
    )
    return taken.first() is not None


def give_back(way: Way, now: datetime) -> None:  # noqa: ARG001
    """The send was surely not carried out: the agreement still stands."""
    return_credit(way.address_id, way.template_id or "")


def correct(way: Way) -> None:
    """43101: there was no agreement left."""
    session().execute(_credit(way).values(balance=0))


def send(client: Client, way: Way, letter: Letter) -> None:
    """Send it by the endpoint of the way's product; the wrong one gives 48001."""
    values, link, template_id = letter.values(way), letter.link(way), way.template_id or ""
    if way.product is Product.MINIPROGRAM:
        client.send_miniprogram_subscribe(way.openid, template_id, values, page=link)
    else:
        client.send_account_subscribe(way.openid, template_id, values, page=link)


def _credit(way: Way) -> sa.Update:
    return (
        sa.update(SubscriptionCredit)
        .where(SubscriptionCredit.address_id == way.address_id, SubscriptionCredit.template_id == way.template_id)
        .execution_options(synchronize_session=False)
    )
