"""受理: the form at the end of a visit for the application, filled from its appointment or typed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, say
from backend.kernel.access import Caller, access
from backend.kernel.chinese_dates import spoken_day
from backend.kernel.errors import AppError
from backend.kernel.identity import IdType
from backend.kernel.masking import mask_number
from backend.marriage.couples import PartyInput
from backend.marriage.divorce import desk_queries, texts
from backend.marriage.divorce.accept import Application, accept_application
from backend.marriage.divorce.desk_blueprint import divorce_desk
from backend.marriage.divorce.models import DivorceCase
from backend.marriage.divorce.notices import SUBJECT_KIND
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Office, Slot
from backend.marriage.stored_parties import checked_parties
from backend.staff import Permission, record
from backend.storage import transaction

_FIELDS = ("name", "id_type", "id_number", "phone")


@divorce_desk.get("/divorces/new")
@access(Caller.STAFF, Permission.DECIDE_DIVORCES)
def accept_form() -> str:
    """The form; `?appointment=` is the id of the appointment for the application, whose couple it takes."""
    return _render(MultiDict(), request.args.get("appointment"))


@divorce_desk.post("/divorces/new")
@access(Caller.STAFF, Permission.DECIDE_DIVORCES)
def accept() -> AnyResponse:
    """Open the case."""
    form = request.form
    try:
        with transaction():
            case = accept_application(_application(form), current_account().id)
            indexes = desk_queries.watch_indexes(case.id)
            record("divorce.accepted", SUBJECT_KIND, case.id, number_indexes=indexes, care=_agreed(case.id, form))
    except AppError as refusal:
        return make_response(_render(form, form.get("appointment"), refusal), refusal.status)
    say(_told(case))
    return redirect(url_for("divorce_desk.case", case_id=case.id), 303)


def _told(case: DivorceCase) -> str:
    return texts.ACCEPTED.format(
        number=case.number,
        cool=spoken_day(case.cool_last),
        first=spoken_day(case.win_first),
        last=spoken_day(case.win_last),
    )


def _agreed(_case_id: uuid.UUID, form: Mapping[str, str]) -> int:
    """How many of the two agreed to be called."""
    return sum(f"care_{position}" in form for position in (0, 1))


def _application(form: Mapping[str, str]) -> Application:
    appointment_id = _uuid(form.get("appointment"))
    office_id = _uuid(form.get("office"))
    allowed = {office.id for office in _offices()}
    if office_id not in allowed or office_id is None:
        raise AppError("not_found", texts.OFFICE_UNKNOWN, 404, errors={"office": [texts.OFFICE_UNKNOWN]})
    return Application(
        office_id=office_id,
        receipt_number=form.get("receipt_number", "")[:40],
        parties=[] if appointment_id else [_party(form, position) for position in (0, 1)],
        appointment_id=appointment_id,
        care=("care_0" in form, "care_1" in form),
    )


def _party(form: Mapping[str, str], position: int) -> PartyInput:
    def text(name: str) -> str:
        return form.get(f"{name}_{position}", "").strip()[:60]

    if text("id_type") not in set(IdType):
        raise AppError("invalid", texts.FALSE_CHOICE, 422)
    return PartyInput(text("name"), text("id_number"), IdType(text("id_type")), text("phone") or None)


def _offices() -> Sequence[Office]:
    return desk_queries.offices_of(current_nodes(Permission.DECIDE_DIVORCES))


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise AppError("not_found", texts.APPOINTMENT_UNKNOWN, 404) from None


def _render(values: Mapping[str, str], appointment: str | None, refusal: AppError | None = None) -> str:
    offices = _offices()
    appointment_id = _uuid(appointment)
    couple: list[tuple[str, str]] = []
    if appointment_id is not None:
        office_id = _office_of(appointment_id)
        offices = [office for office in offices if office.id == office_id]
        if not offices:
            abort(404)
        couple = [(party.name, mask_number(party.identity.number)) for party in checked_parties(appointment_id)]
        with transaction():
            record("divorce.accept_form_viewed", "marriage_appointment", appointment_id)
    return render_template(
        "divorce/new.html",
        values=values,
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
        offices=offices,
        appointment=appointment_id,
        couple=couple,
        fields=_FIELDS,
    )


def _office_of(appointment_id: uuid.UUID) -> uuid.UUID | None:
    with transaction() as db:
        found = db.get(Appointment, appointment_id)
        if found is None or found.kind is not Kind.DIVORCE_APPLICATION:
            return None
        return db.get_one(Slot, found.slot_id).office_id
