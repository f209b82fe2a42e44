"""PostgreSQL: the engine, the transaction that use cases share, column types, sealed personal data."""

from backend.storage.database import Base, Database, broken_constraint, database, use_database
from backend.storage.histories import EventColumns, leave, locked
from backend.storage.sealing import KeyRing, Sealed, blind_index, key_ring, use_keys
from backend.storage.transactions import (
    after_commit,
    ask,
    atomic,
    before_commit,
    follow_up,
    lean_transaction,
    look,
    one_connection,
    run,
    run_along,
    session,
    transaction,
)
from backend.storage.types import Moment, enum_column, foreign_id, primary_id

__all__ = [
    "Base",
    "Database",
    "EventColumns",
    "KeyRing",
    "Moment",
    "Sealed",
    "after_commit",
    "ask",
    "atomic",
    "before_commit",
    "blind_index",
    "broken_constraint",
    "database",
    "enum_column",
    "follow_up",
    "foreign_id",
    "key_ring",
    "lean_transaction",
    "leave",
    "locked",
    "look",
    "one_connection",
    "primary_id",
    "run",
    "run_along",
    "session",
    "transaction",
    "use_database",
    "use_keys",
]
