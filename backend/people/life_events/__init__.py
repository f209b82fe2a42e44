"""What happens to a person and concerns many rooms: a death and its reversal, a move, a name put right.

Rooms register what they do by `on_life_event`; commands that begin something new ask `require_living` first.
"""

from backend.people.life_events.bringing_back import bring_back
from backend.people.life_events.living import all_living, require_living
from backend.people.life_events.registry import (
    Handler,
    Happening,
    NotRestored,
    Reaction,
    Undo,
    on_life_event,
)
from backend.people.life_events.rules import EventKind, Source

__all__ = [
    "EventKind",
    "Handler",
    "Happening",
    "NotRestored",
    "Reaction",
    "Source",
    "Undo",
    "all_living",
    "bring_back",
    "on_life_event",
    "require_living",
]
