"""Persons at the console: who may see whom, what is shown, what is written down, and the counter's forms."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.console.people_pages.room import people_console
from backend.console.people_pages.scope import scope_of
from backend.kernel.clock import MovableClock
from backend.people import person_by_number
from backend.people.binding import ask_code
from backend.people.counter import verify_at_counter
from backend.people.finding import MOST_FOUND
from backend.people.models import Person
from backend.staff import NodeKind, Role, create_account, make_node
from backend.staff.audit.watch import declare_relative
from backend.staff.demo import DEMONSTRATION_PASSWORD
from backend.staff.models import OrganisationNode
from backend.storage import database, transaction
from tests.console.support import Desk, counted_queries
from tests.people.support import CARD, Phone, card, card_number, count, nobody, row

Phones = Callable[..., Phone]
Desks = Callable[..., Desk]
People = dict[str, uuid.UUID]
HOME = "/console/people"


@pytest.fixture
def places(bureau: Flask) -> dict[str, uuid.UUID]:
    """A street with two communities, and a registry beside it."""
    with transaction() as db:
        district = db.scalars(sa.select(OrganisationNode)).one()
        street = make_node("street", NodeKind.STREET, "长乐中路街道", district)
        registry = make_node("registry", NodeKind.REGISTRY, "登记处", district)
        db.add_all([street, registry])
        db.flush()
        east = make_node("east", NodeKind.COMMUNITY, "东社区", street)
        west = make_node("west", NodeKind.COMMUNITY, "西社区", street)
        db.add_all([east, west])
        db.flush()
        return {node.code: node.id for node in (district, street, registry, east, west)}


@pytest.fixture
def desk(bureau: Flask, places: dict[str, uuid.UUID]) -> Desks:
    """Somebody of a role over a place, signed in."""

    def sign_in(role: Role = Role.COUNTER_CLERK, place: str = "district") -> Desk:
        username = f"{role.value.replace('_', '-')}.{place}"
        create_account(username, "周敏", DEMONSTRATION_PASSWORD, role, place)
        return Desk(bureau.test_client(), username)

    return sign_in


@pytest.fixture
def people(clerk: uuid.UUID, places: dict[str, uuid.UUID]) -> People:
    """One person in each community, and one of whom nobody knows where they live."""
    made: People = {}
    for serial, (name, home) in enumerate((("王小明", "east"), ("李小红", "west"), ("张建国", None))):
        given = card(serial, name, phone=f"1390000000{serial}", community_id=places[home] if home else None)
        made[home or "nowhere"] = verify_at_counter(clerk, given).person_id
    return made


def audit(action: str) -> list[tuple[str | None, dict[str, object]]]:
    """Subject and detail of what was written down under an action, oldest first."""
    with transaction() as db:
        query = sa.text("SELECT subject_id, detail::text FROM audit_entries WHERE action = :action ORDER BY id")
        return [(subject, json.loads(detail)) for subject, detail in db.execute(query, {"action": action})]


def form(serial: int = 0, name: str = "王小明", **changes: str) -> dict[str, str]:
    """The counter's form, filled in."""
    return {"id_type": CARD.value, "id_number": card_number(serial), "name": name, "seen": "yes"} | changes


# --- finding ---


@pytest.mark.parametrize(
    "typed",
    ["{number}", " {number} ", "{apart}", "13900000000", "王小明", "王小明 {tail}", "王小明{tail}", "{tail}"],
)
def test_a_person_is_found_by_what_is_at_hand(desk: Desks, people: People, typed: str) -> None:
    number = card_number(0)
    said = typed.format(number=number, tail=number[-4:], apart=f"{number[:6]} {number[6:14]} {number[14:]}")
    answer = desk().post(f"{HOME}/search", {"q": said})
    assert answer.status_code == 303, answer.text
    assert answer.location == f"{HOME}/{people['east']}"


def test_several_are_listed_masked(desk: Desks, people: People) -> None:
    with transaction() as db:
        db.execute(sa.update(Person).where(Person.id.in_(people.values())).values(last4="1234"))
    listed = desk().post(f"{HOME}/search", {"q": "1234"}).text
    for shown in ("王小明", "李小红", "张建国", "东社区", "139****0000"):
        assert shown in listed
    for hidden in (card_number(0), "13900000000"):
        assert hidden not in listed


def test_what_is_not_there_or_cannot_be_meant_is_said_kindly(desk: Desks, people: People) -> None:
    officer = desk()
    for typed in ("赵无名", card_number(900), "13812345678", "9999"):
        assert "没有找到" in officer.post(f"{HOME}/search", {"q": typed}).text
    for typed in ("？？", "12", ""):
        assert "请输入" in officer.post(f"{HOME}/search", {"q": typed}).text


