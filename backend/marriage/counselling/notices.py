"""What people are told of their session: whoever booked, alone, and in words that do not say what it is about (§7)."""

from __future__ import annotations

import uuid

from backend.kernel.chinese_dates import template_moment
from backend.kernel.clock import now
from backend.marriage.counselling import texts
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.counselling.rules import SessionState, reminder_moments
from backend.marriage.models import Office
from backend.storage import session
from messages import ReminderPlan, Subject, cancel_reminders, post, set_reminders

SUBJECT_KIND = "counselling_session"

_REMINDERS = ("marriage.counselling_tomorrow", "marriage.counselling_soon")


def subject(session_id: uuid.UUID) -> Subject:
    """The session as the messages room refers to it."""
    return Subject(SUBJECT_KIND, session_id)


def tell(notice: str, row: CounsellingSession, *, hint: str | None = None, reason: str | None = None) -> None:
    """Post one notice to whoever booked, once for each change."""
    data = _data(row, hint) | ({} if reason is None else {"reason": reason})
    post(
        notice,
        recipient_id=row.person_id,
        subject=subject(row.id),
        data=data,
        key=f"{notice}:{row.id}:{row.changed_at.isoformat()}",
        not_after=row.ends_at,
    )


def plan(row: CounsellingSession) -> None:
    """Make the reminders be as the session stands now; none once it is not booked."""
    session().flush()
    if row.state is not SessionState.BOOKED:
        cancel_reminders(subject(row.id))
        return
    plans = [
        ReminderPlan(notice, row.person_id, due_at, row.starts_at, _data(row, None))
        for notice, due_at in zip(_REMINDERS, reminder_moments(row.starts_at), strict=True)
        if due_at > now()
    ]
    set_reminders(subject(row.id), plans)


def _data(row: CounsellingSession, hint: str | None) -> dict[str, str]:
    office = session().get_one(Office, row.office_id)
    return {
        "matter": texts.MATTER,
        "number": row.number,
        "time": template_moment(row.starts_at),
        "place": texts.PLACES[row.way].format(office=office.name),
        "hint": hint or texts.HINTS[row.way],
    }
