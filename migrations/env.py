"""Alembic's entry: the models' metadata against the engine this process was started with."""

from alembic import context

from backend import models  # noqa: F401 - registers every table
from backend.storage import Base, Moment, database


def render_item(kind: str, item: object, _autogen: object) -> str | bool:
    """Write our own types as what they are in the database, so that a migration never imports product code."""
    return "sa.TIMESTAMP(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


def run() -> None:
    """Run migrations in one transaction on the configured database."""
    with database().engine.connect() as connection:
        # A migration may wait for a lock longer than a request may.
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.commit()
        context.configure(
            connection=connection, target_metadata=Base.metadata, compare_type=True, render_item=render_item
        )
        with context.begin_transaction():
            context.run_migrations()


run()
