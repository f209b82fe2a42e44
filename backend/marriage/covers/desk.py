"""The desk of cover pictures: whoever looks after a ceremony sees what WeChat left open, and shows or hides it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from backend.console import Nodes, Waiting, current_account
from backend.kernel.access import Caller, access
from backend.marriage.ceremonies.desk import act_on, ceremony_desk, look_closer
from backend.marriage.ceremonies.desk_waiting import waits_for_a_look
from backend.marriage.covers import texts
from backend.marriage.covers.decide import decide_cover
from backend.marriage.covers.page import picture
from backend.marriage.covers.queries import cover_of_ceremony, to_review
from backend.staff import Permission


@ceremony_desk.get("/ceremonies/<uuid:ceremony_id>/covers/<uuid:cover_id>/picture")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def cover_picture(ceremony_id: uuid.UUID, cover_id: uuid.UUID) -> Response:
    """The picture itself, shown to guests or not; the look is written down."""
    found = cover_of_ceremony(ceremony_id, cover_id)
    if found is not None:
        look_closer(ceremony_id, "ceremony.cover_viewed", ("cover",))
    return picture(found)


@ceremony_desk.post("/ceremonies/<uuid:ceremony_id>/covers/<uuid:cover_id>/show")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def cover_show(ceremony_id: uuid.UUID, cover_id: uuid.UUID) -> AnyResponse:
    """Guests may see it."""
    decide = partial(decide_cover, ceremony_id, cover_id, current_account().id, show=True)
    return act_on(ceremony_id, decide, "ceremony.cover_shown", texts.SHOWN_NOW)


@ceremony_desk.post("/ceremonies/<uuid:ceremony_id>/covers/<uuid:cover_id>/hide")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def cover_hide(ceremony_id: uuid.UUID, cover_id: uuid.UUID) -> AnyResponse:
    """They may not, or no longer."""
    decide = partial(decide_cover, ceremony_id, cover_id, current_account().id, show=False)
    return act_on(ceremony_id, decide, "ceremony.cover_hidden", texts.HIDDEN_NOW)


def waiting_covers(nodes: Nodes, limit: int) -> Sequence[Waiting]:
    """Ceremonies whose picture waits for a person, for the list of what waits."""
    return waits_for_a_look(texts.WAITING, texts.WAITING_TITLE, to_review(nodes, limit))
