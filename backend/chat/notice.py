"""First contact: one short line with the address of the privacy rules, once per person and version (PIPL 17)."""

from __future__ import annotations

import sqlalchemy as sa

from backend.chat.conversations import OpenConversation
from backend.chat.texts import NOTICE_LINE
from backend.people.rights.notice import current_notice, note_shown, rules_url
from backend.people.rights.rules import Via
from backend.storage import run

# Replies stay short (stories.md): one that is full already leaves the line to the next.
MOST_CHARACTERS, MOST_LINES = 300, 9

# Whose the conversation is now: the turn may have joined its person to another.
_NOTED = sa.text("UPDATE conversations SET notice_version = :version WHERE id = :id RETURNING person_id")


def fits(saying: str) -> bool:
    """Whether a reply has room for the line."""
    longer = _longer(saying)
    return len(longer) <= MOST_CHARACTERS and len(longer.splitlines()) <= MOST_LINES


def _longer(saying: str) -> str:
    return f"{saying}\n{NOTICE_LINE.format(url=rules_url())}"


def with_notice(conversation: OpenConversation, saying: str) -> str:
    """A reply, with the line below it where this person has not read it yet and the reply has room."""
    version = current_notice().version
    if conversation.notice_version >= version or not saying:
        return saying
    if not fits(saying):
        return saying
    longer = _longer(saying)
    [noted] = run(_NOTED, {"id": conversation.id, "version": version}).fetchall()
    # The mini-program may have shown it before.
    return longer if note_shown(noted.person_id, version, Via.CHAT) else saying
