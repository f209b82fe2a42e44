"""Requests at the API: taken in, listed, carried out at once where nothing has to be judged, and never another's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from backend.calendar import import_year
from backend.kernel.clock import BEIJING, MovableClock
from backend.kernel.legal_calendar import DayKind
from backend.people.joining import join_persons, lock_persons
from backend.people.rights.answers import complete, refuse, take_up
from backend.people.rights.consent import consents
from backend.people.rights.holds import place_hold
from backend.people.rights.models import LegalHold, NoticeShown, RightsRequest
from backend.people.rights.notice import note_shown
from backend.people.rights.requests import recount_due, request_events
from backend.people.rights.rules import RefusalReason, RequestState, Via
from backend.people.rights.texts import REASON_NAMES, REMEDIES, REVIEW
from backend.people.rules import JoinReason
from backend.storage import transaction
from messages.models import OutboxMessage
from tests.marriage.support import code_of
from tests.rights.support import Resident, make_officer, rows

Maker = Callable[..., Resident]

WORDS = "手机号换了，以前那个不用了"


def test_a_correction_is_taken_in_with_a_number_and_a_due_day(resident: Maker):
    wang = resident()
    answer = wang.asks("correct", words=WORDS)
    made = answer.get_json()
    assert answer.status_code == 201
    assert (made["kind"], made["state"], made["words"]) == ("correct", "received", WORDS)
    assert (made["due_on"], made["due_provisional"]) == ("2026-12-14", False)
    assert made["number"].startswith("GX")
    assert [event["name"] for event in made["events"]] == ["asked"]
    assert wang.get(f"/rights-requests/{made['id']}").get_json() == made
    with transaction() as session:
        stored = session.scalar(sa.text("SELECT row_to_json(r)::text FROM rights_requests r"))
    assert WORDS not in stored


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "correct"}, "words"),
        ({"kind": "correct", "words": "   "}, "words"),
        ({"kind": "delete", "words": "字" * 501}, "words"),
        ({"kind": "take_down"}, "kind"),
        ({"kind": "everything"}, "kind"),
        ({}, "kind"),
    ],
)
def test_what_is_not_whole_is_refused_by_field(resident: Maker, body: dict, field: str):
    answer = resident().post("/rights-requests", body)
    assert (answer.status_code, set(answer.get_json()["errors"])) == (422, {field})
    assert rows("rights_requests") == 0


def test_the_same_is_asked_once_at_a_time(resident: Maker):
    wang = resident()
    first = wang.asks("delete").get_json()
    again = wang.asks("delete")
    assert (again.status_code, again.get_json()["code"]) == (409, "state_conflict")
    assert first["number"] in again.get_json()["detail"]
    assert again.get_json()["request_id"] == first["id"]
    refuse(uuid.UUID(first["id"]), make_officer(), RefusalReason.NOT_PROVEN, "")
    assert wang.asks("delete").status_code == 201
    assert wang.asks("correct", words=WORDS).status_code == 201


def test_a_repeated_command_is_one_request(resident: Maker):
    wang = resident()
    answers = [wang.post("/rights-requests", {"kind": "export"}, key="one") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.get_json()["id"] for answer in answers}) == 1
    assert rows("data_exports") == 1


def test_requests_are_listed_newest_first_in_pages_and_only_ones_own(resident: Maker, clock: MovableClock):
    wang, li = resident("wang"), resident("li")
    li.asks("export")
    made = []
    for _ in range(5):
        made.append(wang.asks("export").get_json()["id"])
        clock.advance(timedelta(minutes=1))
    seen, cursor = [], None
    while True:
        page = wang.get("/rights-requests", limit=2, **({"cursor": cursor} if cursor else {})).get_json()
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]
    assert wang.get("/rights-requests", cursor="nonsense").status_code == 422


def test_an_officer_takes_it_up_and_the_resident_hears_the_answer(resident: Maker):
    wang, officer = resident(), make_officer()
    made = uuid.UUID(wang.asks("correct", words=WORDS).get_json()["id"])
    take_up(made, officer)
    assert wang.get(f"/rights-requests/{made}").get_json()["state"] == "in_work"
    assert code_of(lambda: take_up(made, officer)) == "state_conflict"
    assert code_of(lambda: complete(made, officer, " ")) == "invalid"
    complete(made, officer, "手机号已改成您在窗口登记的新号")
    seen = wang.get(f"/rights-requests/{made}").get_json()
    assert (seen["state"], seen["answer"]) == ("done", "手机号已改成您在窗口登记的新号")
    assert seen["closed_at"] == "2026-11-23T09:00:00+08:00"
    assert [event["state"] for event in seen["events"]] == ["received", "in_work", "done"]
    assert code_of(lambda: complete(made, officer, "再来一次")) == "state_conflict"
    assert code_of(lambda: refuse(made, officer, RefusalReason.NOT_PROVEN, "")) == "state_conflict"
    with transaction() as session:
        [told] = session.scalars(sa.select(OutboxMessage)).all()
    assert (told.notice, told.recipient_id) == ("privacy.request_answered", wang.id)
    assert told.data["result"] == "已办好"
    assert "窗口登记的新号" not in str(told.data), "what an officer wrote is read after logging in"


@pytest.mark.parametrize("reason", list(RefusalReason))
def test_a_refusal_says_why_what_to_do_and_where_to_go(resident: Maker, reason: RefusalReason):
    wang = resident()
    made = uuid.UUID(wang.asks("delete").get_json()["id"])
    refuse(made, make_officer(), reason, "")
    refusal = wang.get(f"/rights-requests/{made}").get_json()["refusal"]
    assert refusal == {
        "reason": reason.value,
        "text": REASON_NAMES[reason],
        "remedy": REMEDIES[reason],
        "review": REVIEW,
    }
    assert "人民法院" in REVIEW


def test_a_request_without_a_reason_cannot_be_refused_even_by_hand(resident: Maker):
    resident().asks("delete")
    for change, constraint in (
        ("state = 'refused', closed_at = received_at", "refused_for_a_reason"),
        ("state = 'done'", "closed_once_answered"),
        ("kind = 'correct'", "correction_in_words"),
        ("kind = 'take_down'", "relative"),
    ):
        with pytest.raises(sa.exc.IntegrityError, match=constraint), transaction() as session:
            session.execute(sa.text(f"UPDATE rights_requests SET {change}"))


def test_deleting_as_an_officer_decides_erases_and_says_what_is_kept(resident: Maker):
    wang = resident()
    made = uuid.UUID(wang.asks("delete").get_json()["id"])
    done = complete(made, make_officer(), "")
    assert done.state is RequestState.DONE
    assert done.outcome["erased"]["persons"] == 1
    assert wang.get("/consents").status_code == 401
    assert rows("outbox_messages") == 0, "there is nobody left to tell"


def test_a_due_day_in_a_year_without_a_notice_is_provisional_and_counted_anew(resident: Maker, clock: MovableClock):
    clock.move_to(datetime(2026, 12, 14, 9, tzinfo=BEIJING))
    made = resident().asks("delete").get_json()
    assert (made["due_on"], made["due_provisional"]) == ("2027-01-04", True)
    assert recount_due() == 0
    import_year(2027, {date(2027, 1, day): DayKind.OFF for day in (1, 4)}, "notice")
    assert recount_due() == 1
    with transaction() as session:
        request = session.get_one(RightsRequest, uuid.UUID(made["id"]))
    assert (request.due_on, request.due_provisional) == (date(2027, 1, 6), False)
    assert [event.name for event in request_events(request.id)] == ["asked", "due_moved"]
    assert recount_due() == 0


def test_what_two_rows_of_one_person_have_becomes_one_persons(resident: Maker):
    """A WeChat and the row of the counter turn out to be one: choices, requests and holds come along, none twice."""
    wang, other = resident("wang"), resident("other")
    for who in (wang, other):
        who.put("/consents/reminders", {"given": False, "version": 1})
        who.asks("delete")
        place_hold(who.id, "案件", make_officer())
    with transaction():
        assert not note_shown(other.id, 1, Via.CHAT)
    only = other.asks("correct", words=WORDS).get_json()["id"]
    with transaction():
        lock_persons([wang.id, other.id])
        join_persons(other.id, wang.id, JoinReason.CODE)
    with transaction() as session:
        open_kinds = session.execute(
            sa.select(RightsRequest.person_id, RightsRequest.kind).where(RightsRequest.state == RequestState.RECEIVED)
        ).all()
        assert session.scalars(sa.select(LegalHold.person_id)).all() == [wang.id]
        assert session.scalars(sa.select(NoticeShown.person_id)).all() == [wang.id]
    assert sorted((person_id, kind.value) for person_id, kind in open_kinds) == [
        (wang.id, "correct"),
        (wang.id, "delete"),
    ]
    assert wang.get(f"/rights-requests/{only}").status_code == 200
    assert [consent.given for consent in consents(wang.id)] == [False]
    assert rows("consent_events") == 2
