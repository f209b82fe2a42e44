"""Whoever stands at the desk, found by what they hold out: a code on the phone, a number, a card."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.marriage.desk.queries import AppointmentRow, Nodes
from backend.marriage.desk.search import search
from backend.marriage.rules import State
from backend.marriage.texts import STATE_NAMES
from backend.marriage.tickets.hall import tickets_of
from backend.marriage.tickets.texts import ALREADY_ARRIVED, ALREADY_ENDED, FOUND_OTHER_DAY, NOT_FOUND_TODAY

_NUMBER = re.compile(r"MZ\d{8}", re.ASCII)


def scanned_text(text: str) -> str:
    """What a keyboard or a scanner typed, as the search understands it: of a code's content only the number."""
    wanted = text.strip().upper()
    found = _NUMBER.search(wanted)
    return found[0] if found else text.strip()


def arriving(nodes: Nodes, office_name: str, text: str) -> Sequence[AppointmentRow]:
    """Couples of today at this office who fit and have not checked in yet; several may have the same four digits.

    Raises `AppError` not_found with what was found instead: nobody, another day, somebody who is here already.
    """
    found = search(nodes, scanned_text(text)) or ()
    here = [row for row in found if row.office_name == office_name]
    of_today = [row for row in here if row.starts_at.date() == today()]
    expected = [row for row in of_today if row.state in (State.BOOKED, State.CONFIRMED)]
    if not expected:
        raise AppError("not_found", _instead(of_today, here), 404)
    return expected


def _instead(of_today: Sequence[AppointmentRow], here: Sequence[AppointmentRow]) -> str:
    if of_today:
        row = of_today[0]
        ticket = tickets_of([row.id]).get(row.id)
        if row.state is State.CHECKED_IN and ticket is not None:
            return ALREADY_ARRIVED.format(number=row.number, label=ticket.label)
        return ALREADY_ENDED.format(number=row.number, state=STATE_NAMES[row.state])
    ahead = [row for row in here if row.state in (State.BOOKED, State.CONFIRMED) and row.starts_at.date() > today()]
    if ahead:
        return FOUND_OTHER_DAY.format(number=ahead[-1].number, moment=spoken_day(ahead[-1].starts_at.date()))
    return NOT_FOUND_TODAY
