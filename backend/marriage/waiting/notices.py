"""What people who wait are told. The subject is the entry; nothing names a person."""

from __future__ import annotations

from datetime import datetime

from backend.kernel.chinese_dates import spoken_day, template_moment
from backend.marriage.models import Appointment
from backend.marriage.offers import OfficeView
from backend.marriage.texts import MATTERS
from backend.marriage.waiting.models import WaitingEntry
from backend.marriage.waiting.texts import OFFER_HINT
from messages import Subject, cancel_for, post

SUBJECT_KIND = "marriage_waiting"


def subject(entry: WaitingEntry) -> Subject:
    """The entry as the messages room refers to it."""
    return Subject(SUBJECT_KIND, entry.id)


def tell_offered(entry: WaitingEntry, offer: Appointment, place: OfficeView, starts_at: datetime) -> None:
    """A place is kept for them, until when, and how to answer; at night it is told in the morning."""
    until = offer.hold_expires_at
    if until is None:  # the database has refused such a row already
        raise ValueError("an offer without an end")
    post(
        "marriage.waiting_offered",
        recipient_id=entry.person_id,
        subject=subject(entry),
        data={
            "matter": MATTERS[entry.kind],
            "time": template_moment(starts_at),
            "place": place.name,
            "until": f"{spoken_day(until.date())}{until:%H:%M}",
            "hint": OFFER_HINT,
        },
        key=f"marriage.waiting_offered:{offer.id}",
        not_after=until,
    )


def tell_passed(entry: WaitingEntry, offer: Appointment, place: OfficeView, starts_at: datetime, hint: str) -> None:
    """Their time for a place ran out, and how they stand now."""
    cancel_for(subject(entry), key_prefix="marriage.waiting_offered:")
    post(
        "marriage.waiting_passed",
        recipient_id=entry.person_id,
        subject=subject(entry),
        data={
            "matter": MATTERS[entry.kind],
            "time": template_moment(starts_at),
            "place": place.name,
            "hint": hint,
        },
        key=f"marriage.waiting_passed:{offer.id}",
        not_after=starts_at,
    )


def tell_ended(entry: WaitingEntry, place: OfficeView, hint: str) -> None:
    """Their waiting is over without a place of this list."""
    cancel_for(subject(entry), key_prefix="marriage.waiting_offered:")
    post(
        "marriage.waiting_ended",
        recipient_id=entry.person_id,
        subject=subject(entry),
        data={
            "matter": MATTERS[entry.kind],
            "first": spoken_day(entry.first_day),
            "last": spoken_day(entry.last_day),
            "place": place.name,
            "hint": hint,
        },
        key=f"marriage.waiting_ended:{entry.id}",
    )


def withdraw_offer_notice(entry: WaitingEntry) -> None:
    """What still waits to be told of an offer is told no more: it was answered."""
    cancel_for(subject(entry), key_prefix="marriage.waiting_offered:")
