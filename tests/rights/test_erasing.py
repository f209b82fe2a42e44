"""Seeing, copying and erasing: a copy is whole and holds nothing of anybody else; what is erased cannot be found."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock, today
from backend.kernel.identity import IdType, parse_identity_number
from backend.marriage.hold import hold_place
from backend.marriage.rules import State
from backend.people import log_in
from backend.people.models import Person, name_index, number_index, phone_index
from backend.people.proxies.ask import Wish, ask_proxy
from backend.people.proxies.rules import Relation
from backend.people.rights import holdings as registry
from backend.people.rights.holdings import collect, erase_person, holdings
from backend.people.rights.holds import lift_hold, place_hold
from backend.personal_data import HOLDINGS, NOT_BY_PERSON, NOT_OF_RESIDENTS, RULES
from backend.storage import Base, transaction
from tests.marriage.support import couple, make_slot, places
from tests.rights.support import (
    Resident,
    appointment_ids,
    book,
    make_officer,
    make_person,
    places_of,
    prove,
    rows,
    set_state,
)

Maker = Callable[..., Resident]

PHONE, PARTNERS_PHONE = "13900000011", "13900000022"


def needles(index: int, position: int, openid: str) -> list[str | bytes]:
    """Everything by which one of a couple could be found: openid, name, number, telephone and their indexes."""
    party = couple(index)[position]
    identity = parse_identity_number(IdType.RESIDENT_IDENTITY_CARD, party.id_number, today=today())
    return [openid, party.id_number, PHONE, number_index(identity), phone_index(PHONE)]


# --- every table has somebody who answers for it ---


def test_every_table_is_held_by_a_room_or_holds_nothing_of_residents():
    held = [table for holding in HOLDINGS for table in holding.tables]
    assert len(held) == len(set(held)), "a table that two rooms claim"
    elsewhere = [*NOT_OF_RESIDENTS, *NOT_BY_PERSON]
    assert sorted([*held, *elsewhere]) == sorted(Base.metadata.tables)


def test_no_table_passes_as_harmless_that_points_at_a_person():
    pointing = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "persons"
    }
    assert len(pointing) > 8
    assert pointing & (NOT_OF_RESIDENTS.keys() | NOT_BY_PERSON.keys()) == set()


def test_the_running_application_knows_them_all(app):
    assert holdings() == HOLDINGS
    assert len({holding.name for holding in HOLDINGS}) == len(HOLDINGS)
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert {table for rule in RULES for table in rule.tables} <= Base.metadata.tables.keys()


# --- seeing and copying ---


def test_a_copy_holds_everything_of_the_person_and_nothing_of_anybody_else(resident: Maker, office: uuid.UUID):
    wang, li = resident("wang"), resident("li")
    groom, bride = couple(0)
    prove(wang.id, groom, phone=PHONE)
    first = book(office, wang.id, 0, "2026-11-26 10:00")
    book(office, li.id, 1, "2026-11-26 10:30")
    wang.put("/consents/reminders", {"given": False, "version": 1})
    wang.asks("correct", words="手机号换了，请改成新的")
    li.asks("correct", words="名字里有一个字写错了")
    made = wang.asks("export").get_json()
    copy = wang.get(f"/rights-requests/{made['id']}/file").get_data(as_text=True)
    for own in (
        wang.openid,
        groom.name,
        groom.id_number,
        PHONE,
        first.number,
        "手机号换了",
        "办事提醒",
        made["number"],
    ):
        assert own in copy, own
    for other in (bride.name, bride.id_number, li.openid, *(party.id_number for party in couple(1)), "写错了"):
        assert other not in copy, other
    rooms = {room["room"] for room in json.loads(copy)["rooms"]}
    assert rooms == {"marriage", "messages", "rights", "people"}


def test_a_copy_is_whole_row_by_row(resident: Maker, office: uuid.UUID):
    """As many records as there are rows of the person, in every table that is told row by row."""
    wang = resident()
    for index, at in enumerate(("2026-11-26 10:00", "2026-11-26 10:30", "2026-11-27 09:00")):
        set_state(book(office, wang.id, index, at).appointment_id, State.SERVED)
    for _ in range(3):
        log_in("wx00000000000000b2", "oAnother_openid_of_wang", None)
    told = {section.title: len(section.records) for room in collect(wang.id) for section in room.sections}
    with transaction() as session:
        messages = session.scalar(
            sa.text("SELECT count(*) FROM outbox_messages WHERE recipient_id = :id"), {"id": wang.id}
        )
    assert told["结婚登记预约"] == 3
    assert told["发出的消息"] == messages == 3
    assert (told["微信账号"], told["登录"]) == (1, 1)


def test_before_the_number_is_proven_the_couple_is_told_only_in_part(resident: Maker, office: uuid.UUID):
    wang = resident()
    book(office, wang.id, 0, "2026-11-26 10:00")
    seen = json.dumps(wang.get("/me/data").get_json(), ensure_ascii=False)
    for party in couple(0):
        assert party.id_number not in seen
        assert party.name not in seen
    assert (
        "王* 1****************"
        in json.loads(seen)["rooms"][0]["sections"][0]["records"][0]["双方（核验身份前只显示一部分）"]
    )


def test_one_of_a_couple_sees_what_the_other_booked_and_only_the_own_half(resident: Maker, office: uuid.UUID):
    wang, li = resident("wang"), resident("li")
    groom, bride = couple(0)
    prove(li.id, bride)
    booked = book(office, wang.id, 0, "2026-11-26 10:00")
    seen = json.dumps(li.get("/me/data").get_json(), ensure_ascii=False)
    assert booked.number in seen
    assert bride.id_number in seen
    assert "对方约的" in seen
    for other in (groom.id_number, wang.openid):
        assert other not in seen


def test_the_file_is_readable_and_gone_after_a_week(resident: Maker, office: uuid.UUID, clock: MovableClock):
    wang = resident()
    booked = book(office, wang.id, 0, "2026-11-26 10:00")
    made = wang.asks("export").get_json()
    assert made["state"] == "done"
    assert made["file_until"] == "2026-11-30T09:00:00+08:00"
    text = wang.get(f"/rights-requests/{made['id']}/file", form="text")
    assert text.mimetype == "text/plain"
    assert text.headers["Cache-Control"] == "no-store"
    assert "attachment" in text.headers["Content-Disposition"]
    assert f"预约号：{booked.number}" in text.get_data(as_text=True)
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert _fetch(wang, made["id"]).status_code == 200
    clock.advance(timedelta(seconds=1))
    answer = _fetch(wang, made["id"])
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


def _fetch(resident: Resident, request_id: str):
    """Fetch the file after logging in afresh: a login lasts no longer than the file."""
    app_id = resident.client.application.extensions["settings"].miniprogram.app_id
    resident.token = log_in(app_id, resident.openid, None).token
    return resident.get(f"/rights-requests/{request_id}/file")


def test_nobody_fetches_the_copy_of_another(resident: Maker):
    wang, li = resident("wang"), resident("li")
    made = wang.asks("export").get_json()
    for path in (f"/rights-requests/{made['id']}", f"/rights-requests/{made['id']}/file"):
        assert li.get(path).status_code == 404
    assert wang.get(f"/rights-requests/{uuid.uuid4()}/file").status_code == 404


def test_a_copy_is_sealed_at_rest(resident: Maker, office: uuid.UUID):
    wang = resident()
    prove(wang.id, couple(0)[0])
    wang.asks("export")
    with transaction() as session:
        stored = session.scalar(sa.text("SELECT encode(content_sealed, 'hex') FROM data_exports"))
    assert couple(0)[0].id_number.encode().hex() not in stored


# --- erasing ---


def test_closing_the_account_leaves_nothing_by_which_one_is_found(resident: Maker, office: uuid.UUID):
    wang = resident()
    prove(wang.id, couple(0)[0], phone=PHONE)
    for state, index, at in (
        (State.CANCELLED, 0, "2026-11-26 10:00"),
        (State.REFUSED, 1, "2026-11-26 10:30"),
    ):
        set_state(book(office, wang.id, index, at).appointment_id, state)
    wang.put("/consents/reminders", {"given": False, "version": 1})
    wang.asks("export")
    everything = [*needles(0, 0, wang.openid), name_index(couple(0)[0].name), couple(0)[0].name]
    assert {"persons.id_number_index", "marriage_parties.id_number_index", "wechat_identities.openid"} <= places_of(
        *everything
    )
    done = wang.asks("close_account", confirmed=True)
    assert (done.status_code, done.get_json()["state"]) == (201, "done")
    assert places_of(*everything) == set()
    assert appointment_ids() == set()


def test_closing_signs_out_at_once_on_every_telephone(resident: Maker):
    one, other = resident(), resident()
    assert other.get("/consents").status_code == 200
    assert one.asks("close_account", confirmed=True).status_code == 201
    for telephone in (one, other):
        assert telephone.get("/consents").status_code == 401


def test_whoever_comes_again_after_closing_is_somebody_new(resident: Maker, office: uuid.UUID):
    before = resident()
    prove(before.id, couple(0)[0])
    book(office, before.id, 0, "2026-11-26 10:00")
    before.asks("close_account", confirmed=True)
    after = resident()
    assert after.id != before.id
    assert {room["room"] for room in after.get("/me/data").get_json()["rooms"]} == {"messages", "people"}
    assert after.get("/marriage/appointments").get_json()["items"] == []
    prove(after.id, couple(0)[0])  # the number is free again


def test_closing_must_be_confirmed(resident: Maker):
    wang = resident()
    answer = wang.asks("close_account")
    assert (answer.status_code, set(answer.get_json()["errors"])) == (422, {"confirmed"})
    assert wang.get("/consents").status_code == 200


def test_what_is_not_finished_or_has_its_time_is_kept_and_named(
    resident: Maker, office: uuid.UUID, clock: MovableClock
):
    wang = resident()
    states = (State.SERVED, State.NO_SHOW, State.FAILED_DOCUMENTS, State.BOOKED, State.CANCELLED)
    booked = {}
    for index, state in enumerate(states):
        made = book(office, wang.id, index, f"2026-11-26 1{index}:00")
        set_state(made.appointment_id, state)
        booked[state] = made
    kept = wang.asks("close_account", confirmed=True).get_json()["kept"]
    until = {one["title"]: one["until"] for one in kept if one["title"].startswith("结婚登记预约")}
    assert until == {
        f"结婚登记预约 {booked[State.SERVED].number}": "2028-11-23",
        f"结婚登记预约 {booked[State.FAILED_DOCUMENTS].number}": "2028-11-23",
        f"结婚登记预约 {booked[State.NO_SHOW].number}": "2027-11-23",
        f"结婚登记预约 {booked[State.BOOKED].number}": None,
    }
    assert len(appointment_ids()) == 4
    with transaction() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM marriage_appointments WHERE blocked_at IS NULL")) == 0


def test_a_hold_on_a_place_is_given_back(resident: Maker, office: uuid.UUID):
    wang = resident()
    slot_id = make_slot(office, "2026-11-26 10:00")
    hold_place(slot_id, wang.id)
    assert places(slot_id) == (1, 1)
    wang.asks("close_account", confirmed=True)
    assert places(slot_id) == (0, 1)


def test_what_is_erased_is_counted_without_persons(resident: Maker, office: uuid.UUID):
    wang = resident()
    for index in (0, 1):
        set_state(book(office, wang.id, index, f"2026-11-2{6 + index} 10:00").appointment_id, State.CANCELLED)
    wang.asks("close_account", confirmed=True)
    with transaction() as session:
        counted = session.execute(
            sa.text("SELECT month::text, state, via, appointments FROM marriage_appointment_counts")
        ).all()
    assert counted == [("2026-11-01", "cancelled", "api", 2)]


def test_erasing_one_leaves_the_other_of_the_couple_alone(resident: Maker, office: uuid.UUID):
    """The bride asks; the groom booked. Her half of what came to nothing goes, his and the kept ones stay."""
    wang, li = resident("wang"), resident("li")
    groom, bride = couple(0)
    prove(li.id, bride)
    cancelled = book(office, wang.id, 0, "2026-11-26 10:00").appointment_id
    set_state(cancelled, State.CANCELLED)
    served = book(office, wang.id, 0, "2026-11-26 10:30").appointment_id
    set_state(served, State.SERVED)
    li.asks("close_account", confirmed=True)
    assert appointment_ids() == {cancelled, served}
    with transaction() as session:
        left = session.execute(
            sa.text("SELECT appointment_id, position FROM marriage_parties ORDER BY position, appointment_id")
        ).all()
    assert sorted(left) == sorted([(cancelled, 0), (served, 0), (served, 1)])
    assert "marriage_parties.id_number_sealed" in places_of(groom.id_number)


def test_ties_are_cut_and_what_others_typed_about_one_goes(resident: Maker, office: uuid.UUID):
    elder = make_person()
    party = couple(5)[0]
    prove(elder, party)
    helper = resident("daughter")
    prove(helper.id, couple(6)[1], phone=PHONE)
    tie = ask_proxy(helper.id, Wish(party.name, party.id_number, Relation.CHILD, ["meals"]))
    assert tie.principal_id == elder
    assert "proxy_ties.principal_number_index" in places_of(party.id_number, *needles(5, 0, "nobody")[3:4])
    erase_person(elder)
    assert rows("proxy_ties") == 0
    assert places_of(party.id_number, needles(5, 0, "nobody")[3]) == set()


def test_erasing_twice_is_the_same_as_once(resident: Maker, office: uuid.UUID):
    wang = resident()
    set_state(book(office, wang.id, 0, "2026-11-26 10:00").appointment_id, State.SERVED)
    first, second = erase_person(wang.id), erase_person(wang.id)
    assert first.rows["outbox_messages"] == 1
    assert second.rows == {"persons": 1}
    assert [kept.title for kept in first.kept] == [kept.title for kept in second.kept]


def test_a_failure_half_way_erases_nothing(resident: Maker, office: uuid.UUID, monkeypatch: pytest.MonkeyPatch):
    wang = resident()
    prove(wang.id, couple(0)[0], phone=PHONE)
    set_state(book(office, wang.id, 0, "2026-11-26 10:00").appointment_id, State.CANCELLED)
    before = places_of(*needles(0, 0, wang.openid))

    def fail(_person_id: uuid.UUID):
        raise RuntimeError("the last room fails")

    monkeypatch.setattr(registry._Process, "holdings", (*HOLDINGS[:-1], replace(HOLDINGS[-1], erase=fail)))
    assert wang.asks("close_account", confirmed=True).status_code == 500
    assert places_of(*needles(0, 0, wang.openid)) == before
    assert rows("rights_requests") == 0


# --- legal holds ---


@pytest.fixture
def account_id(office: uuid.UUID) -> uuid.UUID:
    """A member of staff."""
    return make_officer()


def test_under_a_legal_hold_the_account_is_cut_off_and_nothing_erased(
    resident: Maker, office: uuid.UUID, account_id: uuid.UUID
):
    wang = resident()
    prove(wang.id, couple(0)[0])
    set_state(book(office, wang.id, 0, "2026-11-26 10:00").appointment_id, State.CANCELLED)
    hold_id = place_hold(wang.id, "（2026）陕01民初1号", account_id)
    done = wang.asks("close_account", confirmed=True).get_json()
    assert [kept["title"] for kept in done["kept"]] == ["所有信息"]
    assert wang.get("/consents").status_code == 401
    assert "wechat_identities.openid" not in places_of(wang.openid)
    assert len(appointment_ids()) == 1
    with transaction() as session:
        assert session.get_one(Person, wang.id).id_number == couple(0)[0].id_number
    lift_hold(hold_id, account_id)
    erase_person(wang.id)
    assert places_of(couple(0)[0].id_number) == set()
