"""Identity numbers: the vectors of domain-rules §1.3-6, and properties of GB 11643-1999."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.identity import (
    Fault,
    IdentityFault,
    IdType,
    Sex,
    age_on,
    birthday_in,
    check_character,
    parse_identity_number,
    tells_a_number,
)

TODAY = date(2026, 11, 21)
CARD = IdType.RESIDENT_IDENTITY_CARD


@pytest.mark.parametrize(
    ("number", "sex", "age"),
    [
        ("34052419800101001X", Sex.MALE, 46),
        ("11010519491231002X", Sex.FEMALE, 76),
        ("440524188001010014", None, None),  # born 1880: valid by the standard, before our first year
        ("100000200411210011", Sex.MALE, 22),
        ("100000200411220033", Sex.MALE, 21),
        ("100000200611210024", Sex.FEMALE, 20),
        ("100000200402290013", Sex.MALE, 22),
        ("100000194611210042", Sex.FEMALE, 80),
        ("100000193611210013", Sex.MALE, 90),
    ],
)
def test_vectors(number: str, sex: Sex | None, age: int | None) -> None:
    if sex is None:
        with pytest.raises(IdentityFault, match=Fault.BIRTH_DATE):
            parse_identity_number(CARD, number, today=TODAY)
        return
    identity = parse_identity_number(CARD, number, today=TODAY)
    assert identity.sex is sex
    assert identity.birth_date is not None
    assert age_on(identity.birth_date, TODAY) == age


@pytest.mark.parametrize("number", ["810000199003071237", "830000198508150044"])
def test_residence_permits_have_their_own_areas(number: str) -> None:
    permit = IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT
    assert parse_identity_number(permit, number, today=TODAY).number == number
    with pytest.raises(IdentityFault, match=Fault.AREA):
        parse_identity_number(CARD, number, today=TODAY)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("110105491231002", Fault.FIFTEEN_DIGITS),
        ("1101051949123100", Fault.LENGTH),
        ("1101051949123100AX", Fault.CHARACTERS),
        ("110105194912310029", Fault.CHECK_DIGIT),
        ("110105194902300028", Fault.BIRTH_DATE),
        ("100000203011210011", Fault.BIRTH_DATE),
    ],
)
def test_what_cannot_be_right_is_named(typed: str, fault: Fault) -> None:
    with pytest.raises(IdentityFault, match=fault):
        parse_identity_number(CARD, typed, today=TODAY)


def test_typing_habits_are_forgiven() -> None:
    typed = " １１０１０５ 19491231-002x "
    assert parse_identity_number(CARD, typed, today=TODAY).number == "11010519491231002X"


def test_unknown_area_codes_pass_because_abolished_districts_remain_on_cards() -> None:
    first17 = "99999919900101001"
    assert parse_identity_number(CARD, first17 + check_character(first17), today=TODAY)


births = st.dates(date(1900, 1, 1), TODAY)


@given(births, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(born: date, sequence: int, place: int, shift: int) -> None:
    """The check character catches every single slip, whatever digit it befalls."""
    first17 = f"100000{born:%Y%m%d}{sequence:03d}"
    number = first17 + check_character(first17)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(IdentityFault):
        parse_identity_number(CARD, wrong, today=TODAY)


@given(births, births)
def test_age_counts_birthdays_reached(born: date, day: date) -> None:
    if day < born:
        born, day = day, born
    age = age_on(born, day)
    assert birthday_in(born, born.year + age) <= day or age == 0
    assert birthday_in(born, born.year + age + 1) > day


@given(births)
def test_the_day_before_a_birthday_is_a_year_younger(born: date) -> None:
    birthday = birthday_in(born, born.year + 22)
    assert age_on(born, birthday) == 22
    assert age_on(born, birthday - timedelta(days=1)) == 21


def test_a_leap_day_birth_reaches_its_age_on_28_february() -> None:
    assert birthday_in(date(2004, 2, 29), 2026) == date(2026, 2, 28)


def test_the_number_is_not_part_of_error_or_repr() -> None:
    with pytest.raises(IdentityFault) as caught:
        parse_identity_number(CARD, "110105194912310029", today=TODAY)
    assert "1949" not in str(caught.value) + repr(caught.value)
    assert "1949" not in repr(parse_identity_number(CARD, "11010519491231002X", today=TODAY))


# The five travel papers' usual forms, one step away from them, and what is no number at all (§1.3-3, §1.3-4).
FOREIGN, PASSPORT = IdType.FOREIGN_PERMANENT_RESIDENT_CARD, IdType.PASSPORT
HK_MACAU, TAIWAN = IdType.HK_MACAU_TRAVEL_PERMIT, IdType.TAIWAN_TRAVEL_PERMIT


@pytest.mark.parametrize(
    ("id_type", "typed", "unusual"),
    [
        (FOREIGN, "CAN110105001231", False),
        (FOREIGN, "can 110105-001231", False),
        (HK_MACAU, "H12345678", False),
        (HK_MACAU, "M1234567801", False),
        (HK_MACAU, "X12345678", True),
        (HK_MACAU, "H1234567", True),
        (TAIWAN, "12345678", False),
        (TAIWAN, "1234567", True),
        (TAIWAN, "T123456789", True),
        (PASSPORT, "E12345678", False),
        (PASSPORT, "ＥＡ１２３４５６７", False),
        (PASSPORT, "E123", True),
        (PASSPORT, "E12345678901234567", True),
    ],
)
def test_travel_papers_are_warned_about_and_not_refused(id_type: IdType, typed: str, unusual: bool) -> None:
    identity = parse_identity_number(id_type, typed, today=TODAY)
    assert (identity.birth_date, identity.sex, identity.unusual) == (None, None, unusual)


@pytest.mark.parametrize(
    ("id_type", "typed", "fault"),
    [
        (FOREIGN, "CAN1101050012", Fault.FORMAT),
        (FOREIGN, "CA1101050012311", Fault.FORMAT),
        (FOREIGN, "811110198001010014", Fault.FORMAT),
        (HK_MACAU, "", Fault.FORMAT),
        (HK_MACAU, "没有", Fault.FORMAT),
        (TAIWAN, "12", Fault.FORMAT),
        (PASSPORT, "NUMBER", Fault.FORMAT),
        (PASSPORT, "E1", Fault.FORMAT),
        (PASSPORT, "E" + "1" * 20, Fault.FORMAT),
        (PASSPORT, "E1234<5678", Fault.FORMAT),
    ],
)
def test_what_is_no_number_of_a_paper_is_refused(id_type: IdType, typed: str, fault: Fault) -> None:
    with pytest.raises(IdentityFault, match=fault):
        parse_identity_number(id_type, typed, today=TODAY)


@given(st.from_regex(r"\A9[0-9]{16}\Z"), st.integers(0, 16), st.integers(1, 9))
def test_a_new_foreign_card_has_a_check_character(first17: str, place: int, shift: int) -> None:
    number = first17 + check_character(first17)
    assert parse_identity_number(FOREIGN, number.lower(), today=TODAY).number == number
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(IdentityFault):  # the check character, or at the first place no longer a card of this kind
        parse_identity_number(FOREIGN, wrong, today=TODAY)


@given(births, st.integers(0, 999), st.sampled_from(["100000", "610102", "999999", "810000", "820000", "830000"]))
def test_a_number_tells_its_birth_date_and_sex(born: date, sequence: int, area: str) -> None:
    first17 = f"{area}{born:%Y%m%d}{sequence:03d}"
    permit = area.startswith("8")
    paper = IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT if permit else CARD
    identity = parse_identity_number(paper, first17 + check_character(first17), today=TODAY)
    assert identity.birth_date == born
    assert identity.sex is (Sex.MALE if sequence % 2 else Sex.FEMALE)
    assert identity.last4 == identity.number[-4:]
    with pytest.raises(IdentityFault, match=Fault.AREA):
        parse_identity_number(CARD if permit else IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT, identity.number, today=TODAY)


@given(births, st.integers(0, 999), st.data())
def test_habits_of_typing_never_change_the_number(born: date, sequence: int, data: st.DataObject) -> None:
    first17 = f"100000{born:%Y%m%d}{sequence:03d}"
    number = first17 + check_character(first17)
    typed = "".join(_typed(character, data.draw(st.integers(0, 3))) for character in number)
    assert parse_identity_number(CARD, typed, today=TODAY).number == number


def _typed(character: str, habit: int) -> str:
    """The same character in full width, in lower case, or with a blank or a dash behind it."""
    return (chr(ord(character) + 0xFEE0), character.lower(), character + " ", character + "－")[habit]


@given(st.text(max_size=30), st.sampled_from(list(IdType)))
def test_any_text_is_a_number_or_a_named_fault(text: str, id_type: IdType) -> None:
    with suppress(IdentityFault):  # anything else that is raised fails the test
        identity = parse_identity_number(id_type, text, today=TODAY)
        assert re.fullmatch(r"[A-Z0-9]{3,20}", identity.number)


@pytest.mark.parametrize(
    "text",
    [
        "卡号34052419800101001X核对过",
        "３４０５２４１９８００１０１００１ｘ",
        "11010519491231002x",
        "440524 1880 0101 0014",
        "电话13900000001",
        "139-0000-0001",
    ],
)
def test_a_number_among_words_is_found(text: str) -> None:
    assert tells_a_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "死亡医学证明，编号 YZ-2026-0117",
        "民政〔2026〕15号",
        "编号340524198001010011",
        "0291234567890",
        "029-00000101",
    ],
)
def test_numbers_of_documents_and_offices_pass(text: str) -> None:
    assert not tells_a_number(text)
