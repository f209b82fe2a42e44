"""A lease: one row that says which process does a kind of work at present. Any number may ask for it."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.jobs.models import Lease
from backend.storage import transaction

LEASE_FOR = timedelta(seconds=15)


def new_holder() -> str:
    """A name for this process that no other has, at most 80 characters."""
    return f"{socket.gethostname()[:48]}:{os.getpid()}:{secrets.token_hex(4)}"


def hold(name: str, holder: str, moment: datetime) -> bool:
    """Take or renew the lease, in one statement; False while another holder's beat is fresh.

    Taken over is a lease that ran out, or whose beat lies in the future because the clock was set back.
    """
    statement = insert(Lease).values(name=name, holder=holder, expires_at=moment + LEASE_FOR, beat_at=moment)
    taken = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={column: statement.excluded[column] for column in ("holder", "expires_at", "beat_at")},
        where=sa.or_(Lease.holder == holder, Lease.expires_at <= moment, Lease.beat_at > moment + LEASE_FOR),
    )
    with transaction() as db:
        return db.execute(taken.returning(Lease.holder)).first() is not None


def release(name: str, holder: str, moment: datetime) -> None:
    """Let another process take the lease at once; nothing happens unless `holder` has it."""
    with transaction() as db:
        db.execute(
            sa.update(Lease)
            .where(Lease.name == name, Lease.holder == holder)
            .values(expires_at=moment)
            .execution_options(synchronize_session=False)
        )


def age(name: str, moment: datetime) -> timedelta | None:
    """How long ago the lease was last renewed; None if it never was."""
    with transaction() as db:
        beat = db.scalar(sa.select(Lease.beat_at).where(Lease.name == name))
    return None if beat is None else moment - beat
