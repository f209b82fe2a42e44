"""Reading what people give about themselves: name, number, telephone. Raises `AppError` invalid, by field."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.kernel.identity import IdentityFault, IdentityNumber, IdType, parse_identity_number
from backend.kernel.names import clean_name, is_name
from backend.people.models import number_index
from backend.people.texts import (
    NAME_MISSING,
    NAME_UNREADABLE,
    NUMBER_NAMES,
    NUMBER_UNUSUAL,
    PHONE_UNREADABLE,
    fault_sentence,
)


@dataclass(frozen=True)
class Claim:
    """Who somebody says they are; well-formed, and nothing more is known."""

    name: str = field(repr=False)
    identity: IdentityNumber

    @property
    def hints(self) -> dict[str, list[str]]:
        """What is worth a second look, by field; never a reason to refuse (domain-rules §1.3-4)."""
        if not self.identity.unusual:
            return {}
        return {"id_number": [NUMBER_UNUSUAL.format(number=NUMBER_NAMES[self.identity.id_type])]}


def read_claim(name: str, id_type: IdType, id_number: str) -> Claim:
    """Read a name and a number; raises `AppError` invalid for everything that is wrong with both."""
    errors: dict[str, list[str]] = defaultdict(list)
    cleaned = clean_name(name)
    fault = name_fault(cleaned)
    if fault is not None:
        errors["name"].append(fault)
    identity = None
    try:
        identity = parse_identity_number(id_type, id_number, today=today())
    except IdentityFault as refused:
        errors["id_number"].append(fault_sentence(id_type, refused.fault))
    if errors or identity is None:
        raise _invalid(errors)
    return Claim(cleaned, identity)


def name_fault(cleaned: str) -> str | None:
    """What is wrong with a cleaned name, or None."""
    if not cleaned:
        return NAME_MISSING
    return None if is_name(cleaned) else NAME_UNREADABLE


def read_phone(text: str) -> str:
    """A mobile number of eleven digits, without blanks, dashes and +86; raises `AppError` invalid."""
    phone = clean_phone(text)
    if not is_phone(phone):
        raise _invalid({"phone": [PHONE_UNREADABLE]})
    return phone


def clean_phone(text: str) -> str:
    """A telephone number in half width, without blanks, dashes, brackets and the country's prefix."""
    digits = re.sub(r"[\s\-()\u2010-\u2015]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"^(\+|00)?86(?=1)", "", digits)


def is_phone(phone: str) -> bool:
    """Whether a cleaned text has the form of a mobile number; nobody has called it."""
    return re.fullmatch(r"1[3-9]\d{9}", phone, re.ASCII) is not None


def _invalid(errors: dict[str, list[str]]) -> AppError:
    told = "\n".join(sentence for sentences in errors.values() for sentence in sentences)
    return AppError("invalid", told, 422, errors=errors)


def number_indexes(number: str) -> list[bytes]:
    """The blind indexes of a number, as each kind of paper that can have it; none where it is no number of a paper."""
    indexes: list[bytes] = []
    for id_type in IdType:
        with suppress(IdentityFault):
            indexes.append(number_index(parse_identity_number(id_type, number, today=today())))
    return indexes
