"""One inbound message becomes one transaction and one reply (architecture.md §3.1)."""

from __future__ import annotations

from dataclasses import replace

from backend.chat.conversations import OpenConversation, open_conversation, store_turn
from backend.chat.events import note_event
from backend.chat.handover import say_who_takes_over
from backend.chat.inbox import AlreadyAnswered, claim
from backend.chat.notice import with_notice
from backend.chat.ports import ports_for
from backend.chat.scans import answer_staff, may_answer_staff
from backend.chat.shared_turn import answer_together
from backend.kernel.clock import now
from backend.storage import lean_transaction
from backend.wechat.inbound import (
    Inbound,
    MenuClicked,
    Scanned,
    Subscribed,
    TextMessage,
    UnknownInbound,
    Unsubscribed,
    VoiceMessage,
)
from backend.wechat.replies import handover_reply, text_reply
from messages import note_followed, note_interaction, note_unfollowed
from workflows.chat.flows import DIRECTORY
from workflows.chat.router import Routed, route
from workflows.chat.texts import ONLY_TEXT, WELCOME

_TALKING = (Subscribed, MenuClicked, TextMessage, VoiceMessage)


def answer_account_push(app_id: str, message: Inbound) -> str | None:
    """The reply XML to a push of the public account, or None where there is nothing to say.

    A text that needs nothing but its conversation is answered together with others'. For everything else the person's
    conversation row is locked first, so that their messages are answered one at a time and in order; then the push is
    claimed by its unique key. Everything that is done for it commits with its reply.
    """
    if isinstance(message, TextMessage) and not may_answer_staff(message):
        answered = answer_together(app_id, message)
        if answered is not None:
            return answered.reply_xml
    with lean_transaction():
        if not is_personal(message):
            if not isinstance(claim(app_id, message.dedup_key), AlreadyAnswered):
                note_event(app_id, message)
            return None
        conversation = open_conversation(app_id, message.sender, message.dedup_key)
        if isinstance(conversation, AlreadyAnswered):
            return conversation.reply_xml
        routed = _noticed(conversation, message, _route(app_id, message, conversation))
        if routed.hand_over:
            say_who_takes_over(conversation, conversation.push, routed.saying)
        reply_xml = _reply_xml(message, routed)
        store_turn(conversation, routed.progress, reply_xml)
        return reply_xml


def _noticed(conversation: OpenConversation, message: Inbound, routed: Routed) -> Routed:
    """At first contact the reply also says where the privacy rules are."""
    if routed.hand_over or routed.saying == ONLY_TEXT or not isinstance(message, _TALKING):
        return routed
    return replace(routed, saying=with_notice(conversation, routed.saying))


def answer_miniprogram_push(app_id: str, message: Inbound) -> str | None:
    """Take in a push of the mini-program.

    Nothing is said here: its answers leave by customer-service message (wechat-protocol §1.7).
    """
    with lean_transaction():
        if isinstance(claim(app_id, message.dedup_key), AlreadyAnswered):
            return None
        if isinstance(message, TextMessage):
            note_interaction(app_id, message.sender, "message", now())
        note_event(app_id, message)
    return None


def is_personal(message: Inbound) -> bool:
    """Whether a person said or did something, as opposed to WeChat reporting on a message of ours."""
    if isinstance(message, UnknownInbound):
        return not message.kind.startswith("event")
    deeds = (Subscribed, Unsubscribed, Scanned, MenuClicked)
    return isinstance(message, deeds) or message.raw.get("MsgType", "").lower() != "event"


def _route(app_id: str, message: Inbound, conversation: OpenConversation) -> Routed:
    progress, moment = conversation.progress, now()
    if (saying := answer_staff(app_id, message, moment)) is not None:
        return Routed(progress, saying)
    match message:
        case Subscribed():
            note_followed(app_id, message.sender, moment)
            return Routed(progress, DIRECTORY.menu(f"{WELCOME}{DIRECTORY.greeting}"))
        case Unsubscribed():
            note_unfollowed(app_id, message.sender)
            return Routed(None, "")
        case Scanned():
            note_interaction(app_id, message.sender, "scan", moment)
            return Routed(progress, DIRECTORY.menu())
        case MenuClicked():
            note_interaction(app_id, message.sender, "menu", moment)
            return _talk(conversation, DIRECTORY.menu_keys.get(message.key, ""))
    note_interaction(app_id, message.sender, "message", moment)
    text = _text_of(message)
    return Routed(progress, ONLY_TEXT) if text is None else _talk(conversation, text)


def _talk(conversation: OpenConversation, text: str) -> Routed:
    return route(DIRECTORY, conversation.progress, ports_for(conversation.person_id), now(), text)


def _text_of(message: Inbound) -> str | None:
    if isinstance(message, TextMessage):
        return message.content
    if isinstance(message, VoiceMessage):
        return message.recognition
    return None


def _reply_xml(message: Inbound, routed: Routed) -> str | None:
    if routed.hand_over:
        return handover_reply(message)
    return text_reply(message, routed.saying) if routed.saying else None
