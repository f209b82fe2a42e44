"""A person and their own application: in the chat, by the API, in what is held; and when somebody dies."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from backend.kernel.clock import MovableClock
from backend.kernel.personal_data import Batch
from backend.marriage.divorce.chat import DivorceChat
from backend.marriage.divorce.follow import move_by_time
from backend.marriage.divorce.holdings import divorce_holding
from backend.marriage.divorce.joined import join_parties
from backend.marriage.divorce.life_events import _end, _restore
from backend.marriage.divorce.models import DivorceCare, DivorceCase, DivorceParty
from backend.marriage.divorce.queries import own_cases
from backend.marriage.divorce.retention import divorce_rules
from backend.marriage.divorce.rules import CaseState
from backend.marriage.divorce.withdraw import withdraw_application
from backend.people.life_events import EventKind, Happening
from backend.storage import transaction
from tests.marriage.support import couple, make_person
from tests.marriage_divorce.support import (
    HUSBAND,
    WIFE,
    accept,
    by,
    clock_to,
    contacts,
    history,
    make_verified,
    parties,
    row,
    waiting,
)
from tests.rights.support import make_resident, prove
from workflows.chat.ports import OwnApplication, Refused


def applications(person_id: uuid.UUID) -> Sequence[OwnApplication]:
    found = DivorceChat(person_id).applications()
    assert not isinstance(found, Refused)
    return found


def test_the_chat_tells_the_person_alone(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    husband, stranger = make_verified(HUSBAND), make_person()
    case = accept(office, registrar)
    [own] = applications(husband)
    assert (own.state, own.withdraw_until, own.first, own.last) == (
        "accepted",
        date(2026, 10, 8),
        date(2026, 10, 9),
        date(2026, 11, 9),
    )
    assert isinstance(DivorceChat(stranger).applications(), Refused)
    clock_to(clock, "2026-10-09 08:00")
    assert applications(husband)[0].state == "window", "before the tick was here"
    assert row(case.id).state is CaseState.ACCEPTED


def test_care_is_chosen_in_the_chat(office: uuid.UUID, registrar: uuid.UUID) -> None:
    wife = make_verified(WIFE)
    case = accept(office, registrar)
    chat = DivorceChat(wife)
    assert chat.wants_care() is None
    chat.choose_care(True)
    assert chat.wants_care() is True
    assert len(contacts(case.id)) == 3


def test_a_withdrawal_by_the_other_shows_as_a_state_and_nothing_else(office: uuid.UUID, registrar: uuid.UUID) -> None:
    husband = make_verified(HUSBAND)
    case = accept(office, registrar)
    withdraw_application(case.id, by(1), registrar)
    [own] = own_cases(husband, None, 5)
    assert own.state is CaseState.WITHDRAWN
    with transaction():
        [section, _] = divorce_holding.collect(husband)
    told = "".join(section.records[0].values())
    assert "李小红" not in told
    assert WIFE.id_number not in told
    assert HUSBAND.id_number in told


def test_what_is_kept_and_for_how_long(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    husband = make_verified(HUSBAND)
    case = accept(office, registrar, care=(True, False))
    with transaction():
        assert [kept.until for kept in divorce_holding.keeps(husband)] == [None, None]
    withdraw_application(case.id, by(0), registrar)
    with transaction():
        assert [kept.until for kept in divorce_holding.keeps(husband)] == [date(2027, 9, 1), date(2029, 9, 1)]
        assert divorce_holding.erase(husband) == {}
    for now, cases, cares in (("2027-09-01 12:00", 1, 1), ("2027-09-02 12:00", 0, 1), ("2029-09-02 12:00", 0, 0)):
        clock_to(clock, now)
        for rule in divorce_rules:
            assert rule.run is not None
            rule.run(Batch(clock(), 10))
        with transaction() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(DivorceCase)) == cases
            assert session.scalar(sa.select(sa.func.count()).select_from(DivorceCare)) == cares


def test_whoever_is_on_hold_stays(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    husband = make_verified(HUSBAND)
    case = accept(office, registrar)
    withdraw_application(case.id, by(0), registrar)
    clock_to(clock, "2028-01-01 12:00")
    cases_rule = divorce_rules[0]
    assert cases_rule.run is not None
    assert cases_rule.run(Batch(clock(), 10, [husband])) == 0
    assert cases_rule.run(Batch(clock(), 10)) == 1


def test_a_closed_account_is_written_to_and_called_no_more(office: uuid.UUID, registrar: uuid.UUID) -> None:
    husband = make_verified(HUSBAND)
    case = accept(office, registrar, care=(True, False))
    with transaction():
        divorce_holding.cut(husband)
    assert parties(case.id)[0].person_id is None
    assert {state for _, _, state in contacts(case.id)} == {"dropped"}
    assert row(case.id).open, "the application itself goes on"


def test_two_rows_of_one_person(office: uuid.UUID, registrar: uuid.UUID) -> None:
    husband, other = make_verified(HUSBAND), make_person()
    case = accept(office, registrar, care=(True, False))
    with transaction():
        join_parties(husband, other)
    assert parties(case.id)[0].person_id == other
    with transaction() as session:
        assert session.scalars(sa.select(DivorceCare.person_id)).all() == [other]


@pytest.mark.parametrize("now", ["2026-09-20 10:00", "2026-11-20 10:00"])
def test_a_death_ends_it_and_a_mistake_brings_it_back(
    office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock, now: str
) -> None:
    husband, wife = make_verified(HUSBAND), make_verified(WIFE)
    case = accept(office, registrar, care=(False, True))
    index = parties(case.id)[0].id_number_index
    death = Happening(uuid.uuid4(), husband, EventKind.DEATH, date(2026, 9, 1), index, {})
    with transaction():
        done = _end(death)
    assert done.effects == {"cases_ended": 1}
    assert (row(case.id).state, waiting(case.id, wife)) == (CaseState.ENDED, {})
    assert {state for _, _, state in contacts(case.id)} == {"dropped"}
    clock_to(clock, now)
    back = Happening(uuid.uuid4(), husband, EventKind.DEATH_REVERSED, date(2026, 9, 1), index, {}, done.undo)
    with transaction():
        restored = _restore(back)
    if now.startswith("2026-09"):
        assert restored.effects == {"cases_restored": 1}
        assert history(case.id)[-1] == ("restored_by_life_event", "system", "cooling")
        assert len(waiting(case.id, wife)) == 5
    else:
        assert [left.id for left in restored.not_restored] == [case.id]
        assert row(case.id).state is CaseState.ENDED
    move_by_time()
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(DivorceParty)) == 2


def test_the_api_needs_a_login(client: FlaskClient, office: uuid.UUID) -> None:
    assert client.get("/api/v1/marriage/divorce-cases").status_code == 401


def test_the_api_gives_ones_own_and_only_once_proven(app: Flask, office: uuid.UUID, registrar: uuid.UUID) -> None:
    husband, stranger = make_resident(app, "husband"), make_resident(app, "stranger")
    case = accept(office, registrar)
    refused = husband.get("/marriage/divorce-cases")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "level_too_low")
    prove(husband.id, HUSBAND)
    prove(stranger.id, couple(3)[0])
    answer = husband.get("/marriage/divorce-cases")
    assert answer.status_code == 200, answer.get_json()
    [found] = answer.get_json()["items"]
    assert (found["id"], found["state"], found["withdraw_until"], found["window_last"]) == (
        str(case.id),
        "accepted",
        "2026-10-08",
        "2026-11-09",
    )
    assert found["note"] == "以上日期以回执单及登记处告知为准。"
    assert found["office"]["name"] == "新城区婚姻登记处"
    assert WIFE.name not in answer.get_data(as_text=True)
    assert stranger.get("/marriage/divorce-cases").get_json()["items"] == []
