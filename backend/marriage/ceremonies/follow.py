"""What time and the registration do to ceremonies; run by the tick. Each task may run twice at once."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import now
from backend.marriage.ceremonies.couples import STANDING, registration_of
from backend.marriage.ceremonies.history import end
from backend.marriage.ceremonies.models import Ceremony, CloudCeremony
from backend.marriage.ceremonies.notices import plan, tell
from backend.marriage.ceremonies.parameters import within_days
from backend.marriage.ceremonies.rules import CeremonyState, CloudState, misfit
from backend.marriage.ceremonies.texts import REGISTRATION_GONE
from backend.marriage.models import Appointment, Office, Slot
from backend.marriage.rules import State
from backend.storage import session, transaction

_BATCH = 100
_LOCAL = sa.func.timezone("Asia/Shanghai", Ceremony.starts_at)


def finish_held() -> int:
    """Note that ceremonies whose time is over were held."""

    def held(ceremony: Ceremony) -> bool:
        end(ceremony, "held", CeremonyState.HELD, SYSTEM)
        plan(ceremony)
        return True

    return _each(sa.select(Ceremony).where(Ceremony.ends_at <= now()), held)


def follow_registrations() -> int:
    """Call off the ceremonies whose appointment for the registration is gone or was moved behind them."""
    query = (
        sa.select(Ceremony)
        .join(Appointment, Appointment.id == Ceremony.appointment_id)
        .join(Slot, Slot.id == Appointment.slot_id)
        .where(
            Ceremony.ends_at > now(),
            sa.or_(
                Appointment.state.not_in(STANDING),
                Ceremony.starts_at < Slot.starts_at + Appointment.minutes * sa.text("interval '1 minute'"),
                # A later day is for whoever is registered already, and was when they booked it.
                sa.and_(Appointment.state != State.SERVED, sa.cast(_LOCAL, sa.Date) != Slot.day),
            ),
        )
    )

    def follow(ceremony: Ceremony) -> bool:
        appointment = session().get_one(Appointment, ceremony.appointment_id)
        slot, office = session().get_one(Slot, appointment.slot_id), session().get_one(Office, ceremony.office_id)
        fits = misfit(registration_of(appointment, slot), ceremony.starts_at, within_days(office.code)) is None
        if appointment.state in STANDING and fits:
            return False
        end(ceremony, "registration_gone", CeremonyState.CANCELLED, SYSTEM)
        plan(ceremony)
        tell("marriage.ceremony_cancelled", ceremony, reason=REGISTRATION_GONE)
        return True

    return _each(query, follow)


def end_clouds() -> int:
    """Take away the links whose thirty days are over (§2.7, §6.4)."""
    query = sa.select(CloudCeremony).where(
        CloudCeremony.state.in_((CloudState.ASKED, CloudState.AGREED)), CloudCeremony.delete_from <= now()
    )
    with transaction() as db:
        found = db.scalars(query.order_by(CloudCeremony.id).limit(_BATCH).with_for_update(skip_locked=True)).all()
        for cloud in found:
            cloud.state, cloud.changed_at = CloudState.ENDED, now()
            cloud.link = cloud.token = cloud.token_hash = None
    return len(found)


def _each(query: sa.Select[Ceremony], act: Callable[[Ceremony], bool]) -> int:
    with transaction() as db:
        found = db.scalars(
            query.where(Ceremony.state == CeremonyState.BOOKED)
            .order_by(Ceremony.id)
            .limit(_BATCH)
            .with_for_update(of=Ceremony, skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
        return sum(act(ceremony) for ceremony in found)
