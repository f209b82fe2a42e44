"""Identity numbers: well-formedness, birth date, sex and age (domain-rules §1.3, GB 11643-1999)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MIN_BIRTH_YEAR = 1900
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"


class Sex(StrEnum):
    """As the sequence digit of the number, or the paper, states it."""

    MALE = "male"
    FEMALE = "female"


class IdType(StrEnum):
    """Papers that identify a person (contract.md `id_type`)."""

    RESIDENT_IDENTITY_CARD = "resident_identity_card"
    HK_MACAU_TAIWAN_RESIDENCE_PERMIT = "hk_macau_taiwan_residence_permit"
    FOREIGN_PERMANENT_RESIDENT_CARD = "foreign_permanent_resident_card"
    HK_MACAU_TRAVEL_PERMIT = "hk_macau_travel_permit"
    TAIWAN_TRAVEL_PERMIT = "taiwan_travel_permit"
    PASSPORT = "passport"


class Fault(StrEnum):
    """Why a number cannot be right. Texts for people stand in `backend.people.texts`, keyed by these."""

    FIFTEEN_DIGITS = "fifteen_digits"
    LENGTH = "length"
    CHARACTERS = "characters"
    CHECK_DIGIT = "check_digit"
    BIRTH_DATE = "birth_date"
    AREA = "area"
    FORMAT = "format"


class IdentityFault(ValueError):
    """The number cannot be right; `fault` says why. The number itself is never part of the error."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class IdentityNumber:
    """A number that can be right, with what it tells; `birth_date` and `sex` are None where the paper carries none.

    `unusual`: it does not look as numbers of its paper do, as far as we know them. People are asked to look again, and
    may go on (§1.3-4).
    """

    id_type: IdType
    number: str
    birth_date: date | None
    sex: Sex | None
    unusual: bool = False

    @property
    def last4(self) -> str:
        """The tail by which a person at a desk recognises the number."""
        return self.number[-4:]

    def __repr__(self) -> str:
        return f"IdentityNumber({self.id_type.value})"


def clean_number(text: str) -> str:
    """Trim, full-width to half-width, inner spaces and dashes out, letters to upper case (domain-rules §1.3-1)."""
    return re.sub(r"[\s\-\u2010-\u2015\u200b]", "", unicodedata.normalize("NFKC", text)).upper()


def check_character(first17: str) -> str:
    """The last character of an 18-digit number over its first 17 digits (GB 11643-1999)."""
    return _CHECK_CHARACTERS[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


_TOLD_NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dXx](?![0-9A-Za-z])|1[3-9]\d{9}(?!\d))", re.ASCII)


def tells_a_number(text: str) -> bool:
    """Whether words hold the number of a person's card or telephone. Numbers of documents pass: no check character fits
    them but by chance.
    """
    plain = re.sub(r"(?<=\d)[ -](?=[\dXx])", "", unicodedata.normalize("NFKC", text))
    found = _TOLD_NUMBER.findall(plain)
    return any(len(number) == 11 or check_character(number[:17]) == number[17].upper() for number in found)


def parse_identity_number(id_type: IdType, text: str, *, today: date) -> IdentityNumber:
    """Read the number of one paper; `today` bounds the birth date.

    Raises `IdentityFault`. Unknown area codes pass: abolished districts remain on cards (§1.3-2). Formats of travel
    papers are from memory, so what departs from them passes as `unusual` (§1.3-4); only what is no number is refused.
    """
    number = clean_number(text)
    if id_type in (IdType.RESIDENT_IDENTITY_CARD, IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT):
        return _eighteen(id_type, number, today)
    if id_type is IdType.FOREIGN_PERMANENT_RESIDENT_CARD:
        return _foreign_card(number)
    _require(number, _ANY_NUMBER, Fault.FORMAT)
    usual = re.fullmatch(_USUAL_FORMATS[id_type], number, re.ASCII) is not None
    return IdentityNumber(id_type, number, None, None, unusual=not usual)


# Letters and digits, at least one digit among them, of a length that a column and a form have room for.
_ANY_NUMBER = r"(?=[A-Z]*\d)[A-Z0-9]{3,20}"
_USUAL_FORMATS = {
    IdType.HK_MACAU_TRAVEL_PERMIT: r"[HM]\d{8}(\d{2})?",
    IdType.TAIWAN_TRAVEL_PERMIT: r"\d{8}",
    IdType.PASSPORT: r"[A-Z0-9]{5,17}",
}


def _require(number: str, pattern: str, fault: Fault) -> None:
    if not re.fullmatch(pattern, number, re.ASCII):
        raise IdentityFault(fault)


def _eighteen(id_type: IdType, number: str, today: date) -> IdentityNumber:
    if re.fullmatch(r"\d{15}", number, re.ASCII):
        raise IdentityFault(Fault.FIFTEEN_DIGITS)
    if len(number) != 18:
        raise IdentityFault(Fault.LENGTH)
    _require(number, r"\d{17}[\dX]", Fault.CHARACTERS)
    birth_date = _birth_date(number[6:14], today)
    if check_character(number[:17]) != number[17]:
        raise IdentityFault(Fault.CHECK_DIGIT)
    is_permit_area = number[:2] in ("81", "82", "83")
    if is_permit_area is not (id_type is IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT):
        raise IdentityFault(Fault.AREA)
    return IdentityNumber(id_type, number, birth_date, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


def _birth_date(digits: str, today: date) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise IdentityFault(Fault.BIRTH_DATE) from None
    if born.year < MIN_BIRTH_YEAR or born > today:
        raise IdentityFault(Fault.BIRTH_DATE)
    return born


def _foreign_card(number: str) -> IdentityNumber:
    # New cards: 18 digits beginning with 9, the last a check digit; old ones: 3 letters and 12 digits (§1.3-3).
    # Where the birth date stands in the new number is not known for sure, so it is not read.
    if re.fullmatch(r"9\d{16}[\dX]", number, re.ASCII):
        if check_character(number[:17]) != number[17]:
            raise IdentityFault(Fault.CHECK_DIGIT)
    else:
        _require(number, r"[A-Z]{3}\d{12}", Fault.FORMAT)
    return IdentityNumber(IdType.FOREIGN_PERMANENT_RESIDENT_CARD, number, None, None)


def birthday_in(born: date, year: int) -> date:
    """The day in `year` on which an age is reached; 28 February for a leap-day birth (民法典 202, §1.3-5)."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def age_on(born: date, day: date) -> int:
    """Completed years of life on `day`; the birthday itself counts as reached (§1.3-5)."""
    return day.year - born.year - (day < birthday_in(born, day.year))
