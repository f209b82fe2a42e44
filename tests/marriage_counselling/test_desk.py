"""The desk: one's own day, sessions and calls; who reads a note and who does not; what waits; the roster."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock, now
from backend.marriage.counselling.book import book_counselling
from backend.marriage.counselling.hold_talk import close_over, write_note
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.counselling.rules import CallbackState, Profession, SessionState, Way
from backend.marriage.models import Office
from backend.marriage.resources.models import Resource
from backend.staff.audit.models import AuditEntry
from backend.staff.demo import accounts_by_username
from backend.storage import database, transaction
from tests.console.conftest import desk, desks
from tests.console.support import Desk, counted_queries
from tests.marriage.support import make_person
from tests.marriage_counselling.support import calls, make_counsellor, make_room, notices, row, wish

__all__ = ["desk", "desks"]

Opened = Callable[..., Desk]
HOME = "/console/marriage/counselling"
TODAY, TOMORROW = "2027-05-18 14:30", "2027-05-19 10:00"
SAID, NOTED = "他总是摔东西骂人", "已建议先分开住几天"


@pytest.fixture
def place(desks: MovableClock) -> uuid.UUID:
    """The registry of the first registrar, on Tuesday 18 May 2027 at 9:40, with two counsellors and a room."""
    with transaction() as session:
        office_id = session.scalars(sa.select(Office.id).where(Office.code == "xincheng")).one()
    make_room(office_id)
    accounts = accounts_by_username()
    make_counsellor(office_id, "苏敏", account_id=accounts["counsellor-1"].id)
    make_counsellor(office_id, "田甜", Profession.SOCIAL_WORKER, account_id=accounts["counsellor-5"].id)
    return office_id


@pytest.fixture
def mine(place: uuid.UUID) -> uuid.UUID:
    """This afternoon with counsellor-1, on site."""
    return book(place, TODAY, way=Way.ON_SITE, about=SAID)


def book(place: uuid.UUID, text: str, name: str = "苏敏", **more: object) -> uuid.UUID:
    with transaction() as session:
        chosen = session.scalar(sa.select(Resource.id).where(Resource.name == name, Resource.office_id == place))
    return book_counselling(wish(place, make_person(), text, counsellor_id=chosen, **more)).id


def shown(page: Desk, path: str) -> str:
    """What a page says."""
    answer = page.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def actions() -> list[str]:
    with transaction() as session:
        query = sa.select(AuditEntry.action).where(AuditEntry.action.startswith("counselling."))
        return list(session.scalars(query.order_by(AuditEntry.id)))


def last_look() -> AuditEntry:
    with transaction() as session:
        query = sa.select(AuditEntry).where(AuditEntry.action.startswith("counselling."))
        return session.scalars(query.order_by(AuditEntry.id.desc()).limit(1)).one()


def test_a_counsellors_day(desk: Opened, place: uuid.UUID, mine: uuid.UUID, desks: MovableClock) -> None:
    page = desk("counsellor-1")
    told = shown(page, HOME)
    assert "李女士" in told
    assert "辅导室一" in told
    address = f"{HOME}/sessions/{mine}"
    told = shown(page, address)
    assert SAID in told
    assert "13800001111" in told
    assert "辅导记录" not in told, "there is nothing to note yet"
    assert last_look().fields == ["name", "phone", "about"]
    assert page.post(f"{address}/done").status_code == 409
    desks.advance(timedelta(hours=4, minutes=55))
    page = desk("counsellor-1")
    assert page.post(f"{address}/came").status_code == 303
    desks.advance(timedelta(hours=1))
    page = desk("counsellor-1")
    assert page.post(f"{address}/done").status_code == 303
    assert page.post(f"{address}/absent").status_code == 409
    assert page.post(f"{address}/note", {"note": NOTED}).status_code == 303
    assert NOTED in shown(page, address)
    assert last_look().fields == ["name", "phone", "about", "note"]
    assert row(mine).state is SessionState.DONE
    too_long = page.post(f"{address}/note", {"note": "话" * 4001})
    assert too_long.status_code == 422
    assert row(mine).note == NOTED


def test_notes_are_the_counsellors_and_the_supervisors(
    desk: Opened, place: uuid.UUID, mine: uuid.UUID, desks: MovableClock
) -> None:
    """Nobody else opens a session, whatever they hold; the supervisor's look has an action of its own."""
    desks.advance(timedelta(hours=6))
    desk("counsellor-1").post(f"{HOME}/sessions/{mine}/done")
    write_note(mine, NOTED)
    for username, own, supervised in (
        ("counsellor-1", 200, 403),
        ("counsellor-5", 404, 403),
        ("counselling", 403, 200),
        ("registrar-1", 403, 403),
        ("head-1", 403, 403),
        ("social-1", 403, 403),
        ("supervisor", 403, 403),
        ("auditor", 403, 403),
        ("privacy", 403, 403),
        ("admin", 403, 403),
    ):
        page = desk(username)
        answers = [page.get(f"{HOME}/sessions/{mine}"), page.get(f"{HOME}/sessions/{mine}/supervised")]
        assert [one.status_code for one in answers] == [own, supervised], username
        told = "".join(one.get_data(as_text=True) for one in answers)
        assert (NOTED in told) is (200 in (own, supervised)), username
        assert (SAID in told) is (own == 200), "what was written for the counsellor is theirs alone"
    assert actions().count("counselling.note_read") == 1
    assert last_look().action == "counselling.note_read"


