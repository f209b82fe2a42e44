"""What booking asks of applications: the window of a couple (E7), and places held back for the last days.

The core's commands import this module, so it imports none of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.marriage.divorce import texts
from backend.marriage.divorce.models import DivorceCase, DivorceParty
from backend.marriage.divorce.parameters import lapses_at, rescue_days, reserve_per_day
from backend.marriage.divorce.rules import CaseState, in_window, is_closing, state_at
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Office, Party, Slot
from backend.marriage.rules import ACTIVE_STATES
from backend.storage import transaction


class WindowFault(StrEnum):
    """Why a couple cannot come for the certificate on a day (E7)."""

    NO_CASE = "no_case"
    OTHER_OFFICE = "other_office"
    NOT_TOGETHER = "not_together"  # each has an application, not with the other
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    REST_DAY = "rest_day"
    PROVISIONAL = "provisional"


@dataclass(frozen=True)
class DivorceWindow:
    """The window of a couple's open application; days are civil dates, both inclusive."""

    case_id: uuid.UUID
    office_id: uuid.UUID
    state: CaseState
    first: date
    last: date
    provisional: bool


def divorce_window(office_id: uuid.UUID, parties: Collection[bytes], slot_day: date) -> DivorceWindow:
    """The window in which the two may be booked for the certificate on `slot_day` at this office (E7).

    `parties`: the blind indexes of both numbers (`people.models.number_index`). The day may lie ahead of the state: one
    books during the cooling days for a day in the window. Raises `AppError` invalid, whose `extra["problems"]` holds a
    `WindowFault`; its sentence says what to do. `extra["first"]` and `extra["last"]` (dates) are the window where it
    is open to them on other days.
    """
    case = _open_case(parties)
    if case is None:
        raise _fault(WindowFault.NO_CASE)
    clock, calendar = case.clock, legal_calendar()
    if case.office_id != office_id:
        with transaction() as db:
            office = db.get_one(Office, case.office_id)
        raise _fault(WindowFault.OTHER_OFFICE, office=office.name, phone=office.phone)
    if clock.cool_provisional:
        raise _fault(WindowFault.PROVISIONAL)
    if slot_day < clock.win_first:
        raise _outside(WindowFault.TOO_EARLY, case)
    if not in_window(clock, slot_day):
        raise _outside(WindowFault.TOO_LATE, case)
    if not calendar.is_workday(slot_day):
        raise _outside(WindowFault.REST_DAY, case)
    return DivorceWindow(case.id, case.office_id, case.state, clock.win_first, clock.win_last, clock.provisional)


def reserved_today(office_code: str, day: date) -> int:
    """How many places for the certificate are held back on `day`: none but for closing windows (§2.5-3).

    On the day itself nothing is held back any more: who comes to the window is served.
    """
    if day <= today() or not legal_calendar().is_workday(day):
        return 0
    return reserve_per_day(office_code, now())


def may_use_reserve(parties: Collection[bytes]) -> bool:
    """Whether the couple's window closes so soon that they may be given a place that is held back."""
    case = _open_case(parties)
    if case is None:
        return False
    with transaction() as db:
        office = db.get_one(Office, case.office_id)
    return is_closing(case.clock, today(), rescue_days(office.code, now()), legal_calendar())


def joint_mediation_stopped(parties: Collection[bytes]) -> bool:
    """Whether somebody among these persons is at risk in an open application: then nobody sits down with both."""
    query = sa.select(DivorceParty.id).where(
        DivorceParty.id_number_index.in_(parties), DivorceParty.open, _somebody_at_risk()
    )
    with transaction() as db:
        return db.scalars(query.limit(1)).first() is not None


def _somebody_at_risk() -> sa.ColumnElement[bool]:
    other = sa.orm.aliased(DivorceParty)
    return sa.exists().where(other.case_id == DivorceParty.case_id, other.at_risk)


def _open_case(parties: Collection[bytes]) -> DivorceCase | None:
    """The open application of exactly these two, as it stands at this moment."""
    mine = (
        sa.select(DivorceParty.case_id)
        .where(DivorceParty.open, DivorceParty.id_number_index.in_(parties))
        .group_by(DivorceParty.case_id)
        .having(sa.func.count() == 2)
    )
    query = sa.select(DivorceCase, Office.code).join(Office, Office.id == DivorceCase.office_id)
    with transaction() as db:
        found = db.execute(query.where(DivorceCase.id.in_(mine))).first()
    if found is None:
        return None
    case, code = found
    lapsed = state_at(case.clock, now(), lapses_at(code, case.clock)) is CaseState.LAPSED
    return None if lapsed else case


def _outside(fault: WindowFault, case: DivorceCase) -> AppError:
    """With the window in `extra` (dates), so that booking can offer times within it."""
    refusal = _fault(fault, first=spoken_day(case.win_first), last=spoken_day(case.win_last))
    refusal.extra |= {"first": case.win_first, "last": case.win_last}
    return refusal


def _fault(fault: WindowFault, **values: str) -> AppError:
    told = texts.WINDOW_FAULTS[fault.value].format(**values)
    return AppError("invalid", told, 422, errors={"parties": [told]}, extra={"problems": [fault.value]})


def booked_for_certificate() -> sa.ColumnElement[bool]:
    """Within a query of `DivorceCase`: both have an active appointment for the certificate in the window, there."""
    together = (
        sa.select(Party.appointment_id)
        .join(Appointment, Appointment.id == Party.appointment_id)
        .join(Slot, Slot.id == Appointment.slot_id)
        .join(DivorceParty, DivorceParty.id_number_index == Party.id_number_index)
        .where(
            DivorceParty.case_id == DivorceCase.id,
            Party.kind == Kind.DIVORCE_CERTIFICATE,
            Party.active,
            Appointment.state.in_(ACTIVE_STATES),
            Slot.office_id == DivorceCase.office_id,
            Slot.day.between(DivorceCase.win_first, DivorceCase.win_last),
        )
        .group_by(Party.appointment_id)
        .having(sa.func.count() == 2)
        .correlate(DivorceCase)
    )
    return together.exists()


def certificate_day(case_id: uuid.UUID) -> Sequence[tuple[uuid.UUID, str, date]]:
    """The appointment for the certificate of one application, if there is one: id, number, day."""
    query = (
        sa.select(Appointment.id, Appointment.number, Slot.day)
        .join(Slot, Slot.id == Appointment.slot_id)
        .join(Party, Party.appointment_id == Appointment.id)
        .join(DivorceParty, DivorceParty.id_number_index == Party.id_number_index)
        .where(DivorceParty.case_id == case_id, Party.kind == Kind.DIVORCE_CERTIFICATE, Party.active)
        .distinct()
        .limit(2)
    )
    with transaction() as db:
        return [(row.id, row.number or "", row.day) for row in db.execute(query)]
