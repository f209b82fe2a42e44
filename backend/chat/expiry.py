"""Conversations nobody answered end after a while, with a word on how to go on (contract.md "Chat")."""

from __future__ import annotations

from backend.chat.conversations import Expired, take_expired
from backend.chat.ports import ports_for
from backend.kernel.clock import now
from backend.storage import transaction
from messages import Subject, post
from workflows.chat.engine import Turn
from workflows.chat.flows import DIRECTORY


def expire_conversations(limit: int = 100) -> int:
    """End what has expired, give back what it held, and say how to begin again; returns how many.

    Nothing is said where nothing was left undone (`Step.may_rest`).
    """
    with transaction():
        expired = take_expired(limit)
        for conversation in expired:
            _end(conversation)
    return len(expired)


def _end(conversation: Expired) -> None:
    progress = conversation.progress
    flow = DIRECTORY.flow(progress.flow) if progress else None
    if progress is None or flow is None:
        return
    if DIRECTORY.flow_of(progress) is not None:
        flow.leave(Turn(dict(progress.answers), ports_for(conversation.person_id), now()))
        if flow.by_name[progress.step].may_rest:
            return
    post(
        "chat.conversation_expired",
        recipient_id=conversation.person_id,
        subject=Subject("conversation", conversation.id),
        data={"matter": flow.title, "hint": flow.call_words},
        key=f"chat.conversation_expired:{conversation.id}:{conversation.expired_at.isoformat()}",
    )
