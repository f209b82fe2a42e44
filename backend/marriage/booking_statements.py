"""The statements by which a place is booked (docs/adr/0002): minutes, appointment, parties and event in one."""

from __future__ import annotations

import sqlalchemy as sa

_PARTIES_AND_EVENT = """
    parties AS (
        INSERT INTO marriage_parties (id, appointment_id, active, position, kind, name_sealed, name_index,
            id_type, id_number_sealed, id_number_index, last4, sex, phone_sealed, phone_last4, resident_group)
        SELECT party.id, appointment.id, true, party.position, :kind, decode(party.name_sealed, 'hex'),
            decode(party.name_index, 'hex'), party.id_type, decode(party.id_number_sealed, 'hex'),
            decode(party.id_number_index, 'hex'), party.last4, party.sex, decode(party.phone_sealed, 'hex'),
            party.phone_last4, party.resident_group
        FROM appointment, jsonb_to_recordset(CAST(:parties AS jsonb)) AS party(id uuid, position smallint,
            name_sealed text, name_index text, id_type text, id_number_sealed text, id_number_index text, last4 text,
            sex text, phone_sealed text, phone_last4 text, resident_group text)
    ),
    event AS (
        INSERT INTO marriage_appointment_events
            (appointment_id, at, name, actor_kind, actor_id, from_state, to_state)
        SELECT id, :now, 'booked', 'resident', :booked_by, from_state, 'booked' FROM appointment
    )
    SELECT id FROM appointment
"""

BOOK = sa.text(
    f"""
    WITH place AS (
        UPDATE marriage_slots SET taken = taken + :minutes
        WHERE id = :slot_id AND taken + :minutes <= capacity - reserved * :others RETURNING id
    ),
    appointment AS (
        INSERT INTO marriage_appointments
            (id, number, slot_id, kind, minutes, state, booked_by, via, rescheduled, created_at, changed_at)
        SELECT :id, :number, place.id, :kind, :minutes, 'booked', :booked_by, :via, 0, :now, :now FROM place
        RETURNING id, CAST(NULL AS varchar) AS from_state
    ),
    {_PARTIES_AND_EVENT}
    """  # noqa: S608 - only the constant above is put in
)

# All its slots or none; they are locked, so what is counted stays so until the statement is over.
BOOK_SEVERAL = sa.text(
    f"""
    WITH parts AS (
        SELECT * FROM unnest(CAST(:slot_ids AS uuid[]), CAST(:part_minutes AS int[])) AS part(slot_id, minutes)
    ),
    fits AS (
        SELECT count(*) AS places FROM marriage_slots AS slot JOIN parts ON parts.slot_id = slot.id
        WHERE slot.taken + parts.minutes <= slot.capacity - slot.reserved * :others
    ),
    place AS (
        UPDATE marriage_slots AS slot SET taken = slot.taken + parts.minutes FROM parts, fits
        WHERE slot.id = parts.slot_id AND fits.places = (SELECT count(*) FROM parts) RETURNING slot.id
    ),
    appointment AS (
        INSERT INTO marriage_appointments
            (id, number, slot_id, kind, minutes, state, booked_by, via, rescheduled, created_at, changed_at)
        SELECT :id, :number, place.id, :kind, :minutes, 'booked', :booked_by, :via, 0, :now, :now
        FROM place WHERE place.id = :slot_id
        RETURNING id, CAST(NULL AS varchar) AS from_state
    ),
    further AS (
        INSERT INTO marriage_further_slots (appointment_id, slot_id, minutes)
        SELECT appointment.id, parts.slot_id, parts.minutes FROM appointment, parts WHERE parts.slot_id <> :slot_id
    ),
    {_PARTIES_AND_EVENT}
    """  # noqa: S608 - only the constant above is put in
)

FROM_HOLD = sa.text(
    f"""
    WITH appointment AS (
        UPDATE marriage_appointments
        SET state = 'booked', number = :number, hold_expires_at = NULL, changed_at = :now
        WHERE booked_by = :booked_by AND slot_id = :slot_id AND kind = :kind AND minutes = :minutes AND state = 'held'
            AND waiting_id IS NULL AND hold_expires_at > :now
        RETURNING id, 'held' AS from_state
    ),
    {_PARTIES_AND_EVENT}
    """  # noqa: S608 - only the constant above is put in
)
