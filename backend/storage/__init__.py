"""PostgreSQL: the engine, the transaction that use cases share, column types, sealed personal data."""

from backend.storage.database import (
    Base,
    Database,
    after_commit,
    atomic,
    before_commit,
    broken_constraint,
    database,
    lean_transaction,
    look,
    run,
    session,
    transaction,
    use_database,
)
from backend.storage.sealing import KeyRing, Sealed, blind_index, key_ring, use_keys
from backend.storage.types import Moment, enum_column, foreign_id, primary_id

__all__ = [
    "Base",
    "Database",
    "KeyRing",
    "Moment",
    "Sealed",
    "after_commit",
    "atomic",
    "before_commit",
    "blind_index",
    "broken_constraint",
    "database",
    "enum_column",
    "foreign_id",
    "key_ring",
    "lean_transaction",
    "look",
    "primary_id",
    "run",
    "session",
    "transaction",
    "use_database",
    "use_keys",
]
