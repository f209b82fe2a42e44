"""The mini-program's marriage API (contract.md "Marriage"): offices, free slots, appointments."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from backend.api.idempotency import Answer, answer_once
from backend.api.kit import ApiBlueprint, documented, resident
from backend.api.paging import PageQuery, page_body, read_cursor
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.kernel.masking import mask_number
from backend.kernel.paging import page_of
from backend.kernel.qr_code import qr_svg
from backend.marriage import offers
from backend.marriage.book import Booked, BookingRequest, book_appointment
from backend.marriage.cancel import cancel_appointment
from backend.marriage.couples import PartyInput
from backend.marriage.kinds import Declaration
from backend.marriage.models import Appointment, Via
from backend.marriage.papers.asked import Papers, asked_papers, usual_papers
from backend.marriage.partners.tell import confirm_coming
from backend.marriage.queries import own_appointment, own_appointments
from backend.marriage.reschedule import reschedule_appointment
from backend.marriage.rules import Kind, ResidentGroup, State
from backend.marriage.schemas import (
    AppointmentListSchema,
    AppointmentSchema,
    BookingSchema,
    CheckInCodeSchema,
    DayListSchema,
    OfficeListSchema,
    PapersQuery,
    PapersSchema,
    RescheduleSchema,
    SlotQuery,
)
from backend.marriage.texts import OFFICE_UNKNOWN, RANGE_TOO_LONG
from backend.rate_limits import limiter

blueprint = ApiBlueprint("marriage", "Marriage registration")

_MOST_DAYS = 62
_schema = AppointmentSchema()
_booking_schema = BookingSchema()  # given the class, the parser would make one for every request


@blueprint.route("/offices")
@documented(429, security=[])
@blueprint.response(200, OfficeListSchema)
@access(Caller.ANYONE)
def list_offices() -> dict[str, Any]:
    """All registries, with address and telephone."""
    return {"items": offers.offices(), "next_cursor": None}


@blueprint.route("/slots")
@documented(404, 422, 429, security=[])
@blueprint.arguments(SlotQuery, location="query")
@blueprint.response(200, DayListSchema)
@access(Caller.ANYONE)
def list_slots(query: dict[str, Any]) -> dict[str, Any]:
    """Days and slots of a registry with how many more of a kind fit, exact at this moment."""
    first: date = query["from_"]
    last: date = query["to"]
    if not timedelta(0) <= last - first <= timedelta(days=_MOST_DAYS):
        raise AppError("invalid", RANGE_TOO_LONG, 422, errors={"to": [RANGE_TOO_LONG]})
    place = offers.office(query["office_id"])
    if place is None:
        raise AppError("not_found", OFFICE_UNKNOWN, 404)
    foreign = query["foreign_related"]
    return {"items": offers.day_offers(place, query["kind"], first, last, foreign_related=foreign), "next_cursor": None}


@blueprint.route("/papers")
@documented(422, 429, security=[])
@blueprint.arguments(PapersQuery, location="query")
@blueprint.response(200, PapersSchema)
@access(Caller.ANYONE)
def list_papers(query: dict[str, Any]) -> Papers:
    """What to bring to a kind of business, by who comes and what happened before."""
    return asked_papers(query["kind"], query["groups"], query["history"], query["lost"], proxy=query["proxy"])


@blueprint.route("/appointments", methods=["POST"])
@limiter.limit("30 per minute", key_func=lambda: str(resident().person_id))
@documented(401, 404, 409, 422, 429, 503)
@blueprint.arguments(_booking_schema)
@blueprint.response(201, AppointmentSchema)
@access(Caller.RESIDENT)
def create_appointment(data: dict[str, Any]) -> Any:
    """Book a place for a couple or a person. Send an Idempotency-Key, so that a repeat is the same booking."""
    person_id = resident().person_id
    withheld = [Declaration(name) for name, given in data["declarations"].items() if not given]
    booking = BookingRequest(
        kind=data["kind"],
        slot_id=data["slot_id"],
        parties=[PartyInput(**party) for party in data["parties"]],
        declared=True,
        booked_by=person_id,
        via=Via.API,
        withheld=withheld,
    )

    def command() -> Answer:
        return _schema.dump(_booked(book_appointment(booking))), 201

    return answer_once(person_id, command)


@blueprint.route("/appointments")
@documented(401, 422, 429)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, AppointmentListSchema)
@access(Caller.RESIDENT)
def list_appointments(query: dict[str, Any]) -> dict[str, Any]:
    """The caller's appointments, newest first."""
    limit = query["limit"]
    rows = own_appointments(resident().person_id, read_cursor(query["cursor"]), limit + 1)
    page = page_of(rows, limit, lambda row: (row.created_at, row.id))
    return page_body(page, [_view(appointment) for appointment in page.rows])


