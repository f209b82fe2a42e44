"""The first page: everything that waits for this person, from all rooms in one list, the most pressing first."""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import render_template, request, url_for
from markupsafe import Markup

from backend.console import texts
from backend.console.attention import waiting_messages
from backend.console.blueprint import pages
from backend.console.clocks import Clock, clock_of
from backend.console.exports.queries import ready_files
from backend.console.exports.texts import WAITING_MATTER, WAITING_TITLE
from backend.console.guard import current_account, is_htmx, may_here
from backend.console.rooms import Waiting, console_rooms
from backend.kernel.access import Caller, access
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.staff import Permission

PAGE_SIZE = 20
# Of each room; whoever has more waiting sees that there are more, and these first.
MOST_OF_A_ROOM = 100
_NEVER = datetime.max.replace(tzinfo=UTC)

Source = Callable[[int], Sequence[Waiting]]
Key = tuple[datetime, datetime, str, str]


@dataclass(frozen=True)
class WaitingLine:
    """One line of the list."""

    waiting: Waiting
    clock: Clock


@dataclass(frozen=True)
class Matter:
    """A kind of thing that waits and how many there are; "100+" when its room has more than it was asked for."""

    name: str
    count: str


@dataclass(frozen=True)
class Worklist:
    """A page of what waits. `more`: a room has more than are listed. `next` is the cursor of the following page."""

    lines: Sequence[WaitingLine]
    matters: Sequence[Matter]
    chosen: str | None
    total: str
    next: str | None
    more: bool


@pages.get("/")
@access(Caller.STAFF)
def worklist() -> str:
    """The worklist; for htmx only what waits, drawn anew every minute."""
    found = _worklist(request.args.get("matter"), _read_cursor(request.args.get("cursor")))
    shared = {"worklist": found, "later_page": bool(request.args.get("cursor")), "moment": now()}
    if is_htmx():
        return render_template("console/waiting_part.html", **shared)
    parts = [Markup(room.overview()) for room in console_rooms() if room.overview]  # noqa: S704 - rooms escape
    return render_template("console/worklist.html", parts=[part for part in parts if part.strip()], **shared)


def _worklist(matter: str | None, after: Key | None) -> Worklist:
    items: list[Waiting] = []
    counts: Counter[str] = Counter()
    overflowing: set[str] = set()
    for source in _sources():
        given = source(MOST_OF_A_ROOM + 1)
        kept = given[:MOST_OF_A_ROOM]
        items += kept
        counts.update(item.matter for item in kept)
        if len(given) > len(kept):
            overflowing |= {item.matter for item in given}
    chosen = matter if matter in counts else None
    moment = now()
    rows = sorted((item for item in items if chosen in (None, item.matter)), key=_key)
    rows = [item for item in rows if after is None or _key(item) > after]
    shown = rows[:PAGE_SIZE]
    return Worklist(
        lines=[WaitingLine(item, clock_of(item.since, item.due, moment)) for item in shown],
        matters=[Matter(name, _count(counts[name], name in overflowing)) for name in counts],
        chosen=chosen,
        total=_count(sum(counts.values()), bool(overflowing)),
        next=_write_cursor(_key(shown[-1])) if len(rows) > PAGE_SIZE else None,
        more=_is_cut(chosen, overflowing),
    )


def _is_cut(chosen: str | None, overflowing: Collection[str]) -> bool:
    return bool(overflowing) if chosen is None else chosen in overflowing


def _count(count: int, cut: bool) -> str:
    return f"{count}+" if cut else str(count)


def _sources() -> Iterator[Source]:
    yield from (room.waiting for room in console_rooms() if room.waiting)
    yield waiting_messages
    yield _waiting_files


def _waiting_files(limit: int) -> Sequence[Waiting]:
    if not may_here(Permission.ASK_EXPORT):
        return []
    return [
        Waiting(
            WAITING_MATTER,
            WAITING_TITLE.format(title=file.title),
            url_for("console.export_page", export_id=file.id),
            file.asked_at,
            file.expires_at,
        )
        for file in ready_files(current_account(), limit)
    ]


def _key(item: Waiting) -> Key:
    """What is due first comes first; what has no end comes last, the longest waiting first."""
    return (item.due or _NEVER, item.since, item.href, item.title)


def _write_cursor(key: Key) -> str:
    due, since, href, title = key
    text = json.dumps([due.isoformat(), since.isoformat(), href, title])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(text: str | None) -> Key | None:
    if not text:
        return None
    try:
        due, since, href, title = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        key = (datetime.fromisoformat(due), datetime.fromisoformat(since), str(href), str(title))
    except (binascii.Error, ValueError, TypeError):
        raise AppError("invalid", texts.BAD_CURSOR, 422) from None
    if key[0].tzinfo is None or key[1].tzinfo is None:
        raise AppError("invalid", texts.BAD_CURSOR, 422)
    return key
