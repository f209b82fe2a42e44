"""The desk of blessings: whoever looks after a ceremony reads what WeChat could not decide, and shows or hides it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial

from werkzeug.wrappers import Response

from backend.console import Nodes, Waiting, current_account
from backend.kernel.access import Caller, access
from backend.marriage.blessings import texts
from backend.marriage.blessings.decide import decide_blessing
from backend.marriage.blessings.queries import to_review
from backend.marriage.ceremonies.desk import act_on, ceremony_desk
from backend.marriage.ceremonies.desk_waiting import waits_for_a_look
from backend.staff import Permission


@ceremony_desk.post("/ceremonies/<uuid:ceremony_id>/blessings/<uuid:blessing_id>/show")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def blessing_show(ceremony_id: uuid.UUID, blessing_id: uuid.UUID) -> Response:
    """It may be read by the guests."""
    decide = partial(decide_blessing, ceremony_id, blessing_id, current_account().id, show=True)
    return act_on(ceremony_id, decide, "ceremony.blessing_shown", texts.SHOWN_NOW)


@ceremony_desk.post("/ceremonies/<uuid:ceremony_id>/blessings/<uuid:blessing_id>/hide")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def blessing_hide(ceremony_id: uuid.UUID, blessing_id: uuid.UUID) -> Response:
    """It may not, or no longer."""
    decide = partial(decide_blessing, ceremony_id, blessing_id, current_account().id, show=False)
    return act_on(ceremony_id, decide, "ceremony.blessing_hidden", texts.HIDDEN_NOW)


def waiting_blessings(nodes: Nodes, limit: int) -> Sequence[Waiting]:
    """Ceremonies with words that wait for a person, for the list of what waits."""
    return waits_for_a_look(texts.WAITING, texts.WAITING_TITLE, to_review(nodes, limit))
