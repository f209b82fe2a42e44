"""The desk: where a notice must arrive and WeChat cannot carry it, a member of staff passes it on.

A desk message is a dead one that nobody has settled; `messages.attention` lists them. Telling twice is up to people.
"""

from __future__ import annotations

from datetime import datetime

from messages.models import Channel, OutboxMessage, OutboxState
from messages.notices import Notice
from messages.outbox import move


def hand_over(message: OutboxMessage, wanted: Notice | None, failure: str, now: datetime) -> None:
    """End the sending of a message. It waits for a person if its notice has the desk among its channels.

    A notice that is in no catalogue any more goes to the desk too, for nobody knows how much it matters.
    """
    needed = wanted is None or Channel.DESK in wanted.channels
    move(message.id, OutboxState.DEAD, failure=failure, settled_at=None if needed else now)
