"""What most rooms do at a reversal: bring back one row after another, and name those that cannot come back."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from backend.people.life_events.registry import Happening, NotRestored, Reaction


def bring_back(
    happening: Happening, key: str, *, what: str, effect: str, give_back: Callable[[uuid.UUID], bool]
) -> Reaction:
    """Give back each row that the reversed event noted under `key`, in the order of the ids.

    `give_back` says whether it could; the others are told as `what`, and those that could are counted as `effect`.
    """
    wanted = sorted(uuid.UUID(text) for text in happening.undo.get(key, ()))
    restored = [one for one in wanted if give_back(one)]
    left = [NotRestored(what, one) for one in wanted if one not in restored]
    return Reaction({effect: len(restored)}, not_restored=left)
