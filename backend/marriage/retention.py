"""How long the marriage room keeps what (domain-rules §6.4). What goes is counted first, by month and without persons.

The registration itself and its archive are the registry's (婚姻登记条例, 档案管理办法: 100 years); here are bookings.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from backend.kernel.personal_data import Batch, Period, RetentionRule
from backend.marriage import texts
from backend.marriage.models import Appointment, Party, Slot
from backend.marriage.rules import ACTIVE_STATES, State
from backend.marriage.tickets import texts as ticket_texts
from backend.marriage.tickets.models import Ticket
from backend.people.models import Person
from backend.storage import session, transaction

SERVED_FOR = Period(months=24)
ABSENT_FOR = Period(months=12)
REFUSED_FOR = Period(months=12)
CANCELLED_FOR = Period(days=180)
UNUSED_HOLD_FOR = Period(days=7)

# Holds that ran out were never anybody's appointment, so they are not counted.
_COUNT = sa.text(
    """
    INSERT INTO marriage_appointment_counts (office_id, kind, month, state, via, appointments)
    SELECT slot.office_id, appointment.kind, CAST(date_trunc('month', slot.day) AS date), appointment.state,
        appointment.via, count(*)
    FROM marriage_appointments AS appointment JOIN marriage_slots AS slot ON slot.id = appointment.slot_id
    WHERE appointment.id = ANY(:ids) AND appointment.state <> 'expired'
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT ON CONSTRAINT pk_marriage_appointment_counts
    DO UPDATE SET appointments = marriage_appointment_counts.appointments + excluded.appointments
    """
)


def count_and_delete(ids: Sequence[uuid.UUID]) -> int:
    """Count appointments into the statistics and delete them with their parties and events; returns how many.

    Their rows must be locked. Places stay taken as they were: that is what the slot's own figures tell.
    """
    if not ids:
        return 0
    session().execute(_COUNT, {"ids": list(ids)})
    session().execute(
        sa.delete(Appointment).where(Appointment.id.in_(ids)).execution_options(synchronize_session=False)
    )
    return len(ids)


def _run(states: Sequence[State], keep: Period) -> Callable[[Batch], int]:
    def run(batch: Batch) -> int:
        before = keep.over_before(batch.moment)
        old = sa.select(Appointment.id).where(Appointment.state.in_(states), Appointment.changed_at < before)
        return _erase(old.order_by(Appointment.changed_at), batch)

    return run


def _run_left_open(batch: Batch) -> int:
    """Appointments whose day is long past and which nobody ever closed; they go by their day."""
    before = SERVED_FOR.over_before(batch.moment)
    old = (
        sa.select(Appointment.id)
        .join(Slot, Slot.id == Appointment.slot_id)
        .where(Appointment.state.in_(ACTIVE_STATES), Appointment.changed_at < before, Slot.day < before.date())
    )
    return _erase(old.order_by(Appointment.changed_at), batch)


def _erase(old: sa.Select[uuid.UUID], batch: Batch) -> int:
    query = old.limit(batch.limit).with_for_update(skip_locked=True, of=Appointment)
    if batch.held:
        held_numbers = sa.select(Person.id_number_index).where(
            Person.id.in_(batch.held), Person.id_number_index.is_not(None)
        )
        theirs = sa.select(Party.appointment_id).where(Party.id_number_index.in_(held_numbers))
        query = query.where(Appointment.booked_by.not_in(batch.held), Appointment.id.not_in(theirs))
    with transaction() as opened:
        return count_and_delete(opened.scalars(query).all())


def _run_tickets(batch: Batch) -> int:
    """Tickets name nobody once their appointment is gone; they go by their day."""
    before = SERVED_FOR.over_before(batch.moment).date()
    old = sa.select(Ticket.id).where(Ticket.day < before, Ticket.appointment_id.is_(None)).limit(batch.limit)
    with transaction() as opened:
        gone = sa.delete(Ticket).where(Ticket.id.in_(old)).returning(Ticket.id)
        return len(opened.scalars(gone.execution_options(synchronize_session=False)).all())


_TABLES = (
    "marriage_appointments",
    "marriage_parties",
    "marriage_appointment_events",
    "marriage_partner_notes",
    "marriage_paper_ticks",
    "marriage_annulled_no_shows",
)
_TICKETS = ("marriage_tickets", "marriage_ticket_events")


def _rule(name: str, title: str, keep: Period, since: str, basis: str, run: Callable[[Batch], int]) -> RetentionRule:
    return RetentionRule(f"marriage.{name}", title, _TABLES, keep, since, basis, run)


marriage_rules = (
    _rule(
        "served",
        texts.RULE_SERVED,
        SERVED_FOR,
        texts.SINCE_SERVED,
        texts.BASIS_SERVED,
        _run((State.SERVED, State.FAILED_DOCUMENTS), SERVED_FOR),
    ),
    _rule("left_open", texts.RULE_LEFT_OPEN, SERVED_FOR, texts.SINCE_DAY, texts.BASIS_SERVED, _run_left_open),
    _rule(
        "absent",
        texts.RULE_ABSENT,
        ABSENT_FOR,
        texts.SINCE_ABSENT,
        texts.BASIS_ABSENT,
        _run((State.NO_SHOW,), ABSENT_FOR),
    ),
    _rule(
        "refused",
        texts.RULE_REFUSED,
        REFUSED_FOR,
        texts.SINCE_REFUSED,
        texts.BASIS_REFUSED,
        _run((State.REFUSED,), REFUSED_FOR),
    ),
    _rule(
        "cancelled",
        texts.RULE_CANCELLED,
        CANCELLED_FOR,
        texts.SINCE_CANCELLED,
        texts.BASIS_CANCELLED,
        _run((State.CANCELLED,), CANCELLED_FOR),
    ),
    _rule(
        "unused_holds",
        texts.RULE_UNUSED_HOLDS,
        UNUSED_HOLD_FOR,
        texts.SINCE_EXPIRED,
        texts.BASIS_UNUSED_HOLDS,
        _run((State.EXPIRED,), UNUSED_HOLD_FOR),
    ),
    RetentionRule(
        "marriage.tickets",
        ticket_texts.RULE_TICKETS,
        _TICKETS,
        SERVED_FOR,
        ticket_texts.SINCE_TICKET,
        ticket_texts.BASIS_TICKETS,
        _run_tickets,
    ),
)
