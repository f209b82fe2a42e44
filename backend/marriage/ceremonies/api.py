"""The mini-program's view of ceremonies (M10, M11) and of events of many couples."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from backend.api.idempotency import Answer, answer_once
from backend.api.kit import PREFIX, ApiBlueprint, documented, resident
from backend.api.paging import PageQuery, page_body, read_cursor
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.kernel.paging import page_of
from backend.marriage.ceremonies import queries, texts
from backend.marriage.ceremonies.book import CeremonyRequest, book_ceremony, cancel_ceremony
from backend.marriage.ceremonies.cloud import choose_cloud
from backend.marriage.ceremonies.draw import DrawProof, proof_of
from backend.marriage.ceremonies.entries import confirm_entry, sign_up, withdraw_entry
from backend.marriage.ceremonies.models import Ceremony, CloudCeremony, GroupEntry
from backend.marriage.ceremonies.page import page_address
from backend.marriage.ceremonies.parameters import guests_most
from backend.marriage.ceremonies.rules import EntryState
from backend.marriage.ceremonies.schemas import (
    CeremonyListSchema,
    CeremonyRequestSchema,
    CeremonySchema,
    CloudChoiceSchema,
    DrawProofSchema,
    GroupEntryListSchema,
    GroupEntrySchema,
    GroupEventListSchema,
    SessionListSchema,
    SessionQuery,
    SignUpSchema,
    VenueListSchema,
    VenueQuery,
)
from backend.marriage.covers.models import Cover
from backend.marriage.covers.queries import covers_of
from backend.marriage.covers.schemas import cover_view
from backend.marriage.models import Via
from backend.marriage.offices import office
from backend.marriage.resources.free import resources_of
from backend.marriage.resources.rules import ResourceKind
from backend.marriage.texts import OFFICE_UNKNOWN, RANGE_TOO_LONG
from backend.rate_limits import limiter

blueprint = ApiBlueprint("ceremonies", "Ceremonies and events of many couples")
blueprint.url_prefix = f"{PREFIX}/marriage"

_schema, _entry_schema = CeremonySchema(), GroupEntrySchema()


@blueprint.route("/venues")
@documented(401, 404, 422, 429)
@blueprint.arguments(VenueQuery, location="query")
@blueprint.response(200, VenueListSchema)
@access(Caller.RESIDENT)
def list_venues(query: dict[str, Any]) -> dict[str, Any]:
    """The venues of a registry."""
    place = office(query["office_id"])
    if place is None:
        raise AppError("not_found", OFFICE_UNKNOWN, 404)
    items = [
        {
            "id": one.id,
            "name": one.name,
            "outdoor": one.outdoor,
            "guests_most": guests_most(place.code, one.guests_most),
        }
        for one in resources_of(place.id, ResourceKind.VENUE)
    ]
    return {"items": items, "next_cursor": None}


@blueprint.route("/venues/<uuid:venue_id>/sessions")
@documented(401, 404, 422, 429)
@blueprint.arguments(SessionQuery, location="query")
@blueprint.response(200, SessionListSchema)
@access(Caller.RESIDENT)
def list_sessions(query: dict[str, Any], venue_id: uuid.UUID) -> dict[str, Any]:
    """Free sessions of a venue between two days."""
    first, last = query["from_"], query["to"]
    if not timedelta(0) <= last - first <= timedelta(days=queries.MOST_DAYS):
        raise AppError("invalid", RANGE_TOO_LONG, 422, errors={"to": [RANGE_TOO_LONG]})
    return {"items": queries.free_sessions(queries.venue(venue_id), first, last), "next_cursor": None}


@blueprint.route("/ceremonies", methods=["POST"])
@limiter.limit("30 per minute", key_func=lambda: str(resident().person_id))
@documented(401, 404, 409, 422, 429)
@blueprint.arguments(CeremonyRequestSchema)
@blueprint.response(201, CeremonySchema)
@access(Caller.RESIDENT)
def create_ceremony(data: dict[str, Any]) -> Any:
    """Book a session for a couple with an appointment for the registration; free of charge, without legal effect."""
    person_id = resident().person_id

    def command() -> Answer:
        made = book_ceremony(CeremonyRequest(**data, person_id=person_id, via=Via.API))
        return _one(made.id, person_id), 201

    return answer_once(person_id, command)


@blueprint.route("/ceremonies")
@documented(401, 422, 429)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, CeremonyListSchema)
@access(Caller.RESIDENT)
def list_ceremonies(query: dict[str, Any]) -> dict[str, Any]:
    """The caller's ceremonies, newest first."""
    limit = query["limit"]
    rows = queries.own_ceremonies(resident().person_id, read_cursor(query["cursor"]), limit + 1)
    page = page_of(rows, limit, lambda row: (row.created_at, row.id))
    return page_body(page, _views(page.rows))


@blueprint.route("/ceremonies/<uuid:ceremony_id>")
@documented(401, 404, 429)
@blueprint.response(200, CeremonySchema)
@access(Caller.RESIDENT)
def get_ceremony(ceremony_id: uuid.UUID) -> dict[str, Any]:
    """One of the caller's ceremonies, with its private page where both agreed and it is there."""
    return _views([queries.own_ceremony(ceremony_id, resident().person_id)])[0]


@blueprint.route("/ceremonies/<uuid:ceremony_id>/cancel", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, CeremonySchema)
@access(Caller.RESIDENT)
def cancel(ceremony_id: uuid.UUID) -> Any:
    """Give a ceremony up; twice is once."""
    person_id = resident().person_id

    def command() -> Answer:
        cancel_ceremony(ceremony_id, person_id)
        return _one(ceremony_id, person_id), 200

    return answer_once(person_id, command)


