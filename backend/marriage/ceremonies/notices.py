"""What couples are told of their ceremony: both of them, in quiet words, never an offer of anything for sale (§7)."""

from __future__ import annotations

import uuid

from backend.kernel.chinese_dates import template_moment
from backend.kernel.clock import now
from backend.marriage.ceremonies import texts
from backend.marriage.ceremonies.couples import recipients
from backend.marriage.ceremonies.models import Ceremony, GroupEntry, GroupEvent
from backend.marriage.ceremonies.rules import CeremonyState, is_late, reminder_moments
from backend.marriage.models import Office
from backend.marriage.resources.models import Resource
from backend.storage import session
from messages import ReminderPlan, Subject, cancel_reminders, post, set_reminders

SUBJECT_KIND = "marriage_ceremony"
ENTRY_SUBJECT = "marriage_group_entry"

_REMINDERS = ("marriage.ceremony_in_three_days", "marriage.ceremony_tomorrow")


def subject(ceremony_id: uuid.UUID) -> Subject:
    """The ceremony as the messages room refers to it."""
    return Subject(SUBJECT_KIND, ceremony_id)


def tell(notice: str, ceremony: Ceremony, *, reason: str | None = None, hint: str = texts.HINT) -> None:
    """Post one notice to both, once for each change."""
    data = _data(ceremony, hint) | ({} if reason is None else {"reason": reason})
    for person_id in recipients(ceremony.appointment_id):
        post(
            notice,
            recipient_id=person_id,
            subject=subject(ceremony.id),
            data=data,
            key=f"{notice}:{ceremony.id}:{person_id}:{ceremony.changed_at.isoformat()}",
            not_after=ceremony.ends_at,
        )


def tell_moved(ceremony: Ceremony, reason: str) -> None:
    """Post where it is held now; late at night as well when the evening before has passed (§2.7: by 20:00)."""
    late = is_late(ceremony.starts_at.date(), now())
    if late:
        tell("marriage.ceremony_moved_late", ceremony, reason=reason)
    else:
        tell("marriage.ceremony_moved", ceremony, reason=reason)


def plan(ceremony: Ceremony) -> None:
    """Make the reminders be as the ceremony stands now; none once it is over, or while it has no place."""
    session().flush()
    if ceremony.state is not CeremonyState.BOOKED or ceremony.needs_place:
        cancel_reminders(subject(ceremony.id))
        return
    moments = reminder_moments(ceremony.starts_at)
    plans = [
        ReminderPlan(notice, person_id, due_at, ceremony.starts_at, _data(ceremony, texts.HINT))
        for person_id in recipients(ceremony.appointment_id)
        for notice, due_at in zip(_REMINDERS, moments, strict=True)
        if due_at > now()
    ]
    set_reminders(subject(ceremony.id), plans)


def _data(ceremony: Ceremony, hint: str) -> dict[str, str]:
    office = session().get_one(Office, ceremony.office_id)
    venue = session().get_one(Resource, ceremony.venue_id)
    return {
        "matter": texts.MATTER,
        "number": ceremony.number,
        "time": template_moment(ceremony.starts_at),
        "place": f"{office.name} {venue.name}"[:40],
        "hint": hint,
    }


def tell_entry(notice: str, entry: GroupEntry, event: GroupEvent, persons: list[uuid.UUID]) -> None:
    """Post one notice about an entry at an event to these persons, once for each change."""
    for person_id in sorted(set(persons)):
        post(
            notice,
            recipient_id=person_id,
            subject=Subject(ENTRY_SUBJECT, entry.id),
            data={
                "matter": event.title[:20],
                "number": entry.number,
                "time": template_moment(event.starts_at),
                "place": event.place[:40],
            },
            key=f"{notice}:{entry.id}:{person_id}:{entry.changed_at.isoformat()}",
            not_after=event.starts_at,
        )
