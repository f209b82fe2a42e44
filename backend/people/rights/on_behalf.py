"""Use case `ask_for_principal`: a helper asks to have somebody's data put right, under a tie that holds it (§5.3, 46).

A copy, deletion and closing the account are the person's own to ask for: a helper would read, or end, more than any tie
lets them.
"""

from __future__ import annotations

import uuid

from backend.kernel.actors import Actor
from backend.kernel.errors import AppError
from backend.people.proxies import Scope, acting_for, record_act
from backend.people.rights import texts
from backend.people.rights.answers import SUBJECT_KIND
from backend.people.rights.models import RightsRequest
from backend.people.rights.requests import ask
from backend.people.rights.rules import RequestKind, Via
from backend.storage import atomic

ACTION = "rights.asked"


def ask_for_principal(
    helper_id: uuid.UUID, principal_id: uuid.UUID, kind: RequestKind, words: str, via: Via
) -> RightsRequest:
    """Take in a helper's request to correct what is kept about the principal, whose request it is from then on.

    Raises `AppError`: forbidden without a tie that holds it, invalid (another kind; no words), state_conflict.
    """
    with atomic():
        authority = acting_for(helper_id, principal_id, Scope.PEOPLE)
        if kind is not RequestKind.CORRECT:
            raise AppError("invalid", texts.ONLY_ONESELF, 422, errors={"kind": [texts.ONLY_ONESELF]})
        request = ask(principal_id, kind, words, via, Actor("resident", helper_id), event="asked_by_helper")
        record_act(authority, ACTION, SUBJECT_KIND, request.id)
        return request
