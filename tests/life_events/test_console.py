"""The officer's pages: what it will do, what it did, what could not be restored; ties at the counter."""

from __future__ import annotations

import re
import uuid

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.people.life_events.models import LifeEvent
from backend.people.models import Person
from backend.people.proxies.answer import confirm_as_principal, confirm_by_code, count_try
from backend.people.proxies.rules import TieState
from backend.staff import passwords
from backend.staff.audit import AuditEntry
from backend.staff.models import OrganisationNode
from backend.storage import transaction
from tests.console.support import CHEAP_HASHER, Desk
from tests.life_events.support import booked, dies, events, groom, person, remind
from tests.marriage.support import book, couple
from tests.people_proxies.support import DAUGHTER, ask, make_person, state_of, told

REPORT = {"effective_on": "2026-11-20", "source": "death_certificate", "reason": "医学证明 610102-0001"}


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords of tests need no defence."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP_HASHER)


@pytest.fixture
def clerk(app: Flask) -> Desk:
    """The clerk of the whole district."""
    return Desk(app.test_client(), "clerk-5")


def community(code: str) -> uuid.UUID:
    with transaction() as session:
        return session.scalars(sa.select(OrganisationNode.id).where(OrganisationNode.code == code)).one()


def lives_in(person_id: uuid.UUID, code: str) -> None:
    with transaction() as session:
        session.execute(sa.update(Person).where(Person.id == person_id).values(community_id=community(code)))


def audited() -> list[str]:
    with transaction() as session:
        return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_death_from_the_persons_page_to_the_result(clerk: Desk, slot: uuid.UUID):
    man = groom()
    booked(slot, man)
    remind(man)
    assert f"/console/life/{man}" in clerk.get(f"/console/people/{man}").text
    page = clerk.get(f"/console/life/{man}").text
    assert f"/console/life/{man}/death" in page
    assert f"/console/life/{man}/reversal" not in page
    assert 'max="2026-11-23"' in clerk.get(f"/console/life/{man}/death").text

    checked = clerk.post(f"/console/life/{man}/death/check", REPORT)
    assert checked.status_code == 200
    assert re.search(r"取消登记预约 <strong>1</strong>", checked.text)
    assert re.search(r"停发提醒 <strong>3</strong>", checked.text)
    assert events() == 0

    done = clerk.post(f"/console/life/{man}/death", REPORT)
    assert done.status_code == 303
    result = clerk.get(done.location).text
    assert "取消登记预约 <strong>1</strong>" in result
    assert "医学证明 610102-0001" in result
    assert str(person(man).died_on) == "2026-11-20"
    assert "life.death" in audited()
    page = clerk.get(f"/console/life/{man}").text
    assert f"/console/life/{man}/reversal" in page
    assert f"/console/life/{man}/death" not in page


def test_a_reversal_lists_what_could_not_be_restored(clerk: Desk, slot: uuid.UUID):
    man = groom()
    booked(slot, man)
    dies(man)
    book(slot, 5)
    form = {"effective_on": "2026-11-23", "source": "staff_correction", "reason": "同名同姓登记错了"}
    assert "恢复登记预约 <strong>1</strong>" in clerk.post(f"/console/life/{man}/reversal/check", form).text
    result = clerk.get(clerk.post(f"/console/life/{man}/reversal", form).location).text
    assert "没能恢复，请联系当事人" in result
    assert re.search(r"号已约满.*MZ\d{8} 平安路婚姻登记处 029-00000101", result)
    assert person(man).died_on is None


def test_mistakes_are_told_beside_their_fields_and_nothing_is_typed_twice(clerk: Desk):
    man = groom()
    for path in ("death/check", "death"):
        answer = clerk.post(f"/console/life/{man}/{path}", REPORT | {"effective_on": "2026-12-24"})
        assert answer.status_code == 422
        assert 'id="effective_on-fault"' in answer.text
        assert "医学证明 610102-0001" in answer.text
        assert re.search(r'value="death_certificate"[^>]* checked', answer.text)
    answer = clerk.post(f"/console/life/{man}/death/check", {"effective_on": "x", "source": "gossip", "reason": ""})
    assert (answer.status_code, answer.text.count('class="fault"')) == (422, 3)
    assert events() == 0


def test_going_back_keeps_what_was_typed(clerk: Desk):
    man = groom()
    page = clerk.post(f"/console/life/{man}/death", REPORT | {"back": "1"})
    assert page.status_code == 200
    assert "医学证明 610102-0001" in page.text
    assert events() == 0


def test_recorded_twice_is_told(clerk: Desk):
    man = groom()
    assert clerk.post(f"/console/life/{man}/death", REPORT).status_code == 303
    again = clerk.post(f"/console/life/{man}/death", REPORT)
    assert (again.status_code, events()) == (409, 1)
    assert "已经登记过去世" in again.text


def test_a_move_out_of_ones_own_place(app: Flask):
    man = groom()
    lives_in(man, "changle-dongxiang")
    clerk = Desk(app.test_client(), "clerk-1")
    form = {
        "effective_on": "2026-11-20",
        "source": "at_the_counter",
        "reason": "户口已迁",
        "community_id": str(community("wanghe-liuyin")),
    }
    assert "柳荫社区" in clerk.post(f"/console/life/{man}/move/check", form).text
    done = clerk.post(f"/console/life/{man}/move", form)
    result = clerk.get(done.location)
    assert result.status_code == 200  # whoever recorded it sees what came of it
    assert couple(0)[0].name not in result.text
    assert clerk.get(f"/console/life/{man}").status_code == 404
    assert Desk(app.test_client(), "clerk-2").get(f"/console/life/{man}").status_code == 200
    assert clerk.post(f"/console/life/{man}/move", form).status_code == 404


