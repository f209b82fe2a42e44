"""What WeChat reports on messages of ours and on permissions to send them (wechat-protocol §1.4, §5.2)."""

from __future__ import annotations

import logging

from backend.wechat.inbound import (
    Inbound,
    SubscribeChanged,
    SubscribePopupAnswered,
    SubscribeSent,
    TemplateSendFinished,
    UnknownInbound,
)
from messages import note_subscription, note_subscription_sent, note_template_finished

log = logging.getLogger(__name__)


def note_event(app_id: str, message: Inbound) -> None:
    """Account for a report inside the open transaction; an unknown one is logged by kind and otherwise ignored."""
    match message:
        case SubscribePopupAnswered():
            note_subscription(app_id, message.sender, message.answers)
        case SubscribeChanged():
            note_subscription(app_id, message.sender, message.answers, changed=True)
        case SubscribeSent():
            for result in message.results:
                note_subscription_sent(app_id, message.sender, result.template_id, result.msg_id, result.error_code)
        case TemplateSendFinished():
            note_template_finished(app_id, message.sender, message.msg_id, message.status)
        case UnknownInbound():
            log.info("push_unknown", extra={"kind": message.kind})
