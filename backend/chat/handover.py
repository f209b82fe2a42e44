"""人工: WeChat's customer service takes over; the person is told so, and whom to telephone meanwhile."""

from __future__ import annotations

from datetime import timedelta

from backend.chat.conversations import OpenConversation
from backend.chat.inbox import Claimed
from backend.kernel.clock import now
from backend.marriage.offers import offices
from messages import Subject, post

# Later it would only puzzle the person, who by then talks to somebody.
WORTH_SAYING_FOR = timedelta(minutes=10)


def say_who_takes_over(conversation: OpenConversation, push: Claimed, saying: str) -> None:
    """Post the word that accompanies the hand-over, in the open transaction."""
    post(
        "chat.handed_over",
        recipient_id=conversation.person_id,
        subject=Subject("conversation", conversation.id),
        data={"saying": saying, "phones": "\n".join(f"{office.name} {office.phone}" for office in offices()) or "–"},
        key=f"chat.handed_over:{push.id}",
        not_after=now() + WORTH_SAYING_FOR,
    )
