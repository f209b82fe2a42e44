"""The last guard of each promise is the database's: what no code can get past, whatever code does."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, IntegrityError

from backend.storage import broken_constraint
from tests.conftest import MONDAY_MORNING
from tests.migrations.conftest import slot_values

GROOM = b"a groom's number"
BRIDE = b"a bride's number"


def refused_by(name: str):
    """Expect the refusal of one constraint."""
    return pytest.raises(IntegrityError, check=lambda error: broken_constraint(error) == name)


def change(connection: sa.Connection, statement: str, **values: object) -> None:
    """Run one statement; raises what the database raises, and takes it back."""
    with connection.begin_nested():
        connection.execute(sa.text(statement), values)


# --- the audit trail ---


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET action = 'nothing'", "DELETE FROM audit_entries"])
def test_the_audit_trail_is_only_added_to(connection, statement):
    entry = {"at": MONDAY_MORNING, "action": "looked", "subject_kind": "person"}
    change(
        connection,
        "INSERT INTO audit_entries (at, action, subject_kind, detail) VALUES (:at, :action, :subject_kind, '{}')",
        **entry,
    )
    with pytest.raises(DatabaseError, match="audit_entries is append-only"):
        change(connection, statement)
    assert connection.scalars(sa.text("SELECT action FROM audit_entries")).all() == ["looked"]


# --- places ---


def test_a_slot_is_filled_to_its_capacity_and_no_further(connection, slot):
    change(connection, "UPDATE marriage_slots SET taken = capacity")
    with refused_by("ck_marriage_slots_taken_within_capacity"):
        change(connection, "UPDATE marriage_slots SET taken = taken + 1")
    with refused_by("ck_marriage_slots_taken_within_capacity"):
        change(connection, "UPDATE marriage_slots SET capacity = 1")
    assert connection.execute(sa.text("SELECT taken, capacity FROM marriage_slots")).one() == (2, 2)


def test_a_slot_never_gives_back_more_than_was_taken(connection, slot):
    with refused_by("ck_marriage_slots_taken_within_capacity"):
        change(connection, "UPDATE marriage_slots SET taken = -1")


def test_a_slot_ends_after_it_starts(insert, office):
    with refused_by("ck_marriage_slots_ends_after_start"):
        insert("marriage_slots", **slot_values(office, MONDAY_MORNING, ends_at=MONDAY_MORNING))


def test_an_area_has_one_slot_at_a_time(insert, office, slot):
    with refused_by("uq_marriage_slots_office_id_area_starts_at"):
        insert("marriage_slots", **slot_values(office, MONDAY_MORNING))
    insert("marriage_slots", **slot_values(office, MONDAY_MORNING + timedelta(minutes=30)))


# --- numbers and holds ---


@pytest.mark.parametrize("state", ["booked", "confirmed", "cancelled", "refused", "checked_in", "served", "no_show"])
def test_what_was_booked_has_a_number(book, state):
    book(state)
    with refused_by("ck_marriage_appointments_number_once_booked"):
        book(state, number=None)


@pytest.mark.parametrize("state", ["held", "expired"])
def test_what_was_never_booked_has_no_number(book, state):
    book(state, hold_expires_at=MONDAY_MORNING)
    with refused_by("ck_marriage_appointments_number_once_booked"):
        book(state, hold_expires_at=MONDAY_MORNING, number="MZ99999999")


def test_a_number_is_given_once(book):
    book(number="MZ00000042")
    with refused_by("uq_marriage_appointments_number"):
        book("cancelled", number="MZ00000042")


def test_a_hold_runs_out(book):
    with refused_by("ck_marriage_appointments_hold_expires"):
        book("held", hold_expires_at=None)
    book("held", hold_expires_at=MONDAY_MORNING)


def test_a_person_holds_one_place(book, person):
    first = book("held", hold_expires_at=MONDAY_MORNING, booked_by=person)
    with refused_by("uq_marriage_appointments_one_hold"):
        book("held", hold_expires_at=MONDAY_MORNING, booked_by=person)
    book("booked", booked_by=person)
    assert isinstance(first, uuid.UUID)


def test_a_state_is_one_of_those_listed(book):
    with refused_by("ck_marriage_appointments_state"):
        book("sleeping")


# --- one active appointment a person and kind (domain-rules §2.4 E8) ---


def test_a_number_has_one_active_appointment(book, join):
    join(book(), GROOM)
    with refused_by("uq_marriage_parties_one_active"):
        join(book(), GROOM, position=1)
    join(book(), BRIDE)


@pytest.mark.parametrize("state", ["cancelled", "refused", "served", "failed_documents", "no_show"])
def test_what_is_over_stands_in_nobodys_way(book, join, connection, state):
    earlier = book()
    join(earlier, GROOM)
    join(earlier, BRIDE, position=1)
    change(connection, "UPDATE marriage_appointments SET state = :state WHERE id = :id", state=state, id=earlier)
    # The generated column went from the appointment to its parties.
    assert connection.scalars(sa.text("SELECT active FROM marriage_parties")).all() == [False, False]
    join(book(), GROOM)


@pytest.mark.parametrize("state", ["confirmed", "checked_in"])
def test_what_goes_on_keeps_its_parties(book, join, connection, state):
    appointment = book()
    join(appointment, GROOM)
    change(connection, "UPDATE marriage_appointments SET state = :state WHERE id = :id", state=state, id=appointment)
    with refused_by("uq_marriage_parties_one_active"):
        join(book(), GROOM)


def test_what_is_over_cannot_come_back_over_another(book, join, connection):
    earlier = book("cancelled")
    join(earlier, GROOM, active=False)
    join(book(), GROOM)
    with refused_by("uq_marriage_parties_one_active"):
        change(connection, "UPDATE marriage_appointments SET state = 'booked' WHERE id = :id", id=earlier)


def test_a_party_cannot_say_otherwise_than_its_appointment(book, join, connection):
    with refused_by("fk_marriage_parties_appointment"):
        join(book("cancelled"), GROOM, active=True)
    join(book(), GROOM)
    with refused_by("fk_marriage_parties_appointment"):
        change(connection, "UPDATE marriage_parties SET active = false")


def test_active_is_derived_and_cannot_be_written(book, connection):
    book()
    with pytest.raises(DatabaseError, match="generated column"):
        change(connection, "UPDATE marriage_appointments SET active = false")


def test_a_couple_is_two_places(book, join):
    appointment = book()
    join(appointment, GROOM)
    with refused_by("uq_marriage_parties_appointment_id_position"):
        join(appointment, BRIDE, position=0)


# --- what is referred to stays ---


def test_a_person_with_an_appointment_stays(book, person, connection):
    book(booked_by=person)
    with refused_by("fk_marriage_appointments_booked_by"):
        change(connection, "DELETE FROM persons WHERE id = :id", id=person)


# --- sent once ---


def test_a_push_is_handled_once(insert):
    push = {"app_id": "wx00000000000000a1", "dedup_key": "msg:1", "received_at": MONDAY_MORNING}
    insert("inbound_pushes", **push)
    with refused_by("uq_inbound_pushes_app_id_dedup_key"):
        insert("inbound_pushes", **push)


def test_a_key_answers_one_request(insert, person):
    answer = {"caller_id": person, "key": "k", "request_hash": b"h", "status": 201, "body_sealed": b"{}"}
    insert("idempotent_answers", created_at=MONDAY_MORNING, **answer)
    with refused_by("uq_idempotent_answers_caller_id_key"):
        insert("idempotent_answers", created_at=MONDAY_MORNING, **answer)
