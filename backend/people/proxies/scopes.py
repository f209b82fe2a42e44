"""The scopes that are there from the beginning; a room that comes later offers its own."""

from __future__ import annotations

from backend.people.proxies.rules import offer_scope
from backend.people.proxies.texts import SCOPE_LABELS


def offer_scopes() -> None:
    """Put the first scopes on offer; called once when the application is put together."""
    for scope, label in SCOPE_LABELS.items():
        offer_scope(scope.value, label)
