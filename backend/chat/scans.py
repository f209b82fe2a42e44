"""The number that a member of staff gives back after scanning a QR code of a console page.

It interrupts whatever conversation is under way and leaves it where it stood: a number counts only when it is the very
one that answers this WeChat's open question, so that every other message goes where it always goes.
"""

from __future__ import annotations

import re
import unicodedata

from backend.staff.entry.scan import answer_number
from backend.wechat.inbound import Inbound, TextMessage

# Only these can be an answer, so hardly any message costs a look into the database.
_AN_ANSWER = re.compile(r"0|[1-9][0-9]")
_AROUND = " \t\r\n.,!。，！、"


def answer_staff(app_id: str, message: Inbound) -> str | None:
    """What to answer somebody who is signing in at the console, in the open transaction; None for everybody else."""
    if isinstance(message, TextMessage) and (number := _number(message.content)) is not None:
        return answer_number(app_id, message.sender, number)
    return None


def may_answer_staff(message: TextMessage) -> bool:
    """Whether a text can be the number somebody at a console asks for, so that it has to be asked whose it is."""
    return _number(message.content) is not None


def _number(content: str) -> int | None:
    written = unicodedata.normalize("NFKC", content).strip(_AROUND)
    return int(written) if _AN_ANSWER.fullmatch(written) else None