def test_a_long_list_is_cut_and_asks_for_more_with_the_same_queries(desk: Desks, clerk: uuid.UUID) -> None:
    officer = desk()
    needed = []
    for serials in (range(2), range(2, MOST_FOUND + 1)):
        for serial in serials:
            verify_at_counter(clerk, card(serial, "张伟"))
        with counted_queries(database()) as statements:
            page = officer.post(f"{HOME}/search", {"q": "张伟"}).text
        needed.append(len(statements))
    assert page.count("data-row") == MOST_FOUND
    assert f"只列最近的 {MOST_FOUND} 位" in page
    assert needed[0] == needed[1]


def test_a_search_is_written_down_by_ids_only(desk: Desks, people: People) -> None:
    desk().post(f"{HOME}/search", {"q": card_number(0)})
    assert audit("people.searched") == [(str(people["east"]), {})]


def test_what_was_typed_is_in_no_address(desk: Desks, people: People) -> None:
    officer = desk()
    assert officer.get(f"{HOME}/search?q={card_number(0)}").location == HOME
    for page in (officer.get(HOME).text, officer.get(f"{HOME}/verify").text):
        for method in re.findall(r'<form[^>]*method="(\w+)"', page):
            assert method == "post"


# --- who sees whom ---


@pytest.mark.parametrize(
    ("role", "place", "seen"),
    [
        (Role.COUNTER_CLERK, "district", {"east", "west", "nowhere"}),
        (Role.COUNTER_CLERK, "street", {"east", "west", "nowhere"}),
        (Role.COUNTER_CLERK, "east", {"east", "nowhere"}),
        (Role.REGISTRAR, "registry", {"nowhere"}),
        (Role.PRIVACY_OFFICER, "district", {"east", "west", "nowhere"}),
        (Role.PRIVACY_OFFICER, "east", {"east"}),  # reads, but verifies nobody
    ],
)
def test_one_sees_the_persons_of_ones_places(
    desk: Desks, people: People, role: Role, place: str, seen: set[str]
) -> None:
    officer = desk(role, place)
    pages = {home: officer.get(f"{HOME}/{person_id}").status_code for home, person_id in people.items()}
    assert {home for home, status in pages.items() if status == 200} == seen
    assert set(pages.values()) <= {200, 404}
    for home, serial in (("east", 0), ("west", 1), ("nowhere", 2)):
        found = officer.post(f"{HOME}/search", {"q": card_number(serial)})
        assert (found.status_code == 303) is (home in seen)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR, Role.SUPERVISOR])
def test_others_see_nobody(desk: Desks, people: People, role: Role) -> None:
    officer = desk(role)
    assert officer.get(HOME).status_code == 403
    assert officer.get(f"{HOME}/{people['east']}").status_code == 403
    assert officer.post(f"{HOME}/search", {"q": "王小明"}).status_code == 403


def test_who_only_reads_neither_verifies_nor_reveals(desk: Desks, people: People) -> None:
    officer = desk(Role.PRIVACY_OFFICER)
    for path in ("number", "phone", "code"):
        assert officer.post(f"{HOME}/{people['east']}/{path}").status_code == 403
    assert officer.get(f"{HOME}/verify").status_code == 403
    assert officer.post(f"{HOME}/verify", form()).status_code == 403
    page = officer.get(f"{HOME}/{people['east']}").text
    for control in (f"{people['east']}/number", f"{people['east']}/code", 'data-key="v"'):
        assert control not in page


def test_closed_accounts_are_nobodys_to_see(desk: Desks, people: People, clock: MovableClock) -> None:
    with transaction() as db:
        db.execute(sa.update(Person).where(Person.id == people["east"]).values(closed_at=clock()))
    officer = desk()
    assert officer.get(f"{HOME}/{people['east']}").status_code == 404
    assert "没有找到" in officer.post(f"{HOME}/search", {"q": card_number(0)}).text


# --- one person ---


def test_the_page_is_masked_and_a_look_is_written_down(desk: Desks, people: People) -> None:
    page = desk().get(f"{HOME}/{people['east']}").text
    for shown in ("王小明", "东社区", "1****************", "139****0000", "36 岁", "窗口核验"):
        assert shown in page
    for hidden in (card_number(0), card_number(0)[6:14], "13900000000"):
        assert hidden not in page
    assert audit("people.person_viewed") == [(str(people["east"]), {})]


