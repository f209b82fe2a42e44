"""The code on a hall's screen (大厅签到码): it changes each minute, so a photograph of it is of no use at home.

It is a keyed hash of the registry and the minute, so nothing is stored and every process draws the same one.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from backend.kernel.clock import now
from backend.marriage.parameters import PRINTED_DOOR_CODE
from backend.parameters import value_at
from backend.storage import blind_index

# One is shown for so long …
STEP = timedelta(minutes=1)
# … and so many earlier ones count as well: WeChat's sign-in takes its time, and not everybody is quick.
EARLIER = 2
_LENGTH = 20


def door_code(office_code: str, moment: datetime) -> str:
    """The code of a registry's hall at a moment: twenty hexadecimal digits."""
    return _code(office_code, _step(moment))


def is_fresh(office_code: str, code: str, moment: datetime) -> bool:
    """Whether a code is on the screen, or was a moment ago: at most three minutes old."""
    newest = _step(moment)
    known = [_code(office_code, newest - back) for back in range(EARLIER + 1)]
    return code.isascii() and any(hmac.compare_digest(one, code) for one in known)


def printed_code_counts(office_code: str) -> bool:
    """Whether the code that hangs at the door checks in as well."""
    return bool(value_at(PRINTED_DOOR_CODE, office_code, now()))


def _step(moment: datetime) -> int:
    return int(moment.timestamp() // STEP.total_seconds())


def _code(office_code: str, step: int) -> str:
    return blind_index(f"{office_code}:{step}", "marriage.door_code").hex()[:_LENGTH]
