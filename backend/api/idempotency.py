"""`Idempotency-Key`: a repeated command gets the first answer (contract.md "API").

The key's row commits together with what the command did, so there is no moment at which one exists without the other.
A repeat that comes while the first still works is told so at once, by a lock that vanishes with the transaction.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Response, jsonify, request

from backend.api import texts
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.storage import key_ring, lean_transaction, look, run, transaction
from backend.storage.sealing import sealed_context

Answer = tuple[Any, int]

KEPT_HOURS = 48

_LOCK = sa.text(
    """
    SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0)) AS mine, answer.id, answer.request_hash,
        answer.status, answer.body_sealed
    FROM (SELECT 1) AS one LEFT JOIN idempotent_answers AS answer ON answer.caller_id = :caller_id AND answer.key = :key
    """
)
_STORED = sa.text(
    """
    SELECT id, request_hash, status, body_sealed FROM idempotent_answers WHERE caller_id = :caller_id AND key = :key
    """
)
_KEEP = sa.text(
    """
    INSERT INTO idempotent_answers (id, caller_id, key, request_hash, status, body_sealed, created_at)
    VALUES (:id, :caller_id, :key, :request_hash, :status, :body, :now)
    """
)
_FORGET = sa.text(
    """
    DELETE FROM idempotent_answers
    WHERE id IN (SELECT id FROM idempotent_answers WHERE created_at < :before LIMIT :limit)
    """
)


def answer_once(caller_id: uuid.UUID, command: Callable[[], Answer]) -> Response:
    """The response to a command that runs `once`. Its body is JSON already, because it may be one that was kept."""
    body, status = once(caller_id, command)
    response = jsonify(body)
    response.status_code = status
    return response


def once(caller_id: uuid.UUID, command: Callable[[], Answer]) -> Answer:
    """Run `command` once per `Idempotency-Key` of this caller; without the header, just run it.

    `command` returns (JSON body, status). Refusals are not kept: they changed nothing, and trying again may succeed.

    Raises `AppError`: idempotency_in_progress (409), invalid (422) for a key used with another request.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return command()
    if not 1 <= len(key) <= 100:
        raise AppError("invalid", texts.KEY_TOO_LONG, 422, errors={"Idempotency-Key": [texts.KEY_TOO_LONG]})
    request_hash = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.get_data()).digest()
    lookup = {"caller_id": caller_id, "key": key}
    try:
        with lean_transaction():
            [lock] = run(_LOCK, {**lookup, "name": f"{caller_id}:{key}"})
            if lock.id is not None:
                return _kept(lock, request_hash)
            if not lock.mine:
                raise AppError("idempotency_in_progress", texts.KEY_IN_PROGRESS, 409)
            return _run_and_keep(lookup, request_hash, command)
    except (AppError, sa.exc.IntegrityError):
        # The first may have committed between our look and our lock. Then its answer holds, not what we ran into.
        stored = look(_STORED, lookup)
        if stored is None:
            raise
        return _kept(stored, request_hash)


def _run_and_keep(lookup: Mapping[str, object], request_hash: bytes, command: Callable[[], Answer]) -> Answer:
    body, status = command()
    row_id = new_id()
    sealed = key_ring().seal(json.dumps(body, ensure_ascii=False), _context(row_id))
    values = {**lookup, "id": row_id, "request_hash": request_hash, "status": status, "body": sealed, "now": now()}
    run(_KEEP, values)
    return body, status


def _kept(stored: Any, request_hash: bytes) -> Answer:
    if bytes(stored.request_hash) != request_hash:
        raise AppError("invalid", texts.KEY_REUSED, 422, errors={"Idempotency-Key": [texts.KEY_REUSED]})
    return json.loads(key_ring().open(stored.body_sealed, _context(stored.id))), stored.status


def _context(row_id: uuid.UUID) -> str:
    return sealed_context("idempotent_answers", "body_sealed", row_id)


def forget_older(hours: int = KEPT_HOURS, limit: int = 1000) -> int:
    """Delete answers nobody will ask for again; returns how many."""
    with transaction() as session:
        done = session.execute(_FORGET, {"before": now() - timedelta(hours=hours), "limit": limit})
        return done.rowcount  # type: ignore[attr-defined,no-any-return]
