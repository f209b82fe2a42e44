"""What is told of an application: to each person separately, in neutral words, to their own WeChat alone (§7).

The subject of all of it is the case, the recipient one person; a notice never says what the other one did.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from backend.kernel.chinese_dates import spoken_day, template_moment
from backend.kernel.clock import now
from backend.marriage.divorce.models import DivorceCase, DivorceParty
from backend.marriage.divorce.parameters import closes_at
from backend.marriage.divorce.rules import OPEN_STATES
from backend.marriage.divorce.texts import CLOSING_HINT, DATES_HINT, MATTER, PROVISIONAL_HINT, WITHDRAWN_HINT
from backend.marriage.models import Office
from backend.marriage.opening import at
from backend.storage import session
from messages import ReminderPlan, Subject, cancel_reminders, post, set_reminders

SUBJECT_KIND = "divorce_case"

_NINE = time(9, 0)
# Days before the end of the window, and the notice (§7: while no appointment for the certificate is booked).
_CLOSING = (
    (10, "marriage.case_closes_in_ten"),
    (5, "marriage.case_closes_in_five"),
    (2, "marriage.case_closes_in_two"),
    (0, "marriage.case_last_day"),
)


def subject(case_id: uuid.UUID) -> Subject:
    """The application as the messages room refers to it."""
    return Subject(SUBJECT_KIND, case_id)


def tell_dates(notice: str, case: DivorceCase, office: Office, party: DivorceParty) -> None:
    """Post to one person the dates of their application; said once for the same days."""
    if party.person_id is None:
        return
    post(
        notice,
        recipient_id=party.person_id,
        subject=subject(case.id),
        data={
            "matter": MATTER,
            "number": case.receipt_number,
            "place": office.name,
            "until": spoken_day(case.cool_last),
            "first": spoken_day(case.win_first),
            "last": spoken_day(case.win_last),
            "hint": PROVISIONAL_HINT if case.provisional else DATES_HINT,
        },
        key=f"{notice}:{case.id}:{party.person_id}:{case.cool_last}:{case.win_last}",
        not_after=closes_at(office.code, case.win_last),
    )


def tell_withdrawn(case: DivorceCase, office: Office, party: DivorceParty) -> None:
    """Post the confirmation to whoever withdrew; the other one hears of it from the registrar (§7)."""
    if party.person_id is not None:
        post(
            "marriage.case_withdrawn",
            recipient_id=party.person_id,
            subject=subject(case.id),
            data={
                "matter": MATTER,
                "number": case.receipt_number,
                "place": office.name,
                "time": template_moment(now()),
                "hint": WITHDRAWN_HINT,
            },
            key=f"marriage.case_withdrawn:{case.id}",
        )


def plan_reminders(case: DivorceCase, office: Office, parties: list[DivorceParty]) -> None:
    """Make the reminders of an application be as it stands now; none once it is over. Setting them twice is once."""
    if case.state not in OPEN_STATES:
        drop_reminders(case.id)
        return
    ends = closes_at(office.code, case.win_last)
    data = {
        "matter": MATTER,
        "number": case.receipt_number,
        "place": office.name,
        "time": template_moment(ends),
        "hint": PROVISIONAL_HINT if case.provisional else CLOSING_HINT,
    }
    recipients = sorted({party.person_id for party in parties if party.person_id is not None})
    plans = [
        ReminderPlan(notice, person_id, due_at, ends, data)
        for person_id in recipients
        for notice, due_at in _moments(case)
        if due_at > now()
    ]
    set_reminders(subject(case.id), plans)


def _moments(case: DivorceCase) -> Iterator[tuple[str, datetime]]:
    """Which reminder is due when. A day that may still move is not announced; whoever has a place needs no pressing."""
    if not case.cool_provisional:
        yield "marriage.case_window_opens", _morning(case.win_first)
    if case.provisional or case.certificate_booked:
        return
    for days, notice in _CLOSING:
        day = case.win_last - timedelta(days=days)
        if day > case.win_first:
            yield notice, _morning(day)


def _morning(day: date) -> datetime:
    return at(day, _NINE)


def drop_reminders(case_id: uuid.UUID) -> None:
    """Nothing more is due for this application."""
    session().flush()
    cancel_reminders(subject(case_id))
