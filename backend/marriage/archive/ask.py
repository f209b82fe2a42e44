"""Use cases `ask_online` and `enter_at_counter`: somebody asks for a record; the visit comes later (§2.9)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.actors import Actor
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.identity import IdType
from backend.kernel.ids import new_id
from backend.kernel.names import clean_name
from backend.marriage.archive import texts
from backend.marriage.archive.asking import (
    Authority,
    CheckedSubject,
    CheckedWanted,
    Wanted,
    certificate_key,
    read_applicant_phone,
    read_authority,
    read_wanted,
)
from backend.marriage.archive.history import record
from backend.marriage.archive.models import ArchiveRequest, ArchiveSubject
from backend.marriage.archive.notices import tell
from backend.marriage.archive.numbers import next_number
from backend.marriage.archive.parameters import fresh_check, locate_days
from backend.marriage.archive.rules import INSTITUTIONS, ONLINE, ApplicantKind, ArchiveState, Via, locate_by
from backend.marriage.models import Office
from backend.people import Level, person_view, require_level
from backend.people.life_events import all_living, require_living
from backend.people.models import Person, name_index, number_index
from backend.people.reading import name_fault, read_claim
from backend.storage import atomic, blind_index, broken_constraint, session

MOST_OPEN = 5

_ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


@dataclass(frozen=True)
class OnlineAsk:
    """What a resident asks for on WeChat; who they are is what they have proven."""

    person_id: uuid.UUID
    office_id: uuid.UUID
    authority: Authority
    wanted: Wanted
    via: Via
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class CounterAsk:
    """What is entered at the counter; for an institution `name` is whoever it sent."""

    office_id: uuid.UUID
    authority: Authority
    wanted: Wanted
    name: str = field(repr=False)
    id_number: str | None = field(default=None, repr=False)
    id_type: IdType = IdType.RESIDENT_IDENTITY_CARD
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Applicant:
    name: str
    number: tuple[IdType, str, bytes, str] | None
    phone: str | None
    person_id: uuid.UUID | None


def needed_level(kind: ApplicantKind, office_code: str) -> Level:
    """How sure one must be of who asks online: whether there is a record is told to them (§6.2: archive L3).

    Of one's own record a proven name and number are enough unless the registry asks for a fresh check: all that is
    sent is where the volume lies. Whoever asks for another's record is always checked again.
    """
    return Level.VERIFIED if kind is ApplicantKind.SELF and not fresh_check(office_code) else Level.FRESH


def ask_online(asked: OnlineAsk) -> ArchiveRequest:
    """Ask for a record; the answer is promised for a day.

    Raises `AppError`: level_too_low, invalid (fields), not_found (office), already_asked (the same is open),
    too_many, counter_needed (recorded dead).
    """
    if asked.authority.kind not in ONLINE:
        told = texts.INSTITUTIONS_AT_COUNTER
        raise AppError("invalid", told, 422, errors={"applicant": [told]})
    with atomic():
        office = _office(asked.office_id)
        require_level(asked.person_id, needed_level(asked.authority.kind, office.code))
        authority, wanted = read_authority(asked.authority), read_wanted(asked.wanted)
        _check_number_of_open(asked.person_id)
        require_living(asked.person_id)
        applicant = _proven(asked.person_id, asked.phone)
        return _write(office, applicant, authority, wanted, asked.via, Actor("resident", asked.person_id))


def enter_at_counter(asked: CounterAsk, account_id: uuid.UUID) -> ArchiveRequest:
    """Enter what a person or an institution asks for at the counter.

    Whoever has proven the number hears of it on their own WeChat. Raises `AppError`: invalid, not_found (office),
    state_conflict (recorded dead), already_asked.
    """
    with atomic():
        office = _office(asked.office_id)
        authority, wanted = read_authority(asked.authority), read_wanted(asked.wanted)
        applicant = _at_counter(asked)
        return _write(office, applicant, authority, wanted, Via.COUNTER, Actor("staff", account_id))


def _office(office_id: uuid.UUID) -> Office:
    office = session().get(Office, office_id)
    if office is None:
        raise AppError("not_found", texts.OFFICE_UNKNOWN, 404, errors={"office_id": [texts.OFFICE_UNKNOWN]})
    return office


def _check_number_of_open(person_id: uuid.UUID) -> None:
    """Nobody keeps the archivists busy alone.

    Under a lock of its own, so that two at once are counted; that of the person's row is shared with whatever else
    begins for them, and two who share it cannot both have it alone.
    """
    db = session()
    db.execute(_ONE_AT_A_TIME, {"name": f"archive_requests:{person_id}"})
    query = sa.select(sa.func.count()).where(ArchiveRequest.person_id == person_id, ArchiveRequest.open)
    if (db.scalar(query) or 0) >= MOST_OPEN:
        raise AppError("too_many", texts.TOO_MANY.format(most=MOST_OPEN), 409)


def _proven(person_id: uuid.UUID, phone: str | None) -> _Applicant:
    person = person_view(person_id)
    if person is None or person.name is None or person.id_number is None or person.id_type is None:
        raise AppError("not_found", texts.REQUEST_UNKNOWN, 404)
    index = session().scalar(sa.select(Person.id_number_index).where(Person.id == person_id))
    number = (person.id_type, person.id_number, index or b"", person.last4 or "")
    return _Applicant(person.name, number, read_applicant_phone(phone) or person.phone, person_id)


def _at_counter(asked: CounterAsk) -> _Applicant:
    phone = read_applicant_phone(asked.phone)
    if not asked.id_number or not asked.id_number.strip():
        if asked.authority.kind not in INSTITUTIONS:
            raise AppError("invalid", texts.NUMBER_MISSING, 422, errors={"id_number": [texts.NUMBER_MISSING]})
        return _Applicant(_name_alone(asked.name), None, phone, None)
    claim = read_claim(asked.name, asked.id_type, asked.id_number)
    index = number_index(claim.identity)
    if not all_living(number_indexes=[index]):
        raise AppError("state_conflict", texts.NOT_LIVING, 409)
    known = sa.select(Person.id).where(Person.id_number_index == index, Person.closed_at.is_(None))
    # An institution's request is the institution's: the officer's own WeChat has nothing to do with it.
    person_id = None if asked.authority.kind in INSTITUTIONS else session().scalar(known)
    number = (claim.identity.id_type, claim.identity.number, index, claim.identity.last4)
    return _Applicant(claim.name, number, phone, person_id)


def _name_alone(text: str) -> str:
    name = clean_name(text)
    fault = name_fault(name)
    if fault is not None:
        raise AppError("invalid", fault, 422, errors={"name": [fault]})
    return name


def _write(
    office: Office, applicant: _Applicant, authority: Authority, wanted: CheckedWanted, via: Via, actor: Actor
) -> ArchiveRequest:
    request = _row(office, applicant, wanted, via, actor)
    _seal(request, applicant, authority, wanted)
    try:
        with atomic() as db:
            db.add(request)
            db.flush()
            db.add_all(_subjects(request.id, wanted.subjects))
            db.flush()
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) != "uq_archive_requests_one_open":
            raise
        raise _asked_already(request) from None
    record(request, "asked", actor, None)
    if via is not Via.CHAT:  # there the reply says it
        tell("marriage.archive_asked", request, office)
    return request


def _row(office: Office, applicant: _Applicant, wanted: CheckedWanted, via: Via, actor: Actor) -> ArchiveRequest:
    due, moment = locate_by(today(), locate_days(office.code), legal_calendar()), now()
    return ArchiveRequest(
        id=new_id(),
        number=next_number(),
        office_id=office.id,
        person_id=applicant.person_id,
        sought=wanted.sought,
        registration=wanted.registration,
        first_year=wanted.years.first,
        last_year=wanted.years.last,
        without_number=wanted.without_number,
        fingerprint=blind_index(wanted.same_as, "archive_request"),
        via=via,
        created_by=actor.id if via is Via.COUNTER else None,
        state=ArchiveState.ASKED,
        due_on=due.day,
        due_from=today(),
        due_provisional=due.provisional,
        created_at=moment,
        changed_at=moment,
    )


def _seal(request: ArchiveRequest, applicant: _Applicant, authority: Authority, wanted: CheckedWanted) -> None:
    request.applicant_kind = authority.kind
    request.applicant_name, request.applicant_name_index = applicant.name, name_index(applicant.name)
    if applicant.number is not None:
        request.applicant_id_type, request.applicant_number, index, last4 = applicant.number
        request.applicant_number_index, request.applicant_last4 = index, last4
    request.phone = applicant.phone
    request.phone_last4 = applicant.phone[-4:] if applicant.phone else None
    request.authority, request.reason = authority.reference, authority.reason
    request.registered_at, request.certificate = wanted.registered_at, wanted.certificate
    if wanted.certificate is not None:
        request.certificate_index = certificate_index(wanted.certificate)


def certificate_index(text: str) -> bytes:
    """The blind index of a certificate's number."""
    return blind_index(certificate_key(text), "marriage_certificate")


def _subjects(request_id: uuid.UUID, subjects: Sequence[CheckedSubject]) -> list[ArchiveSubject]:
    return [_subject(request_id, position, one) for position, one in enumerate(subjects[:2])]


def _subject(request_id: uuid.UUID, position: int, one: CheckedSubject) -> ArchiveSubject:
    row = ArchiveSubject(id=new_id(), request_id=request_id, position=position, birth_year=one.birth_year)
    row.name, row.name_index = one.name, name_index(one.name)
    row.former_name = one.former_name
    row.former_name_index = name_index(one.former_name) if one.former_name else None
    row.id_number = one.identity.number if one.identity else None
    row.id_number_index = number_index(one.identity) if one.identity else None
    row.native_place, row.work_unit = one.native_place, one.work_unit
    return row


def _asked_already(request: ArchiveRequest) -> AppError:
    query = sa.select(ArchiveRequest.number).where(
        ArchiveRequest.person_id == request.person_id,
        ArchiveRequest.fingerprint == request.fingerprint,
        ArchiveRequest.open,
    )
    number = session().scalar(query) or ""
    return AppError("already_asked", texts.ASKED_ALREADY.format(number=number), 409, extra={"number": number})
