"""Use case `verify_person`: name and number checked by the bureau's verification service."""

from __future__ import annotations

import logging
import uuid

from backend.kernel.errors import AppError
from backend.people.identities import person_of
from backend.people.models import number_index
from backend.people.proving import Proof, Proven, prove
from backend.people.reading import Claim
from backend.people.texts import MISMATCH, MISMATCH_LAST, SERVICE_ABSENT, SERVICE_AWAY
from backend.people.tries import Counted, count_verification, take_back
from backend.people.verification_service import Answer, VerificationService, verification_service
from backend.storage import session, transaction

log = logging.getLogger(__name__)


def verify_person(identity_id: uuid.UUID, claim: Claim) -> Proven:
    """Verify whoever uses a WeChat identity. The service is asked with no transaction open.

    Proving what is proven already makes it fresh again, so a repeat does no harm. Wrong pairs are counted, right ones
    and those the service could not answer are not.

    Raises `AppError`: identity_mismatch, rate_limited, counter_needed, state_conflict,
    verification_unavailable. Raises `RuntimeError` inside a transaction.
    """
    _require_no_transaction()
    service = verification_service()
    if service is None:
        raise AppError("counter_needed", SERVICE_ABSENT, 409)
    counted = count_verification(person_of(identity_id), number_index(claim.identity))
    _ask(service, claim, counted)
    with transaction():
        proven = prove(Proof(claim, identity_id))
        take_back(counted)
    log.info("person_verified", extra={"joined": proven.joined})
    return proven


def _ask(service: VerificationService, claim: Claim, counted: Counted) -> None:
    answer = service.check(claim.name, claim.identity.id_type, claim.identity.number)
    if answer is Answer.UNAVAILABLE:
        take_back(counted)
        raise AppError("verification_unavailable", SERVICE_AWAY, 503)
    if answer is Answer.MISMATCHED:
        # Which of the two is wrong is not known, and would not be told: it would help to guess.
        text = MISMATCH.format(left=counted.left) if counted.left else MISMATCH_LAST
        raise AppError("identity_mismatch", text, 422, extra={"tries_left": counted.left})


def _require_no_transaction() -> None:
    try:
        session()
    except RuntimeError:
        return
    raise RuntimeError("the verification service is not asked inside a transaction")
