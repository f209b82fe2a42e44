"""Staff who scan a QR code of a console page, and the number they give back.

Both interrupt whatever conversation is under way and leave it where it stood: the number only when it is the very one
that answers this WeChat's open question, so that every other message goes where it always goes.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from backend.staff.entry.scan import answer_number, is_our_scene, note_scan
from backend.wechat.inbound import Inbound, Scanned, Subscribed, TextMessage
from messages import note_followed, note_interaction

# Only these can be an answer, so hardly any message costs a look into the database.
_AN_ANSWER = re.compile(r"0|[1-9][0-9]")
_AROUND = " \t\r\n.,!。，！、"


def answer_staff(app_id: str, message: Inbound, moment: datetime) -> str | None:
    """What to answer somebody who is signing in at the console, in the open transaction; None for everybody else."""
    match message:
        case Subscribed(scene=str() as scene) if is_our_scene(scene):
            note_followed(app_id, message.sender, moment)
            return note_scan(app_id, message.sender, scene)
        case Scanned(scene=scene) if is_our_scene(scene):
            note_interaction(app_id, message.sender, "scan", moment)
            return note_scan(app_id, message.sender, scene)
        case TextMessage(content=content) if (number := _number(content)) is not None:
            answer = answer_number(app_id, message.sender, number)
            if answer is not None:
                note_interaction(app_id, message.sender, "message", moment)
            return answer
    return None


def may_answer_staff(message: TextMessage) -> bool:
    """Whether a text can be the number somebody at a console asks for, so that it has to be asked whose it is."""
    return _number(message.content) is not None


def _number(content: str) -> int | None:
    written = unicodedata.normalize("NFKC", content).strip(_AROUND)
    return int(written) if _AN_ANSWER.fullmatch(written) else None
