"""Template messages of the account (wechat-protocol §5.1): no stock, but the person must follow.

Against double sends WeChat offers `client_msg_id`: within about ten minutes the same id is told once. Ours is made
from the message, the round and the address, so every repeat of one send carries the same. Nine minutes are used.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.storage import session
from messages.models import Address, Product
from messages.ways import Client, Letter, Way

REPEATABLE_FOR = timedelta(minutes=9)

_ID_LENGTH = 32  # §5.1


def obstacle(way: Way, now: datetime) -> str | None:  # noqa: ARG001 - all channels have this shape
    """Why the way cannot be used at present, or None."""
    if way.product is not Product.ACCOUNT:
        return "not_an_account"
    return None if way.reachable else "not_following"


def take(way: Way, now: datetime) -> bool:  # noqa: ARG001
    """Nothing is used up."""
    return True


def give_back(way: Way, now: datetime) -> None:
    """Nothing was used up."""


def correct(way: Way) -> None:
    """43004: the person does not follow, until a push says that they do."""
    session().execute(
        sa.update(Address)
        .where(Address.id == way.address_id)
        .values(reachable=False)
        .execution_options(synchronize_session=False)
    )


def send(client: Client, way: Way, letter: Letter) -> str:
    """Send it; returns WeChat's msgid, which TEMPLATESENDJOBFINISH will name."""
    return client.send_template(
        way.openid,
        way.template_id or "",
        letter.values(way),
        url=letter.link(way),
        client_msg_id=client_msg_id(letter, way),
    )


def client_msg_id(letter: Letter, way: Way) -> str:
    """32 characters, the same for every repeat of one send."""
    send_of = f"{letter.message_id}:{letter.round}:{way.channel}:{way.address_id}"
    return hashlib.sha256(send_of.encode()).hexdigest()[:_ID_LENGTH]
