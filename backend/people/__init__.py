"""Persons, their WeChat identities and their logins."""

from backend.people.identities import Identity, identity_for
from backend.people.logins import Resident, log_in, resident_by_token

__all__ = ["Identity", "Resident", "identity_for", "log_in", "resident_by_token"]
