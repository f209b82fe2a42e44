"""Errors of the API as `application/problem+json` (RFC 9457, contract.md "API")."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from flask import Response, request
from flask_limiter.errors import RateLimitExceeded
from psycopg import errors as postgres
from werkzeug.exceptions import HTTPException, UnprocessableEntity

from backend.api import texts
from backend.kernel.errors import AppError

log = logging.getLogger(__name__)

_BY_STATUS: Mapping[int, tuple[str, str]] = {
    400: ("invalid", texts.UNREADABLE_BODY),
    401: ("unauthenticated", texts.UNAUTHENTICATED),
    403: ("forbidden", texts.FORBIDDEN),
    404: ("not_found", texts.NOT_FOUND),
    405: ("method_not_allowed", texts.METHOD_NOT_ALLOWED),
    413: ("too_large", texts.TOO_LARGE),
    415: ("invalid", texts.UNREADABLE_BODY),
    422: ("invalid", texts.INVALID),
    429: ("rate_limited", texts.RATE_LIMITED),
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    reference: str,
    errors: Mapping[str, Sequence[str]] | None = None,
    extra: Mapping[str, object] | None = None,
) -> Response:
    """One problem document; `reference` is in the log too."""
    body: dict[str, Any] = dict(extra or {})
    body |= {
        "type": f"urn:nuanmin:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "reference": reference,
    }
    if errors:
        body["errors"] = errors
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status=status, content_type="application/problem+json; charset=utf-8")


def from_app_error(error: AppError) -> Response:
    """A refusal that a use case gave."""
    reference = secrets.token_hex(4)
    log.info("refused", extra={"code": error.code, "reference": reference})
    response = problem(
        error.status, error.code, error.user_text, errors=error.errors, extra=error.extra, reference=reference
    )
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = str(error.extra.get("retry_after", 60))
    return response


def from_http_exception(error: HTTPException) -> Response:
    """A refusal of the framework: unknown address, wrong method, arguments that do not fit the schema."""
    status = error.code or 500
    code, detail = _BY_STATUS.get(status, ("error", texts.UNREADABLE_BODY))
    fields = _field_errors(getattr(error, "data", None)) if isinstance(error, UnprocessableEntity) else {}
    reference = secrets.token_hex(4)
    log.info("refused", extra={"code": code, "reference": reference})
    response = problem(status, code, detail, errors=fields, reference=reference)
    # Headers the framework owes the caller, such as Allow with a 405.
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    if isinstance(error, RateLimitExceeded):
        response.headers["Retry-After"] = str(error.limit.limit.get_expiry())
    return response


def from_fault(error: Exception) -> Response:
    """A fault of ours: a reference number here and in the log, or "busy" where waiting a little helps."""
    reference = secrets.token_hex(4)
    if _is_busy(error):
        log.warning("busy", extra={"reference": reference, "path": request.path})
        response = problem(503, "busy", texts.BUSY, reference=reference)
        response.headers["Retry-After"] = "2"
        return response
    log.error("unexpected", exc_info=error, extra={"reference": reference, "path": request.path})
    return problem(500, "unexpected", texts.UNEXPECTED.format(reference=reference), reference=reference)


def _is_busy(error: Exception) -> bool:
    if isinstance(error, sa.exc.TimeoutError):  # no connection became free
        return True
    cause = getattr(error, "orig", None)
    waited = (postgres.LockNotAvailable, postgres.QueryCanceled, postgres.DeadlockDetected)
    return isinstance(cause, waited) or (isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated)


def _field_errors(data: object) -> dict[str, list[str]]:
    if not isinstance(data, dict):
        return {}
    flat: dict[str, list[str]] = {}
    for location in (data.get("messages") or {}).values():
        _flatten("", location, flat)
    return flat


def _flatten(path: str, node: object, flat: dict[str, list[str]]) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            _flatten(f"{path}.{key}" if path else str(key), value, flat)
    elif isinstance(node, list):
        flat[path.removesuffix("._schema") or "_schema"] = [
            texts.FIELD_MESSAGES.get(str(message), texts.OTHER_FIELD_MESSAGE) for message in node
        ]