@pytest.mark.parametrize("htmx", [True, False])
def test_to_reveal_leaves_a_row_of_its_own(desk: Desks, people: People, htmx: bool) -> None:
    officer, number = desk(), card_number(0)
    shown = officer.post(f"{HOME}/{people['east']}/number", htmx=htmx).text
    assert f"{number[:6]} {number[6:14]} {number[14:]}" in shown
    assert ("<html" in shown) is not htmx
    assert audit("people.number_revealed") == [(str(people["east"]), {})]
    assert "139 0000 0000" in officer.post(f"{HOME}/{people['east']}/phone", htmx=htmx).text
    assert audit("people.phone_revealed") == [(str(people["east"]), {})]


def test_nothing_is_revealed_of_others(desk: Desks, people: People) -> None:
    officer = desk(Role.COUNTER_CLERK, "east")
    assert officer.post(f"{HOME}/{people['west']}/number").status_code == 404
    assert officer.post(f"{HOME}/{people['west']}/code").status_code == 404
    assert officer.post(f"{HOME}/{nobody()}/number").status_code == 404  # nothing to reveal
    assert audit("people.number_revealed") == audit("people.code_given") == []


def test_somebody_unknown_has_a_page_too(desk: Desks, phone: Phones) -> None:
    page = desk().get(f"{HOME}/{phone().person_id()}").text
    assert "没有登记姓名" in page
    assert "小程序" in page


def test_of_the_dead_only_what_is_needed(desk: Desks, people: People, clock: MovableClock) -> None:
    with transaction() as db:
        db.execute(sa.update(Person).where(Person.id == people["east"]).values(died_on=clock().date()))
    page = desk().get(f"{HOME}/{people['east']}").text
    assert "已去世" in page
    assert f"{people['east']}/code" not in page
    assert 'data-key="v"' not in page


# --- the counter ---


def test_a_card_in_hand_makes_a_person(desk: Desks, places: dict[str, uuid.UUID]) -> None:
    officer = desk()
    answer = officer.post(f"{HOME}/verify", form(5, "王桂英", phone="139 0013 9000", community_id=str(places["east"])))
    assert answer.status_code == 303, answer.text
    person_id = person_by_number(CARD, card_number(5))
    assert answer.location == f"{HOME}/{person_id}"
    assert "核验好了：王桂英" in officer.get(answer.location).text
    assert person_id is not None
    assert (row(person_id).phone, row(person_id).community_id) == ("13900139000", places["east"])
    [(subject, detail)] = audit("people.verified_at_counter")
    assert subject == str(person_id)
    assert detail == {"id_type": CARD.value, "created": True, "joined": False, "renamed": False}