@blueprint.route("/ceremonies/<uuid:ceremony_id>/cloud", methods=["POST"])
@documented(401, 403, 404, 409, 422, 429)
@blueprint.arguments(CloudChoiceSchema)
@blueprint.response(200, CeremonySchema)
@access(Caller.RESIDENT)
def choose(data: dict[str, Any], ceremony_id: uuid.UUID) -> Any:
    """Agree to be shown on a private link, or take it back; each of the two for themselves."""
    person_id = resident().person_id

    def command() -> Answer:
        choose_cloud(ceremony_id, person_id, given=data["given"])
        return _one(ceremony_id, person_id), 200

    return answer_once(person_id, command)


@blueprint.route("/group-events")
@documented(401, 422, 429)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, GroupEventListSchema)
@access(Caller.RESIDENT)
def list_group_events(query: dict[str, Any]) -> dict[str, Any]:
    """Events of many couples that lie ahead, the nearest first."""
    limit = query["limit"]
    rows = queries.coming_events(read_cursor(query["cursor"]), limit + 1)
    return page_body(page_of(rows, limit, lambda row: (row.starts_at, row.id)))


@blueprint.route("/group-events/<uuid:event_id>/draw")
@documented(401, 404, 429)
@blueprint.response(200, DrawProofSchema)
@access(Caller.RESIDENT)
def get_draw(event_id: uuid.UUID) -> DrawProof:
    """The proof of a draw: before it the seed's hash, after it all that is needed to draw again."""
    found = proof_of(queries.event(event_id))
    if found is None:
        raise AppError("not_found", texts.EVENT_UNKNOWN, 404)
    return found


@blueprint.route("/group-events/<uuid:event_id>/entries", methods=["POST"])
@limiter.limit("30 per minute", key_func=lambda: str(resident().person_id))
@documented(401, 403, 404, 409, 422, 429)
@blueprint.arguments(SignUpSchema)
@blueprint.response(201, GroupEntrySchema)
@access(Caller.RESIDENT)
def create_entry(data: dict[str, Any], event_id: uuid.UUID) -> Any:
    """Sign the couple up; it counts once the other one has confirmed."""
    person_id = resident().person_id

    def command() -> Answer:
        return _entry(sign_up(event_id, data["appointment_id"], person_id), person_id), 201

    return answer_once(person_id, command)


@blueprint.route("/group-entries")
@documented(401, 422, 429)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, GroupEntryListSchema)
@access(Caller.RESIDENT)
def list_entries(query: dict[str, Any]) -> dict[str, Any]:
    """The couple's entries, newest first."""
    limit, person_id = query["limit"], resident().person_id
    rows = queries.own_entries(person_id, read_cursor(query["cursor"]), limit + 1)
    page = page_of(rows, limit, lambda row: (row.created_at, row.id))
    return page_body(page, [_entry_view(row, person_id) for row in page.rows])


@blueprint.route("/group-entries/<uuid:entry_id>/confirm", methods=["POST"])
@documented(401, 403, 404, 409, 422, 429)
@blueprint.response(200, GroupEntrySchema)
@access(Caller.RESIDENT)
def confirm(entry_id: uuid.UUID) -> Any:
    """Say yes as the other one of the two."""
    person_id = resident().person_id
    return answer_once(person_id, lambda: (_entry(confirm_entry(entry_id, person_id), person_id), 200))


@blueprint.route("/group-entries/<uuid:entry_id>/withdraw", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, GroupEntrySchema)
@access(Caller.RESIDENT)
def withdraw(entry_id: uuid.UUID) -> Any:
    """Withdraw; the place goes to the first in reserve."""
    person_id = resident().person_id
    return answer_once(person_id, lambda: (_entry(withdraw_entry(entry_id, person_id), person_id), 200))


def _one(ceremony_id: uuid.UUID, person_id: uuid.UUID) -> Any:
    return _schema.dump(_views([queries.own_ceremony(ceremony_id, person_id)])[0])


def _views(rows: Sequence[Ceremony]) -> list[dict[str, Any]]:
    clouds = queries.clouds_of([row.id for row in rows])
    covers = covers_of([cloud.id for cloud in clouds.values()])
    return [
        {
            "id": row.id,
            "number": row.number,
            "state": row.state,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "guests": row.guests,
            "venue": row.venue.name,
            "office": row.office.name,
            "officiant": row.officiant.name if row.officiant else None,
            "moved_indoors": row.wished_id is not None and not row.needs_place,
            "needs_place": row.needs_place,
            "cloud": _cloud(clouds.get(row.id), covers),
            "created_at": row.created_at,
        }
        for row in rows
    ]


def _cloud(cloud: CloudCeremony | None, covers: Mapping[uuid.UUID, Cover]) -> dict[str, Any] | None:
    if cloud is None:
        return None
    page = page_address(cloud.token) if cloud.token else None
    cover = covers.get(cloud.id)
    return {
        "state": cloud.state,
        "delete_from": cloud.delete_from,
        "page": page,
        "terms": texts.CLOUD_TERMS,
        "cover": cover_view(cover) if cover else None,
    }


def _entry(entry: GroupEntry, person_id: uuid.UUID) -> Any:
    found = next(row for row in queries.own_entries(person_id, None, 50) if row.id == entry.id)
    return _entry_schema.dump(_entry_view(found, person_id))


def _entry_view(entry: GroupEntry, person_id: uuid.UUID) -> dict[str, Any]:
    waits = entry.state is EntryState.WAITS_FOR_PARTNER and entry.signed_by != person_id
    return {
        "id": entry.id,
        "number": entry.number,
        "state": entry.state,
        "waits_for_me": waits,
        "event": entry.event,
        "created_at": entry.created_at,
    }
