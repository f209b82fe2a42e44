"""Reading a couple at the edge: every field that is wrong is named, in words; nothing personal is kept in the clear."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.kernel.identity import IdType
from backend.marriage.couples import PartyInput, check_for_day, number_index, party_row, read_couple, read_party
from backend.marriage.offers import OfficeView
from backend.marriage.rules import ResidentGroup
from backend.storage import key_ring
from backend.storage.sealing import sealed_context
from tests.marriage.support import THURSDAY, couple, number

pytestmark = pytest.mark.usefixtures("clock", "app")

GROOM = PartyInput("王小明", "100000200411210011", phone="13800000000")
BRIDE = PartyInput("李小红", "100000200611210024")
OFFICE = OfficeView(UUID(int=1), "xincheng", "新城区婚姻登记处", "长乐中路28号", "029-00000101")


def refused(party: PartyInput) -> AppError:
    with pytest.raises(AppError) as error:
        read_party(party)
    assert (error.value.code, error.value.status) == ("invalid", 422)
    return error.value


@pytest.mark.parametrize(
    "typed", ["100000 20041121 0011", "１００００020041121００11", " 100000200411210011\n", "100000-20041121-0011"]
)
def test_numbers_as_people_type_them(typed: str) -> None:
    assert read_party(replace(GROOM, id_number=typed)).identity.number == "100000200411210011"


@pytest.mark.parametrize("name", ["王小明", "  王小明 ", "阿凡提·买买提", "Anna-Maria O'Neil", "欧阳娜娜", "㛃石"])
def test_names_as_papers_have_them(name: str) -> None:
    assert read_party(replace(GROOM, name=name)).name == " ".join(name.split())


@pytest.mark.parametrize("name", ["", "  ", "王", "3王小明", "_王", "王<b>小明", "王{小明}", "王\x00小明", "王" * 31])
def test_names_that_no_paper_has(name: str) -> None:
    error = refused(replace(GROOM, name=name))
    assert list(error.errors) == ["name"]
    assert "姓名" in error.user_text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("610102900307123", "15位"),
        ("10000020041121001", "18位"),
        ("1000002004112100111", "18位"),
        ("10000020041121001A", "17位数字"),
        ("100000200411210012", "有一位可能写错了"),
        ("100000200413010011", "出生日期"),
        ("100000202612010018", "出生日期"),
        ("810000199003071237", "证件类型和号码对不上"),
        ("", "18位"),
    ],
)
def test_numbers_that_cannot_be_right(typed: str, sentence: str) -> None:
    error = refused(replace(GROOM, id_number=typed))
    assert list(error.errors) == ["id_number"]
    assert sentence in error.user_text
    assert error.user_text.startswith("王小明：")
    assert not typed or typed not in error.user_text


@pytest.mark.parametrize(
    "phone", ["13800000000", "138 0000 0000", "+86 138 0000 0000", "138-0000-0000", "１３８００００００００"]
)
def test_phones_as_people_type_them(phone: str) -> None:
    assert read_party(replace(GROOM, phone=phone)).phone == "13800000000"


@pytest.mark.parametrize("phone", ["12345", "23800000000", "138000000000", "1380000000a"])
def test_phones_that_cannot_be_right(phone: str) -> None:
    assert list(refused(replace(GROOM, phone=phone)).errors) == ["phone"]


def test_all_that_is_wrong_with_both_is_told_at_once() -> None:
    with pytest.raises(AppError) as error:
        read_couple([replace(GROOM, name="", phone="1"), replace(BRIDE, id_number="1")])
    assert set(error.value.errors) == {"parties.0.name", "parties.0.phone", "parties.1.id_number"}
    assert error.value.user_text.count("\n") == 2


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_couple_is_two(count: int) -> None:
    with pytest.raises(AppError) as error:
        read_couple([GROOM] * count)
    assert list(error.value.errors) == ["parties"]


def test_under_age_is_told_with_the_day_from_which_both_may(clock: MovableClock) -> None:
    young = replace(GROOM, id_number="100000200412100017")
    younger = replace(BRIDE, id_number=number(date(2006, 11, 30), 2))
    pair = read_couple([young, younger])
    with pytest.raises(AppError) as error:
        check_for_day(pair, THURSDAY, OFFICE, declared=True)
    assert error.value.extra["problems"] == ["under_age", "under_age"]
    assert error.value.extra["possible_from"] == "2026-12-10"
    assert error.value.errors == {
        "parties.0.id_number": ["按11月26日算，王小明还没满22周岁，12月10日起可以登记。"],
        "parties.1.id_number": ["按11月26日算，李小红还没满20周岁，11月30日起可以登记。"],
    }
    check_for_day(pair, date(2026, 12, 10), OFFICE, declared=True)


def test_everything_that_stands_against_it_is_told() -> None:
    taiwanese = replace(
        GROOM,
        id_number="830000198508150044",
        id_type=IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT,
        resident_group=ResidentGroup.TAIWAN,
    )
    with pytest.raises(AppError) as error:
        check_for_day(read_couple([taiwanese, BRIDE]), THURSDAY, OFFICE, declared=False)
    assert error.value.extra["problems"] == ["office_without_authority", "same_sex", "not_declared"]
    assert "029-00000101" in error.value.user_text
    assert set(error.value.errors) == {"parties", "declarations"}


def test_a_row_holds_nothing_in_the_clear() -> None:
    party = read_party(GROOM)
    row = party_row(party, 0)
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    for secret in (party.name, party.identity.number, "13800000000"):
        assert secret.encode() not in stored
    assert row["last4"] == "0011"
    sealed, row_id = row["id_number_sealed"], row["id"]
    assert isinstance(sealed, bytes)
    assert isinstance(row_id, UUID)
    context = sealed_context("marriage_parties", "id_number_sealed", row_id)
    assert key_ring().open(sealed, context) == party.identity.number
    assert party_row(party, 0)["id_number_sealed"] != sealed, "the same number is sealed alike twice"


def test_the_same_number_is_found_again_and_no_other() -> None:
    first, second = (read_party(party) for party in couple(1))
    assert number_index(first.identity) == number_index(read_party(couple(1)[0]).identity)
    assert number_index(first.identity) != number_index(second.identity)


def test_numbers_are_not_in_reprs() -> None:
    shown = repr(GROOM) + repr(read_party(GROOM))
    assert "200411210011" not in shown
    assert "13800000000" not in shown
