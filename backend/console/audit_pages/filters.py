"""The trail's query string, read and written in one place; the export keeps the same."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date

from backend.console import texts as console_texts
from backend.console.audit_pages import texts
from backend.console.guard import current_nodes
from backend.console.rooms import find_by_number
from backend.kernel.errors import AppError
from backend.staff import Permission
from backend.staff.audit.queries import TrailCursor, TrailFilter
from backend.staff.audit.texts import ACTIONS

_USERNAME_CHARACTERS = 40


def read_trail(arguments: Mapping[str, str]) -> TrailFilter:
    """The filter a query string asks for; raises `AppError` invalid with what is wrong in it.

    `number` is a case's number as people know it; `kind` and `id` name a subject as the trail does.
    """
    action = arguments.get("action") or None
    if action is not None and action not in ACTIONS:
        raise AppError("invalid", texts.BAD_ACTION, 422)
    first, last = _day(arguments.get("first")), _day(arguments.get("last"))
    if first and last and last < first:
        raise AppError("invalid", texts.PERIOD_REVERSED, 422)
    username = arguments.get("username", "").strip().lower()[:_USERNAME_CHARACTERS] or None
    return TrailFilter(username, action, _subject(arguments), first, last)


def trail_arguments(wanted: TrailFilter) -> dict[str, str]:
    """The query string of a filter."""
    kind, subject_id = wanted.subject or (None, None)
    given = {
        "username": wanted.username,
        "action": wanted.action,
        "kind": kind,
        "id": subject_id,
        "first": wanted.first.isoformat() if wanted.first else None,
        "last": wanted.last.isoformat() if wanted.last else None,
    }
    return {name: value for name, value in given.items() if value}


def read_trail_cursor(text: str | None) -> TrailCursor | None:
    """The cursor in a query string; raises `AppError` invalid for anything that is not one of ours."""
    if not text:
        return None
    try:
        return TrailCursor.parse(text)
    except ValueError:
        raise AppError("invalid", console_texts.BAD_CURSOR, 422) from None


def read_id_cursor(text: str | None) -> uuid.UUID | None:
    """The same for lists whose cursor is the id of the last row."""
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        raise AppError("invalid", console_texts.BAD_CURSOR, 422) from None


def _subject(arguments: Mapping[str, str]) -> tuple[str, str] | None:
    number = arguments.get("number", "").strip()[:40]
    if number:
        found = find_by_number(number, current_nodes(Permission.READ_AUDIT))
        if found is None:
            raise AppError("invalid", texts.NUMBER_NOT_FOUND.format(number=number), 422)
        return found[0], str(found[1])
    kind, subject_id = arguments.get("kind", "")[:40], arguments.get("id", "")[:60]
    return (kind, subject_id) if kind and subject_id else None


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AppError("invalid", console_texts.BAD_DAY, 422) from None
