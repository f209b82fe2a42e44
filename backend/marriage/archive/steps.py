"""What can be done to a request at the desk, by where it stands; the use cases remain the judges."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.rules import ArchiveState


class DeskStep(StrEnum):
    """Steps offered at the desk; the names are part of their addresses."""

    APPROVE = "approve"
    TAKE = "take"
    LOCATE = "locate"
    READY = "ready"
    VISIT = "visit"
    ANSWER = "answer"
    ASK = "ask"
    NOT_FOUND = "nothing"
    REOPEN = "reopen"
    HAND_OVER = "handover"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


# Done by one click; all others ask for something first.
AT_ONCE = frozenset({DeskStep.TAKE, DeskStep.READY})

_S, _D = ArchiveState, DeskStep
_STEPS: Mapping[ArchiveState, tuple[DeskStep, ...]] = {
    _S.ASKED: (_D.TAKE, _D.HAND_OVER, _D.REFUSE, _D.WITHDRAW),
    _S.SEARCHING: (_D.LOCATE, _D.ASK, _D.NOT_FOUND, _D.REFUSE, _D.WITHDRAW),
    _S.NEED_MORE: (_D.ANSWER, _D.WITHDRAW),
    _S.LOCATED: (_D.READY, _D.REOPEN, _D.WITHDRAW),
    _S.READY: (_D.VISIT, _D.REOPEN, _D.WITHDRAW),
    _S.NOT_FOUND: (_D.REOPEN,),
    _S.REFERRED: (_D.REOPEN,),
    _S.LAPSED: (_D.READY, _D.REOPEN),
}


def steps_for(row: ArchiveRequest, *, may_work: bool, may_approve: bool) -> list[DeskStep]:
    """The steps worth offering, most likely first."""
    steps = list(_STEPS.get(row.state, ()))
    if row.state is ArchiveState.ASKED and row.needs_approval:
        steps = [DeskStep.APPROVE, *(step for step in steps if step is not DeskStep.TAKE)]
    if row.state is ArchiveState.LAPSED and row.kept_at is None:
        steps.remove(DeskStep.READY)
    return [step for step in steps if (may_approve if step is DeskStep.APPROVE else may_work)]
