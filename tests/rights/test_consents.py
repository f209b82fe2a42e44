"""Consent: optional, by version, withdrawn at any time and at no cost; rows are only added (PIPL 13-17)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.people.rights import notice
from backend.people.rights.consent import allows, choose
from backend.people.rights.models import ConsentEvent, NoticeShown
from backend.people.rights.notice import PrivacyNotice, current_notice
from backend.people.rights.rules import Via
from backend.storage import transaction
from messages.models import OutboxMessage, Reminder, ReminderState
from messages.reminders import post_due
from tests.api.conftest import booking
from tests.marriage.support import make_slot
from tests.rights.support import Resident, book, rows

Maker = Callable[..., Resident]


def events() -> list[tuple[str, bool, int, Via]]:
    with transaction() as session:
        found = session.scalars(sa.select(ConsentEvent).order_by(ConsentEvent.id))
        return [(row.purpose, row.given, row.version, row.via) for row in found]


def choose_reminders(resident: Resident, given: bool, version: int = 1) -> int:
    return resident.put("/consents/reminders", {"given": given, "version": version}).status_code


def test_what_is_optional_is_listed_with_how_one_stands_to_it(resident: Maker):
    wang = resident()
    [found] = wang.get("/consents").get_json()["items"]
    assert (found["purpose"], found["title"], found["given"]) == ("reminders", "办事提醒", True)
    assert (found["version"], found["at"]) == (None, None)
    assert choose_reminders(wang, False) == 200
    [found] = wang.get("/consents").get_json()["items"]
    assert (found["given"], found["version"], found["at"]) == (False, 1, "2026-11-23T09:00:00+08:00")


def test_choices_are_added_and_the_same_again_adds_nothing(resident: Maker):
    wang = resident()
    for given in (False, False, True, True, False):
        assert choose_reminders(wang, given) == 200
    assert [given for _, given, _, _ in events()] == [False, True, False]
    assert {(purpose, version, via) for purpose, _, version, via in events()} == {("reminders", 1, Via.API)}


def test_two_taps_at_once_are_one_choice(resident: Maker):
    wang = resident()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: choose_reminders(wang, False), range(4))) == {200}
    assert len(events()) == 1


def test_a_choice_cannot_be_rewritten(resident: Maker):
    choose_reminders(resident(), False)
    for change in ("given = true", "version = 2", "at = at + interval '1 day'", "purpose = 'other'"):
        with pytest.raises(sa.exc.DatabaseError, match="consent_events is append-only"), transaction() as session:
            session.execute(sa.text(f"UPDATE consent_events SET {change}"))
    assert len(events()) == 1


def test_withdrawing_costs_no_service_and_stops_the_reminders(resident: Maker, office, clock: MovableClock):
    wang, li = resident("wang"), resident("li")
    assert choose_reminders(wang, False) == 200
    slot_id = make_slot(office, "2026-11-26 10:00")
    assert wang.post("/marriage/appointments", booking(str(slot_id), 0)).status_code == 201
    book(office, li.id, 1, "2026-11-26 10:30")
    clock.advance(timedelta(days=2, hours=1, minutes=30))  # 10:30 on the day before
    post_due()
    with transaction() as session:
        reminded = session.scalars(
            sa.select(OutboxMessage.recipient_id).where(OutboxMessage.notice == "marriage.reminder_day_before")
        ).all()
    assert reminded == [li.id]


def test_whoever_changes_their_mind_gets_what_is_still_ahead(resident: Maker, office, clock: MovableClock):
    wang = resident()
    book(office, wang.id, 0, "2026-11-26 10:00")
    choose_reminders(wang, False)
    clock.advance(timedelta(days=2, hours=1, minutes=30))
    post_due()
    assert choose_reminders(wang, True) == 200
    clock.advance(timedelta(days=1))
    post_due()
    with transaction() as session:
        states = {row.notice: row.state for row in session.execute(sa.select(Reminder.notice, Reminder.state))}
    assert states == {
        "marriage.reminder_day_before": ReminderState.CANCELLED,
        "marriage.reminder_two_hours": ReminderState.CANCELLED,  # two hours before had passed by now
    }


def test_a_later_reminder_comes_after_agreeing_again(resident: Maker, office, clock: MovableClock):
    wang = resident()
    book(office, wang.id, 0, "2026-11-26 10:00")
    choose_reminders(wang, False)
    choose_reminders(wang, True)
    clock.advance(timedelta(days=2, hours=1, minutes=30))
    post_due()
    with transaction() as session:
        told = session.scalars(sa.select(OutboxMessage.notice)).all()
    assert "marriage.reminder_day_before" in told


def test_agreeing_needs_the_rules_in_force_and_withdrawing_does_not(
    resident: Maker, monkeypatch: pytest.MonkeyPatch, clock: MovableClock
):
    wang = resident()
    second = PrivacyNotice(2, date(2026, 11, 24))
    monkeypatch.setattr(notice, "NOTICES", (*notice.NOTICES, second))
    assert current_notice().version == 1
    choose_reminders(wang, False)
    clock.advance(timedelta(days=1))
    assert current_notice().version == 2
    answer = wang.put("/consents/reminders", {"given": True, "version": 1})
    assert (answer.status_code, answer.get_json()["code"], answer.get_json()["version"]) == (409, "state_conflict", 2)
    assert choose_reminders(wang, True, 2) == 200
    assert choose_reminders(wang, False, 1) == 200
    assert not allows(wang.id, "reminders")


def test_what_is_no_purpose_is_not_found(resident: Maker):
    wang = resident()
    answer = wang.put("/consents/everything", {"given": True, "version": 1})
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert wang.put("/consents/reminders", {"given": "yes", "version": 1}).status_code == 422
    assert wang.put("/consents/reminders", {"given": True, "version": 0}).status_code == 422


def test_the_rules_are_public_and_reading_them_with_a_choice_is_noted(resident: Maker):
    wang = resident()
    published = wang.client.get("/api/v1/privacy-notice").get_json()
    assert (published["version"], published["effective_from"]) == (1, "2026-01-01")
    assert published["url"].endswith("/h5/privacy")
    assert published["chapters"][0]["title"] == "我们是谁"
    assert all(chapter["paragraphs"] for chapter in published["chapters"])
    choose_reminders(wang, True)
    with transaction() as session:
        assert session.get_one(NoticeShown, (wang.id, 1)).via is Via.API
    assert rows("privacy_notices_shown") == 1


def test_a_consent_at_the_desk_names_who_took_it(resident: Maker):
    wang = resident()
    with pytest.raises(sa.exc.IntegrityError, match="ck_consent_events_account_at_the_desk"):
        choose(wang.id, "reminders", given=False, version=1, via=Via.DESK)
