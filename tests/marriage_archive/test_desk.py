"""The desk: list, one request with its next step, entry at the counter, slip and log, search, figures, export."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock, now
from backend.marriage.archive import decide, search
from backend.marriage.archive.desk_export import REQUESTS
from backend.marriage.archive.figures import archive_figures
from backend.marriage.archive.rules import ApplicantKind, ArchiveState, Sought
from backend.marriage.book import BookingRequest, book_appointment
from backend.marriage.couples import PartyInput
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Office, Slot
from backend.marriage.models import Via as BookedVia
from backend.staff.audit.models import AuditEntry
from backend.staff.models import OrganisationNode, StaffAccount
from backend.storage import Database, transaction
from tests.console.conftest import desk, desks
from tests.console.support import Desk, counted_queries
from tests.marriage.support import couple, make_slot
from tests.marriage_archive.support import ON_THE_SHELF, ask, bring, enter, log, row
from tests.marriage_divorce.support import make_verified

__all__ = ["desk", "desks"]

Opened = Callable[..., Desk]
LIST = "/console/marriage/archive"
NUMBER = couple(0)[0].id_number


@pytest.fixture
def office(desks: MovableClock) -> uuid.UUID:
    """The registry of the first registrar, on Tuesday 18 May 2027, a year without a notice."""
    with transaction() as session:
        return session.scalars(sa.select(Office.id).where(Office.code == "xincheng")).one()


@pytest.fixture
def registrar(office: uuid.UUID) -> uuid.UUID:
    with transaction() as session:
        return session.scalars(sa.select(StaffAccount.id).where(StaffAccount.username == "registrar-1")).one()


@pytest.fixture
def made(office: uuid.UUID) -> uuid.UUID:
    """What somebody has asked on WeChat."""
    return ask(office, make_verified(couple(0)[0])).id


def actions() -> set[str]:
    with transaction() as session:
        return set(session.scalars(sa.select(AuditEntry.action)))


def form(**changed: str) -> dict[str, str]:
    """The entry form as a court's letter fills it."""
    with transaction() as session:
        office = session.scalars(sa.select(Office.id).where(Office.code == "xincheng")).one()
    return {
        "office": str(office),
        "kind": "court",
        "name": "刘法官",
        "authority": "新城区人民法院 函12号",
        "sought": "marriage_record",
        "first_year": "1987",
        "subjects.0.name": "王小明",
        "subjects.1.name": "李小红",
    } | changed


def test_the_list_shows_names_and_dates_and_leaves_a_row(desk: Opened, made: uuid.UUID) -> None:
    page = desk().get(LIST)
    assert page.status_code == 200
    for text in (row(made).number, "王小明", "李小红", "1987年", "答复", "待定"):
        assert text in page.text
    assert "没有要查找的申请" in desk("registrar-2").get(LIST).text, "another registry's"
    assert desk("registrar-2").get(f"{LIST}/{made}").status_code == 404
    assert desk("supervisor").get(LIST).status_code == 403
    assert "archive.list_viewed" in actions()


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("tab=search&year=1987", True),
        ("tab=search&year=1990", False),
        ("tab=all&sought=record_proof", False),
        ("tab=all&state=asked", True),
        ("tab=search&due=overdue", False),
        ("tab=over", False),
        ("tab=ready", False),
    ],
)
def test_filters(desk: Opened, made: uuid.UUID, query: str, there: bool) -> None:
    assert (row(made).number in desk().get(f"{LIST}?{query}").text) is there


@pytest.mark.parametrize("query", ["tab=x", "year=19x7", "due=x", "office=x", "state=x", "cursor=x"])
def test_what_is_no_filter_is_said(desk: Opened, office: uuid.UUID, query: str) -> None:
    assert desk().get(f"{LIST}?{query}").status_code == 422


def test_overdue_stands_out_and_waits_on_the_first_page(desk: Opened, made: uuid.UUID, desks: MovableClock) -> None:
    at_desk = desk()
    assert "查档要答复" not in at_desk.get("/console/").text
    desks.move_to(now() + timedelta(days=10))
    at_desk = desk()
    assert "已超期" in at_desk.get(f"{LIST}?due=overdue").text
    assert "查档要答复" in at_desk.get("/console/").text


def test_pages_of_the_list_take_no_more_statements_for_more_rows(
    desk: Opened, office: uuid.UUID, registrar: uuid.UUID, clean_database: Database
) -> None:
    at_desk = desk()

    def statements() -> int:
        with counted_queries(clean_database) as queries:
            assert at_desk.get(LIST).status_code == 200
        return len(queries)

    enter(office, registrar, ApplicantKind.COURT, "刘法官", reference="函0号")
    statements()
    few = statements()
    for serial in range(1, 34):
        enter(office, registrar, ApplicantKind.COURT, "刘法官", reference=f"函{serial}号")
    assert statements() == few
    assert "下一页" in at_desk.get(LIST).text


