"""What lies ahead of a resident, as the services tell it; each registers a source when the application is made."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class ComingItem:
    """One thing on the page: when, what, where; `note` says what to do or bring; `phone` whom to ask.

    `code` is what is held out at the counter, drawn as a QR code. `link` is where it takes place, if that is somewhere
    on the web, under the words of `link_name`.
    """

    at: datetime
    title: str
    place: str
    note: str = ""
    phone: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    link: str = field(default="", repr=False)
    link_name: str = ""


Source = Callable[[uuid.UUID], Sequence[ComingItem]]

MOST_ITEMS = 20

_sources: dict[Source, None] = {}


def offer_coming(source: Source) -> None:
    """Let a service tell what lies ahead of a person; registering twice is once."""
    _sources[source] = None


def coming(person_id: uuid.UUID) -> Sequence[ComingItem]:
    """Everything that lies ahead of a person, soonest first."""
    items = [item for source in _sources for item in source(person_id)]
    return sorted(items, key=lambda item: item.at)[:MOST_ITEMS]
