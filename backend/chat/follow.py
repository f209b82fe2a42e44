"""Following, leaving and scanning (wechat-protocol §1.4): who can be written to, and what a code means.

WeChat may bring pushes late or in another order, so each counts by its own time: a push from before somebody left
opens nothing again, and one from after tells that they are back.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from backend.chat.conversations import OpenConversation
from backend.chat.ports import ports_for
from backend.chat.scenes import SCENES
from backend.kernel.chinese_dates import spoken_moment
from backend.kernel.clock import now
from backend.people.entry.unionids import forget_wish, want_unionid
from backend.storage import run
from backend.wechat.inbound import Inbound, Scanned, Subscribed, Unsubscribed
from messages import Interaction, Subject, cancel_for, note_followed, note_interaction, note_unfollowed
from workflows.chat.engine import Turn
from workflows.chat.flows import DIRECTORY
from workflows.chat.router import Routed, begin
from workflows.chat.scenes import Scan, SceneAnswer, scene_of
from workflows.chat.texts import CODE_UNKNOWN, PENDING, PENDING_MORE, WELCOME, WELCOME_BACK

_FOLLOWS = sa.text("UPDATE conversations SET followed_at = :at, left_at = NULL WHERE id = :id")
_LEFT = sa.text("UPDATE conversations SET left_at = :at WHERE id = :id")


def followed(app_id: str, message: Subscribed, conversation: OpenConversation) -> Routed:
    """Welcome somebody, or welcome them back with what is pending; a code they followed by opens what it means."""
    before = conversation.left_at
    if before is not None and message.created_at < before:
        return Routed(conversation.progress, "")  # they have left since
    _follows(message, conversation)
    note_followed(app_id, message.sender, now())
    want_unionid(app_id, message.sender)
    opening = WELCOME if before is None else WELCOME_BACK
    if message.scene is not None:
        answered = _opened(app_id, message, conversation, message.scene)
        return Routed(answered.progress, f"{opening}\n{answered.saying}")
    if before is not None:
        opening += _pending(conversation)
    return Routed(conversation.progress, DIRECTORY.menu(f"{opening}{DIRECTORY.greeting}"))


def unfollowed(app_id: str, message: Unsubscribed, conversation: OpenConversation) -> Routed:
    """Stop every send to this openid at once, end the conversation and free what it held. Nothing can be said."""
    if conversation.followed_at is not None and message.created_at < conversation.followed_at:
        return Routed(conversation.progress, "")  # they are back since
    note_unfollowed(app_id, message.sender)
    cancel_for(Subject("conversation", conversation.id))
    forget_wish(app_id, message.sender)
    run(_LEFT, {"id": conversation.id, "at": message.created_at})
    progress, flow = conversation.progress, DIRECTORY.flow_of(conversation.progress)
    if progress is not None and flow is not None:
        flow.leave(Turn(dict(progress.answers), ports_for(conversation.person_id), now()))
    return Routed(None, "")


def scanned(app_id: str, message: Scanned, conversation: OpenConversation) -> Routed:
    """What the code of a follower means."""
    heard(app_id, message, conversation, "scan")
    return _opened(app_id, message, conversation, message.scene)


def heard(app_id: str, message: Inbound, conversation: OpenConversation, kind: Interaction) -> None:
    """Somebody wrote or tapped, which opens a reply window, unless it was before they left.

    Who does so afterwards follows again, whatever became of the push that should have said so.
    """
    if conversation.left_at is not None:
        if message.created_at < conversation.left_at:
            return
        _follows(message, conversation)
        note_followed(app_id, message.sender, now())
    note_interaction(app_id, message.sender, kind, now())


def _follows(message: Inbound, conversation: OpenConversation) -> None:
    run(_FOLLOWS, {"id": conversation.id, "at": message.created_at})


def _opened(app_id: str, message: Inbound, conversation: OpenConversation, scene: str) -> Routed:
    found = scene_of(SCENES, scene)
    answer = None
    if found is not None:
        answer = found[0].handle(Scan(app_id, message.sender, conversation.person_id, found[1]))
    if answer is None:
        return Routed(conversation.progress, DIRECTORY.menu(CODE_UNKNOWN))
    return _answered(conversation, answer)


def _answered(conversation: OpenConversation, answer: SceneAnswer) -> Routed:
    flow = None if answer.flow is None else DIRECTORY.flow(answer.flow)
    if flow is None:
        return Routed(conversation.progress, answer.saying)
    ports = ports_for(conversation.person_id)
    routed = begin(DIRECTORY, conversation.progress, ports, now(), flow, answer.step, answer.answers)
    return Routed(routed.progress, f"{answer.saying}\n{routed.saying}")


def _pending(conversation: OpenConversation) -> str:
    """The next appointment of somebody who is back, and whether there are more."""
    own = ports_for(conversation.person_id).marriage.own()
    if not own:
        return ""
    when: datetime = own[0].time.starts_at
    more = PENDING_MORE.format(count=len(own)) if len(own) > 1 else ""
    return PENDING.format(when=spoken_moment(when), place=own[0].time.office.name, more=more)
