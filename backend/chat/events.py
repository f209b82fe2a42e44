"""What WeChat reports on messages of ours and on permissions to send them (wechat-protocol §1.4, §5.2)."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from backend.chat.withdrawals import note_withdrawal
from backend.kernel.clock import now
from backend.wechat.inbound import (
    Inbound,
    SubscribeAnswer,
    SubscribeChanged,
    SubscribePopupAnswered,
    SubscribeSent,
    TemplateSendFinished,
    UnknownInbound,
)
from backend.wechat.media_checks import on_media_checked
from backend.wechat.reports import AuthorizationChanged, MassSendFinished, MediaChecked, ServiceChatEntered
from messages import note_interaction, note_subscription, note_subscription_sent, note_template_finished

log = logging.getLogger(__name__)


def note_event(app_id: str, message: Inbound) -> None:
    """Account for a report inside the open transaction; an unknown one is logged by kind and otherwise ignored."""
    match message:
        case SubscribePopupAnswered():
            note_subscription(app_id, message.sender, _choices(message.answers))
        case SubscribeChanged():
            note_subscription(app_id, message.sender, _choices(message.answers), changed=True)
        case SubscribeSent():
            for result in message.results:
                note_subscription_sent(app_id, message.sender, result.template_id, result.msg_id, result.error_code)
        case TemplateSendFinished():
            note_template_finished(app_id, message.sender, message.msg_id, message.status)
        case AuthorizationChanged():
            note_withdrawal(app_id, message)
        case MediaChecked() if message.trace_id and message.suggest:
            on_media_checked(message.trace_id, message.suggest, message.label)
        case ServiceChatEntered():
            note_interaction(app_id, message.sender, "enter", now())
        case MassSendFinished():
            log.info("mass_send_finished", extra={"sent": message.succeeded, "failed": message.failed})
        case UnknownInbound():
            log.info("push_unknown", extra={"kind": message.kind})


def _choices(answers: Iterable[SubscribeAnswer]) -> list[tuple[str, bool]]:
    return [(answer.template_id, answer.accepted) for answer in answers]
