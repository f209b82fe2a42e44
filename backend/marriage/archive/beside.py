"""What the registrar sees beside an appointment: the request it came from, and where the volume lies (M5, M6, M7)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.rules import ArchiveState, KeptAt, NotFoundWhy, Registration, Sought
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Party, Slot
from backend.storage import session, transaction

# Which requests concern an appointment of a kind.
_CONCERNS = {
    Kind.ARCHIVE_QUERY: (ArchiveRequest.sought != Sought.REISSUE_CHECK,),
    Kind.MARRIAGE_CERTIFICATE_REISSUE: (ArchiveRequest.registration == Registration.MARRIAGE,),
    Kind.DIVORCE_CERTIFICATE_REISSUE: (ArchiveRequest.registration == Registration.DIVORCE,),
}
_SHOWN = 3
_NOT_TOLD = (ArchiveState.WITHDRAWN, ArchiveState.ENDED)


@dataclass(frozen=True)
class BesideLine:
    """A request beside an appointment: state, and where the volume lies; nothing of what is in it."""

    id: uuid.UUID
    number: str
    state: ArchiveState
    sought: Sought
    kept_at: KeptAt | None
    volume: str | None
    kept_name: str | None
    kept_address: str | None
    kept_phone: str | None
    not_found_why: NotFoundWhy | None
    due_on: date


@dataclass(frozen=True)
class Beside:
    """`wanted`: the kind of business needs an archive check; `lines` are the requests of the same persons, newest
    first.
    """

    wanted: bool
    lines: Sequence[BesideLine]


def beside(appointment_id: uuid.UUID) -> Beside:
    """What the archive knows for an appointment; two queries. Nothing is wanted for other kinds of business."""
    with transaction() as db:
        row = db.execute(
            sa.select(Appointment.kind, Slot.office_id)
            .join(Slot, Slot.id == Appointment.slot_id)
            .where(Appointment.id == appointment_id)
        ).one_or_none()
        if row is None or row.kind not in _CONCERNS:
            return Beside(wanted=False, lines=())
        return Beside(wanted=True, lines=_lines(appointment_id, row.office_id, row.kind))


def _lines(appointment_id: uuid.UUID, office_id: uuid.UUID, kind: Kind) -> Sequence[BesideLine]:
    numbers = sa.select(Party.id_number_index).where(Party.appointment_id == appointment_id)
    query = (
        sa.select(ArchiveRequest)
        .where(
            sa.or_(ArchiveRequest.appointment_id == appointment_id, ArchiveRequest.applicant_number_index.in_(numbers)),
            ArchiveRequest.office_id == office_id,
            ArchiveRequest.state.not_in(_NOT_TOLD),
            *_CONCERNS[kind],
        )
        .order_by((ArchiveRequest.appointment_id == appointment_id).desc().nulls_last(), ArchiveRequest.id.desc())
        .limit(_SHOWN)
    )
    return [
        BesideLine(
            one.id,
            one.number,
            one.state,
            one.sought,
            one.kept_at,
            one.volume,
            one.kept_name,
            one.kept_address,
            one.kept_phone,
            one.not_found_why,
            one.due_on,
        )
        for one in session().scalars(query)
    ]
