"""Exports: reasons, the second person, the file itself, one download, what happens when things break."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from backend.console.exports import build as building
from backend.console.exports.build import build_next
from backend.console.exports.forget import expire_files
from backend.console.exports.models import Export, ExportPiece
from backend.console.exports.parameters import ALONE_ROWS
from backend.console.exports.rules import ExportState, safe_cell
from backend.jobs.queue import QUEUES
from backend.kernel.clock import MovableClock, now
from backend.marriage.rules import State
from backend.parameters import set_value
from backend.staff.approvals import approval_kind, approve, decline
from backend.staff.audit import AuditEntry
from backend.staff.create import create_account
from backend.staff.models import Approval, OrganisationNode, Role, StaffAccount
from backend.storage import transaction
from backend.tick_tasks import sweep_exports
from tests.console.support import TUESDAY, Desk, make_appointment, make_slot, party_name, party_number

Opened = Callable[..., Desk]

NEW = "/console/exports/new/marriage.appointments"
PLAIN = {"columns": ["number", "day", "state"], "format": "csv", "reason_kind": "checking", "reason": "月底核对预约"}
PERSONAL = PLAIN | {"columns": ["number", "name_0", "id_number_0"]}


def couples(count: int, office: str = "xincheng", first: int = 0) -> None:
    slot = make_slot(office, TUESDAY.date(), time(10, 0), count)
    for serial in range(first, first + count):
        make_appointment(slot, State.CONFIRMED, serial=serial)


def ask(somebody: Desk, form: dict[str, object], query: str = "?tab=all") -> str:
    """Ask for an export; the address of its page."""
    answer = somebody.client.post(NEW + query, data=form | {"csrf_token": somebody.token})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def export() -> Export:
    with transaction() as session:
        return session.scalars(sa.select(Export).order_by(Export.asked_at.desc())).first() or pytest.fail("none")


def pieces() -> list[bytes]:
    with transaction() as session:
        return list(session.scalars(sa.select(ExportPiece.body_sealed)))


def actions() -> list[str]:
    with transaction() as session:
        wanted = sa.select(AuditEntry.action).where(AuditEntry.action.like("exports.%")).order_by(AuditEntry.id)
        return list(session.scalars(wanted))


def second_person() -> StaffAccount:
    """Somebody of the district who may agree."""
    with transaction() as session:
        node = session.scalars(sa.select(OrganisationNode.code).where(OrganisationNode.parent_id.is_(None))).one()
    return create_account("supervisor-9", "赵科长", "a-long-password-9", Role.SUPERVISOR, node)


def approval() -> Approval:
    with transaction() as session:
        return session.scalars(sa.select(Approval)).one()


def cells(body: bytes) -> list[list[str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


# --- asking ---


def test_the_form_offers_the_list_as_it_is_filtered(desk: Opened) -> None:
    couples(2)
    somebody = desk()
    board = somebody.get("/console/marriage/appointments?tab=all&state=confirmed").text
    address = re.search(r'href="(/console/exports/new/[^"]+)"', board)
    assert address
    page = somebody.get(address[1].replace("&amp;", "&")).text
    assert "全部，已确认（截至 2027年5月18日），现在约 2 行" in page
    assert 'value="name_0" checked' not in page


@pytest.mark.parametrize(
    ("change", "fault", "told"),
    [
        ({"columns": []}, "columns-fault", "至少选一列"),
        ({"columns": ["no_such"]}, "columns-fault", "至少选一列"),
        ({"format": "exe"}, "format-fault", "请选文件格式"),
        ({"reason_kind": ""}, "reason_kind-fault", "请选一项用途"),
        ({"reason": "  "}, "reason-fault", "请写明理由"),
        ({"reason": "核" * 151}, "reason-fault", "写得短一些"),
        ({"reason": "查610102199002153456的预约"}, "reason-fault", "不要写证件号"),
    ],
)
def test_what_is_missing_is_told_at_its_field(desk: Opened, change: dict[str, object], fault: str, told: str) -> None:
    couples(1)
    somebody = desk()
    answer = somebody.client.post(NEW, data=PLAIN | change | {"csrf_token": somebody.token})
    assert answer.status_code == 422
    assert re.search(rf'id="{fault}".*?{told}', answer.text, re.DOTALL)
    assert f'aria-describedby="{fault}"' in answer.text


@pytest.mark.parametrize(
    "path", ["/console/exports/new/no.such", "/console/exports/00000000-0000-0000-0000-000000000000"]
)
def test_what_does_not_exist(desk: Opened, path: str) -> None:
    assert desk().get(path).status_code == 404


def test_who_may_not_ask_does_not(desk: Opened) -> None:
    couples(1)
    somebody = desk("admin")
    assert somebody.get(NEW).status_code == 403
    assert somebody.post(NEW).status_code == 403


def test_nothing_there_is_told(desk: Opened) -> None:
    somebody = desk()
    answer = somebody.client.post(NEW, data=PLAIN | {"csrf_token": somebody.token})
    assert answer.status_code == 422
    assert "没有符合条件的记录" in answer.text


def test_nobody_piles_up_exports(desk: Opened) -> None:
    couples(1)
    somebody = desk()
    for _ in range(5):
        ask(somebody, PLAIN)
    answer = somebody.client.post(NEW, data=PLAIN | {"csrf_token": somebody.token})
    assert answer.status_code == 409
    assert "5 个导出没有做完" in answer.text


# --- alone ---


def test_a_short_list_without_names_is_made_and_fetched_once(desk: Opened) -> None:
    couples(3)
    couples(2, "changle", first=50)
    somebody = desk()
    page = ask(somebody, PLAIN)
    assert 'hx-trigger="every 1s"' in somebody.get(page, htmx=True).text
    assert build_next() is True
    assert build_next() is False
    assert "可以下载" in somebody.get(page, htmx=True).text
    assert "导出" in somebody.get("/console/").text
    assert "结婚登记预约做好了，请下载" in somebody.get("/console/").text
    answer = somebody.post(f"{page}/file")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    rows = cells(answer.data)
    about = dict(row for row in rows if len(row) == 2)
    assert about["导出人"] == "李芳"
    assert about["用途"] == "核对数据：月底核对预约"
    assert about["单位"] == "新城区婚姻登记处"
    assert rows[rows.index([]) + 1] == ["预约号", "日期", "状态"]
    assert [row[1:] for row in rows[rows.index([]) + 2 :]] == [["2027-05-18", "已确认"]] * 3
    assert pieces() == []
    again = somebody.post(f"{page}/file")
    assert again.status_code == 303
    assert "已经下载过" in somebody.get(page).text
    assert actions() == ["exports.asked", "exports.rows_taken", "exports.built", "exports.downloaded"]


def test_only_the_asker_fetches(desk: Opened) -> None:
    couples(1)
    page = ask(desk(), PLAIN)
    build_next()
    other = desk("registrar-2")
    assert other.get(page).status_code == 404
    assert other.post(f"{page}/file").status_code == 404
    assert export().state is ExportState.READY


def test_the_file_is_sealed_and_lasts_a_day(desk: Opened, desks: MovableClock) -> None:
    couples(1)
    somebody = desk()
    page = ask(somebody, PLAIN)
    build_next()
    assert all("预约号".encode() not in piece for piece in pieces())
    desks.advance(timedelta(hours=24))
    again = desk()  # a day ends every session
    assert "已经下载过或已过期" in again.get(again.post(f"{page}/file").headers["Location"]).text
    assert expire_files() == 1
    assert expire_files() == 0
    assert pieces() == []
    assert export().state is ExportState.EXPIRED


# --- with a second person ---


def test_names_need_a_second_person(desk: Opened) -> None:
    couples(2)
    somebody = desk()
    page = ask(somebody, PERSONAL)
    assert "要第二个人同意" in somebody.get(page).text
    assert build_next() is False
    second = second_person()
    with transaction():
        approve(approval().id, second)
    assert build_next() is True
    body = somebody.post(f"{page}/file").data
    told = body.decode("utf-8-sig")
    assert "赵科长" in told
    assert party_name(0, 0) in told
    assert party_number(1, 0) in told
    assert party_name(0, 1) not in told
    assert actions()[:2] == ["exports.asked", "exports.approved"]


def test_many_rows_need_a_second_person(desk: Opened) -> None:
    set_value(ALONE_ROWS, "", 2, now(), "test")
    couples(3)
    ask(desk(), PLAIN)
    assert export().state is ExportState.WAITING


def test_a_refusal_is_told_with_its_note(desk: Opened) -> None:
    couples(1)
    somebody = desk()
    page = ask(somebody, PERSONAL)
    with transaction():
        decline(approval().id, second_person(), "姓名用不着")
    told = somebody.get(page).text
    assert "没有同意" in told
    assert "姓名用不着" in told
    assert "hx-trigger" not in told.split('id="making"')[1]
    assert build_next() is False
    ask(somebody, PLAIN)


def test_what_the_second_person_reads(desk: Opened) -> None:
    couples(1)
    ask(desk(), PERSONAL)
    asked = approval()
    told = approval_kind(asked.kind).title(asked)
    assert told == "导出“结婚登记预约”：全部（截至 2027年5月18日），约 1 行，含个人信息（一方姓名、一方证件号码）"
    assert asked.reason == "核对数据：月底核对预约"


@pytest.mark.parametrize("change", [{"personal": True}, {"state": "waiting"}])
def test_the_database_wants_the_second_person_too(desk: Opened, change: dict[str, object]) -> None:
    couples(1)
    ask(desk(), PLAIN)
    with pytest.raises(sa.exc.IntegrityError, match="ck_exports_second_person"), transaction() as session:
        session.execute(sa.update(Export).values(**change))


# --- when things break ---


def test_more_rows_than_were_agreed_stop_it(desk: Opened) -> None:
    set_value(ALONE_ROWS, "", 2, now(), "test")
    couples(2)
    somebody = desk()
    page = ask(somebody, PLAIN)
    make_appointment(make_slot("xincheng", TUESDAY.date(), time(15, 0)), serial=9)
    build_next()
    assert export().state is ExportState.FAILED
    assert "超过了准许的数目" in somebody.get(page).text
    assert pieces() == []


def test_who_has_left_gets_nothing(desk: Opened) -> None:
    couples(1)
    ask(desk(), PLAIN)
    with transaction() as session:
        session.execute(sa.update(StaffAccount).values(active=False))
    build_next()
    assert (export().state, export().failure) == (ExportState.FAILED, "not_permitted")


def test_a_fault_is_tried_three_times(
    desk: Opened, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    couples(1)
    ask(desk(), PLAIN)
    monkeypatch.setattr(building, "write_file", lambda *_: 1 / 0)
    for state in (ExportState.QUEUED, ExportState.QUEUED, ExportState.FAILED):
        assert build_next() is True
        assert export().state is state
    assert build_next() is False
    assert export().failure == "gave_up"
    assert "export_failed" in caplog.text


def test_a_dead_workers_file_is_made_by_another(desk: Opened, desks: MovableClock) -> None:
    couples(1)
    ask(desk(), PLAIN)
    dead = building._claim()
    assert dead is not None
    assert build_next() is False
    desks.advance(timedelta(minutes=2))
    assert build_next() is True
    assert export().state is ExportState.READY
    kept = pieces()
    with pytest.raises(building._TakenOver):
        building._build(dead)  # it was only slow
    assert pieces() == kept


def test_what_redis_lost_the_tick_finds(desk: Opened, app_redis: Redis) -> None:
    couples(1)
    ask(desk(), PLAIN)
    queue = Queue("exports", connection=app_redis, serializer=JSONSerializer)
    assert [job.func_name for job in queue.jobs] == ["backend.jobs.entries.build_exports"]
    app_redis.flushdb()
    sweep_exports()
    SimpleWorker(list(QUEUES), connection=app_redis, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")
    assert export().state is ExportState.READY


def test_without_redis_the_tick_makes_it(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    couples(1)
    ask(desk(), PLAIN)
    monkeypatch.setattr("backend.tick_tasks.wake_exports", lambda: False)
    sweep_exports()
    assert export().state is ExportState.READY


# --- the file ---


def test_batches_neither_shift_nor_repeat(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "BATCH", 3)
    monkeypatch.setattr(building, "PIECE_BYTES", 100)
    couples(10)
    somebody = desk()
    page = ask(somebody, PLAIN)
    build_next()
    assert len(pieces()) > 3
    rows = cells(somebody.post(f"{page}/file").data)
    numbers = [row[0] for row in rows[rows.index([]) + 2 :]]
    assert len(numbers) == len(set(numbers)) == 10
    assert actions().count("exports.rows_taken") == 4


def test_numbers_stay_text_in_a_workbook(desk: Opened) -> None:
    couples(1)
    somebody = desk()
    page = ask(somebody, PERSONAL | {"format": "xlsx"})
    with transaction():
        approve(approval().id, second_person())
    build_next()
    answer = somebody.post(f"{page}/file")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        names = book.read("xl/workbook.xml").decode()
        about, rows = (book.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2))
    assert re.findall(r'<sheet name="([^"]+)"', names) == ["说明", "数据"]
    assert "李芳" in about
    assert "核对数据：月底核对预约" in about
    cell = re.search(rf"<c [^>]*>(?:(?!</c>).)*{party_number(0, 0)}", rows)
    assert cell
    assert 't="inlineStr"' in cell[0]
    assert "<f>" not in rows


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@x", "\tx", "\rx", " =1", "＝1", "＠x", "\u3000=1", "\ufeff=1"])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "王小明", "610102199002153456", "2027-05-18", "a=b"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text
