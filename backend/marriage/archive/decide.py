"""Whether somebody who has no right of their own may read: the head's word, with a reason (domain-rules §2.9)."""

from __future__ import annotations

import uuid

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.archive import texts
from backend.marriage.archive.history import clean_reason, locked_request, move, office_of, record, require
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.notices import tell
from backend.marriage.archive.rules import ArchiveState
from backend.storage import atomic, session


def approve(request_id: uuid.UUID, account_id: uuid.UUID, reason: str = "") -> ArchiveRequest:
    """Let a request be looked for whose applicant needs approval; never by whoever entered it.

    Raises `AppError`: not_found, not_needed, own_request, state_conflict.
    """
    with atomic():
        request = locked_request(request_id)
        require(request, (ArchiveState.ASKED,))
        if not request.needs_approval:
            raise AppError("not_needed", texts.NO_APPROVAL_NEEDED, 409)
        if request.created_by == account_id:
            raise AppError("own_request", texts.NOT_OWN_APPROVAL, 409)
        request.approved_at, request.approved_by = now(), account_id
        session().flush()
        record(request, "approved", Actor("staff", account_id), request.state, clean_reason(reason) or None)
        return request


def refuse(request_id: uuid.UUID, account_id: uuid.UUID, reason: str) -> ArchiveRequest:
    """Say that it cannot be done; whoever asked reads the reason.

    Raises `AppError`: not_found, invalid (no reason), state_conflict.
    """
    words = clean_reason(reason)
    if not words:
        raise AppError("invalid", texts.REFUSAL_REASON_MISSING, 422, errors={"reason": [texts.REFUSAL_REASON_MISSING]})
    with atomic():
        request = locked_request(request_id)
        move(request, "refused", ArchiveState.REFUSED, Actor("staff", account_id), words)
        tell("marriage.archive_refused", request, office_of(request))
        return request
