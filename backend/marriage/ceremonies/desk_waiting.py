"""What of a ceremony's page waits for a member of staff, as the console's list of what waits shows it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from flask import url_for

from backend.console import Waiting
from backend.kernel.legal_calendar import ONE_DAY


def waits_for_a_look(what: str, title: str, found: Sequence[tuple[uuid.UUID, str, datetime]]) -> Sequence[Waiting]:
    """Ceremonies by id, number and since when, on whose page something waits for a person; a day is enough for it."""
    return [
        Waiting(
            what,
            title.format(number=number),
            url_for("ceremony_desk.ceremony", ceremony_id=ceremony_id),
            since,
            since + ONE_DAY,
        )
        for ceremony_id, number, since in found
    ]
