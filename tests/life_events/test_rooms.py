"""Every room reacts to a death in its own transaction, and brings back what it can when it was a mistake (§8-1).

What a person can have under way is read from the tables: a room that comes later has to say what a death does to it.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from backend import models
from backend.kernel.clock import MovableClock, now
from backend.marriage.ceremonies.announce import cancel_event
from backend.marriage.ceremonies.draw import settle_events
from backend.marriage.ceremonies.entries import sign_up
from backend.marriage.ceremonies.rules import EntryState, EventMode
from backend.marriage.divorce.models import DivorceCare
from backend.marriage.models import Appointment
from backend.marriage.rules import State
from backend.marriage.rush.models import Rush
from backend.marriage.rush.parameters import BY_NUMBERS, DRAWN
from backend.marriage.rush.rules import RequestState
from backend.marriage.waiting.join import join_waiting
from backend.marriage.waiting.offer import offer_left_over
from backend.marriage.waiting.rules import WaitingState
from backend.parameters import set_value
from backend.people import log_in
from backend.people.identities import identity_for
from backend.people.life_events.registry import handlers
from backend.people.life_events.rules import EventKind
from backend.people.logins import open_login, resident_by_token
from backend.people.models import LoginSession
from backend.people.rules import LoginKind
from backend.storage import Base, transaction
from messages import Product
from tests.life_events.support import bride, dies, groom, lives
from tests.marriage.support import at, code_of, make_office, make_slot
from tests.marriage_ceremonies.support import Couple, entry, make_couple
from tests.marriage_ceremonies.support import event as group_event
from tests.marriage_ceremonies.test_events import announce, enter
from tests.marriage_divorce.support import accept, contacts
from tests.marriage_rush.test_rush import OPENS, ask, hall, peak, requests, settle_all
from tests.marriage_waiting.support import offer, states, wait, wish
from tests.marriage_waiting.support import told as told_of
from tests.people_proxies.support import MOTHER, staff_account, verify

_TABLES = models

# The tables that name a person by row or by number: the room whose handler answers for them at a death, or why none.
ROOMS = {
    "marriage_appointments": "marriage",
    "marriage_parties": "marriage",
    "marriage_waiting": "marriage.waiting",
    "marriage_waiting_parties": "marriage.waiting",
    "marriage_rush_requests": "marriage.rush",
    "marriage_rush_persons": "marriage.rush",
    "marriage_group_entries": "marriage.ceremonies",
    "archive_requests": "marriage.archive",
    "archive_subjects": "marriage.archive",
    "counselling_callbacks": "marriage.counselling",
    "counselling_sessions": "marriage.counselling",
    "divorce_parties": "marriage.divorce",
    "divorce_care": "marriage.divorce",
    "proxy_ties": "proxies",
    "wechat_identities": "people.logins",
}
LEFT_ALONE = {
    "persons": "says itself that somebody died",
    "acts_on_behalf": "what was done stays done",
    "archive_inspections": "the log of what was read",
    "binding_codes": "a code is not taken for the dead",
    "consent_events": "a choice; nothing is done for the dead that would need it",
    "conversations": "ends by itself, and nothing new begins from it",
    "legal_holds": "concerns the data, which stays",
    "life_events": "is the record itself",
    "marriage_blessings": "what was said stays said until the page goes",
    "marriage_covers": "what was shown stays shown until the page goes",
    "marriage_cloud_consents": "proof of a choice about a ceremony that was held",
    "marriage_partner_notes": "goes with its appointment",
    "marriage_peak_watches": "a wish to be told; nobody writes to the dead",
    "marriage_rush_early_tries": "counts tries; nobody tries for the dead",
    "person_events": "history",
    "person_joins": "history",
    "privacy_notices_shown": "history",
    "proof_tries": "history",
    "rights_requests": "is still to be answered; relatives ask anew at the counter",
    "uploads": "a matter's, or deleted after thirty days",
}


def naming_persons() -> set[str]:
    """Every table with a reference to a person or with the index of a number."""
    found = set()
    for table in Base.metadata.sorted_tables:
        referring = any(key.column.table.name == "persons" for column in table.c for key in column.foreign_keys)
        if referring or any(column.name.endswith("number_index") for column in table.c):
            found.add(table.name)
    return found - {"watched_numbers"}  # numbers of the auditor's, which name nobody's row


@pytest.fixture
def office(bureau: Flask) -> uuid.UUID:
    """A registry with peak days that are asked for."""
    set_value(BY_NUMBERS, "anping", True, now(), "test")
    return make_office("anping")


def test_somebody_answers_for_every_table_that_names_a_person() -> None:
    assert naming_persons() == ROOMS.keys() | LEFT_ALONE.keys()
    at_death = {handler.room for handler in handlers(EventKind.DEATH)}
    assert set(ROOMS.values()) == at_death
    assert {handler.room for handler in handlers(EventKind.DEATH_REVERSED)} == at_death - {"people.logins"}


# --- the waiting list ---


def test_waiting_ends_and_goes_on_at_the_old_place(office: uuid.UUID) -> None:
    man = groom()
    full = make_slot(office, "2026-11-26 10:00", 0)
    theirs, behind = wait(office, 0, man), wait(office, 1)
    death = dies(man)
    assert states(theirs, behind) == [WaitingState.ENDED, WaitingState.WAITING]
    back = lives(man)
    assert (back.effects["marriage.waiting"], back.not_restored) == ({"waiting_restored": 1}, [])
    assert death.undo["marriage.waiting"] == {"entries": [str(theirs)]}
    with transaction() as session:
        session.execute(sa.text("UPDATE marriage_slots SET capacity = 30 WHERE id = :id"), {"id": full})
    offer_left_over()
    assert states(theirs, behind) == [WaitingState.OFFERED, WaitingState.WAITING]


def test_a_place_kept_for_the_dead_goes_on_and_they_wait_for_another(office: uuid.UUID) -> None:
    man = groom()
    full = make_slot(office, "2026-11-26 10:00", 0)
    theirs, behind = wait(office, 0, man), wait(office, 1)
    with transaction() as session:
        session.execute(sa.text("UPDATE marriage_slots SET capacity = 30 WHERE id = :id"), {"id": full})
    offer_left_over()
    assert offer(theirs)
    told = len(told_of(theirs))
    dies(man)
    assert states(theirs, behind) == [WaitingState.ENDED, WaitingState.OFFERED]
    lives(man)
    assert states(theirs, behind) == [WaitingState.WAITING, WaitingState.OFFERED]
    assert len(told_of(theirs)) == told


def test_days_that_are_over_and_new_waiting_are_named(office: uuid.UUID, clock: MovableClock) -> None:
    man, woman = groom(), bride()
    make_slot(office, "2026-11-26 10:00", 0)
    first = wait(office, 0, man)
    dies(man)
    with transaction() as session:
        session.execute(sa.text("UPDATE persons SET died_on = NULL WHERE id = :id"), {"id": man})
    join_waiting(wish(office, 0, woman))
    with transaction() as session:
        session.execute(sa.text("UPDATE persons SET died_on = '2026-11-22' WHERE id = :id"), {"id": man})
    assert lives(man).not_restored == [["marriage.waiting", "marriage_waiting", str(first)]]
    dies(man)
    clock.move_to(at("2026-11-26 09:00"))
    assert [what for _, what, _ in lives(man).not_restored] == ["marriage_waiting"]


# --- peak days ---


def announced(office: uuid.UUID, mode: str) -> Rush:
    """A peak day of this registry, served by number or by a draw."""
    set_value(DRAWN, "anping", mode == "draw", now(), "test")
    return peak(office, mode)


@pytest.mark.parametrize("mode", ["queue", "draw"])
def test_a_request_for_a_peak_day_is_not_served(office: uuid.UUID, clock: MovableClock, mode: str) -> None:
    rush, man = announced(office, mode), groom()
    clock.move_to(OPENS)
    ask(rush, 0, person_id=man)
    ask(rush, 1)
    assert dies(man).effects["marriage.rush"] == {"rush_requests_stopped": 1}
    clock.move_to(OPENS + timedelta(minutes=31))
    settle_all()
    assert [one.state for one in requests()] == [RequestState.UNPLACED, RequestState.PLACED]
    assert hall() == (30, 120)
    assert [one.parties_sealed for one in requests()] == [None, None]
    stopped = requests()[0].id
    assert lives(man).not_restored == [["marriage.rush", "rush_request", str(stopped)]]


@pytest.mark.parametrize("mode", ["queue", "draw"])
def test_a_request_that_comes_back_in_time_is_served(office: uuid.UUID, clock: MovableClock, mode: str) -> None:
    rush, man = announced(office, mode), groom()
    clock.move_to(OPENS)
    ask(rush, 0)  # asked by somebody else: he is one of the couple
    dies(man)
    back = lives(man)
    assert (back.effects["marriage.rush"], back.not_restored) == ({"rush_requests_restored": 1}, [])
    clock.move_to(OPENS + timedelta(minutes=31))
    settle_all()
    assert [one.state for one in requests()] == [RequestState.PLACED]


# --- events of many couples ---


def places_of(event_id: uuid.UUID) -> int:
    """How many places of an event are taken."""
    return group_event(event_id).taken


def couple_at(office: uuid.UUID, index: int) -> Couple:
    """The `index`-th couple with an appointment of its own."""
    two = make_couple(office, index, "2026-11-26 10:00")
    with transaction() as session:
        session.execute(sa.text("UPDATE marriage_slots SET taken = taken + 30"))
    return two


def test_an_entry_comes_back_to_its_place_or_into_the_reserve(office: uuid.UUID) -> None:
    made, two, other = announce(office, places=1), couple_at(office, 0), couple_at(office, 1)
    entry_id = enter(made, two)
    dies(two.first)
    assert (entry(entry_id).state, places_of(made.id)) == (EntryState.WITHDRAWN, 0)
    assert lives(two.first).not_restored == []
    assert (entry(entry_id).state, places_of(made.id)) == (EntryState.PLACED, 1)
    dies(two.second)
    third = enter(made, other)
    lives(two.second)
    assert (entry(entry_id).state, entry(third).state) == (EntryState.RESERVE, EntryState.PLACED)
    assert places_of(made.id) == 1


def test_a_draw_is_not_held_twice(office: uuid.UUID, clock: MovableClock) -> None:
    made, two = announce(office, mode=EventMode.DRAW), couple_at(office, 0)
    entry_id = enter(made, two)
    dies(two.first)
    assert lives(two.first).not_restored == []
    assert entry(entry_id).state is EntryState.ENTERED
    dies(two.first)
    clock.move_to(at("2026-12-01 17:01"))
    assert settle_events() == 1
    with transaction() as session:  # the registration itself came to pass
        session.execute(sa.update(Appointment).values(state=State.SERVED))
    assert ["marriage.ceremonies", "marriage_group_entry", str(entry_id)] in lives(two.first).not_restored
    assert entry(entry_id).state is EntryState.WITHDRAWN


def test_a_new_entry_and_a_cancelled_event_are_left_as_they_are(office: uuid.UUID) -> None:
    made, two = announce(office), couple_at(office, 0)
    sign_up(made.id, two.appointment_id, two.first)
    dies(two.second)
    cancel_event(made.id, staff_account())
    left = lives(two.second).not_restored
    assert [what for _, what, _ in left] == ["marriage_group_entry"]


# --- care ---


def test_care_goes_on_for_whoever_agreed(office: uuid.UUID) -> None:
    man, woman = groom(), bride()
    case = accept(office, staff_account(), care=(False, True))
    due = contacts(case.id)
    assert due
    dies(man)
    assert {state for _, _, state in contacts(case.id)} == {"dropped"}
    assert lives(man).effects["marriage.divorce"] == {"cases_restored": 1}
    with transaction() as session:
        running = session.scalars(sa.select(DivorceCare).where(DivorceCare.ended_at.is_(None))).one()
    assert running.person_id == woman
    assert sorted(one for one in contacts(case.id) if one[2] == "due") == sorted(due)


# --- logins ---


def test_nobody_reads_on_in_the_name_of_the_dead(app: Flask, client: FlaskClient) -> None:
    login = log_in("wx-mini", "openid-of-mother", None)
    verify(login.person_id, MOTHER)
    identity_id = identity_for(Product.MINIPROGRAM, "wx-mini", "openid-of-mother", None).id
    web = open_login(identity_id, LoginKind.WEB)
    headers = {"Authorization": f"Bearer {login.token}"}
    assert client.get("/api/v1/me/data", headers=headers).status_code == 200
    assert dies(login.person_id).effects["people.logins"] == {"logins_ended": 2}
    assert client.get("/api/v1/me/data", headers=headers).status_code == 401
    assert resident_by_token(web.token, LoginKind.WEB) is None
    assert code_of(lambda: log_in("wx-mini", "openid-of-mother", None)) == "counter_needed"
    lives(login.person_id)
    again = log_in("wx-mini", "openid-of-mother", None)
    assert resident_by_token(again.token)
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(LoginSession)) == 1
