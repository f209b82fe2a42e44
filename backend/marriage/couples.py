"""Reading parties at the edge: names, numbers, phones, pre-checks. Raises one `AppError` that names every field."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from backend.kernel.chinese_dates import spoken_date, spoken_day
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.identity import IdentityFault, IdentityNumber, IdType, parse_identity_number
from backend.kernel.ids import new_id
from backend.kernel.names import clean_name
from backend.marriage.authority import has_authority, offices_as_extra, where_to_go
from backend.marriage.divorce_window import check_window
from backend.marriage.kinds import KINDS, Declaration, Kind, is_foreign_related
from backend.marriage.offers import OfficeView, alternatives, nearest_free
from backend.marriage.opening import at
from backend.marriage.parameters import REISSUE_BOTH
from backend.marriage.prechecks import check_parties
from backend.marriage.rules import MARRIAGE_AGE, Applicant, Finding, Problem, ResidentGroup
from backend.marriage.texts import ONE_OR_TWO_PARTIES, ONE_PARTY, PROBLEMS, TWO_PARTIES, WHOSE
from backend.parameters import value_at
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


def read_parties(
    kind: Kind, parties: Sequence[PartyInput], place: OfficeView | None = None
) -> tuple[CheckedParty, ...]:
    """Check how many there are and each party's own fields; raises one `AppError` for all that is wrong.

    `place`: whose setting decides how many a reissue needs (`reissue.require_both`, domain-rules §2.2 M5).
    """
    wanted = parties_wanted(kind, place)
    if len(parties) not in wanted:
        told = TWO_PARTIES if wanted == (2,) else ONE_PARTY if wanted == (1,) else ONE_OR_TWO_PARTIES
        raise AppError("invalid", told, 422, errors={"parties": [told]})
    checked: list[CheckedParty] = []
    errors: dict[str, list[str]] = {}
    told_of: dict[str, list[str]] = {}
    for position, party in enumerate(parties):
        try:
            checked.append(read_party(party))
        except AppError as error:
            errors |= {f"parties.{position}.{name}": sentences for name, sentences in error.errors.items()}
            told_of[f"parties.{position}"] = [error.user_text]
    if errors:
        raise AppError("invalid", _join(told_of), 422, errors=errors)
    return tuple(checked)


def parties_wanted(kind: Kind, place: OfficeView | None = None) -> tuple[int, ...]:
    """How many persons give their names for a kind."""
    if kind is Kind.MARRIAGE_CERTIFICATE_REISSUE and not value_at(REISSUE_BOTH, place.code if place else "", now()):
        return (1, 2)
    return KINDS[kind].parties


def read_couple(parties: Sequence[PartyInput]) -> tuple[CheckedParty, CheckedParty]:
    """Both parties of a marriage registration, checked."""
    first, second = read_parties(Kind.MARRIAGE_REGISTRATION, parties)
    return first, second


def foreign_related(kind: Kind, parties: Sequence[CheckedParty]) -> bool:
    """Whether these persons need a registry with the authority for this kind (M9)."""
    return is_foreign_related(kind, frozenset(party.resident_group for party in parties))


def check_for_day(
    couple: Sequence[CheckedParty],
    day: date,
    place: OfficeView,
    *,
    declared: bool,
    kind: Kind = Kind.MARRIAGE_REGISTRATION,
    withheld: Collection[Declaration] = (),
) -> None:
    """Pre-checks E1-E7 for the day of the appointment; raises `AppError` with every finding in words.

    `declared`: all that the kind asks for was declared, except what is `withheld`. The refusal's
    `extra["possible_from"]` is the first day on which both have reached the age of 民法典 1047, `extra["alternatives"]`
    the free times nearest to it, `extra["offices"]` the registries with the authority that is missing here.
    """
    applicants = [Applicant(party.identity, party.resident_group) for party in couple]
    missing = withheld if declared else KINDS[kind].declarations
    findings = list(check_parties(kind, applicants, day, withheld=missing, authority=has_authority(place)))
    if findings:
        raise _refusal(findings, couple, day, place, kind)
    if kind is Kind.DIVORCE_CERTIFICATE:
        check_window(place, couple, day)


def _refusal(
    findings: Sequence[Finding], couple: Sequence[CheckedParty], day: date, place: OfficeView, kind: Kind
) -> AppError:
    errors: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        errors[_field(finding)].append(_sentence(finding, couple, day, place))
    problems = [finding.problem for finding in findings]
    extra: dict[str, object] = {"problems": [problem.value for problem in problems]}
    possible = [finding.possible_from for finding in findings if finding.possible_from]
    if possible:
        first = max(possible)
        wanted: datetime = at(first, time(9))
        extra["possible_from"] = first.isoformat()
        extra |= {"kind": kind.value, "alternatives": alternatives(nearest_free(place, kind, wanted, first=first))}
    if Problem.OFFICE_WITHOUT_AUTHORITY in problems:
        extra["offices"] = offices_as_extra()
    return AppError("invalid", _join(errors), 422, errors=errors, extra=extra)


_OF_DECLARATIONS = frozenset(
    {
        Problem.NOT_DECLARED,
        Problem.NOT_REGISTERED_IN_MAINLAND,
        Problem.WITHOUT_CAPACITY,
        Problem.WITHOUT_AGREEMENT,
    }
)


def _field(finding: Finding) -> str:
    if finding.problem in _OF_DECLARATIONS:
        return "declarations"
    return "parties" if finding.party is None else f"parties.{finding.party}.id_number"


def _sentence(finding: Finding, couple: Sequence[CheckedParty], day: date, place: OfficeView) -> str:
    values: dict[str, object] = {"phone": place.phone}
    if finding.problem is Problem.OFFICE_WITHOUT_AUTHORITY:
        values["designated"] = where_to_go(place)
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
