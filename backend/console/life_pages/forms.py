"""What an officer enters about an event, read from a form."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date

from backend.console.guard import current_account
from backend.console.life_pages import texts
from backend.kernel.errors import AppError
from backend.people.life_events.record import Report
from backend.people.life_events.rules import EventKind, Source
from backend.people.life_events.texts import REASON_MISSING
from backend.staff.names import communities

# Names of kinds in addresses.
KINDS: Mapping[str, EventKind] = {
    "death": EventKind.DEATH,
    "reversal": EventKind.DEATH_REVERSED,
    "move": EventKind.MOVED,
    "name": EventKind.NAME_CORRECTED,
}
FIELDS = ("effective_on", "source", "reason", "community_id", "name")
MOST_CHARACTERS = 200


def read_report(kind: EventKind, form: Mapping[str, str]) -> Report:
    """The report in a form; raises `AppError` invalid for what cannot be read."""
    errors: dict[str, list[str]] = {}
    day, source = _day(form.get("effective_on", "")), form.get("source", "")
    if day is None:
        errors["effective_on"] = [texts.BAD_DAY]
    if source not in set(Source):
        errors["source"] = [texts.BAD_SOURCE]
    community_id = _community(form.get("community_id", "")) if kind is EventKind.MOVED else None
    if kind is EventKind.MOVED and community_id is None:
        errors["community_id"] = [texts.BAD_COMMUNITY]
    if not form.get("reason", "").strip():
        errors["reason"] = [REASON_MISSING]
    if errors or day is None:
        sentence = "\n".join(sentence for sentences in errors.values() for sentence in sentences)
        raise AppError("invalid", sentence, 422, errors=errors)
    reason, name = form.get("reason", "")[:MOST_CHARACTERS], form.get("name", "")[:60]
    return Report(kind, current_account().id, Source(source), day, reason, community_id, name)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _community(text: str) -> uuid.UUID | None:
    """Any of the district: people also move out of one's own."""
    return next((one for one, _ in communities() if str(one) == text), None)
