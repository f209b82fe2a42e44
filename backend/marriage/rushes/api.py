"""`/api/v1/marriage/rushes`: peak days, asking once for a place, and the proof of who was served in which order.

Nobody is slowed by puzzles: a couple asks once, so pressing again brings nothing. Trying before the opening counts for
nothing and, done again and again, only takes longer (`backend.marriage.rush.early`); pacing per person and per address
keeps programs from filling the line.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import date
from typing import Any

from flask_limiter.util import get_remote_address

from backend.api.idempotency import Answer, answer_once
from backend.api.kit import ApiBlueprint, documented, resident
from backend.kernel.access import Caller, access
from backend.kernel.clock import now
from backend.marriage.couples import PartyInput
from backend.marriage.kinds import Declaration
from backend.marriage.rush.ask import Asked, Asking, ask_in_rush
from backend.marriage.rush.early import note_try
from backend.marriage.rush.models import RushRequest
from backend.marriage.rush.peaks import PeakView, known_peak, peaks_ahead, unwatch_peak, watch_peak, watched
from backend.marriage.rush.queries import OwnRequest, RushView, own_request, own_requests, proof_page, rush_view, rushes
from backend.marriage.rush.rules import Phase, RequestState
from backend.marriage.rush.withdraw import withdraw_request
from backend.marriage.rushes.schemas import (
    AskingSchema,
    PeakDayListSchema,
    PeakDaySchema,
    ProofQuery,
    ReminderSchema,
    RushListSchema,
    RushProofSchema,
    RushRequestListSchema,
    RushRequestSchema,
    RushSchema,
)
from backend.rate_limits import limiter

blueprint = ApiBlueprint("marriage_rushes", "Peak days", path="marriage/rushes")

_schema = RushRequestSchema()
_asking = AskingSchema()
_peak_schema = PeakDaySchema()
_MOST = 50


@blueprint.route("")
@documented(429, security=[])
@blueprint.response(200, RushListSchema)
@access(Caller.ANYONE)
def list_rushes() -> dict[str, Any]:
    """Peak days whose places are given in a rush."""
    return {"items": [_rush(view) for view in rushes()], "next_cursor": None}


@blueprint.route("/<uuid:rush_id>")
@documented(404, 429, security=[])
@blueprint.response(200, RushSchema)
@access(Caller.ANYONE)
def get_rush(rush_id: uuid.UUID) -> dict[str, Any]:
    """One rush."""
    return _rush(rush_view(rush_id))


@blueprint.route("/<uuid:rush_id>/requests", methods=["POST"])
@limiter.limit("6 per minute", key_func=lambda: str(resident().person_id))
@limiter.limit("120 per minute", key_func=get_remote_address)
@documented(401, 404, 409, 422, 429)
@blueprint.arguments(_asking)
@blueprint.response(201, RushRequestSchema)
@access(Caller.RESIDENT)
def ask(data: dict[str, Any], rush_id: uuid.UUID) -> Any:
    """Ask once for a place; answered with a number. Send an Idempotency-Key, so that a repeat is the same request."""
    person_id = resident().person_id
    note_try(rush_id, person_id)
    withheld = [Declaration(name) for name, given in data["declarations"].items() if not given]
    asking = Asking(rush_id, [PartyInput(**party) for party in data["parties"]], person_id, data["part"], withheld)

    def command() -> Answer:
        return _schema.dump(_just_asked(ask_in_rush(asking))), 201

    return answer_once(person_id, command)


@blueprint.route("/<uuid:rush_id>/requests/mine")
@documented(401, 404, 429)
@blueprint.response(200, RushRequestSchema)
@access(Caller.RESIDENT)
def mine(rush_id: uuid.UUID) -> dict[str, Any]:
    """The caller's request: its number, how many are before it, what became of it."""
    return _own(own_request(rush_id, resident().person_id))


@blueprint.route("/<uuid:rush_id>/requests/mine/withdraw", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, RushRequestSchema)
@access(Caller.RESIDENT)
def withdraw(rush_id: uuid.UUID) -> Any:
    """Take the request back before it is its turn. Twice is the same as once."""
    person_id = resident().person_id

    def command() -> Answer:
        withdraw_request(own_request(rush_id, person_id).request.id, person_id)
        return _schema.dump(_own(own_request(rush_id, person_id))), 200

    return answer_once(person_id, command)


