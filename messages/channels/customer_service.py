"""Customer-service texts (wechat-protocol §5.4), possible for a while after the person did something.

WeChat offers nothing against double sends and pushes nothing afterwards: a call without an answer is never repeated.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from backend.storage import session
from messages.models import Address
from messages.ways import Client, Letter, Way

REPEATABLE_FOR = None


def obstacle(way: Way, now: datetime) -> str | None:
    """Why the way cannot be used at present, or None."""
    is_open = way.window_until is not None and way.window_until > now and way.window_left > 0
    return None if is_open else "window_closed"


def take(way: Way, now: datetime) -> bool:
    """Use up one send of the window; False if it closed meanwhile."""
    taken = session().execute(
        _address(way)
        .where(Address.window_left > 0, Address.window_until > now)
        .values(window_left=Address.window_left - 1)
        .returning(Address.id)
    )
    return taken.first() is not None


def give_back(way: Way, now: datetime) -> None:
    """The send was surely not carried out: the window still allows it, if it is still open."""
    session().execute(_address(way).where(Address.window_until > now).values(window_left=Address.window_left + 1))


def correct(way: Way) -> None:
    """45015 / 45047: the window was closed, or its count used up."""
    session().execute(_address(way).values(window_left=0))


def send(client: Client, way: Way, letter: Letter) -> None:
    """Send the whole text."""
    client.send_customer_text(way.openid, letter.text)


def _address(way: Way) -> sa.Update:
    return sa.update(Address).where(Address.id == way.address_id).execution_options(synchronize_session=False)
