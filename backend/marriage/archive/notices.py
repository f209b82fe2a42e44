"""What is told of a request: to whoever asked, on their own WeChat, in neutral words, nothing of the record.

Nobody but the applicant is written to: not the other one on the record, and no institution.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, time

from backend.kernel.chinese_dates import spoken_day, template_moment
from backend.kernel.clock import now
from backend.marriage.archive import texts
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.rules import PAPERS, ArchiveState, Registration, Sought, reminder_days
from backend.marriage.models import Office
from backend.marriage.opening import at
from backend.storage import session
from messages import ReminderPlan, Subject, cancel_reminders, post, set_reminders

SUBJECT_KIND = "archive_request"

_NINE, _CLOSE = time(9, 0), time(17, 0)
_MOST_OF_A_HINT = 40


def subject(request_id: uuid.UUID) -> Subject:
    """The request as the messages room refers to it."""
    return Subject(SUBJECT_KIND, request_id)


def tell(notice: str, request: ArchiveRequest, office: Office) -> None:
    """Post one notice to whoever asked, once for each change; nothing where their WeChat is not known."""
    if request.person_id is not None:
        post(
            notice,
            recipient_id=request.person_id,
            subject=subject(request.id),
            data=_data(notice, request, office, now()),
            key=f"{notice}:{request.id}:{request.changed_at.isoformat()}",
        )


def plan_reminders(request: ArchiveRequest, office: Office) -> None:
    """Remind whoever has not come: after a week and three days before the volume goes back."""
    if request.person_id is None or request.until is None or request.state is not ArchiveState.READY:
        return
    ends = _at_close(request.until)
    data = _data("marriage.archive_waiting", request, office, ends)
    days = reminder_days(now().date(), request.until)
    plans = [
        ReminderPlan(notice, request.person_id, at(day, _NINE), ends, data)
        for notice, day in zip(("marriage.archive_waiting", "marriage.archive_last_days"), days, strict=False)
    ]
    set_reminders(subject(request.id), plans)


def drop_reminders(request_id: uuid.UUID) -> None:
    """Nothing more is due for this request."""
    session().flush()
    cancel_reminders(subject(request_id))


def _data(notice: str, request: ArchiveRequest, office: Office, moment: datetime) -> dict[str, str]:
    return {
        "matter": texts.MATTER,
        "number": request.number,
        "time": template_moment(moment),
        "place": _place(notice, request, office)[:_MOST_OF_A_HINT],
        "hint": _hint(notice, request),
    }


def _place(notice: str, request: ArchiveRequest, office: Office) -> str:
    return request.kept_name or office.name if notice == "marriage.archive_elsewhere" else office.name


def _hint(notice: str, request: ArchiveRequest) -> str:
    key = notice.removeprefix("marriage.archive_")
    if key == "asked":
        return texts.HINT_ASKED.format(day=spoken_day(request.due_on))
    if key == "elsewhere":
        return texts.HINT_ELSEWHERE.format(phone=request.kept_phone or "")
    if key == "ready":
        return _ready_hint(request)
    return _HINTS[key]


def _ready_hint(request: ArchiveRequest) -> str:
    if request.sought is Sought.REISSUE_CHECK:
        divorce = request.registration is Registration.DIVORCE
        return texts.HINT_CHECKED_DIVORCE if divorce else texts.HINT_CHECKED
    return texts.HINT_READY


_HINTS = {
    "located": texts.HINT_LOCATED,
    "not_found": texts.HINT_NOT_FOUND,
    "more": texts.HINT_MORE,
    "waiting": texts.HINT_WAITING,
    "last_days": texts.HINT_WAITING,
    "lapsed": texts.HINT_LAPSED,
    "refused": texts.HINT_REFUSED,
}


def papers_told(request: ArchiveRequest) -> str:
    """What to bring, in words."""
    return "；".join(texts.PAPER_NAMES[paper] for paper in PAPERS[request.applicant_kind])


def _at_close(day: date) -> datetime:
    return at(day, _CLOSE)
