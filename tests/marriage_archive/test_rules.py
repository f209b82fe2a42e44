"""The rules alone: the table of moves, who needs which papers, days, and what people type."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.legal_calendar import LegalCalendar
from backend.marriage.archive.rules import (
    BY_APPROVAL,
    INSTITUTIONS,
    MOVES,
    ONLINE,
    OPEN_STATES,
    PAPERS,
    ApplicantKind,
    ArchiveState,
    Paper,
    Years,
    lapses_on,
    locate_by,
    needs_details,
    reminder_days,
    request_number,
)
from backend.marriage.archive.texts import (
    APPLICANT_NAMES,
    EVENT_NAMES,
    NEXT_STEPS,
    PAPER_NAMES,
    STATE_NAMES,
    STATE_TEXTS,
)
from workflows.chat.flows.marriage.archive_words import read_details, read_names, read_when_where

PLAIN = LegalCalendar({}, {2026, 2027})


def test_every_state_is_in_the_table_and_can_be_left_or_is_an_end() -> None:
    assert MOVES.keys() == set(ArchiveState)
    assert {state for state in MOVES if not MOVES[state]} == {
        ArchiveState.VISITED,
        ArchiveState.REFUSED,
        ArchiveState.WITHDRAWN,
    }
    reached, waiting = set[ArchiveState](), [ArchiveState.ASKED]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting.extend(MOVES[state])
    assert reached == set(ArchiveState)


def test_whoever_asked_can_always_take_it_back_and_a_death_always_ends_it() -> None:
    for state in OPEN_STATES:
        assert MOVES[state] >= {ArchiveState.WITHDRAWN, ArchiveState.ENDED}
        assert state in MOVES[ArchiveState.ENDED]


def test_nothing_is_shown_without_a_paper_that_proves_the_right_to_it() -> None:
    assert PAPERS.keys() == set(ApplicantKind)
    assert all(PAPERS.values())
    assert Paper.AUTHORISATION in PAPERS[ApplicantKind.PROXY]
    assert Paper.COURT_ACCEPTANCE in PAPERS[ApplicantKind.LAWYER]
    assert all(Paper.LETTER in PAPERS[kind] for kind in INSTITUTIONS)
    assert ONLINE.isdisjoint(INSTITUTIONS)
    assert BY_APPROVAL <= ONLINE


def test_everything_has_its_words() -> None:
    assert STATE_NAMES.keys() == STATE_TEXTS.keys() == NEXT_STEPS.keys() == set(ArchiveState)
    assert APPLICANT_NAMES.keys() == set(ApplicantKind)
    assert PAPER_NAMES.keys() == set(Paper)
    assert len(set(EVENT_NAMES.values())) == len(EVENT_NAMES)


@given(st.dates(date(2026, 1, 1), date(2026, 11, 30)), st.integers(1, 30))
def test_the_promised_day_is_a_workday_with_so_many_before_it(asked: date, count: int) -> None:
    due = locate_by(asked, count, PLAIN).day
    assert due > asked
    assert PLAIN.is_workday(due)
    workdays = [day for day in PLAIN.span(asked, due) if PLAIN.is_workday(day) and day > asked]
    assert len(workdays) == count


def test_a_year_without_a_notice_makes_the_day_provisional() -> None:
    known = LegalCalendar({}, {2026})
    assert locate_by(date(2026, 12, 20), 5, known).provisional is False
    assert locate_by(date(2026, 12, 30), 5, known).provisional is True


@given(st.dates(date(2026, 1, 1), date(2026, 11, 1)), st.integers(5, 180))
def test_waiting_never_ends_on_a_rest_day_and_reminders_lie_within_it(since: date, days: int) -> None:
    until = lapses_on(since, days, PLAIN).day
    assert PLAIN.is_workday(until)
    assert (until - since).days >= days
    told = reminder_days(since, until)
    assert len(told) <= 2
    assert all(since < day < until for day in told)


@pytest.mark.parametrize(
    ("first", "last", "faulty"), [(1987, 1987, False), (1929, 1950, True), (1990, 1980, True), (2026, 2027, True)]
)
def test_years_that_cannot_be_are_found(first: int, last: int, faulty: bool) -> None:
    assert Years(first, last).fault(date(2026, 11, 23)) is faulty


def test_old_records_ask_for_more_than_a_number() -> None:
    assert needs_details(Years(1987, 1987), has_number=True, has_certificate=False)
    assert not needs_details(Years(1987, 1987), has_number=False, has_certificate=True)
    assert needs_details(Years(2010, 2010), has_number=False, has_certificate=False)
    assert not needs_details(Years(2010, 2010), has_number=True, has_certificate=False)


def test_numbers_of_requests_repeat_for_nobody() -> None:
    assert len({request_number(serial) for serial in range(20_000)}) == 20_000


@pytest.mark.parametrize(
    ("text", "first", "last", "place", "certificate"),
    [
        ("1987年 长乐公社", 1987, 1987, "长乐公社", ""),
        ("87年在新城区", 1987, 1987, "在新城区", ""),
        ("一九八七年，长乐公社", 1987, 1987, "长乐公社", ""),
        ("1985到1989年", 1985, 1989, "", ""),
        ("1989-1985 记不清", 1985, 1989, "记不清", ""),
        ("1987年左右", 1986, 1988, "", ""),
        ("03年 J610102-2003-001234", 2003, 2003, "", "J610102-2003-001234"),
        ("1987年，新结字第123号，长乐公社", 1987, 1987, "长乐公社", "新结字第123号"),
    ],
)
def test_year_place_and_certificate_as_people_type_them(
    text: str, first: int, last: int, place: str, certificate: str
) -> None:
    told = read_when_where(text, 2026)
    assert told is not None
    assert (told.first_year, told.last_year, told.place, told.certificate) == (first, last, place, certificate)


@pytest.mark.parametrize("text", ["记不清了", "很久以前", "12月8号", "长乐公社"])
def test_what_tells_no_year_is_asked_again(text: str) -> None:
    assert read_when_where(text, 2026) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("王小明 李小红", ["王小明", "李小红"]),
        ("王小明、李小红", ["王小明", "李小红"]),
        ("王小明和李小红", ["王小明", "李小红"]),
        ("王小明", ["王小明"]),
        ("阿依古丽·买买提", ["阿依古丽·买买提"]),
        ("1", None),
        ("王小明 李小红 王五", None),
        ("", None),
    ],
)
def test_names_as_people_type_them(text: str, names: list[str] | None) -> None:
    assert read_names(text) == names


def test_what_helps_is_read_from_one_line() -> None:
    told = read_details("曾用名王明，1962年生，籍贯渭南，单位国棉三厂")
    assert told == {"former_name": "王明", "birth_year": 1962, "native_place": "渭南", "work_unit": "国棉三厂"}
    assert read_details("国棉三厂") == {"work_unit": "国棉三厂"}
    assert read_details("。") == {}
