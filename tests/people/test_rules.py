"""Levels of proof, pure (domain-rules §6.2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.identity import Fault, IdType
from backend.people.reading import clean_phone, is_phone, read_claim, read_phone
from backend.people.rules import Level, NextStep, PersonEventName, level_at, next_step
from backend.people.texts import EVENT_NAMES, LEVEL_TOO_LOW, NUMBER_NAMES, PAPER_NAMES, fault_sentence
from tests.conftest import MONDAY_MORNING


@given(st.integers(0, 2), st.one_of(st.none(), st.integers(-60, 60)))
def test_a_proof_ages_and_nothing_else_does(stored: int, minutes: int | None) -> None:
    until = None if minutes is None else MONDAY_MORNING + timedelta(minutes=minutes)
    level = level_at(stored, until, MONDAY_MORNING)
    fresh = stored == 2 and minutes is not None and minutes > 0
    assert level is (Level.FRESH if fresh else Level(stored))


@pytest.mark.parametrize(
    ("level", "needed", "online", "step"),
    [
        (0, 1, True, NextStep.PHONE),
        (0, 2, True, NextStep.VERIFICATION),
        (1, 2, False, NextStep.COUNTER),
        (2, 3, True, NextStep.VERIFICATION),
        (2, 3, False, NextStep.COUNTER),
    ],
)
def test_what_to_do_next(level: int, needed: int, online: bool, step: NextStep) -> None:
    assert next_step(Level(level), Level(needed), online=online) is step


def test_every_paper_step_and_event_has_its_words() -> None:
    assert PAPER_NAMES.keys() == NUMBER_NAMES.keys() == set(IdType)
    assert LEVEL_TOO_LOW.keys() == set(NextStep)
    assert EVENT_NAMES.keys() == set(PersonEventName)
    for id_type in IdType:
        for fault in Fault:
            assert "{" not in fault_sentence(id_type, fault)
    assert fault_sentence(IdType.FOREIGN_PERMANENT_RESIDENT_CARD, Fault.CHECK_DIGIT).startswith("永久居留证号")


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        "138 0013 8000",
        "+86 138-0013-8000",
        "0086 13800138000",
        "（+86）13800138000",
        "１３８００１３８０００",
    ],
)
def test_telephones_as_people_type_them(typed: str) -> None:
    assert read_phone(typed) == "13800138000"


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
def test_a_telephone_is_read_as_it_is(phone: str) -> None:
    assert is_phone(clean_phone(phone))
    assert clean_phone(phone) == phone


def test_a_claim_tells_nothing_by_accident() -> None:
    claim = read_claim("王小明", IdType.RESIDENT_IDENTITY_CARD, "11010519491231002X")
    assert "王小明" not in repr(claim)
    assert "1949" not in repr(claim)
