"""What becomes of reminders and messages when somebody has died; the messages room itself knows no persons.

Runs after the rooms, for what they have taken back themselves need not be stopped here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from backend.people.life_events.registry import Handler, Happening, NotRestored, Reaction
from backend.people.life_events.rules import EventKind
from backend.people.life_events.texts import MESSAGE_EFFECTS, MESSAGE_LEFT
from messages.silence import Stopped, end_silence, silence, waiting_for

ROOM = "messages"


def _preview(happening: Happening) -> Mapping[str, int]:
    if happening.kind is EventKind.DEATH:
        reminders, messages = waiting_for(happening.person_id)
        return {"reminders_stopped": reminders, "messages_stopped": messages}
    stopped = _read(happening)
    return {"reminders_restored": len(stopped.reminders), "messages_restored": len(stopped.messages)}


def _react(happening: Happening) -> Reaction:
    return _stop(happening) if happening.kind is EventKind.DEATH else _resume(happening)


def _stop(happening: Happening) -> Reaction:
    stopped = silence(happening.person_id)
    return Reaction(
        effects={"reminders_stopped": len(stopped.reminders), "messages_stopped": len(stopped.messages)},
        undo={
            "reminders": [f"{reminder_id}:{version}" for reminder_id, version in stopped.reminders],
            "messages": [str(message_id) for message_id in stopped.messages],
        },
    )


def _resume(happening: Happening) -> Reaction:
    resumed = end_silence(happening.person_id, _read(happening))
    return Reaction(
        effects={"reminders_restored": resumed.reminders, "messages_restored": resumed.messages},
        not_restored=[
            *(NotRestored("reminder", reminder_id) for reminder_id in resumed.late_reminders),
            *(NotRestored("message", message_id) for message_id in resumed.late_messages),
        ],
    )


def _read(happening: Happening) -> Stopped:
    reminders = [entry.split(":") for entry in happening.undo.get("reminders", ())]
    return Stopped(
        [(uuid.UUID(reminder_id), int(version)) for reminder_id, version in reminders],
        [uuid.UUID(message_id) for message_id in happening.undo.get("messages", ())],
    )


MESSAGES = Handler(ROOM, _react, _preview, MESSAGE_EFFECTS, MESSAGE_LEFT)
