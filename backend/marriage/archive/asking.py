"""Reading what somebody asks of the archive. One `AppError` invalid names every field that is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.kernel.identity import IdentityFault, IdentityNumber, IdType, parse_identity_number
from backend.kernel.names import clean_name, plain_name
from backend.marriage.archive import texts
from backend.marriage.archive.rules import (
    BY_APPROVAL,
    FIRST_YEAR,
    OF_SOUGHT,
    ApplicantKind,
    Registration,
    Sought,
    Years,
    needs_details,
)
from backend.people.reading import clean_phone, is_phone, name_fault
from backend.people.texts import PHONE_UNREADABLE, fault_sentence

MOST_CHARACTERS = 60
REASON_CHARACTERS = 200
MOST_YEARS = 15
_CERTIFICATE = re.compile(r"[\w\-()]{4,30}")

Errors = defaultdict[str, list[str]]


@dataclass(frozen=True)
class Subject:
    """A person on the record as given: the name then, and what helps where no number is on it."""

    name: str = field(repr=False)
    id_number: str | None = field(default=None, repr=False)
    former_name: str | None = field(default=None, repr=False)
    birth_year: int | None = field(default=None, repr=False)
    native_place: str | None = field(default=None, repr=False)
    work_unit: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Wanted:
    """What is asked about which registration, as given. `registration` may be left out where `sought` says it."""

    sought: Sought
    subjects: Sequence[Subject]
    first_year: int
    last_year: int
    registration: Registration | None = None
    registered_at: str | None = field(default=None, repr=False)
    certificate: str | None = field(default=None, repr=False)
    without_number: bool = False


@dataclass(frozen=True)
class Authority:
    """Why somebody may ask: the number of the notarial act, the case or the letter; for others the reason."""

    kind: ApplicantKind
    reference: str | None = field(default=None, repr=False)
    reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class CheckedSubject:
    """A person on the record whose fields are well-formed."""

    name: str = field(repr=False)
    identity: IdentityNumber | None
    former_name: str | None = field(repr=False)
    birth_year: int | None
    native_place: str | None = field(repr=False)
    work_unit: str | None = field(repr=False)


@dataclass(frozen=True)
class CheckedWanted:
    """What is asked, well-formed. `without_number`: to be found by names and the like alone."""

    sought: Sought
    registration: Registration
    years: Years
    subjects: tuple[CheckedSubject, ...]
    registered_at: str | None = field(repr=False)
    certificate: str | None = field(repr=False)
    without_number: bool

    @property
    def same_as(self) -> str:
        """The text by whose blind index the same request is known: what is asked, of whom, about which years."""
        names = sorted(plain_name(one.name) for one in self.subjects)
        return "|".join((self.sought, self.registration, str(self.years.first), str(self.years.last), *names))


def read_wanted(wanted: Wanted) -> CheckedWanted:
    """Check what is asked; raises `AppError` invalid."""
    errors: Errors = defaultdict(list)
    registration = OF_SOUGHT.get(wanted.sought) or wanted.registration or Registration.MARRIAGE
    if wanted.registration not in (None, registration):
        errors["registration"].append(texts.KIND_DOES_NOT_FIT)
    years = _years(wanted, errors)
    subjects = tuple(
        _subject(one, f"subjects.{place}", errors) for place, one in enumerate(wanted.subjects) if one.name.strip()
    )
    _check_names(subjects, errors)
    certificate = _certificate(wanted.certificate, errors)
    registered_at = _text(wanted.registered_at, "registered_at", errors)
    raise_for(errors)
    has_number = any(one.identity for one in subjects)
    without = wanted.without_number or needs_details(
        years, has_number=has_number, has_certificate=certificate is not None
    )
    if wanted.without_number and not any(_helps(one) for one in subjects):
        told = texts.NUMBER_ON_RECORD_MISSING
        raise AppError("invalid", told, 422, errors={texts.DETAILS_FIELD: [told]})
    return CheckedWanted(wanted.sought, registration, years, subjects, registered_at, certificate, without)


def read_authority(authority: Authority) -> Authority:
    """Check why somebody may ask; raises `AppError` invalid."""
    errors: Errors = defaultdict(list)
    reference = _text(authority.reference, "authority", errors)
    reason = _text(authority.reason, "reason", errors, REASON_CHARACTERS)
    if authority.kind in texts.AUTHORITY_MISSING and not reference:
        errors["authority"].append(texts.AUTHORITY_MISSING[authority.kind])
    if authority.kind in BY_APPROVAL and not reason:
        errors["reason"].append(texts.REASON_MISSING)
    raise_for(errors)
    return Authority(authority.kind, reference, reason)


def read_applicant_phone(text: str | None) -> str | None:
    """A mobile number, or None; raises `AppError` invalid."""
    phone = clean_phone(text) if text and text.strip() else None
    if phone is not None and not is_phone(phone):
        raise AppError("invalid", PHONE_UNREADABLE, 422, errors={"phone": [PHONE_UNREADABLE]})
    return phone


def raise_for(errors: Errors) -> None:
    """Raise one `AppError` invalid for everything that is wrong; nothing when nothing is."""
    if errors:
        told = dict.fromkeys(sentence for sentences in errors.values() for sentence in sentences)
        raise AppError("invalid", "\n".join(told), 422, errors=dict(errors))


def one_line(text: str | None) -> str:
    """Words on one line."""
    return " ".join((text or "").split())


def certificate_key(text: str) -> str:
    """The form certificate numbers are compared by: half width, without blanks, dashes, brackets and 字第号."""
    plain = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text)).upper()
    return plain.translate(dict.fromkeys(map(ord, texts.CERTIFICATE_WORDS)))


def _years(wanted: Wanted, errors: Errors) -> Years:
    years = Years(wanted.first_year, wanted.last_year)
    if years.fault(today()):
        errors["first_year"].append(texts.YEARS_UNREADABLE.format(first=FIRST_YEAR, last=today().year))
    elif years.last - years.first >= MOST_YEARS:
        errors["first_year"].append(texts.YEARS_TOO_MANY.format(most=MOST_YEARS))
    return years


def _subject(given: Subject, at: str, errors: Errors) -> CheckedSubject:
    name, former = clean_name(given.name), clean_name(given.former_name or "") or None
    for key, one in (("name", name), ("former_name", former)):
        fault = None if one is None else name_fault(one)
        if fault is not None:
            errors[f"{at}.{key}"].append(fault)
    if given.birth_year is not None and not 1880 <= given.birth_year <= today().year:
        errors[f"{at}.birth_year"].append(texts.BIRTH_YEAR_UNREADABLE)
    return CheckedSubject(
        name,
        _identity(given.id_number, at, errors),
        former,
        given.birth_year,
        _text(given.native_place, f"{at}.native_place", errors),
        _text(given.work_unit, f"{at}.work_unit", errors),
    )


def _identity(text: str | None, at: str, errors: Errors) -> IdentityNumber | None:
    """The identity card's number of somebody on the record; other papers of then are not looked up by."""
    if text is None or not text.strip():
        return None
    try:
        return parse_identity_number(IdType.RESIDENT_IDENTITY_CARD, text, today=today())
    except IdentityFault as fault:
        errors[f"{at}.id_number"].append(fault_sentence(IdType.RESIDENT_IDENTITY_CARD, fault.fault))
        return None


def _check_names(subjects: Sequence[CheckedSubject], errors: Errors) -> None:
    names = [plain_name(one.name) for one in subjects]
    if not names:
        errors["subjects"].append(texts.SUBJECT_MISSING)
    elif len(set(names)) < len(names) and not any(key.startswith("subjects") for key in errors):
        errors["subjects"].append(texts.SAME_NAMES)


def _helps(subject: CheckedSubject) -> bool:
    return any((subject.former_name, subject.birth_year, subject.native_place, subject.work_unit))


def _certificate(text: str | None, errors: Errors) -> str | None:
    cleaned = re.sub(r"\s", "", unicodedata.normalize("NFKC", text or ""))
    if not cleaned:
        return None
    if not _CERTIFICATE.fullmatch(cleaned):
        errors["certificate"].append(texts.CERTIFICATE_UNREADABLE)
    return cleaned


def _text(text: str | None, key: str, errors: Errors, most: int = MOST_CHARACTERS) -> str | None:
    cleaned = one_line(text)
    if len(cleaned) > most:
        errors[key].append(texts.TEXT_LONG.format(most=most))
    return cleaned or None
