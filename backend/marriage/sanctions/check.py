"""Whether booking online is paused for somebody, asked before they book or wait; and telling them so.

It is counted by the persons who were expected, both of a couple, whichever WeChat booked: else a second account would
undo it, and whoever books for friends would bear it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from backend.kernel.chinese_dates import spoken_date
from backend.kernel.clock import BEIJING, now
from backend.kernel.errors import AppError
from backend.marriage.capacity.models import MoveLine
from backend.marriage.kinds import NEVER_SANCTIONED, Kind
from backend.marriage.models import Appointment, AppointmentEvent, Office, Party, Slot
from backend.marriage.notices import subject
from backend.marriage.offers import OfficeView
from backend.marriage.partners.who import told_partners
from backend.marriage.sanctions.parameters import pause_rules
from backend.marriage.sanctions.rules import Missed, PauseRule, longest_memory, paused_until
from backend.marriage.sanctions.texts import LIFTED_HINT, PAUSED, PAUSED_HINT
from backend.marriage.texts import MATTERS
from backend.storage import ask, session
from messages import post

# What became of each one's appointments lately. Those for M3 and M4 count for nothing: not to come is their right; and
# nothing counts that staff took back, no cancellation of what the registry had moved, and no absence from a time that
# the registry set and nobody agreed to.
_MISSED = sa.text(
    """
    SELECT party.id_number_index AS who, slot.day AS absent_on, CAST(NULL AS timestamptz) AS cancelled_at
    FROM marriage_parties AS party
        JOIN marriage_appointments AS appointment ON appointment.id = party.appointment_id
        JOIN marriage_slots AS slot ON slot.id = appointment.slot_id
    WHERE party.id_number_index = ANY(:indexes) AND appointment.state = 'no_show' AND slot.day >= :since
        AND appointment.kind <> ALL(:never)
        AND NOT EXISTS (
            SELECT 1 FROM marriage_annulled_no_shows AS annulled WHERE annulled.appointment_id = appointment.id
        )
        AND NOT EXISTS (
            SELECT 1 FROM marriage_move_lines AS line
            WHERE line.appointment_id = appointment.id AND line.state IN ('waiting', 'offered', 'kept')
        )
    UNION ALL
    SELECT party.id_number_index, NULL, event.at
    FROM marriage_parties AS party
        JOIN marriage_appointments AS appointment ON appointment.id = party.appointment_id
        JOIN marriage_appointment_events AS event ON event.appointment_id = appointment.id
    WHERE :with_cancellations AND party.id_number_index = ANY(:indexes) AND appointment.state = 'cancelled'
        AND event.name = 'cancelled' AND event.actor_kind = 'resident' AND event.at >= :since
        AND appointment.kind <> ALL(:never)
        AND NOT EXISTS (
            SELECT 1 FROM marriage_annulled_no_shows AS annulled WHERE annulled.appointment_id = appointment.id
        )
        AND NOT EXISTS (SELECT 1 FROM marriage_move_lines AS line WHERE line.appointment_id = appointment.id)
    """
)


def require_not_paused(kind: Kind, indexes: Collection[bytes], place: OfficeView) -> None:
    """Let persons, by the blind indexes of their numbers, book online.

    Raises `AppError` booking_paused, with the last day in `extra["until"]`; never for M3 and M4 (§2.5-1).
    """
    until = paused_for(kind, indexes, place.code)
    if until is not None:
        told = PAUSED.format(until=spoken_date(until), phone=place.phone)
        raise AppError("booking_paused", told, 409, extra={"until": until.isoformat()})


def paused_for(kind: Kind, indexes: Collection[bytes], office_code: str) -> date | None:
    """The last day on which one of these persons cannot book a kind online at an office; None when all can."""
    rules = pause_rules(office_code, now())
    found = [paused_until(missed, rules, now().date()) for missed in missed_by(kind, indexes, rules)]
    return max((until for until in found if until is not None), default=None)


def missed_by(kind: Kind, indexes: Collection[bytes], rules: Sequence[PauseRule]) -> list[Missed]:
    """What each of these persons missed that can still matter, one each; nothing where no rule concerns the kind."""
    if kind in NEVER_SANCTIONED or not rules:
        return []
    values = {
        "indexes": list(indexes),
        "since": now().date() - timedelta(days=longest_memory(rules)),
        "never": [one.value for one in NEVER_SANCTIONED],
        "with_cancellations": any(rule.cancellations for rule in rules),
    }
    by_person: dict[bytes, list[Any]] = defaultdict(list)
    for row in ask(_MISSED, values):
        by_person[bytes(row.who)].append(row)
    return [_missed(by_person[index]) for index in set(indexes)]


def _missed(rows: Sequence[Any]) -> Missed:
    return Missed(
        [row.absent_on for row in rows if row.absent_on],
        [row.cancelled_at.astimezone(BEIJING).date() for row in rows if row.cancelled_at],
    )


def pause_of(appointment: Appointment) -> date | None:
    """Until when the persons of an appointment cannot book its kind online at its office."""
    return paused_for(appointment.kind, expected(appointment), office_of(appointment).code)


def expected(appointment: Appointment) -> Sequence[bytes]:
    """Who was expected, by the blind indexes of their numbers."""
    return session().scalars(sa.select(Party.id_number_index).where(Party.appointment_id == appointment.id)).all()


def cancellation_counts(appointment: Appointment) -> bool:
    """Whether a cancelled appointment counts by one of its registry's rules, as long as it is not taken back."""
    rules = pause_rules(office_of(appointment).code, now())
    if appointment.kind in NEVER_SANCTIONED or not any(rule.cancellations for rule in rules):
        return False
    given_up = sa.select(AppointmentEvent.id).where(
        AppointmentEvent.appointment_id == appointment.id,
        AppointmentEvent.name == "cancelled",
        AppointmentEvent.actor_kind == "resident",
    )
    moved = sa.select(MoveLine.id).where(MoveLine.appointment_id == appointment.id)
    return session().scalars(given_up).first() is not None and session().scalars(moved).first() is None


def tell_paused(appointment: Appointment) -> None:
    """After an absence or a cancellation: whoever booked, and the other one if they are known, hear of a pause, until
    when, and what to do about it; nothing while there is none.
    """
    until = pause_of(appointment)
    if until is not None:
        hint = PAUSED_HINT.format(phone=office_of(appointment).phone)
        _post("marriage.booking_paused", appointment, {"until": spoken_date(until), "hint": hint})


def tell_lifted(appointment: Appointment, before: date | None) -> None:
    """After an absence was taken back: they hear that they can book again, if they could not until then."""
    if before is not None and pause_of(appointment) is None:
        _post("marriage.pause_lifted", appointment, {"hint": LIFTED_HINT})


def _post(notice: str, appointment: Appointment, more: dict[str, str]) -> None:
    office = office_of(appointment)
    for person_id in sorted({appointment.booked_by, *told_partners(appointment.id)}):
        post(
            notice,
            recipient_id=person_id,
            subject=subject(appointment.id),
            data={"matter": MATTERS[appointment.kind], "place": office.name, **more},
            key=f"{notice}:{appointment.id}:{person_id}:{now().isoformat()}",
        )


def office_of(appointment: Appointment) -> Office:
    """The registry of an appointment."""
    slot: Slot = session().get_one(Slot, appointment.slot_id)
    office: Office = session().get_one(Office, slot.office_id)
    return office