def test_from_the_list_to_the_log_step_by_step(desk: Opened, made: uuid.UUID) -> None:
    at_desk, page = desk(), f"{LIST}/{made}"
    assert "开始查找" in at_desk.get(page).text
    assert at_desk.post(f"{page}/take").status_code == 303
    assert at_desk.get(f"{page}/locate").status_code == 200
    wrong = at_desk.post(f"{page}/locate", {"kept_at": "here", "volume": ""})
    assert (wrong.status_code, "请填卷号" in wrong.text) == (422, True)
    assert at_desk.get(f"{page}/slip").status_code == 404
    assert at_desk.post(f"{page}/locate", {"kept_at": "here", "volume": "1987-结-0123"}).status_code == 303
    assert "1987-结-0123" in at_desk.get(f"{page}/slip").text
    assert "查档要调卷" in at_desk.get("/console/").text
    assert at_desk.post(f"{page}/ready").status_code == 303
    unread = at_desk.post(f"{page}/visit", {"copies": "2"})
    assert (unread.status_code, "身份证件原件" in unread.text) == (422, True)
    assert at_desk.post(f"{page}/visit", {"paper_identity": "on", "copies": "2"}).status_code == 303
    assert log()[0].copies == 2
    printed = at_desk.get(f"{LIST}/log").text
    assert "王小明" in printed
    assert "1987-结-0123" in printed
    assert "还没有人查阅" in at_desk.get(f"{LIST}/log?month=2027-04").text
    assert at_desk.get(f"{LIST}/log?month=x").status_code == 422
    assert at_desk.post(f"{page}/visit", {"paper_identity": "on", "copies": "2"}).status_code == 409
    steps = {"archive.taken", "archive.located", "archive.readied", "archive.visited", "archive.slip_printed"}
    assert steps | {"archive.viewed", "archive.log_viewed"} <= actions()


def test_of_two_at_the_desk_the_second_reads_who_has_it(desk: Opened, made: uuid.UUID) -> None:
    assert desk().post(f"{LIST}/{made}/take").status_code == 303
    second = desk("head-1").post(f"{LIST}/{made}/take")
    assert (second.status_code, "已经在查这一件了" in second.text) == (409, True)


def test_question_answer_elsewhere_and_nothing(desk: Opened, made: uuid.UUID) -> None:
    at_desk, page = desk(), f"{LIST}/{made}"
    at_desk.post(f"{page}/take")
    assert at_desk.post(f"{page}/ask", {"question": ""}).status_code == 422
    assert at_desk.post(f"{page}/ask", {"question": "曾用名是什么？"}).status_code == 303
    assert "曾用名是什么" in at_desk.get(f"{page}/answer").text
    assert at_desk.post(f"{page}/answer", {"answer": "王明"}).status_code == 303
    assert at_desk.post(f"{page}/nothing", {}).status_code == 422
    assert at_desk.post(f"{page}/nothing", {"why": "volumes_lost"}).status_code == 303
    assert "补办登记" in at_desk.get(page).text
    assert at_desk.post(f"{page}/reopen", {"reason": "又找到一柜"}).status_code == 303
    elsewhere = {
        "kept_at": "district_archive",
        "name": "新城区档案馆",
        "address": "尚勤路 1 号",
        "phone": "029-87001111",
    }
    assert at_desk.post(f"{page}/locate", elsewhere | {"who_goes": "they"}).status_code == 303
    assert row(made).state is ArchiveState.REFERRED
    assert "尚勤路 1 号" in at_desk.get(page).text


def test_a_letter_is_entered_and_a_duplicate_hinted(desk: Opened, made: uuid.UUID) -> None:
    at_desk = desk()
    assert at_desk.get(f"{LIST}/new").status_code == 200
    wrong = at_desk.post(f"{LIST}/new", form(authority="", first_year="87"))
    assert (wrong.status_code, "四位数字" in wrong.text) == (422, True)
    answer = at_desk.post(f"{LIST}/new", form())
    assert answer.status_code == 303
    page = at_desk.get(answer.location).text
    assert "可能是同一份档案" in page
    assert row(made).number in page
    assert at_desk.post(f"{LIST}/new", form(office=str(uuid.uuid4()))).status_code == 404


