"""Use case `accept_application`: the registrar has received an application, and the clock begins (民法典 1077)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.actors import Actor
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.couples import CheckedParty, PartyInput, read_couple
from backend.marriage.divorce import texts
from backend.marriage.divorce.care import agree_at_desk
from backend.marriage.divorce.history import record
from backend.marriage.divorce.models import DivorceCase, DivorceParty
from backend.marriage.divorce.notices import plan_reminders, tell_dates
from backend.marriage.divorce.numbers import next_number
from backend.marriage.divorce.parties import party_row
from backend.marriage.divorce.rules import CaseState, divorce_clock
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Office, Slot
from backend.marriage.stored_parties import checked_parties
from backend.people.life_events import all_living
from backend.people.models import number_index
from backend.storage import atomic, broken_constraint, session

_RECEIPT = re.compile(r"[0-9A-Z\-]{4,14}")
_REFUSALS = {
    "uq_divorce_parties_one_open": ("parties", texts.OPEN_ALREADY),
    "uq_divorce_cases_office_id_receipt_number": ("receipt_number", texts.RECEIPT_TAKEN),
    "uq_divorce_cases_appointment_id": ("appointment_id", texts.APPOINTMENT_USED),
}


@dataclass(frozen=True)
class Application:
    """What was received. With an `appointment_id` (M2) its couple is taken as stored; else `parties` as typed.

    `care`: which of the two agree to be called by a social worker; never a condition for anything (§2.6).
    """

    office_id: uuid.UUID
    receipt_number: str
    parties: Sequence[PartyInput] = ()
    appointment_id: uuid.UUID | None = None
    care: tuple[bool, bool] = (False, False)


def accept_application(application: Application, account_id: uuid.UUID) -> DivorceCase:
    """Open the case of an application received today by the member of staff; D0 is today.

    Each of the two who has a proven account is told the dates, and reminded, separately. Raises `AppError`: invalid
    (fields), not_found (office, appointment), state_conflict (one of the two has an open application, a receipt or
    appointment that was used, somebody recorded dead).
    """
    receipt = read_receipt(application.receipt_number)
    with atomic() as db:
        office = db.get(Office, application.office_id)
        if office is None:
            raise AppError("not_found", texts.OFFICE_UNKNOWN, 404)
        couple = _couple(application)
        try:
            with atomic():
                case, rows = _open(application, receipt, couple)
        except sa.exc.IntegrityError as error:
            raise _refusal(broken_constraint(error), error) from None
        record(case, "accepted", Actor("staff", account_id), None)
        for row, agrees in zip(rows, application.care, strict=True):
            if agrees:
                agree_at_desk(case, row, account_id)
        for row in rows:
            tell_dates("marriage.case_accepted", case, office, row)
        plan_reminders(case, office, rows)
        return case


def read_receipt(text: str) -> str:
    """The number on the receipt: letters, digits and dashes; raises `AppError` invalid."""
    receipt = "".join(text.split()).upper()
    if not _RECEIPT.fullmatch(receipt):
        told = texts.RECEIPT_UNREADABLE
        raise AppError("invalid", told, 422, errors={"receipt_number": [told]})
    return receipt


def _couple(application: Application) -> Sequence[CheckedParty]:
    if application.appointment_id is None:
        couple: Sequence[CheckedParty] = read_couple(application.parties)
    else:
        couple = _stored(application.appointment_id, application.office_id)
    indexes = [number_index(party.identity) for party in couple]
    if indexes[0] == indexes[1]:
        raise AppError("invalid", texts.SAME_PERSON, 422, errors={"parties": [texts.SAME_PERSON]})
    if not all_living(number_indexes=indexes):
        raise AppError("state_conflict", texts.NOT_LIVING, 409)
    return couple


def _stored(appointment_id: uuid.UUID, office_id: uuid.UUID) -> Sequence[CheckedParty]:
    """The couple of an appointment for the application, made at this office."""
    query = (
        sa.select(Appointment.id)
        .join(Slot, Slot.id == Appointment.slot_id)
        .where(
            Appointment.id == appointment_id,
            Appointment.kind == Kind.DIVORCE_APPLICATION,
            Slot.office_id == office_id,
        )
    )
    found = checked_parties(appointment_id) if session().scalar(query) else []
    if len(found) != 2:
        raise AppError("not_found", texts.APPOINTMENT_UNKNOWN, 404)
    return found


def _open(
    application: Application, receipt: str, couple: Sequence[CheckedParty]
) -> tuple[DivorceCase, list[DivorceParty]]:
    moment = now()
    case = DivorceCase(
        id=new_id(),
        number=next_number(),
        office_id=application.office_id,
        appointment_id=application.appointment_id,
        receipt_number=receipt,
        state=CaseState.ACCEPTED,
        fixed=False,
        certificate_booked=False,
        created_at=moment,
        changed_at=moment,
    )
    case.take_clock(divorce_clock(today(), legal_calendar()))
    session().add(case)
    session().flush()
    rows = [party_row(case, position, party) for position, party in enumerate(couple)]
    session().add_all(rows)
    session().flush()
    return case, rows


def _refusal(constraint: str | None, error: Exception) -> Exception:
    """What a unique index has found, in words that tell nothing of anybody else's application."""
    if constraint not in _REFUSALS:
        return error
    field, told = _REFUSALS[constraint]
    return AppError("state_conflict", told, 409, errors={field: [told]})
