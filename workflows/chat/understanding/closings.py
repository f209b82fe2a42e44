"""Words with which people end: thanks, goodbye, understood. They ask for nothing, so no menu answers them."""

from __future__ import annotations

import re
from enum import Enum

from workflows.chat.understanding.words import fold


class Closing(Enum):
    """What a message that asks for nothing says."""

    THANKS = "thanks"
    ENOUGH = "enough"


_LONGEST = 24
_CLAUSES = re.compile(r"[\s,.、;!。~👌👍🙏🌹]+")
_PARTICLES = "[了啦吧啊哈呀哦呢的]*"
_THANKS = re.compile(
    r"(?:太?(?:谢谢|多谢|感谢|谢)(?:谢谢)?(?:你们?|您们?|大家)?|[你您]?(?:辛苦|费心|麻烦)[你您]?(?=了|啦|$))"
    + _PARTICLES
)
_ENOUGH = re.compile(
    r"(?:再见|拜拜|回见|我?(?:知道|明白|晓得|清楚|了解|收到|懂|记住)(?=了|啦|$)|没事|没有?别的事?|没有(?=了)"
    r"|就这样|不用(?=了|$)|好(?:的|嘞|滴)?|行|可以|嗯+|哦+|噢+)" + _PARTICLES
)


def closing(text: str) -> Closing | None:
    """What a message says that consists of such words alone ("好的，谢谢您啊"), else None."""
    if len(text.strip()) > _LONGEST:
        return None
    said = {_of_clause(clause) for clause in _CLAUSES.split(fold(text)) if clause}
    if not said or None in said:
        return None
    return Closing.THANKS if Closing.THANKS in said else Closing.ENOUGH


def _of_clause(clause: str) -> Closing | None:
    """Read from left to right, one word after the other."""
    found: Closing | None = None
    at = 0
    while at < len(clause):
        thanks = _THANKS.match(clause, at)
        word = thanks or _ENOUGH.match(clause, at)
        if word is None:
            return None
        found = Closing.THANKS if thanks else found or Closing.ENOUGH
        at = word.end()
    return found