def test_a_name_put_right_never_stands_in_an_address(clerk: Desk, slot: uuid.UUID):
    man = groom()
    booked(slot, man)
    form = {"effective_on": "2026-11-23", "source": "at_the_counter", "reason": "照身份证更正", "name": "王晓明"}
    checked = clerk.post(f"/console/life/{man}/name/check", form)
    assert "更正预约里的姓名 <strong>1</strong>" in checked.text
    done = clerk.post(f"/console/life/{man}/name", form)
    assert "王" not in done.location
    assert person(man).name == "王晓明"


def test_places_and_permissions(app: Flask, clerk: Desk):
    man = groom()
    lives_in(man, "changle-dongxiang")
    event_id = dies(man).id
    elsewhere, registrar = Desk(app.test_client(), "clerk-2"), Desk(app.test_client(), "registrar-1")
    for path in (f"/{man}", f"/{man}/death", f"/events/{event_id}", f"/{man}/ties"):
        assert elsewhere.get(f"/console/life{path}").status_code == 404
    for path in (f"/{man}", f"/{man}/death", f"/events/{event_id}"):
        assert registrar.get(f"/console/life{path}").status_code == 403
    for path in (f"/{man}/reversal", f"/{man}/reversal/check"):
        assert elsewhere.post(f"/console/life{path}", REPORT).status_code == 404
        assert registrar.post(f"/console/life{path}", REPORT).status_code == 403
    assert clerk.get(f"/console/life/events/{uuid.UUID(int=9)}").status_code == 404
    assert events() == 1


def test_the_audit_trail_holds_no_personal_data(clerk: Desk):
    man = groom()
    clerk.post(f"/console/life/{man}/death", REPORT)
    with transaction() as session:
        rows = session.scalars(sa.text("SELECT row_to_json(e)::text FROM audit_entries AS e")).all()
        [event] = session.scalars(sa.select(LifeEvent))
    kept = "\n".join(rows)
    assert str(event.id) in kept
    for secret in (couple(0)[0].name, couple(0)[0].id_number, "610102-0001", "2026-11-20"):
        assert secret not in kept


# --- ties at the counter ---


def test_digits_at_the_counter(clerk: Desk):
    man, daughter = groom(), make_person(DAUGHTER)
    tie = ask(daughter, (couple(0)[0].name, couple(0)[0].id_number))
    page = clerk.get(f"/console/life/{man}/ties").text
    assert "女儿 李*梅" in page
    assert "给六位数字" in page
    shown = clerk.post(f"/console/life/{man}/ties/{tie}/code").text
    code = "".join(re.findall(r'translate="no">(\d{3}) (\d{3})<', shown)[0])
    confirm_by_code(tie, daughter, code, may_try=count_try(tie, daughter))
    assert state_of(tie) is TieState.CONFIRMED
    assert "窗口六位数字" in clerk.get(f"/console/life/{man}/ties").text
    assert clerk.post(f"/console/life/{man}/ties/{tie}/code").status_code == 409
    assert audited().count("proxies.code_given") == 1


def test_staff_confirm_and_cut_with_reasons(clerk: Desk):
    man, daughter = groom(), make_person(DAUGHTER)
    tie = ask(daughter, (couple(0)[0].name, couple(0)[0].id_number))
    bare = clerk.post(f"/console/life/{man}/ties/{tie}/confirm", {"reason": " "})
    assert (bare.status_code, "请写明核实了什么" in bare.text) == (422, True)
    assert clerk.post(f"/console/life/{man}/ties/{tie}/confirm", {"reason": "看过户口簿"}).status_code == 303
    assert state_of(tie) is TieState.CONFIRMED
    assert clerk.post(f"/console/life/{man}/ties/{tie}/cut", {"reason": "老人投诉"}).status_code == 303
    assert state_of(tie) is TieState.CUT
    assert [notice for notice, _ in told(daughter)][-1] == "people.proxy_answered"
    assert {"proxies.confirmed", "proxies.cut"} <= set(audited())


def test_ties_of_another_person_are_not_there(clerk: Desk):
    man, daughter = groom(), make_person(DAUGHTER)
    tie = ask(daughter, (couple(0)[0].name, couple(0)[0].id_number))
    confirm_as_principal(tie, man)
    other = groom(3)
    for step in ("code", "confirm", "cut"):
        answer = clerk.post(f"/console/life/{other}/ties/{tie}/{step}", {"reason": "x"})
        assert answer.status_code == 404
    assert state_of(tie) is TieState.CONFIRMED


def test_a_helpers_page_shows_whom_they_help(clerk: Desk):
    groom()
    daughter = make_person(DAUGHTER)
    ask(daughter, (couple(0)[0].name, couple(0)[0].id_number))
    page = clerk.get(f"/console/life/{daughter}/ties").text
    assert "王*明" in page
    assert couple(0)[0].id_number not in page
