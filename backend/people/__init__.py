"""Persons, their WeChat identities, their logins, and how sure we are who they are."""

from backend.people.identities import Identity, identity_for
from backend.people.joining import on_joined
from backend.people.levels import level_of, require_level
from backend.people.logins import Resident, log_in, resident_by_token
from backend.people.lookups import PersonView, person_by_number, person_view
from backend.people.rules import Level

__all__ = [
    "Identity",
    "Level",
    "PersonView",
    "Resident",
    "identity_for",
    "level_of",
    "log_in",
    "on_joined",
    "person_by_number",
    "person_view",
    "require_level",
    "resident_by_token",
]
