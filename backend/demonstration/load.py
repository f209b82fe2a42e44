"""Loads every room's demonstration data, lower rooms first; safe to run any number of times."""

from __future__ import annotations

from backend.demonstration.templates import map_sandbox_templates
from backend.marriage.demo import load_demo as load_marriage
from backend.people.demo import load_demo as load_people
from backend.people.rights.demo import load_demo as load_rights
from backend.settings import Settings
from backend.staff.demo import load_demo as load_staff
from backend.staff.demo import sign_ins
from backend.storage import transaction


def load_demonstration(settings: Settings) -> None:
    """The whole demonstration bureau, in one transaction."""
    with transaction():
        load_staff()
        load_people()
        load_marriage()
        load_rights()
        map_sandbox_templates(settings)


def sign_in_lines() -> list[str]:
    """One line for each account, to be printed at start-up."""
    return [f"{row.username}  {row.password}  {row.display_name} {row.place}" for row in sign_ins()]