def test_the_supervisor_sees_counts_and_puts_sessions_elsewhere(
    desk: Opened, place: uuid.UUID, mine: uuid.UUID
) -> None:
    page = desk("counselling")
    told = shown(page, f"{HOME}/overview")
    assert row(mine).number in told
    assert "李女士" not in told
    other = book(place, TOMORROW, "田甜")
    person = row(other).person_id
    address = f"{HOME}/sessions/{other}/supervised"
    assert page.post(f"{address}/place", {"session": "x y"}).status_code == 422
    moved = page.post(f"{address}/place", {"session": f"{row(mine).counsellor_id} {now().isoformat()}"})
    assert moved.status_code == 409
    chosen = f"{row(mine).counsellor_id} {row(other).starts_at.isoformat()}"
    assert page.post(f"{address}/place", {"session": chosen}).status_code == 303
    assert row(other).counsellor_id == row(mine).counsellor_id
    assert page.post(f"{address}/call_off", {"reason": "离婚调解改期"}).status_code == 422
    assert page.post(f"{address}/call_off", {"reason": "老师临时有事"}).status_code == 303
    assert (row(other).state, notices(person)[-1]) == (SessionState.CANCELLED, "cancelled")


def test_handed_to_a_colleague_it_is_theirs(desk: Opened, place: uuid.UUID, mine: uuid.UUID) -> None:
    other = book(place, TOMORROW, "田甜")
    chosen = f"{row(other).counsellor_id} {row(mine).starts_at.isoformat()}"
    page = desk("counsellor-1")
    assert page.post(f"{HOME}/sessions/{mine}/place", {"session": chosen}).status_code == 303
    assert page.get(f"{HOME}/sessions/{mine}").status_code == 404
    assert desk("counsellor-5").get(f"{HOME}/sessions/{mine}").status_code == 200
    assert page.post(f"{HOME}/sessions/{other}/note", {"note": "x"}).status_code == 404


def test_a_video_needs_its_link_and_two_are_kept_apart(desk: Opened, place: uuid.UUID, desks: MovableClock) -> None:
    video = book(place, TOMORROW, way=Way.VIDEO, together=True)
    page = desk("counsellor-1")
    assert "还没有会议地址" in shown(page, "/console/")
    address = f"{HOME}/sessions/{video}"
    assert page.post(f"{address}/link", {"link": "http://x"}).status_code == 422
    assert page.post(f"{address}/link", {"link": "https://meeting.example/dm/1"}).status_code == 303
    assert "还没有会议地址" not in shown(page, "/console/")
    assert page.post(f"{address}/risk", {"at_risk": "yes"}).status_code == 303
    assert "不宜两个人一起谈" in shown(page, "/console/")
    assert "不安排两个人一起谈" in shown(page, address)
    assert page.post(f"{address}/apart").status_code == 303
    assert (row(video).together, row(video).at_risk) == (False, True)
    assert "不宜两个人一起谈" not in shown(page, "/console/")


def test_what_is_over_waits_for_a_word(desk: Opened, mine: uuid.UUID, desks: MovableClock) -> None:
    desks.advance(timedelta(hours=6))
    close_over()
    page = desk("counsellor-1")
    assert "谈过了，请记下" in shown(page, "/console/")
    page.post(f"{HOME}/sessions/{mine}/absent")
    assert "谈过了，请记下" not in shown(page, "/console/")


