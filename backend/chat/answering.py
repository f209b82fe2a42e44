"""One inbound message becomes one transaction and one reply (architecture.md §3.1)."""

from __future__ import annotations

from dataclasses import replace

from backend.chat.conversations import OpenConversation, open_conversation, store_turn
from backend.chat.events import note_event
from backend.chat.follow import followed, heard, scanned, unfollowed
from backend.chat.handover import say_who_takes_over
from backend.chat.inbox import AlreadyAnswered, claim
from backend.chat.kinds import is_personal
from backend.chat.late import late_reply
from backend.chat.notice import with_notice
from backend.chat.ports import ports_for
from backend.chat.scans import answer_staff, may_answer_staff
from backend.chat.shared_turn import answer_together
from backend.files.receive import MOST_MEDIA_ID, owe_picture
from backend.kernel.clock import now
from backend.storage import lean_transaction
from backend.wechat.inbound import (
    ImageMessage,
    Inbound,
    MenuClicked,
    Scanned,
    Subscribed,
    TextMessage,
    Unsubscribed,
    VoiceMessage,
)
from backend.wechat.replies import handover_reply, text_reply
from backend.wechat.reports import CodeScanned
from messages import Product, note_interaction
from workflows.chat.flows import DIRECTORY
from workflows.chat.router import Routed, route, route_picture, route_unreadable
from workflows.chat.texts import NOT_PUSHED

_TALKING = (Subscribed, MenuClicked, TextMessage, VoiceMessage)


def answer_account_push(app_id: str, message: Inbound) -> str | None:
    """The reply XML to a push of the public account, or None where there is nothing to say.

    A text that needs nothing but its conversation is answered together with others'. For everything else the person's
    conversation row is locked first, so that their messages are answered one at a time and in order; then the push is
    claimed by its unique key. Everything that is done for it commits with its reply.
    """
    if isinstance(message, TextMessage) and _text_of(message) is not None and not may_answer_staff(message):
        answered = answer_together(app_id, message)
        if answered is not None:
            return answered.reply_xml
    return answer_alone(app_id, message)


def answer_alone(app_id: str, message: Inbound) -> str | None:
    """The reply of a locked turn; joins the open transaction."""
    with lean_transaction():
        if not is_personal(message):
            if not isinstance(claim(app_id, message.dedup_key), AlreadyAnswered):
                note_event(app_id, message)
            return None
        conversation = open_conversation(app_id, message.sender, message.dedup_key)
        if isinstance(conversation, AlreadyAnswered):
            return late_reply(Product.ACCOUNT, message) if conversation.late else conversation.reply_xml
        routed = _noticed(conversation, message, _route(app_id, message, conversation))
        if routed.hand_over:
            say_who_takes_over(conversation, conversation.push, routed.saying)
        reply_xml = _reply_xml(message, routed)
        store_turn(conversation, routed.progress, reply_xml)
        return reply_xml


def _noticed(conversation: OpenConversation, message: Inbound, routed: Routed) -> Routed:
    """At first contact the reply also says where the privacy rules are."""
    wordless = isinstance(message, TextMessage | VoiceMessage) and _text_of(message) is None
    if routed.hand_over or wordless or not isinstance(message, _TALKING):
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


def _route(app_id: str, message: Inbound, conversation: OpenConversation) -> Routed:
    progress = conversation.progress
    if (saying := answer_staff(app_id, message)) is not None:
        heard(app_id, message, conversation, "message")
        return Routed(progress, saying)
    match message:
        case Subscribed():
            return followed(app_id, message, conversation)
        case Unsubscribed():
            return unfollowed(app_id, message, conversation)
        case Scanned():
            return scanned(app_id, message, conversation)
        case MenuClicked():
            heard(app_id, message, conversation, "menu")
            return _talk(conversation, DIRECTORY.menu_keys.get(message.key, ""))
        case CodeScanned():
            heard(app_id, message, conversation, "menu")
            return _talk(conversation, "")
    heard(app_id, message, conversation, "message")
    text = _text_of(message)
    return _wordless(app_id, message, conversation) if text is None else _talk(conversation, text)


def _wordless(app_id: str, message: Inbound, conversation: OpenConversation) -> Routed:
    """A picture where one is awaited; for all else a kind word."""
    here = (DIRECTORY, conversation.progress, ports_for(conversation.person_id), now())
    if isinstance(message, ImageMessage) and 0 < len(message.media_id) <= MOST_MEDIA_ID:
        media_id = message.media_id

        def keep(purpose: str) -> str:
            return str(owe_picture(conversation.person_id, app_id, media_id, purpose))

        routed = route_picture(*here, keep)
        if routed is not None:
            return routed
    return route_unreadable(*here, _kind_of(message))


def _talk(conversation: OpenConversation, text: str) -> Routed:
    return route(DIRECTORY, conversation.progress, ports_for(conversation.person_id), now(), text)


def _kind_of(message: Inbound) -> str:
    kind: str = message.raw.get("MsgType", "").lower()
    return "sticker" if kind == "text" else kind


def _text_of(message: Inbound) -> str | None:
    if isinstance(message, TextMessage):
        return None if message.content == NOT_PUSHED else message.content
    if isinstance(message, VoiceMessage):
        return message.recognition
    return None


def _reply_xml(message: Inbound, routed: Routed) -> str | None:
    if routed.hand_over:
        return handover_reply(message)
    return text_reply(message, routed.saying) if routed.saying else None
