"""Demonstration data: a day of the first registry closed for works, and the move of its couples under way.

Names are invented. What is there already stays.
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import today
from backend.marriage.cancel import cancel_appointment
from backend.marriage.capacity.answer import accept_time, own_moves
from backend.marriage.capacity.change import change_days
from backend.marriage.capacity.models import BulkMove, MoveLine
from backend.marriage.capacity.place import place_waiting
from backend.marriage.capacity.preview import preview
from backend.marriage.capacity.rules import LineState
from backend.marriage.capacity.start import start_move
from backend.marriage.capacity.wishes import Action, Wish
from backend.marriage.models import Appointment
from backend.marriage.offices import offices
from backend.staff.demo import XINCHENG_REGISTRY
from backend.staff.models import StaffAccount
from backend.storage import session, transaction

# A day on which couples of the demonstration are booked, and no story is told.
_AHEAD = 12
_REASON = "办事大厅线路检修停电"
_OFFICER = "head-1"


def load_demo() -> None:
    """The closure and its move, unless there is a move already."""
    with transaction() as db:
        place = next((one for one in offices() if one.code == XINCHENG_REGISTRY), None)
        officer = db.scalar(sa.select(StaffAccount.id).where(StaffAccount.username == _OFFICER))
        if place is None or officer is None or db.scalar(sa.select(sa.func.count()).select_from(BulkMove)):
            return
        day = legal_calendar().add_workdays(today(), _AHEAD).day
        wish = Wish(Action.CLOSE, day, day, _REASON)
        changed = change_days(place, wish, preview(place, wish).base, officer)
        if changed.move_id is None:
            return
        start_move(place, changed.move_id, officer)
        place_waiting(changed.move_id)
        _answer(_persons(changed.move_id))


def _persons(move_id: uuid.UUID) -> list[uuid.UUID]:
    offered = MoveLine.state == LineState.OFFERED
    query = sa.select(Appointment.booked_by).join(MoveLine, MoveLine.appointment_id == Appointment.id)
    return list(session().scalars(query.where(MoveLine.move_id == move_id, offered).order_by(MoveLine.rank).limit(3)))


def _answer(persons: list[uuid.UUID]) -> None:
    """Two agree, one gives up, the others have not answered yet."""
    for place, person_id in enumerate(persons):
        for own in own_moves(person_id):
            if place < 2:
                accept_time(own.id, person_id)
            else:
                cancel_appointment(own.appointment_id, person_id)
