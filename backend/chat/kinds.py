"""What kind of thing a push tells: something a person said or did, or a report of WeChat's."""

from __future__ import annotations

from backend.wechat.inbound import Inbound, MenuClicked, Scanned, Subscribed, UnknownInbound, Unsubscribed
from backend.wechat.reports import CodeScanned

_DEEDS = (Subscribed, Unsubscribed, Scanned, MenuClicked)


def is_personal(message: Inbound) -> bool:
    """Whether a person said or did something, as opposed to WeChat reporting on a message of ours."""
    if isinstance(message, UnknownInbound):
        return not message.kind.startswith("event")
    if isinstance(message, CodeScanned):
        return message.waits
    return isinstance(message, _DEEDS) or not message.is_event
