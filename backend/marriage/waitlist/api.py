"""The mini-program's waiting list (contract.md "Marriage" `POST /marriage/waitlist`)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from backend.api.idempotency import Answer, answer_once
from backend.api.kit import ApiBlueprint, documented, resident
from backend.api.paging import PageQuery, page_body, read_cursor
from backend.kernel.access import Caller, access
from backend.kernel.paging import page_of
from backend.marriage.couples import PartyInput
from backend.marriage.kinds import Declaration
from backend.marriage.models import Via
from backend.marriage.waiting.join import WaitingRequest, join_waiting
from backend.marriage.waiting.leave import leave_waiting, pass_offer
from backend.marriage.waiting.queries import KeptPlace, OwnEntry, own_entries, own_entry
from backend.marriage.waiting.take import accept_offer
from backend.marriage.waitlist.schemas import WaitingEntrySchema, WaitingListSchema, WaitingSchema
from backend.rate_limits import limiter

blueprint = ApiBlueprint("marriage_waitlist", "Waiting for a place of a registry", path="marriage/waitlist")

_schema = WaitingEntrySchema()


@blueprint.route("", methods=["POST"])
@limiter.limit("30 per minute", key_func=lambda: str(resident().person_id))
@documented(401, 404, 409, 422, 429)
@blueprint.arguments(WaitingSchema)
@blueprint.response(201, WaitingEntrySchema)
@access(Caller.RESIDENT)
def join(data: dict[str, Any]) -> Any:
    """Wait for a place that comes free. Send an Idempotency-Key, so that a repeat is the same entry."""
    person_id = resident().person_id
    withheld = [Declaration(name) for name, given in data["declarations"].items() if not given]
    wish = WaitingRequest(
        kind=data["kind"],
        parties=[PartyInput(**party) for party in data["parties"]],
        declared=True,
        person_id=person_id,
        via=Via.API,
        office_id=data["office_id"],
        first_day=data["first_day"],
        last_day=data["last_day"],
        slot_id=data["slot_id"],
        withheld=withheld,
    )

    def command() -> Answer:
        return _schema.dump(_view(own_entry(join_waiting(wish), person_id))), 201

    return answer_once(person_id, command)


@blueprint.route("")
@documented(401, 422, 429)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, WaitingListSchema)
@access(Caller.RESIDENT)
def list_entries(query: dict[str, Any]) -> dict[str, Any]:
    """What the caller waits or waited for, newest first."""
    limit = query["limit"]
    rows = own_entries(resident().person_id, read_cursor(query["cursor"]), limit + 1)
    page = page_of(rows, limit, lambda row: (row.entry.created_at, row.entry.id))
    return page_body(page, [_view(one) for one in page.rows])


@blueprint.route("/<uuid:entry_id>")
@documented(401, 404, 429)
@blueprint.response(200, WaitingEntrySchema)
@access(Caller.RESIDENT)
def get_entry(entry_id: uuid.UUID) -> dict[str, Any]:
    """One of the caller's entries, with the place that is kept for them, if one is."""
    return _view(own_entry(entry_id, resident().person_id))


@blueprint.route("/<uuid:entry_id>/accept", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, WaitingEntrySchema)
@access(Caller.RESIDENT)
def accept(entry_id: uuid.UUID) -> Any:
    """Take the place that is kept: exactly that one becomes an appointment."""
    return _once(entry_id, lambda person_id: accept_offer(entry_id, person_id, Via.API))


@blueprint.route("/<uuid:entry_id>/pass", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, WaitingEntrySchema)
@access(Caller.RESIDENT)
def let_pass(entry_id: uuid.UUID) -> Any:
    """Let the next in line have the place that is kept, and wait for another."""
    return _once(entry_id, lambda person_id: pass_offer(entry_id, person_id))


@blueprint.route("/<uuid:entry_id>/leave", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, WaitingEntrySchema)
@access(Caller.RESIDENT)
def leave(entry_id: uuid.UUID) -> Any:
    """Get out of line. Leaving twice is the same as once."""
    return _once(entry_id, lambda person_id: leave_waiting(entry_id, person_id))


def _once(entry_id: uuid.UUID, act: Callable[[uuid.UUID], object]) -> Any:
    person_id = resident().person_id

    def command() -> Answer:
        act(person_id)
        return _schema.dump(_view(own_entry(entry_id, person_id))), 200

    return answer_once(person_id, command)


def _view(own: OwnEntry) -> dict[str, Any]:
    entry = own.entry
    return {
        "id": entry.id,
        "kind": entry.kind,
        "state": entry.state,
        "office": entry.office,
        "first_day": entry.first_day,
        "last_day": entry.last_day,
        "slot_id": entry.slot_id,
        "ahead": own.ahead,
        "offer": None if own.offer is None else _offer(own.offer),
        "number": own.number,
        "created_at": entry.created_at,
    }


def _offer(kept: KeptPlace) -> dict[str, Any]:
    slot = kept.slot
    until = max(slot.ends_at, slot.starts_at + timedelta(minutes=kept.minutes))
    return {"slot": {"id": slot.id, "starts_at": slot.starts_at, "ends_at": until}, "expires_at": kept.expires_at}
