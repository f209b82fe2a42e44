"""Loads every room's demonstration data, lower rooms first; safe to run any number of times."""

from __future__ import annotations

from backend.calendar.demo import load_demo as load_calendar
from backend.demonstration.histories import play_histories
from backend.demonstration.templates import map_sandbox_templates
from backend.marriage.archive.demo import load_demo as load_archive
from backend.marriage.capacity.demo import load_demo as load_capacity
from backend.marriage.ceremonies.demo import load_demo as load_ceremonies
from backend.marriage.counselling.demo import load_demo as load_counselling
from backend.marriage.demo import load_demo as load_marriage
from backend.marriage.demo_past import load_past
from backend.marriage.demo_tickets import load_tickets
from backend.marriage.divorce.demo import load_demo as load_divorces
from backend.marriage.rushes.demo import load_demo as load_rushes
from backend.marriage.waitlist.demo import load_demo as load_waiting
from backend.people.demo import load_demo as load_people
from backend.settings import Settings
from backend.staff.demo import load_demo as load_staff
from backend.staff.demo import sign_ins
from backend.storage import transaction


def load_demonstration(settings: Settings) -> None:
    """The whole demonstration bureau, in one transaction; the calendar before it, since everything counts by it."""
    load_calendar()
    with transaction():
        load_staff()
        load_people()
        load_marriage()
        load_past()
        load_tickets()
        load_divorces()
        load_capacity()
        load_ceremonies()
        load_archive()
        load_counselling()
        map_sandbox_templates(settings)
        play_histories()
        # After the exports of the past, which one person may only take away while there are few couples.
        load_rushes()
        load_waiting()


def sign_in_lines() -> list[str]:
    """One line for each account, to be printed at start-up."""
    return [f"{row.username}  {row.password}  {row.display_name} {row.place}" for row in sign_ins()]
