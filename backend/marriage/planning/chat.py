"""What conversations ask about times that were taken away: `workflows.chat.moves_port.MovesPort` for one person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from backend.kernel.errors import AppError
from backend.marriage.capacity.answer import OwnMove, accept_time, own_moves
from backend.marriage.offers import office
from workflows.chat.moves_port import MovedAppointment
from workflows.chat.ports import OfficeChoice, Refused


class MovesChat:
    """The port as one person sees it; calls join the transaction of the turn."""

    def __init__(self, person_id: uuid.UUID) -> None:
        self.person_id = person_id

    def own(self) -> Sequence[MovedAppointment]:
        """Those that wait for an answer, the oldest first."""
        return [_moved(one) for one in own_moves(self.person_id)]

    def accept(self, move_id: str) -> Refused | None:
        """Agree to the new time."""
        try:
            accept_time(uuid.UUID(move_id), self.person_id)
        except AppError as error:
            return Refused(error.code, error.user_text)
        return None


def _moved(one: OwnMove) -> MovedAppointment:
    place = office(one.office_id)
    return MovedAppointment(
        str(one.id),
        str(one.appointment_id),
        one.number,
        OfficeChoice(str(one.office_id), one.office_name, place.address if place else "", one.office_phone),
        one.old_starts_at,
        one.new_starts_at,
        one.answer_until,
        one.reason,
    )
