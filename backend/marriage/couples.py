"""Reading a couple at the edge: names, numbers, phones, pre-checks. Raises one `AppError` that names every field."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from backend.kernel.chinese_dates import spoken_date, spoken_day
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.kernel.identity import IdentityFault, IdentityNumber, IdType, parse_identity_number
from backend.kernel.ids import new_id
from backend.kernel.names import clean_name
from backend.marriage.offers import OfficeView
from backend.marriage.rules import MARRIAGE_AGE, Applicant, Finding, Problem, ResidentGroup, check_couple
from backend.marriage.texts import PROBLEMS, TWO_PARTIES, WHOSE
from backend.people.models import name_index as name_index
from backend.people.models import number_index as number_index
from backend.people.reading import clean_phone, is_phone, name_fault
from backend.people.texts import PHONE_UNREADABLE, fault_sentence
from backend.storage import key_ring
from backend.storage.sealing import sealed_context


@dataclass(frozen=True)
class PartyInput:
    """One party as given: nothing is checked yet."""

    name: str
    id_number: str = field(repr=False)
    id_type: IdType = IdType.RESIDENT_IDENTITY_CARD
    phone: str | None = field(default=None, repr=False)
    resident_group: ResidentGroup = ResidentGroup.MAINLAND


@dataclass(frozen=True)
class CheckedParty:
    """One party whose name, number and phone are well-formed."""

    name: str
    identity: IdentityNumber
    phone: str | None = field(repr=False)
    resident_group: ResidentGroup


def read_party(party: PartyInput) -> CheckedParty:
    """Check one party's own fields; raises `AppError` with `errors` by field."""
    errors: dict[str, list[str]] = defaultdict(list)
    name = clean_name(party.name)
    fault_of_name = name_fault(name)
    if fault_of_name is not None:
        errors["name"].append(fault_of_name)
    phone = clean_phone(party.phone) if party.phone else None
    if phone and not is_phone(phone):
        errors["phone"].append(PHONE_UNREADABLE)
    identity = None
    try:
        identity = parse_identity_number(party.id_type, party.id_number, today=today())
    except IdentityFault as fault:
        errors["id_number"].append(fault_sentence(party.id_type, fault.fault))
    if errors or identity is None:
        told = _join(errors)
        if "name" not in errors:
            told = WHOSE.format(name=name, sentence=told)
        raise AppError("invalid", told, 422, errors=errors)
    return CheckedParty(name, identity, phone, party.resident_group)


def read_couple(parties: Sequence[PartyInput]) -> tuple[CheckedParty, CheckedParty]:
    """Check both parties' own fields; raises one `AppError` for all that is wrong with both."""
    if len(parties) != 2:
        raise AppError("invalid", TWO_PARTIES, 422, errors={"parties": [TWO_PARTIES]})
    checked: list[CheckedParty] = []
    errors: dict[str, list[str]] = {}
    told: dict[str, list[str]] = {}
    for position, party in enumerate(parties):
        try:
            checked.append(read_party(party))
        except AppError as error:
            errors |= {f"parties.{position}.{name}": sentences for name, sentences in error.errors.items()}
            told[f"parties.{position}"] = [error.user_text]
    if errors:
        raise AppError("invalid", _join(told), 422, errors=errors)
    return checked[0], checked[1]


def check_for_day(couple: Sequence[CheckedParty], day: date, place: OfficeView, *, declared: bool) -> None:
    """Pre-checks E1-E5 for the day of the appointment; raises `AppError` with every finding in words.

    `extra["possible_from"]` is the first day on which both have reached the age of 民法典 1047.
    """
    applicants = [Applicant(party.identity, party.resident_group) for party in couple]
    findings = list(check_couple(applicants, day, declared=declared))
    if not findings:
        return
    errors: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        where = "declarations" if finding.problem is Problem.NOT_DECLARED else _field(finding)
        errors[where].append(_sentence(finding, couple, day, place))
    possible = [finding.possible_from for finding in findings if finding.possible_from]
    extra: dict[str, object] = {"problems": [finding.problem.value for finding in findings]}
    if possible:
        extra["possible_from"] = max(possible).isoformat()
    raise AppError("invalid", _join(errors), 422, errors=errors, extra=extra)


def _field(finding: Finding) -> str:
    return "parties" if finding.party is None else f"parties.{finding.party}.id_number"


def _sentence(finding: Finding, couple: Sequence[CheckedParty], day: date, place: OfficeView) -> str:
    values: dict[str, object] = {"phone": place.phone}
    if finding.party is not None and finding.possible_from is not None:
        party = couple[finding.party]
        possible = finding.possible_from
        values |= {
            "day": spoken_day(day),
            "name": party.name,
            "age": MARRIAGE_AGE[party.identity.sex] if party.identity.sex else "",
            "possible": spoken_day(possible) if possible.year == day.year else spoken_date(possible),
        }
    return PROBLEMS[finding.problem].format_map(values)


def _join(errors: dict[str, list[str]]) -> str:
    return "\n".join(dict.fromkeys(sentence for sentences in errors.values() for sentence in sentences))


def party_row(party: CheckedParty, position: int) -> dict[str, object]:
    """The columns of a party's row, its personal data sealed for that row."""
    row_id: uuid.UUID = new_id()

    def sealed(column: str, text: str | None) -> bytes | None:
        return None if text is None else key_ring().seal(text, sealed_context("marriage_parties", column, row_id))

    return {
        "id": row_id,
        "position": position,
        "name_sealed": sealed("name_sealed", party.name),
        "name_index": name_index(party.name),
        "id_type": party.identity.id_type.value,
        "id_number_sealed": sealed("id_number_sealed", party.identity.number),
        "id_number_index": number_index(party.identity),
        "last4": party.identity.last4,
        "sex": party.identity.sex.value if party.identity.sex else None,
        "phone_sealed": sealed("phone_sealed", party.phone),
        "phone_last4": phone_tail(party.phone),
        "resident_group": party.resident_group.value,
    }


def phone_tail(phone: str | None) -> str | None:
    """What of a telephone may be asked for at the desk."""
    return phone[-4:] if phone else None