def test_whoever_heads_the_registry_approves(desk: Opened, office: uuid.UUID) -> None:
    at_desk, head = desk(), desk("head-1")
    given = form(kind="heir", name="王小明", id_number=NUMBER, authority="", reason="母亲去世，办房产继承")
    page = at_desk.post(f"{LIST}/new", given).location
    assert page is not None
    assert "要由登记处负责人批准" in at_desk.get(page).text
    assert at_desk.post(f"{page}/approve").status_code == 403
    assert at_desk.post(f"{page}/take").status_code == 409
    assert "查档待批准" in head.get("/console/").text
    assert head.post(f"{page}/approve").status_code == 303
    assert at_desk.post(f"{page}/take").status_code == 303


def test_handed_over_it_is_the_other_registry_s(desk: Opened, made: uuid.UUID) -> None:
    with transaction() as session:
        other = session.scalars(sa.select(Office.id).where(Office.code == "changle")).one()
    assert "长乐路婚姻登记处" in desk().get(f"{LIST}/{made}/handover").text
    assert desk().post(f"{LIST}/{made}/handover", {"office": str(other)}).status_code == 303
    assert desk().get(f"{LIST}/{made}").status_code == 404
    assert desk("registrar-2").get(f"{LIST}/{made}").status_code == 200


@pytest.mark.parametrize("text", ["number", "王小明", "李小红", NUMBER, "新结字第123号", "新结123", NUMBER[-4:]])
def test_found_by_what_people_have_at_hand(desk: Opened, office: uuid.UUID, text: str) -> None:
    made = ask(office, make_verified(couple(0)[0]), certificate="新结字第 123 号")
    asked = made.number if text == "number" else text
    found = desk().post("/console/search", {"q": asked})
    assert (found.location or found.text).find(str(made.id)) >= 0
    other = desk("registrar-2").post("/console/search", {"q": asked})
    assert str(made.id) not in (other.location or other.text)


def test_the_desk_sees_the_request_beside_the_appointment(
    desk: Opened, office: uuid.UUID, registrar: uuid.UUID
) -> None:
    first, second = couple(0)
    slot = make_slot(office, "2027-05-20 10:00", 2, Area.SERVICE_WINDOW)
    both = [PartyInput(one.name, one.id_number) for one in (first, second)]
    person = make_verified(first)
    asked = BookingRequest(Kind.MARRIAGE_CERTIFICATE_REISSUE, slot, both, True, person, BookedVia.API)
    booked = book_appointment(asked)
    page = f"/console/marriage/appointments/{booked.appointment_id}"
    assert "没有查档申请" in desk().get(page).text
    made = ask(office, person, sought=Sought.REISSUE_CHECK)
    search.take(made.id, registrar)
    search.locate(made.id, ON_THE_SHELF, registrar)
    shown = desk().get(page).text
    assert made.number in shown
    assert "1987-结-0123" in shown
    with transaction() as session:
        assert session.get_one(Slot, slot).office_id == office


def test_figures_count_and_name_nobody(
    desk: Opened, office: uuid.UUID, registrar: uuid.UUID, desks: MovableClock
) -> None:
    made = enter(office, registrar, number=NUMBER)
    lost = enter(office, registrar, ApplicantKind.COURT, "刘法官", reference="函1号")
    desks.move_to(now() + timedelta(days=2))
    bring(made.id, registrar)
    search.take(lost.id, registrar)
    decide.refuse(lost.id, registrar, "材料不全")
    with transaction() as session:
        nodes = frozenset(session.scalars(sa.select(OrganisationNode.id)))
    [month] = archive_figures(nodes, 12).months
    assert (month.month, month.asked, month.located, month.not_found, month.in_time, month.workdays) == (
        date(2027, 5, 1),
        2,
        1,
        0,
        1,
        2.0,
    )
    page = desk().get(f"{LIST}/figures").text
    assert "可以来看" in page
    assert "王小明" not in page


def test_the_list_is_taken_away_with_names_only_where_asked(office: uuid.UUID, registrar: uuid.UUID) -> None:
    made = enter(office, registrar, number=NUMBER)
    bring(made.id, registrar, to_window=False)
    with transaction() as session:
        nodes = frozenset(session.scalars(sa.select(OrganisationNode.id)))
    arguments = REQUESTS.read_arguments({"tab": "all", "year": "1987"})
    assert REQUESTS.count(nodes, arguments, 10) == 1
    assert REQUESTS.describe(arguments) == "全部，1987"
    [plain] = REQUESTS.page(nodes, arguments, ["number", "volume"], None, 10).rows
    assert (plain["number"], plain["volume"], "name" in plain) == (made.number, "1987-结-0123", False)
    [named] = REQUESTS.page(nodes, arguments, ["name", "subjects"], None, 10).rows
    assert (named["name"], named["subjects"]) == ("王小明", "王小明 李小红")
    assert REQUESTS.page(frozenset(), arguments, ["number"], None, 10).rows == []
