"""The mini-program's view of requests to the archive (M7, and the step before M5 and M6)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from backend.api.idempotency import Answer, answer_once
from backend.api.kit import PREFIX, ApiBlueprint, documented, resident
from backend.api.paging import PageQuery, page_body, read_cursor
from backend.kernel.access import Caller, access
from backend.kernel.paging import page_of
from backend.marriage.archive.answer import answer, withdraw
from backend.marriage.archive.ask import OnlineAsk, ask_online
from backend.marriage.archive.asking import Authority, Subject, Wanted
from backend.marriage.archive.queries import OwnRequest, own_request_view, own_requests
from backend.marriage.archive.rules import Via
from backend.marriage.archive.schemas import (
    ArchiveAnswerSchema,
    ArchiveAskSchema,
    ArchiveRequestListSchema,
    ArchiveRequestSchema,
    ArchiveVisitSchema,
)
from backend.marriage.archive.visit import book_visit
from backend.marriage.models import Via as BookedVia
from backend.rate_limits import limiter

blueprint = ApiBlueprint("archive", "Requests to the marriage archive")
blueprint.url_prefix = f"{PREFIX}/marriage"

_schema = ArchiveRequestSchema()


@blueprint.route("/archive-requests", methods=["POST"])
@limiter.limit("10 per minute", key_func=lambda: str(resident().person_id))
@documented(401, 403, 404, 409, 422, 429)
@blueprint.arguments(ArchiveAskSchema)
@blueprint.response(201, ArchiveRequestSchema)
@access(Caller.RESIDENT)
def create_archive_request(data: dict[str, Any]) -> Any:
    """Ask for a record to be looked for. Who asks is whoever has proven name and number; nobody else's are taken."""
    person_id = resident().person_id

    def command() -> Answer:
        made = ask_online(_asked(data, person_id))
        return _one(made.id, person_id), 201

    return answer_once(person_id, command)


@blueprint.route("/archive-requests")
@documented(401, 422, 429)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ArchiveRequestListSchema)
@access(Caller.RESIDENT)
def list_archive_requests(query: dict[str, Any]) -> dict[str, Any]:
    """The caller's requests, newest first."""
    limit = query["limit"]
    rows = own_requests(resident().person_id, read_cursor(query["cursor"]), limit + 1)
    return page_body(page_of(rows, limit, lambda row: (row.created_at, row.id)))


@blueprint.route("/archive-requests/<uuid:archive_request_id>")
@documented(401, 404, 429)
@blueprint.response(200, ArchiveRequestSchema)
@access(Caller.RESIDENT)
def get_archive_request(archive_request_id: uuid.UUID) -> OwnRequest:
    """One of the caller's requests."""
    return own_request_view(archive_request_id, resident().person_id)


@blueprint.route("/archive-requests/<uuid:archive_request_id>/answer", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.arguments(ArchiveAnswerSchema)
@blueprint.response(200, ArchiveRequestSchema)
@access(Caller.RESIDENT)
def answer_archive_request(data: dict[str, Any], archive_request_id: uuid.UUID) -> Any:
    """Answer the archivist's one question; a new day is promised."""
    return _change(archive_request_id, lambda person_id: answer(archive_request_id, data["answer"], person_id))


@blueprint.route("/archive-requests/<uuid:archive_request_id>/withdraw", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, ArchiveRequestSchema)
@access(Caller.RESIDENT)
def withdraw_archive_request(archive_request_id: uuid.UUID) -> Any:
    """Take a request back; twice is once."""
    return _change(archive_request_id, lambda person_id: withdraw(archive_request_id, person_id))


@blueprint.route("/archive-requests/<uuid:archive_request_id>/visit", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.arguments(ArchiveVisitSchema)
@blueprint.response(200, ArchiveRequestSchema)
@access(Caller.RESIDENT)
def book_archive_visit(data: dict[str, Any], archive_request_id: uuid.UUID) -> Any:
    """Book a time to read what is ready, in the applicant's own name; the appointment is moved and given up as any."""

    def act(person_id: uuid.UUID) -> None:
        book_visit(archive_request_id, data["slot_id"], person_id, BookedVia.API)

    return _change(archive_request_id, act)


def _change(request_id: uuid.UUID, act: Callable[[uuid.UUID], object]) -> Any:
    person_id = resident().person_id

    def command() -> Answer:
        act(person_id)
        return _one(request_id, person_id), 200

    return answer_once(person_id, command)


def _one(request_id: uuid.UUID, person_id: uuid.UUID) -> Any:
    return _schema.dump(own_request_view(request_id, person_id))


def _asked(data: dict[str, Any], person_id: uuid.UUID) -> OnlineAsk:
    applicant = data["applicant"]
    return OnlineAsk(
        person_id=person_id,
        office_id=data["office_id"],
        authority=Authority(applicant["kind"], applicant["authority"], applicant["reason"]),
        wanted=Wanted(
            sought=data["sought"],
            subjects=[Subject(**subject) for subject in data["subjects"]],
            first_year=data["first_year"],
            last_year=data["last_year"] if data["last_year"] is not None else data["first_year"],
            registration=data["registration"],
            registered_at=data["registered_at"],
            certificate=data["certificate"],
            without_number=data["without_number"],
        ),
        via=Via.API,
        phone=data["phone"],
    )
