"""What happened in the demonstration bureau before today: every room's scenes, played in one order."""

from __future__ import annotations

import uuid
from functools import partial

from backend.console.exports.demo import scenes as exports
from backend.demonstration.demo import scenes as settings
from backend.demonstration.moments import Colleague
from backend.demonstration.undelivered import leave_undelivered
from backend.kernel.scenes import Scene, play_in_order
from backend.marriage.demo_past import scenes as marriage
from backend.people.demo import name_at, number_at, people_at
from backend.people.life_events.demo import scenes as lives
from backend.people.proxies.demo import scenes as proxies
from backend.people.rights.demo import scenes as rights
from backend.staff.audit import acting, acting_ends, record
from backend.staff.audit.demo import Known
from backend.staff.audit.demo import scenes as looks
from backend.staff.demo import accounts_by_username
from backend.staff.demo import scenes as colleagues
from backend.staff.models import Role, StaffAccount

# Persons of the people room's list whom officers look at; the first four are somebody's own people.
_LOOKED_AT = (88, 91, 94, 97, *range(100, 150))


def _of_people() -> list[Scene]:
    """The histories of the people room, done by a clerk and the privacy officer."""
    accounts = accounts_by_username()
    clerk = Colleague(accounts["clerk-5"].id, partial(_note, accounts["clerk-5"], Role.COUNTER_CLERK))
    officer = Colleague(accounts["privacy"].id, partial(_note, accounts["privacy"], Role.PRIVACY_OFFICER))
    return [*proxies(clerk), *lives(clerk), *rights(officer)]


def _note(who: StaffAccount, role: Role, action: str, kind: str, subject_id: uuid.UUID, **detail: object) -> None:
    """Leave the audit row that the console would, from an address of documents (RFC 5737)."""
    acting(who.id, role.value, "192.0.2.7", None)
    record(action, kind, subject_id, account_id=who.id, **detail)
    acting_ends()


def play_histories() -> None:
    """Play what was not played yet, in the open transaction."""
    ids = people_at(_LOOKED_AT)
    known = [Known(ids[place], name_at(place), number_at(place)) for place in _LOOKED_AT]
    played = [*marriage(), *_of_people(), *looks(known), *colleagues(), *exports(), *settings()]
    if played:
        play_in_order(played)
        leave_undelivered()
