"""The mini-program's view of counselling (M12)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from backend.api.idempotency import Answer, answer_once
from backend.api.kit import PREFIX, ApiBlueprint, documented, resident
from backend.api.paging import PageQuery, page_body, read_cursor
from backend.kernel.access import Caller, access
from backend.kernel.paging import page_of
from backend.marriage.counselling import queries, texts
from backend.marriage.counselling.book import CounsellingWish, book_counselling
from backend.marriage.counselling.change import cancel_counselling, move_counselling
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.counselling.offers import Offer, ways_of
from backend.marriage.counselling.rules import SERVES, TOGETHER, Matter
from backend.marriage.counselling.schemas import (
    CounsellingListSchema,
    CounsellingMoveSchema,
    CounsellingRequestSchema,
    CounsellingSchema,
    MatterListSchema,
    TimeListSchema,
    TimeQuery,
)
from backend.marriage.models import Via
from backend.marriage.offices import offices
from backend.rate_limits import limiter
from workflows.chat.understanding.crisis import read_crisis

blueprint = ApiBlueprint("counselling", "Counselling")
blueprint.url_prefix = f"{PREFIX}/marriage/counselling"

_schema = CounsellingSchema()


@blueprint.route("/matters")
@documented(401, 429)
@blueprint.response(200, MatterListSchema)
@access(Caller.RESIDENT)
def list_matters() -> dict[str, Any]:
    """What one can speak about, with whom, where and how; offices without anybody for it are left out."""
    return {"items": [_matter(matter) for matter in Matter], "next_cursor": None}


@blueprint.route("/times")
@documented(401, 404, 422, 429)
@blueprint.arguments(TimeQuery, location="query")
@blueprint.response(200, TimeListSchema)
@access(Caller.RESIDENT)
def list_times(query: dict[str, Any]) -> dict[str, Any]:
    """Free times between two days, with whoever is free then."""
    found = queries.times(
        query["office_id"], query["matter"], query["way"], query["from_"], query["to"], query["counsellor_id"]
    )
    return {"items": [_time(one) for one in found], "next_cursor": None}


@blueprint.route("/sessions", methods=["POST"])
@limiter.limit("30 per minute", key_func=lambda: str(resident().person_id))
@documented(401, 404, 409, 422, 429)
@blueprint.arguments(CounsellingRequestSchema)
@blueprint.response(201, CounsellingSchema)
@access(Caller.RESIDENT)
def create_session(data: dict[str, Any]) -> Any:
    """Book a talk; voluntary and free of charge."""
    person_id = resident().person_id

    def command() -> Answer:
        made = book_counselling(CounsellingWish(**data, person_id=person_id, via=Via.API))
        return _one(made.id, person_id, told=data["about"]), 201

    return answer_once(person_id, command)


@blueprint.route("/sessions")
@documented(401, 422, 429)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, CounsellingListSchema)
@access(Caller.RESIDENT)
def list_sessions(query: dict[str, Any]) -> dict[str, Any]:
    """The caller's talks, newest first."""
    limit = query["limit"]
    rows = queries.own_sessions(resident().person_id, read_cursor(query["cursor"]), limit + 1)
    page = page_of(rows, limit, lambda row: (row.created_at, row.id))
    return page_body(page, _views(page.rows))


@blueprint.route("/sessions/<uuid:counselling_id>")
@documented(401, 404, 429)
@blueprint.response(200, CounsellingSchema)
@access(Caller.RESIDENT)
def get_session(counselling_id: uuid.UUID) -> dict[str, Any]:
    """One of the caller's talks, with the video's link where it is there."""
    return _views([queries.own_session(counselling_id, resident().person_id)])[0]


@blueprint.route("/sessions/<uuid:counselling_id>/move", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.arguments(CounsellingMoveSchema)
@blueprint.response(200, CounsellingSchema)
@access(Caller.RESIDENT)
def move_session(data: dict[str, Any], counselling_id: uuid.UUID) -> Any:
    """Move a talk to another free time, with the same counsellor where they are free."""
    person_id = resident().person_id

    def command() -> Answer:
        move_counselling(counselling_id, data["starts_at"], person_id)
        return _one(counselling_id, person_id), 200

    return answer_once(person_id, command)


@blueprint.route("/sessions/<uuid:counselling_id>/cancel", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, CounsellingSchema)
@access(Caller.RESIDENT)
def cancel_session(counselling_id: uuid.UUID) -> Any:
    """Give a talk up before it begins; twice is once."""
    person_id = resident().person_id

    def command() -> Answer:
        cancel_counselling(counselling_id, person_id)
        return _one(counselling_id, person_id), 200

    return answer_once(person_id, command)


def _matter(matter: Matter) -> dict[str, Any]:
    ways = ways_of(matter)
    return {
        "matter": matter,
        "title": texts.MATTER_NAMES[matter],
        "together": matter in TOGETHER,
        "professions": sorted(SERVES[matter]),
        "offices": [
            {"id": place.id, "name": place.name, "ways": ways[place.id]} for place in offices() if place.id in ways
        ],
    }


def _time(offer: Offer) -> dict[str, Any]:
    return {
        "starts_at": offer.starts_at,
        "ends_at": offer.ends_at,
        "counsellors": [
            {"id": one.resource_id, "name": one.resource.name, "profession": one.profession}
            for one in offer.counsellors
        ],
    }


def _one(session_id: uuid.UUID, person_id: uuid.UUID, told: str = "") -> Any:
    view = _views([queries.own_session(session_id, person_id)])[0]
    return _schema.dump(view | {"safety": texts.SAFETY if read_crisis(told) else None})


def _views(rows: Sequence[CounsellingSession]) -> list[dict[str, Any]]:
    professions = queries.professions_of({row.counsellor_id for row in rows})
    return [
        {
            "id": row.id,
            "number": row.number,
            "state": row.state,
            "matter": row.matter,
            "way": row.way,
            "together": row.together,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "office": row.office.name,
            "room": row.room.name if row.room else None,
            "counsellor": {
                "id": row.counsellor_id,
                "name": row.counsellor.name,
                "profession": professions[row.counsellor_id],
            },
            "link": row.link,
            "safety": None,
            "created_at": row.created_at,
        }
        for row in rows
    ]
