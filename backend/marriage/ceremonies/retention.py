"""How long ceremonies and entries are kept: with the couple's appointment, and never longer than it would be (§6.4)."""

from __future__ import annotations

import sqlalchemy as sa

from backend.kernel.personal_data import Batch, RetentionRule
from backend.marriage.ceremonies import texts
from backend.marriage.ceremonies.models import Ceremony, GroupEntry, GroupEvent
from backend.marriage.ceremonies.rules import CeremonyState
from backend.marriage.models import Appointment, Party
from backend.marriage.retention import SERVED_FOR
from backend.people.models import Person
from backend.storage import transaction

_UNTRACKED = {"synchronize_session": False}


def _erase(batch: Batch) -> int:
    """What outlived its appointment's period, because that appointment was changed later."""
    before = SERVED_FOR.over_before(batch.moment)
    ceremonies = sa.select(Ceremony.id).where(
        Ceremony.state.in_((CeremonyState.HELD, CeremonyState.CANCELLED)),
        Ceremony.ends_at < before,
        Ceremony.appointment_id.not_in(_held(batch)),
    )
    entries = (
        sa.select(GroupEntry.id)
        .join(GroupEvent, GroupEvent.id == GroupEntry.event_id)
        .where(GroupEvent.starts_at < before, GroupEntry.appointment_id.not_in(_held(batch)))
    )
    gone = 0
    with transaction() as db:
        for model, query in ((Ceremony, ceremonies), (GroupEntry, entries)):
            ids = db.scalars(query.limit(batch.limit).with_for_update(skip_locked=True, of=model)).all()
            db.execute(sa.delete(model).where(model.id.in_(ids)), execution_options=_UNTRACKED)
            gone += len(ids)
    return gone


def _held(batch: Batch) -> sa.Select[object]:
    numbers = sa.select(Person.id_number_index).where(Person.id.in_(batch.held), Person.id_number_index.is_not(None))
    theirs = sa.select(Party.appointment_id).where(Party.id_number_index.in_(numbers))
    return sa.select(Appointment.id).where(sa.or_(Appointment.booked_by.in_(batch.held), Appointment.id.in_(theirs)))


ceremonies_rules = (
    RetentionRule(
        "ceremonies.over",
        texts.RULE,
        (
            "marriage_ceremonies",
            "marriage_ceremony_events",
            "marriage_group_entries",
            "marriage_group_entry_events",
            "marriage_cloud_ceremonies",
            "marriage_cloud_consents",
        ),
        SERVED_FOR,
        texts.SINCE,
        texts.BASIS,
        _erase,
    ),
)