@blueprint.route("/appointments/<uuid:appointment_id>")
@documented(401, 404, 429)
@blueprint.response(200, AppointmentSchema)
@access(Caller.RESIDENT)
def get_appointment(appointment_id: uuid.UUID) -> dict[str, Any]:
    """One of the caller's appointments."""
    return _view(own_appointment(appointment_id, resident().person_id))


@blueprint.route("/appointments/<uuid:appointment_id>/code")
@documented(401, 404, 429)
@blueprint.response(200, CheckInCodeSchema)
@access(Caller.RESIDENT)
def get_check_in_code(appointment_id: uuid.UUID) -> dict[str, str]:
    """The QR code that is held out at the registry; the desk's scanner types it, and takes the number as well."""
    number = own_appointment(appointment_id, resident().person_id).number or ""
    return {"text": number, "svg": qr_svg(number, number)}


@blueprint.route("/appointments/<uuid:appointment_id>/cancel", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, AppointmentSchema)
@access(Caller.RESIDENT)
def cancel(appointment_id: uuid.UUID) -> Any:
    """Give an appointment up; its place goes to others. Cancelling twice is the same as once."""
    person_id = resident().person_id

    def command() -> Answer:
        cancel_appointment(appointment_id, person_id)
        return _schema.dump(_view(own_appointment(appointment_id, person_id))), 200

    return answer_once(person_id, command)


@blueprint.route("/appointments/<uuid:appointment_id>/confirm", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, AppointmentSchema)
@access(Caller.RESIDENT)
def confirm(appointment_id: uuid.UUID) -> Any:
    """Say that one comes, as the one of the couple who did not book. An appointment is as good without it."""
    person_id = resident().person_id

    def command() -> Answer:
        confirm_coming(appointment_id, person_id)
        return _schema.dump(_view(own_appointment(appointment_id, person_id))), 200

    return answer_once(person_id, command)


@blueprint.route("/appointments/<uuid:appointment_id>/reschedule", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.arguments(RescheduleSchema)
@blueprint.response(200, AppointmentSchema)
@access(Caller.RESIDENT)
def reschedule(data: dict[str, Any], appointment_id: uuid.UUID) -> Any:
    """Move an appointment to another slot; the old place is given up only once the new one is held."""
    person_id = resident().person_id

    def command() -> Answer:
        reschedule_appointment(appointment_id, data["slot_id"], person_id, Via.API)
        return _schema.dump(_view(own_appointment(appointment_id, person_id))), 200

    return answer_once(person_id, command)


def _booked(booked: Booked) -> dict[str, Any]:
    return {
        "id": booked.appointment_id,
        "number": booked.number,
        "kind": booked.slot.kind,
        "state": State.BOOKED,
        "reason": None,
        "office": booked.office,
        "slot": booked.slot,
        "parties": [
            {"name": party.name, "id_number_masked": mask_number(party.identity.number)} for party in booked.parties
        ],
        "papers": _papers(booked.slot.kind, [party.resident_group for party in booked.parties], booked.office.code),
        "created_at": booked.created_at,
    }


def _papers(kind: Kind, groups: Sequence[ResidentGroup], office_code: str) -> Sequence[str]:
    return usual_papers(kind, groups, office_code).spoken


def _times(appointment: Appointment) -> dict[str, Any]:
    slot = appointment.slot
    until = slot.starts_at + timedelta(minutes=appointment.minutes)
    return {"id": slot.id, "starts_at": slot.starts_at, "ends_at": max(slot.ends_at, until)}


def _view(appointment: Appointment) -> dict[str, Any]:
    return {
        "id": appointment.id,
        "number": appointment.number,
        "kind": appointment.kind,
        "state": appointment.state,
        "reason": appointment.reason,
        "office": appointment.slot.office,
        "slot": _times(appointment),
        "parties": [
            {"name": party.name, "id_number_masked": mask_number(party.id_number or "")}
            for party in appointment.parties
        ],
        "papers": _papers(
            appointment.kind, [party.resident_group for party in appointment.parties], appointment.slot.office.code
        ),
        "created_at": appointment.created_at,
    }