def test_the_residents_code_ties_the_wechat(desk: Desks, phone: Phones) -> None:
    wang, officer = phone(), desk()
    code = ask_code(wang.identity_id).digits
    answer = officer.post(f"{HOME}/verify", form(code=f" {code[:3]} {code[3:]} "))
    assert "微信已经绑定" in officer.get(answer.location).text
    assert wang.get()["level"] == 3
    assert code not in json.dumps([audit("people.verified_at_counter")])


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": ""}, "name", "请填写姓名"),
        ({"id_number": "100000199001010012"}, "id_number", "对照证件"),
        ({"id_type": "licence"}, "id_type", "证件类型"),
        ({"phone": "123"}, "phone", "11位"),
        ({"seen": ""}, "seen", "证件原件"),
        ({"code": "000000"}, "code", "核验码"),
        ({"community_id": str(uuid.uuid4())}, "community_id", "社区"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_typed_twice(
    desk: Desks, changes: dict[str, str], field: str, said: str
) -> None:
    answer = desk().post(f"{HOME}/verify", form(**changes))
    assert answer.status_code == 422
    fault = re.search(rf'id="{field}-fault">([^<]*)<', answer.text)
    assert fault
    assert said in fault[1]
    assert f'aria-describedby="{field}-fault"' in answer.text
    if field != "id_number":
        assert f'value="{card_number(0)}"' in answer.text
    assert count("persons") == 0


def test_a_community_of_others_cannot_be_chosen(desk: Desks, places: dict[str, uuid.UUID]) -> None:
    officer = desk(Role.COUNTER_CLERK, "east")
    assert "西社区" not in officer.get(f"{HOME}/verify").text
    assert officer.post(f"{HOME}/verify", form(community_id=str(places["west"]))).status_code == 422


def test_whoever_lives_elsewhere_is_verified_and_not_shown(desk: Desks, people: People) -> None:
    officer = desk(Role.COUNTER_CLERK, "east")
    answer = officer.post(f"{HOME}/verify", form(1, "李小红"))
    assert (answer.status_code, answer.location) == (303, HOME)
    assert "别的社区" in officer.get(HOME).text
    assert "李小红" not in officer.get(HOME).text


def test_an_unusual_number_is_verified_with_a_hint(desk: Desks) -> None:
    officer = desk()
    answer = officer.post(f"{HOME}/verify", form(id_type="taiwan_travel_permit", id_number="T1234567"))
    assert answer.status_code == 303
    assert "再看一眼" in officer.get(answer.location).text


def test_too_many_wrong_codes_are_told(desk: Desks) -> None:
    officer = desk()
    for _ in range(5):
        assert officer.post(f"{HOME}/verify", form(code="000000")).status_code == 422
    answer = officer.post(f"{HOME}/verify", form(code="000000"))
    assert answer.status_code == 429
    assert "连续输错" in answer.text


def test_a_code_for_home_is_shown_once(desk: Desks, people: People, phone: Phones) -> None:
    officer = desk()
    page = officer.post(f"{HOME}/{people['east']}/code").text
    shown = re.search(r'class="figure"[^>]*>(\d{4}) (\d{4})<', page)
    assert shown
    assert audit("people.code_given") == [(str(people["east"]), {})]
    granny = phone("granny")
    assert granny.post("binding", code="".join(shown.groups())).get_json()["id"] == str(people["east"])
    assert "小程序" in officer.get(f"{HOME}/{people['east']}").text


def test_who_is_not_verified_gets_no_code(desk: Desks, phone: Phones) -> None:
    answer = desk().post(f"{HOME}/{phone().person_id()}/code")
    assert answer.status_code == 409
    assert "先核验" in answer.text


# --- part of the console ---


def test_the_search_over_all_rooms_finds_persons(desk: Desks, people: People) -> None:
    officer = desk(Role.COUNTER_CLERK, "east")
    assert officer.post("/console/search", {"q": card_number(0)}).location == f"{HOME}/{people['east']}"
    assert "李小红" not in officer.post("/console/search", {"q": "李小红"}).text.replace('value="李小红"', "")
    assert str(people["west"]) not in officer.post("/console/search", {"q": card_number(1)}).text


def test_messages_lead_to_their_person(
    bureau: Flask, desk: Desks, people: People, places: dict[str, uuid.UUID]
) -> None:
    subjects, scopes = people_console.subjects["person"], people_console.subject_scopes["person"]
    with bureau.test_request_context(HOME):
        links = subjects(list(people.values()), frozenset({places["east"]}))
        assert {link.href for link in links.values()} == {f"{HOME}/{people['east']}"}
        assert "王小明" not in links[people["east"]].label
        assert len(subjects(list(people.values()), frozenset({places["district"]}))) == 3
        with transaction() as db:
            assert set(db.scalars(scopes(frozenset({places["west"]})))) == {people["west"]}
        assert scope_of(frozenset()).everyone is False


def test_the_menu_shows_what_one_may(desk: Desks) -> None:
    assert HOME in desk().get("/console/").text
    assert HOME not in desk(Role.AUDITOR).get("/console/").text


def test_nothing_personal_is_written_down_in_the_trail(desk: Desks, people: People) -> None:
    officer = desk()
    officer.post(f"{HOME}/search", {"q": "王小明"})
    officer.post(f"{HOME}/{people['east']}/number")
    officer.post(f"{HOME}/verify", form(7, "钱多多", phone="13812345678"))
    with transaction() as db:
        trail = "".join(db.scalars(sa.text("SELECT row_to_json(a)::text FROM audit_entries AS a")))
    for hidden in ("王小明", "钱多多", card_number(0), card_number(7), "13812345678", "13900000000"):
        assert hidden not in trail


def test_a_relatives_record_opens_only_after_a_reason(desk: Desks, people: People) -> None:
    officer = desk()
    with transaction() as db:
        account_id = db.scalar(sa.text("SELECT id FROM staff_accounts WHERE username = 'counter-clerk.district'"))
        assert account_id is not None
        declare_relative(account_id, "王小明", card_number(0), "parent")
    page = f"{HOME}/{people['east']}"
    asked = officer.get(page).text
    assert "请先说明理由" in asked
    assert "王小明" not in asked
    form = {"kind": "person", "id": str(people["east"]), "next": page, "purpose": "同事都在外出，由我代办"}
    assert officer.post("/console/reasons/relative", form).location == page
    assert "王小明" in officer.get(page).text
    assert audit("people.person_viewed") == [(str(people["east"]), {"unusual": ["relative"]})]