@blueprint.route("/mine")
@documented(401, 429)
@blueprint.response(200, RushRequestListSchema)
@access(Caller.RESIDENT)
def list_mine() -> dict[str, Any]:
    """The caller's requests of all rushes, newest first; a couple has few, so there is one page."""
    return {"items": [_own(one) for one in own_requests(resident().person_id, limit=_MOST)], "next_cursor": None}


@blueprint.route("/peak-days")
@documented(401, 429)
@blueprint.response(200, PeakDayListSchema)
@access(Caller.RESIDENT)
def list_peak_days() -> dict[str, Any]:
    """Peak days whose release lies ahead or is under way, and whether the caller is told before it."""
    told = watched(resident().person_id)
    return {"items": [_peak(view, told) for view in peaks_ahead()], "next_cursor": None}


@blueprint.route("/reminders", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.arguments(ReminderSchema)
@blueprint.response(200, PeakDaySchema)
@access(Caller.RESIDENT)
def remind(data: dict[str, Any]) -> Any:
    """Be told a day and ten minutes before a peak day is released, or with `wanted` false not any more."""
    person_id = resident().person_id
    office_id, day = data["office_id"], data["day"]

    def command() -> Answer:
        view = watch_peak(office_id, day, person_id) if data["wanted"] else known_peak(office_id, day)
        if not data["wanted"]:
            unwatch_peak(office_id, day, person_id)
        return _peak_schema.dump(_peak(view, watched(person_id))), 200

    return answer_once(person_id, command)


@blueprint.route("/<uuid:rush_id>/proof")
@documented(404, 422, 429, security=[])
@blueprint.arguments(ProofQuery, location="query")
@blueprint.response(200, RushProofSchema)
@access(Caller.ANYONE)
def proof(query: dict[str, Any], rush_id: uuid.UUID) -> dict[str, Any]:
    """Every number in order, with its turn and its place; names nobody."""
    rush_view(rush_id)
    rows = proof_page(rush_id, query["after"], query["limit"])
    more = len(rows) == query["limit"]
    return {"items": [_line(row) for row in rows], "next_after": rows[-1].number if more else None}


def _rush(view: RushView) -> dict[str, Any]:
    rush = view.rush
    told = ("id", "day", "mode", "opens_at", "closes_at", "settled_at", "places", "commitment", "seed", "reason")
    return {name: getattr(rush, name) for name in told} | {
        "office": view.place,
        "phase": view.phase,
        "requests": rush.last_number,
        "placed": view.placed,
        "waiting": view.waiting,
        "now": now(),
    }


def _line(row: RushRequest) -> dict[str, Any]:
    return {
        "number": row.number,
        "asked_at": row.asked_at,
        "state": row.state,
        "turn": row.rank,
        "starts_at": row.starts_at,
    }


def _just_asked(asked: Asked) -> dict[str, Any]:
    """The same as `_own`, without asking the database: others wait until this one is done."""
    rush = asked.rush
    return {
        "number": asked.number,
        "asked_at": asked.asked_at,
        "state": RequestState.ASKED,
        "turn": None,
        "starts_at": None,
        "rush_id": rush.id,
        "office": rush.place,
        "day": rush.day,
        "mode": rush.mode,
        "phase": Phase.OPEN,
        "closes_at": rush.closes_at,
        "requests": asked.number,
        "part": asked.part,
        "ahead": asked.ahead,
        "appointment_number": None,
    }


def _own(own: OwnRequest) -> dict[str, Any]:
    rush = own.rush
    return _line(own.request) | {
        "rush_id": rush.id,
        "office": own.place,
        "day": rush.day,
        "mode": rush.mode,
        "phase": own.phase,
        "closes_at": rush.closes_at,
        "requests": rush.last_number,
        "part": own.request.part,
        "ahead": own.ahead,
        "appointment_number": own.number,
    }


def _peak(view: PeakView, told: frozenset[tuple[uuid.UUID, date]]) -> dict[str, Any]:
    return asdict(view) | {"office": view.place, "reminder": (view.place.id, view.day) in told, "now": now()}
