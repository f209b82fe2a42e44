"""The mini-program's view of times that the registry has taken away.

Another time is `POST /marriage/appointments/{id}/reschedule` and giving up is `/cancel`, as for any appointment: while
the move is open neither is counted, and no cut-off holds.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from backend.api.idempotency import Answer, answer_once
from backend.api.kit import PREFIX, ApiBlueprint, documented, resident
from backend.kernel.access import Caller, access
from backend.marriage.capacity.answer import OwnMove, accept_time, own_move, own_moves
from backend.marriage.kinds import Kind
from backend.marriage.planning.schemas import MoveListSchema, MoveSchema

blueprint = ApiBlueprint("moves", "Appointments moved by the registry")
blueprint.url_prefix = f"{PREFIX}/marriage"

_schema = MoveSchema()
# One person has few appointments, so there is one page.
_MOST = 50


@blueprint.route("/moves")
@documented(401, 429)
@blueprint.response(200, MoveListSchema)
@access(Caller.RESIDENT)
def list_moves() -> dict[str, Any]:
    """The caller's appointments that wait for an answer."""
    return {"items": [_view(one) for one in own_moves(resident().person_id, _MOST)], "next_cursor": None}


@blueprint.route("/moves/<uuid:move_id>/accept", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, MoveSchema)
@access(Caller.RESIDENT)
def accept_move(move_id: uuid.UUID) -> Any:
    """Agree to the new time. Agreeing twice is the same as once."""
    person_id = resident().person_id

    def command() -> Answer:
        accept_time(move_id, person_id)
        return _schema.dump(_view(own_move(move_id, person_id))), 200

    return answer_once(person_id, command)


def _view(one: OwnMove) -> dict[str, Any]:
    return {**asdict(one), "kind": Kind(one.kind), "office": one}
