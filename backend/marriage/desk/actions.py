"""What a registrar can do to an appointment at a given moment; pure. The use cases remain the judges."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from backend.marriage.rules import MOVES, State


class DeskAction(StrEnum):
    """Steps offered at the desk; the names are part of their addresses."""

    CONFIRM = "confirm"
    CHECK_IN = "check-in"
    COMPLETE = "complete"
    FAIL_DOCUMENTS = "fail-documents"
    NO_SHOW = "no-show"
    REFUSE = "refuse"


TARGETS: Mapping[DeskAction, State] = {
    DeskAction.CONFIRM: State.CONFIRMED,
    DeskAction.CHECK_IN: State.CHECKED_IN,
    DeskAction.COMPLETE: State.SERVED,
    DeskAction.FAIL_DOCUMENTS: State.FAILED_DOCUMENTS,
    DeskAction.NO_SHOW: State.NO_SHOW,
    DeskAction.REFUSE: State.REFUSED,
}

# These are told to the couple with a reason.
WITH_REASON = frozenset({DeskAction.REFUSE, DeskAction.FAIL_DOCUMENTS})


def actions_for(state: State, starts_at: datetime, moment: datetime) -> tuple[DeskAction, ...]:
    """The steps worth offering, most likely first: nobody is checked in on another day or absent before the time."""
    return tuple(
        action for action, target in TARGETS.items() if target in MOVES[state] and _timely(action, starts_at, moment)
    )


def _timely(action: DeskAction, starts_at: datetime, moment: datetime) -> bool:
    if action is DeskAction.CHECK_IN:
        return starts_at.date() == moment.date()
    if action is DeskAction.NO_SHOW:
        return starts_at <= moment
    if action is DeskAction.CONFIRM:
        return moment.date() <= starts_at.date()
    return True