def test_a_call_is_taken_by_one_and_closed_with_an_outcome(desk: Opened, place: uuid.UUID, desks: MovableClock) -> None:
    book(place, TOMORROW, about="我不想活了")
    [call] = calls()
    one, other = desk("counsellor-5"), desk("counselling")
    for page in (one, other):
        assert "要尽快回电" in shown(page, "/console/")
    address = f"{HOME}/callbacks/{call.id}"
    told = shown(one, f"{HOME}/callbacks")
    assert "有不想活的话" in told
    assert "13800001111" not in told
    assert "13800001111" in shown(one, address)
    assert "我不想活了" not in shown(one, address), "what was written is the counsellor's"
    assert one.post(f"{address}/close", {"outcome": "safe"}).status_code == 409
    assert one.post(f"{address}/take").status_code == 303
    assert other.post(f"{address}/take").status_code == 409
    assert "要尽快回电" not in shown(other, "/console/"), "a colleague makes it"
    assert "要尽快回电" in shown(one, "/console/")
    assert one.post(f"{address}/close", {"outcome": "nothing"}).status_code == 422
    assert one.post(f"{address}/missed").status_code == 303
    other.post(f"{address}/take")
    assert other.post(f"{address}/close", {"outcome": "referred"}).status_code == 303
    assert calls()[0].state is CallbackState.CLOSED
    assert "已请公安" in shown(one, address)
    assert desk("registrar-1").get(address).status_code == 403
    assert actions()[-2:] == ["counselling.callback_closed", "counselling.callback_viewed"]


def test_the_roster(desk: Opened, place: uuid.UUID) -> None:
    supervisor, counsellor = desk("counselling"), desk("counsellor-1")
    form = {
        "office": str(place),
        "name": "程远",
        "username": "counsellor-2",
        "profession": "psychologist",
        "video": "on",
        "session_minutes": "50",
        "pause_minutes": "10",
        "week_1": "09:00-12:00，13:30-17:30",
        "active": "on",
    }
    assert supervisor.post(f"{HOME}/counsellors/new", form | {"username": "registrar-1"}).status_code == 422
    assert supervisor.post(f"{HOME}/counsellors/new", form | {"username": ""}).status_code == 422
    assert supervisor.post(f"{HOME}/counsellors/new", form | {"profession": "x"}).status_code == 422
    assert supervisor.post(f"{HOME}/counsellors/new", form | {"session_minutes": "45"}).status_code == 422
    answer = supervisor.post(f"{HOME}/counsellors/new", form)
    assert answer.status_code == 303
    page = answer.location
    assert "13:30-17:30" in shown(supervisor, page)
    assert supervisor.post(page, form | {"name": "程远", "telephone": "on"}).status_code == 303
    assert supervisor.post(f"{page}/days", {"day": "2027-05-24", "hours": ""}).status_code == 303
    assert "不在" in shown(supervisor, page)
    assert supervisor.post(f"{page}/days", {"day": "2027-05-01", "hours": ""}).status_code == 422
    assert "程远" in shown(supervisor, f"{HOME}/counsellors")
    colleague = page.rpartition("/")[2]
    assert counsellor.post(f"{HOME}/roster/{colleague}/days", {"day": "2027-05-24"}).status_code == 404
    with transaction() as session:
        mine = session.scalar(sa.select(Resource.id).where(Resource.name == "苏敏"))
    assert counsellor.post(f"{HOME}/roster/{mine}/days", {"day": "nonsense"}).status_code == 422
    assert (
        counsellor.post(f"{HOME}/roster/{mine}/days", {"day": "2027-05-25", "hours": "09:00-12:00"}).status_code == 303
    )
    assert "5月25日" in shown(counsellor, f"{HOME}/roster")
    assert desk("counselling").get(f"{HOME}/roster").status_code == 403


def test_a_list_asks_as_often_however_long(desk: Opened, place: uuid.UUID) -> None:
    """The page of a day has the same queries for one row and for many."""
    page = desk("counselling")
    counted: list[int] = []
    for hours in (("09:00",), ("11:00", "13:30", "14:30", "15:30", "16:30")):
        for hour in hours:
            book(place, f"2027-05-19 {hour}")
        with counted_queries(database()) as statements:
            shown(page, f"{HOME}/overview?day=2027-05-19")
        counted.append(len(statements))
    assert counted[0] == counted[1]
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(CounsellingSession)) == 6
