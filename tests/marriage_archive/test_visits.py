"""What time does to a request, and the visit: booked in one step, done with the reading, two taps at once."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date

import sqlalchemy as sa

from backend.kernel.clock import MovableClock, now
from backend.marriage.archive import answer, search, visit
from backend.marriage.archive.follow import lapse_unfetched
from backend.marriage.archive.parameters import LOCATE_DAYS
from backend.marriage.archive.queries import own_request_view
from backend.marriage.archive.rules import (
    ApplicantKind,
    ArchiveState,
    Paper,
    Sought,
)
from backend.marriage.archive.visit import Reading, book_visit, record_visit
from backend.marriage.check_in import check_in_couple
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Appointment
from backend.marriage.models import Via as BookedVia
from backend.marriage.rules import State
from backend.parameters import set_value
from backend.people.models import Person
from backend.storage import transaction
from tests.concurrency.support import all_at_once
from tests.marriage.support import REGISTRAR, at, make_office, make_person, make_slot
from tests.marriage_archive.support import (
    CARD_AND_ONE_COPY,
    ON_THE_SHELF,
    ask,
    bring,
    history,
    log,
    refusal,
    row,
    told,
)


def fresh(person_id: uuid.UUID, until: str = "2026-12-31 00:00") -> None:
    """The person was checked again a short while ago."""
    with transaction() as session:
        session.get_one(Person, person_id).fresh_until = at(until)


# --- time ---


def test_what_nobody_answers_or_fetches_lapses_and_comes_back_if_they_come(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID, clock: MovableClock
) -> None:
    fetched, asked = ask(office, resident), ask(office, resident, first_year=1990, last_year=1990)
    bring(fetched.id, archivist)
    search.take(asked.id, archivist)
    search.ask_one_thing(asked.id, "哪个公社？", archivist)
    clock.move_to(at("2026-12-23 23:00"))
    assert lapse_unfetched() == 0
    clock.move_to(at("2026-12-24 00:01"))
    assert lapse_unfetched() == 2
    assert told(resident)[-2:] == ["lapsed", "lapsed"]
    assert refusal(search.mark_ready, asked.id, archivist).code == "state_conflict", "no volume was found"
    assert search.mark_ready(fetched.id, archivist).state is ArchiveState.READY
    search.reopen(asked.id, "来电补充了", archivist)
    assert row(asked.id).due_on > date(2026, 12, 24)


def test_parameters_count_per_registry(office: uuid.UUID, resident: uuid.UUID) -> None:
    set_value(LOCATE_DAYS, "xincheng", 1, now(), "test")
    assert ask(office, resident).due_on == date(2026, 11, 24)


# --- the visit ---


def service_slot(office: uuid.UUID, text: str = "2026-11-26 10:00") -> uuid.UUID:
    return make_slot(office, text, 2, Area.SERVICE_WINDOW)


def appointment(appointment_id: uuid.UUID) -> Appointment:
    with transaction() as session:
        return session.get_one(Appointment, appointment_id, populate_existing=True)


def test_the_visit_is_booked_in_one_step_and_done_with_the_reading(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID, clock: MovableClock
) -> None:
    made, slot = ask(office, resident), service_slot(office)
    assert refusal(book_visit, made.id, slot, resident, BookedVia.API).code == "not_ready"
    bring(made.id, archivist)
    assert refusal(book_visit, made.id, slot, make_person(), BookedVia.API).code == "not_found"
    booked = book_visit(made.id, slot, resident, BookedVia.API)
    assert [party.name for party in booked.parties] == ["王小明"]
    assert appointment(booked.appointment_id).kind is Kind.ARCHIVE_QUERY
    again = refusal(book_visit, made.id, service_slot(office, "2026-11-27 10:00"), resident, BookedVia.API)
    assert (again.code, "11月26日" in again.user_text) == ("already_booked", True)
    view = own_request_view(made.id, resident)
    assert view.visit is not None
    assert (view.visit.number, view.bookable) == (booked.number, False)
    clock.move_to(at("2026-11-26 09:50"))
    check_in_couple(booked.appointment_id, REGISTRAR)
    record_visit(made.id, CARD_AND_ONE_COPY, archivist)
    assert appointment(booked.appointment_id).state is State.SERVED


def test_two_volumes_are_read_in_one_visit(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID, clock: MovableClock
) -> None:
    first, second = ask(office, resident), ask(office, resident, first_year=1990, last_year=1990)
    for one in (first, second):
        bring(one.id, archivist)
    booked = book_visit(first.id, service_slot(office), resident, BookedVia.API)
    assert own_request_view(second.id, resident).visit is not None
    clock.move_to(at("2026-11-26 09:50"))
    check_in_couple(booked.appointment_id, REGISTRAR)
    record_visit(first.id, CARD_AND_ONE_COPY, archivist)
    assert appointment(booked.appointment_id).state is State.CHECKED_IN
    record_visit(second.id, CARD_AND_ONE_COPY, archivist)
    assert appointment(booked.appointment_id).state is State.SERVED


def test_two_taps_book_one_visit(office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID) -> None:
    made, slot = ask(office, resident), service_slot(office)
    bring(made.id, archivist)
    went = all_at_once(4, lambda _: book_visit(made.id, slot, resident, BookedVia.API))
    assert went == Counter(done=1, already_booked=3)


def test_a_time_at_another_registry_is_refused_and_nothing_is_booked(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID
) -> None:
    made, other = ask(office, resident), make_office("changle", 1, "长乐路婚姻登记处")
    bring(made.id, archivist)
    assert refusal(book_visit, made.id, service_slot(other), resident, BookedVia.API).errors.keys() == {"slot_id"}
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Appointment)) == 0


def test_whoever_has_a_visit_booked_is_waited_for(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID, clock: MovableClock
) -> None:
    made = ask(office, resident)
    clock.move_to(at("2026-11-24 10:00"))
    bring(made.id, archivist)
    clock.move_to(at("2026-12-23 10:00"))
    book_visit(made.id, service_slot(office, "2026-12-25 10:00"), resident, BookedVia.API)
    clock.move_to(at("2026-12-25 00:10"))
    assert lapse_unfetched() == 0


def test_a_check_before_a_reissue_is_done_once_the_place_is_known(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID
) -> None:
    made = ask(office, resident, sought=Sought.REISSUE_CHECK)
    search.take(made.id, archivist)
    search.locate(made.id, ON_THE_SHELF, archivist)
    assert (row(made.id).state, told(resident)) == (ArchiveState.READY, ["asked", "ready"])
    view = own_request_view(made.id, resident)
    assert (view.bookable, "补领" in view.next_step) == (False, True)
    assert refusal(visit.book_visit, made.id, service_slot(office), resident, BookedVia.API).code == "not_ready"


def test_a_proxy_shows_the_notarial_act(office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID) -> None:
    fresh(resident)
    made = ask(office, resident, ApplicantKind.PROXY, reference="(2026)陕证1号")
    bring(made.id, archivist)
    short = refusal(record_visit, made.id, CARD_AND_ONE_COPY, archivist)
    assert "公证" in short.user_text
    record_visit(made.id, Reading({Paper.IDENTITY, Paper.AUTHORISATION}, 0), archivist)
    assert log()[0].authority == "(2026)陕证1号"


def test_taken_back_twice_is_once_and_by_its_owner_alone(office: uuid.UUID, resident: uuid.UUID) -> None:
    made = ask(office, resident)
    assert refusal(answer.withdraw, made.id, make_person()).code == "not_found"
    for _ in range(2):
        answer.withdraw(made.id, resident)
    assert history(made.id) == [("asked", "resident", "asked"), ("withdrawn", "resident", "withdrawn")]
