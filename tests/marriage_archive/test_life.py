"""Deaths, two persons who are one, what is told, how long it is kept; and the demonstration."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock, now, today
from backend.kernel.personal_data import Batch
from backend.marriage.archive import answer, search
from backend.marriage.archive.demo import load_demo
from backend.marriage.archive.holdings import archive_holding
from backend.marriage.archive.joined import join_requests
from backend.marriage.archive.life_events import _end, _rename, _restore
from backend.marriage.archive.models import ArchiveInspection, ArchiveRequest
from backend.marriage.archive.parameters import LOG_YEARS
from backend.marriage.archive.retention import archive_rules
from backend.marriage.archive.rules import ApplicantKind, ArchiveState
from backend.marriage.archive.visit import record_visit
from backend.marriage.demo import load_demo as load_marriage
from backend.parameters import set_value
from backend.people.life_events import EventKind, Happening, Undo
from backend.people.models import Person
from backend.staff.demo import load_demo as load_staff
from backend.storage import Database, transaction
from tests.marriage.support import couple, make_person
from tests.marriage_archive.support import CARD_AND_ONE_COPY, ask, bring, enter, reminders, row, told

NUMBER = couple(0)[0].id_number


def happening(person_id: uuid.UUID, kind: EventKind, undo: Undo | None = None) -> Happening:
    with transaction() as session:
        index = session.get_one(Person, person_id).id_number_index
    return Happening(uuid.uuid4(), person_id, kind, today(), index, {}, undo or {})


def count(model: type[ArchiveRequest] | type[ArchiveInspection]) -> int:
    with transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_death_ends_what_was_asked_without_a_word_and_a_mistake_gives_it_back(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID, clock: MovableClock
) -> None:
    ready, asked = ask(office, resident), ask(office, resident, first_year=1990, last_year=1990)
    bring(ready.id, archivist)
    letter = enter(office, archivist, ApplicantKind.COURT, "王小明", NUMBER, reference="函1号")
    before = told(resident)
    with transaction():
        reaction = _end(happening(resident, EventKind.DEATH))
    assert reaction.effects == {"archive_requests_ended": 2}
    assert (row(ready.id).state, row(letter.id).state) == (ArchiveState.ENDED, ArchiveState.ASKED)
    assert (told(resident), reminders(ready.id)) == (before, {})
    clock.move_to(now() + timedelta(days=60))
    with transaction():
        restored = _restore(happening(resident, EventKind.DEATH_REVERSED, reaction.undo))
    assert restored.effects == {"archive_requests_restored": 2}
    assert (row(ready.id).state, row(asked.id).state) == (ArchiveState.READY, ArchiveState.ASKED)
    assert row(asked.id).due_on > today()
    assert set(reminders(ready.id)) == {"waiting", "last_days"}


def test_what_was_asked_anew_meanwhile_does_not_come_back(office: uuid.UUID, resident: uuid.UUID) -> None:
    made = ask(office, resident)
    with transaction():
        undo = _end(happening(resident, EventKind.DEATH)).undo
    ask(office, resident)
    with transaction():
        reaction = _restore(happening(resident, EventKind.DEATH_REVERSED, undo))
    assert [one.id for one in reaction.not_restored] == [made.id]


def test_a_name_put_right_is_that_of_whoever_asks_not_that_on_the_record(
    office: uuid.UUID, resident: uuid.UUID
) -> None:
    made = ask(office, resident)
    with transaction() as session:
        session.get_one(Person, resident).name = "王晓明"
        session.flush()
        assert _rename(happening(resident, EventKind.NAME_CORRECTED)).effects == {"archive_names_corrected": 1}
    assert row(made.id).applicant_name == "王晓明"
    with transaction():
        [told_of] = [section.records for section in archive_holding.collect(resident) if section.records]
    assert "王小明" in told_of[0]["登记时的名字等"]


def test_of_the_same_asked_by_two_who_are_one_the_older_stays(office: uuid.UUID, resident: uuid.UUID) -> None:
    made = ask(office, resident)
    other = make_person()
    with transaction() as session:
        session.execute(sa.update(ArchiveRequest).values(person_id=other))
    again = ask(office, resident)
    with transaction():
        join_requests(other, resident)
    assert (row(made.id).person_id, row(made.id).state) == (resident, ArchiveState.ASKED)
    assert (row(again.id).person_id, row(again.id).state) == (resident, ArchiveState.WITHDRAWN)


def test_each_is_told_what_they_asked_and_nobody_what_others_ask(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID
) -> None:
    made = ask(office, resident)
    bring(made.id, archivist)
    record_visit(made.id, CARD_AND_ONE_COPY, archivist)
    enter(office, archivist, ApplicantKind.COURT, "王小明", NUMBER, reference="函1号")
    with transaction():
        asked, read = archive_holding.collect(resident)
        nothing = archive_holding.collect(make_person())
        kept = archive_holding.keeps(resident)
    assert [one["编号"] for one in asked.records] == [made.number]
    assert [one["复印件份数"] for one in read.records] == ["1"]
    assert [section.records for section in nothing] == [[], []]
    assert [one.until is not None for one in kept] == [True, True]
    with transaction():
        archive_holding.cut(resident)
    assert row(made.id).person_id is None


@pytest.mark.parametrize("years", [10, 20])
def test_requests_are_kept_two_years_and_the_log_as_set(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID, clock: MovableClock, years: int
) -> None:
    requests, lines = archive_rules
    assert requests.run is not None
    assert lines.run is not None
    set_value(LOG_YEARS, "xincheng", years, now(), "test")
    made, open_one = ask(office, resident), ask(office, resident, first_year=1990, last_year=1990)
    bring(made.id, archivist)
    record_visit(made.id, CARD_AND_ONE_COPY, archivist)
    clock.move_to(now() + timedelta(days=725))
    assert requests.run(Batch(now(), 100)) == 0
    clock.move_to(now() + timedelta(days=30))
    assert requests.run(Batch(now(), 100, (resident,))) == 0
    assert requests.run(Batch(now(), 100)) == 1
    assert (count(ArchiveRequest), row(open_one.id).state) == (1, ArchiveState.ASKED)
    clock.move_to(now() + timedelta(days=365 * (years - 2) - 60))
    assert lines.run(Batch(now(), 100)) == 0
    clock.move_to(now() + timedelta(days=60))
    assert lines.run(Batch(now(), 100, (resident,))) == 0
    assert lines.run(Batch(now(), 100)) == 1


def test_whoever_has_closed_their_account_is_served_at_the_counter(
    office: uuid.UUID, resident: uuid.UUID, archivist: uuid.UUID
) -> None:
    made = ask(office, resident)
    with transaction():
        archive_holding.cut(resident)
    search.take(made.id, archivist)
    search.ask_one_thing(made.id, "哪个公社？", archivist)
    answer.answer_for_them(made.id, "长乐公社", archivist)
    assert told(resident) == ["asked"]


def test_the_demonstration_has_some_in_every_state_that_is_worked_on(
    clean_database: Database, clock: MovableClock
) -> None:
    load_staff()
    load_marriage()
    for _ in range(2):
        load_demo()
        with transaction() as session:
            states = set(session.scalars(sa.select(ArchiveRequest.state)))
        assert states >= {
            ArchiveState.ASKED,
            ArchiveState.SEARCHING,
            ArchiveState.NEED_MORE,
            ArchiveState.LOCATED,
            ArchiveState.READY,
            ArchiveState.NOT_FOUND,
            ArchiveState.REFERRED,
            ArchiveState.VISITED,
        }
    assert count(ArchiveRequest) == 11
