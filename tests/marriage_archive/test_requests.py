"""A request from asking to reading: who may ask, the archivist's steps, what time does, two at once."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from backend.calendar import import_year
from backend.kernel.actors import SYSTEM
from backend.kernel.clock import MovableClock, now
from backend.kernel.legal_calendar import DayKind
from backend.marriage.archive import answer, decide, search
from backend.marriage.archive.asking import Subject
from backend.marriage.archive.follow import recount_due
from backend.marriage.archive.history import locked_request, move
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.parameters import FRESH_CHECK
from backend.marriage.archive.queries import own_request_view, own_requests
from backend.marriage.archive.rules import (
    MOVES,
    ApplicantKind,
    ArchiveState,
    KeptAt,
    NotFoundWhy,
    Registration,
    Sought,
    Via,
)
from backend.marriage.archive.search import Place
from backend.marriage.archive.visit import Reading, record_visit
from backend.parameters import set_value
from backend.people.models import Person
from backend.storage import transaction
from tests.concurrency.support import all_at_once
from tests.marriage.support import at, couple, make_office, make_person
from tests.marriage_archive.support import (
    AT_THE_ARCHIVE,
    CARD_AND_ONE_COPY,
    ON_THE_SHELF,
    ask,
    bring,
    enter,
    history,
    log,
    refusal,
    reminders,
    row,
    told,
)
from tests.marriage_divorce.support import make_registrar, make_verified

NUMBER = couple(0)[0].id_number


def fresh(person_id: uuid.UUID, until: str = "2026-12-31 00:00") -> None:
    """The person was checked again a short while ago."""
    with transaction() as session:
        session.get_one(Person, person_id).fresh_until = at(until)


# --- asking ---


def test_one_asks_is_promised_a_day_and_hears_nothing_of_the_content(office: uuid.UUID, resident: uuid.UUID) -> None:
    made = ask(office, resident)
    assert (made.due_on, made.due_provisional) == (date(2026, 11, 30), False), "five workdays after a Monday"
    assert (made.applicant_name, made.applicant_number, made.without_number) == ("王小明", NUMBER, True)
    assert history(made.id) == [("asked", "resident", "asked")]
    assert told(resident) == ["asked"]
    view = own_request_view(made.id, resident)
    assert view.next_step.startswith("11月30日前给您答复")
    with transaction() as session:
        stored = session.execute(sa.text("SELECT row_to_json(r)::text FROM archive_subjects AS r")).scalars().all()
    assert not any("王小明" in line or "国棉三厂" in line for line in stored)


def test_in_a_year_without_a_notice_the_day_is_provisional_and_counted_anew(
    office: uuid.UUID, resident: uuid.UUID, clock: MovableClock
) -> None:
    clock.move_to(at("2026-12-30 10:00"))
    made = ask(office, resident)
    assert (made.due_on, made.due_provisional) == (date(2027, 1, 6), True)
    assert "可能调整" in own_request_view(made.id, resident).next_step
    assert recount_due() == 0
    import_year(2027, {date(2027, 1, 1): DayKind.OFF, date(2027, 1, 4): DayKind.OFF}, "invented")
    assert recount_due() == 1
    assert (row(made.id).due_on, row(made.id).due_provisional) == (date(2027, 1, 8), False)
    assert history(made.id)[-1][:2] == ("recounted", "system")
    assert recount_due() == 0


def test_whoever_has_proven_nothing_is_told_what_to_do(office: uuid.UUID, clock: MovableClock) -> None:
    assert refusal(ask, office, make_person()).code == "level_too_low"


def test_another_s_record_asks_for_a_fresh_check_and_a_proof(office: uuid.UUID, resident: uuid.UUID) -> None:
    refused = refusal(ask, office, resident, ApplicantKind.PROXY, reference="(2026)陕证1号")
    assert (refused.code, refused.extra["needed"]) == ("level_too_low", 3)
    fresh(resident)
    assert refusal(ask, office, resident, ApplicantKind.PROXY).errors.keys() == {"authority"}
    assert refusal(ask, office, resident, ApplicantKind.HEIR).errors.keys() == {"reason"}
    assert refusal(ask, office, resident, ApplicantKind.COURT, reference="函1号").errors.keys() == {"applicant"}
    assert ask(office, resident, ApplicantKind.PROXY, reference="(2026)陕证1号").authority == "(2026)陕证1号"


def test_a_registry_may_ask_for_a_fresh_check_of_everybody(office: uuid.UUID, resident: uuid.UUID) -> None:
    set_value(FRESH_CHECK, "xincheng", True, now(), "test")
    assert refusal(ask, office, resident).extra["needed"] == 3
    fresh(resident)
    assert ask(office, resident).state is ArchiveState.ASKED


def test_everything_that_is_wrong_is_named_at_once(office: uuid.UUID, resident: uuid.UUID) -> None:
    wrong = refusal(
        ask,
        office,
        resident,
        sought=Sought.DIVORCE_RECORD,
        registration=Registration.MARRIAGE,
        subjects=[Subject("王"), Subject("李小红", id_number="12")],
        first_year=1900,
        last_year=1987,
        certificate="?",
    )
    assert wrong.errors.keys() == {
        "registration",
        "first_year",
        "subjects.0.name",
        "subjects.1.id_number",
        "certificate",
    }
    assert refusal(ask, office, resident, first_year=1950, last_year=1980).errors.keys() == {"first_year"}
    assert refusal(ask, office, resident, subjects=[]).errors.keys() == {"subjects"}
    assert refusal(ask, office, resident, subjects=[Subject("王小明"), Subject("王小明")]).errors.keys() == {"subjects"}
    assert refusal(ask, uuid.uuid4(), resident).code == "not_found"
    without = refusal(ask, office, resident, subjects=[Subject("王小明")], without_number=True)
    assert without.errors.keys() == {"subjects.0"}


def test_the_same_is_asked_once_by_a_person_and_not_too_much_at_once(office: uuid.UUID, resident: uuid.UUID) -> None:
    made = ask(office, resident)
    again = refusal(ask, office, resident, subjects=[Subject("李小红"), Subject("王小明")])
    assert (again.code, again.extra["number"]) == ("already_asked", made.number)
    assert ask(office, make_verified(couple(1)[0])).number != made.number, "somebody else may"
    for year in range(1988, 1992):
        ask(office, resident, first_year=year, last_year=year)
    assert refusal(ask, office, resident, first_year=1999, last_year=1999).code == "too_many"
    answer.withdraw(made.id, resident)
    assert ask(office, resident).state is ArchiveState.ASKED


def test_the_same_asked_by_many_taps_at_once_is_one_request(office: uuid.UUID, resident: uuid.UUID) -> None:
    assert all_at_once(6, lambda _: ask(office, resident)) == Counter(done=1, already_asked=5)


# --- at the counter ---


def test_institutions_are_entered_at_the_counter_and_nobody_is_written_to(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID
) -> None:
    assert refusal(enter, office, archivist, ApplicantKind.COURT, "刘法官").errors.keys() == {"authority"}
    made = enter(office, archivist, ApplicantKind.COURT, "王小明", NUMBER, reference="新城区人民法院 函12号")
    assert (made.person_id, made.via, made.created_by) == (None, Via.COUNTER, archivist)
    assert enter(office, archivist, ApplicantKind.POLICE, "赵警官", reference="函1号").applicant_number is None
    assert told(resident) == []


def test_whoever_comes_to_the_counter_with_a_proven_number_hears_of_it(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID
) -> None:
    assert refusal(enter, office, archivist).errors.keys() == {"id_number"}
    made = enter(office, archivist, number=NUMBER)
    assert (made.person_id, told(resident)) == (resident, ["asked"])
    assert [one.id for one in own_requests(resident, None, 5)] == [made.id]


def test_an_heir_needs_an_approval_by_somebody_else(office: uuid.UUID, archivist: uuid.UUID, head: uuid.UUID) -> None:
    made = enter(office, head, ApplicantKind.HEIR, number=NUMBER, reason="母亲去世，办房产继承")
    assert refusal(search.take, made.id, archivist).code == "not_approved"
    assert refusal(decide.approve, made.id, head).code == "own_request"
    other = make_registrar(username="head-2")
    decide.approve(made.id, other, "亲属关系证明已看")
    assert refusal(decide.approve, made.id, other).code == "not_needed"
    assert search.take(made.id, archivist).state is ArchiveState.SEARCHING
    with pytest.raises(sa.exc.IntegrityError, match="searched_with_approval"), transaction() as session:
        session.execute(
            sa.text("UPDATE archive_requests SET approved_at = NULL, approved_by = NULL WHERE id = :id"),
            {"id": made.id},
        )


def test_what_is_refused_is_refused_with_a_reason_that_is_read(
    office: uuid.UUID, resident: uuid.UUID, head: uuid.UUID
) -> None:
    fresh(resident)
    made = ask(office, resident, ApplicantKind.OTHER, reason="了解情况")
    assert refusal(decide.refuse, made.id, head, " ").errors.keys() == {"reason"}
    decide.refuse(made.id, head, "没有正当理由")
    assert told(resident) == ["asked", "refused"]
    assert "没有正当理由" in own_request_view(made.id, resident).next_step
    assert refusal(search.take, made.id, head).code == "state_conflict"


# --- searching ---


def test_from_asking_to_reading(office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID) -> None:
    made = ask(office, resident)
    bring(made.id, archivist)
    assert told(resident) == ["asked", "located", "ready"]
    assert row(made.id).until == date(2026, 12, 23)
    assert reminders(made.id) == {"waiting": "11-30 09:00", "last_days": "12-20 09:00"}
    view = own_request_view(made.id, resident)
    assert (view.place, view.phone, view.bookable) == ("新城区婚姻登记处", "029-00000101", True)
    assert refusal(record_visit, made.id, Reading(set(), 100), archivist).errors.keys() == {"papers", "copies"}
    record_visit(made.id, CARD_AND_ONE_COPY, archivist)
    [line] = log()
    assert (line.reader_name, line.volume, line.copies, line.papers_seen) == ("王小明", "1987-结-0123", 1, ["identity"])
    assert (reminders(made.id), row(made.id).copies) == ({}, 1)
    assert [event for event, _, _ in history(made.id)] == ["asked", "taken", "located", "readied", "visited"]


def test_a_volume_that_is_at_the_window_is_told_once(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID
) -> None:
    made = ask(office, resident)
    search.take(made.id, archivist)
    assert refusal(search.locate, made.id, Place(KeptAt.HERE), archivist).errors.keys() == {"volume"}
    search.locate(made.id, replace(ON_THE_SHELF, at_window=True), archivist)
    assert told(resident) == ["asked", "ready"]


def test_what_is_kept_elsewhere_is_told_with_address_and_telephone(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID
) -> None:
    made = ask(office, resident)
    search.take(made.id, archivist)
    assert refusal(search.locate, made.id, replace(AT_THE_ARCHIVE, phone=""), archivist).errors.keys() == {"name"}
    search.locate(made.id, AT_THE_ARCHIVE, archivist)
    view = own_request_view(made.id, resident)
    assert (view.state, view.place, view.phone) == (ArchiveState.REFERRED, "新城区档案馆", "029-87001111")
    assert "尚勤路 1 号" in view.next_step
    assert told(resident)[-1] == "elsewhere"
    search.reopen(made.id, "档案馆说在我们这里", archivist)
    assert (row(made.id).kept_at, row(made.id).kept_name) == (None, None)
    search.locate(made.id, replace(AT_THE_ARCHIVE, they_go=False), archivist)
    assert row(made.id).state is ArchiveState.LOCATED, "fetched by us"


@pytest.mark.parametrize("why", NotFoundWhy)
def test_nothing_found_is_told_with_what_helps(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID, why: NotFoundWhy
) -> None:
    made = ask(office, resident)
    search.take(made.id, archivist)
    search.find_nothing(made.id, why, archivist)
    assert told(resident)[-1] == "not_found"
    assert len(own_request_view(made.id, resident).next_step) > 20


def test_one_question_stops_the_clock_until_it_is_answered(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID, clock: MovableClock
) -> None:
    made = ask(office, resident)
    search.take(made.id, archivist)
    assert refusal(search.ask_one_thing, made.id, "", archivist).errors.keys() == {"question"}
    search.ask_one_thing(made.id, "登记时的曾用名是什么？", archivist)
    view = own_request_view(made.id, resident)
    assert (view.question, view.due_on) == ("登记时的曾用名是什么？", None)
    assert refusal(answer.answer, made.id, "王明", make_person()).code == "not_found"
    clock.move_to(at("2026-12-07 10:00"))
    for _ in range(2):
        answer.answer(made.id, "王明", resident)
    assert (row(made.id).state, row(made.id).due_on) == (ArchiveState.SEARCHING, date(2026, 12, 14))
    assert [event for event, _, _ in history(made.id)].count("answered") == 1
    search.ask_one_thing(made.id, "是哪个公社？", archivist)
    answer.answer_for_them(made.id, "长乐公社", archivist)
    assert row(made.id).answer == "长乐公社"


def test_of_two_archivists_at_once_one_has_it(office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID) -> None:
    made, accounts = ask(office, resident), [archivist, make_registrar(username="archivist-2")]
    assert all_at_once(2, lambda index: search.take(made.id, accounts[index])) == Counter(done=1, taken=1)
    assert [event for event, _, _ in history(made.id)] == ["asked", "taken"]


def test_of_two_who_end_it_at_once_one_does(office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID) -> None:
    made = ask(office, resident)
    bring(made.id, archivist)
    acts = [
        lambda: record_visit(made.id, CARD_AND_ONE_COPY, archivist),
        lambda: answer.withdraw(made.id, resident),
    ]
    assert all_at_once(2, lambda index: acts[index]()) == Counter(done=1, state_conflict=1)
    assert len(log()) == (row(made.id).state is ArchiveState.VISITED)


def test_no_move_leaves_the_table(office: uuid.UUID, archivist: uuid.UUID, head: uuid.UUID) -> None:
    """Each state tried with each target, as the database and the table have it; refusals change nothing."""
    made = enter(office, archivist, ApplicantKind.POLICE, "赵警官", reference="函1号")
    for state in ArchiveState:
        for target in ArchiveState:
            with transaction() as session:
                request = locked_request(made.id)
                _put(request, state)
                session.flush()
                before = len(history(made.id))
                if target in MOVES[state]:
                    _prepare(request, target)
                    move(request, "taken", target, SYSTEM)
                    assert request.state is target
                else:
                    assert refusal(move, request, "taken", target, SYSTEM).code == "state_conflict"
                    assert (request.state, len(history(made.id))) == (state, before)


def _put(request: ArchiveRequest, state: ArchiveState) -> None:
    """Stand it in a state with all that the database asks of it."""
    waits = state in (ArchiveState.NEED_MORE, ArchiveState.READY)
    request.state = state
    request.ended_at = None if MOVES[state] >= {ArchiveState.WITHDRAWN} else now()
    request.until = date(2026, 12, 1) if waits else None
    request.kept_at, request.kept_name = KeptAt.ELSEWHERE, "新城区档案馆"
    request.not_found_why = NotFoundWhy.VOLUMES_LOST if state is ArchiveState.NOT_FOUND else None
    request.copies = 1 if state is ArchiveState.VISITED else None


def _prepare(request: ArchiveRequest, target: ArchiveState) -> None:
    if target in (ArchiveState.NEED_MORE, ArchiveState.READY):
        request.until = date(2026, 12, 1)
    if target is ArchiveState.NOT_FOUND:
        request.not_found_why = NotFoundWhy.VOLUMES_LOST
    if target is ArchiveState.VISITED:
        request.copies = 0


def test_a_request_nobody_has_taken_goes_to_another_registry(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID
) -> None:
    made, other = ask(office, resident), make_office("changle", 1, "长乐路婚姻登记处")
    assert refusal(search.hand_over, made.id, office, archivist).code == "invalid"
    search.hand_over(made.id, other, archivist)
    assert row(made.id).office_id == other
    search.take(made.id, archivist)
    assert refusal(search.hand_over, made.id, office, archivist).code == "state_conflict"
