"""Use case `withdraw_request`: a couple takes its request in a rush back, as long as it was not its turn."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.marriage.rush.models import RushPerson, RushRequest
from backend.marriage.rush.queries import requests_of
from backend.marriage.rush.rules import RequestState
from backend.marriage.rush.texts import REQUEST_UNKNOWN, SETTLED_ALREADY
from backend.storage import atomic


def withdraw_request(request_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Take a request back, by either of the couple; twice is the same as once. Its number goes to nobody, and both may
    ask anew.

    Raises `AppError`: not_found (also for what is not theirs), state_conflict once it was its turn.
    """
    with atomic() as db:
        mine = requests_of(person_id).where(RushRequest.id == request_id)
        # Whoever gives the places locks what it serves, so a request is served or withdrawn, never both.
        request = db.scalars(
            mine.with_for_update(of=RushRequest).execution_options(populate_existing=True)
        ).one_or_none()
        if request is None:
            raise AppError("not_found", REQUEST_UNKNOWN, 404)
        if request.state is RequestState.WITHDRAWN:
            return
        if request.state is not RequestState.ASKED:
            raise AppError("state_conflict", SETTLED_ALREADY, 409, extra={"state": request.state.value})
        request.state, request.parties_sealed = RequestState.WITHDRAWN, None
        db.flush()
        db.execute(sa.delete(RushPerson).where(RushPerson.request_id == request.id))
