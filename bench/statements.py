"""The bare SQL: one statement each for what a booking and a callback cannot do without, on the smallest tables."""

from __future__ import annotations

TABLES = """
    CREATE TABLE bench_slots (
        id int PRIMARY KEY, capacity int NOT NULL, taken int NOT NULL DEFAULT 0, CHECK (taken <= capacity)
    );
    CREATE TABLE bench_bookings (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        slot_id int NOT NULL REFERENCES bench_slots,
        person uuid NOT NULL,
        UNIQUE (slot_id, person)
    );
    CREATE TABLE bench_pushes (key text PRIMARY KEY, reply text NOT NULL);
    CREATE TABLE bench_states (openid text PRIMARY KEY, state text NOT NULL);
    CREATE TABLE werobot (id varchar(100) PRIMARY KEY, value text NOT NULL);
    CREATE TABLE bench_answered (message_id bigint PRIMARY KEY, reply text NOT NULL);
"""

# Take a place and write who has it (docs/adr/0002); no row comes back when the slot is full.
BOOK = """
    WITH place AS (
        UPDATE bench_slots SET taken = taken + 1 WHERE id = %(slot)s AND taken < capacity RETURNING id
    )
    INSERT INTO bench_bookings (slot_id, person) SELECT id, %(person)s FROM place RETURNING id
"""

# De-duplication for WeRoBot.
NOTE_ANSWER = """
    INSERT INTO bench_answered (message_id, reply) VALUES (%(message_id)s, %(reply)s) ON CONFLICT DO NOTHING
"""
ANSWERED_BEFORE = "SELECT reply FROM bench_answered WHERE message_id = %(message_id)s"

# Remember the push with its answer and write where the conversation stands.
TURN = """
    WITH push AS (INSERT INTO bench_pushes (key, reply) VALUES (%(key)s, %(reply)s))
    INSERT INTO bench_states (openid, state) VALUES (%(openid)s, %(state)s)
    ON CONFLICT (openid) DO UPDATE SET state = excluded.state
"""
