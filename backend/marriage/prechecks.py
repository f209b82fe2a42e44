"""Pre-checks E1-E6 and E9 of a booking (domain-rules §2.4), pure; the registrar remains the only judge.

E7 needs the divorce case and E8 the other bookings: `check_for_day` asks the one, a unique index knows the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backend.kernel.identity import IdentityNumber, Sex, age_on, birthday_in
from backend.marriage.kinds import KINDS, Declaration, Kind, ResidentGroup, is_foreign_related

# 民法典 1047: men not before 22, women not before 20 full years.
MARRIAGE_AGE: Mapping[Sex, int] = {Sex.MALE: 22, Sex.FEMALE: 20}


class Problem(StrEnum):
    """Why a couple cannot be booked; the texts are in `texts.PROBLEMS`."""

    SAME_PERSON = "same_person"  # E1
    SAME_SEX = "same_sex"  # E2
    UNDER_AGE = "under_age"  # E3
    NOT_DECLARED = "not_declared"  # E4
    OFFICE_WITHOUT_AUTHORITY = "office_without_authority"  # E5
    NOT_REGISTERED_IN_MAINLAND = "not_registered_in_mainland"  # E6
    WITHOUT_CAPACITY = "without_capacity"  # E6
    WITHOUT_AGREEMENT = "without_agreement"  # E6
    NO_DIVORCE_WINDOW = "no_divorce_window"  # E7


# E6, 民法典 1076 and 条例: where agreed divorce is not open to a couple, the court is.
_COURT_ROUTE: Mapping[Declaration, Problem] = {
    Declaration.REGISTERED_IN_MAINLAND: Problem.NOT_REGISTERED_IN_MAINLAND,
    Declaration.FULL_CAPACITY: Problem.WITHOUT_CAPACITY,
    Declaration.AGREEMENT_REACHED: Problem.WITHOUT_AGREEMENT,
}


@dataclass(frozen=True)
class Finding:
    """One failed pre-check: which party (0 or 1, None for the couple) and from which day it would pass, if ever."""

    problem: Problem
    party: int | None = None
    possible_from: date | None = None


@dataclass(frozen=True)
class Applicant:
    """What the pre-checks look at in one party."""

    identity: IdentityNumber
    group: ResidentGroup


def check_parties(
    kind: Kind,
    parties: Sequence[Applicant],
    day: date,
    *,
    withheld: Collection[Declaration] = (),
    authority: bool = False,
) -> Iterator[Finding]:
    """Pre-checks E1-E6 of any kind on `day` - the day of the appointment, not today (§2.4).

    `withheld`: what they did not declare. `authority`: the office may register couples not both of the mainland.
    """
    if len({applicant.identity.number for applicant in parties}) < len(parties):
        yield Finding(Problem.SAME_PERSON)
        return
    groups = frozenset(applicant.group for applicant in parties)
    if not authority and is_foreign_related(kind, groups):
        # 条例 art 2: only registries the province has named may register foreign-related couples.
        yield Finding(Problem.OFFICE_WITHOUT_AUTHORITY)
    if kind is Kind.MARRIAGE_REGISTRATION:
        yield from _check_to_marry(parties, day)
    yield from _check_declared(kind, withheld)


def _check_to_marry(couple: Sequence[Applicant], day: date) -> Iterator[Finding]:
    first, second = couple
    if first.identity.sex and first.identity.sex is second.identity.sex:
        yield Finding(Problem.SAME_SEX)
    for position, applicant in enumerate(couple):
        possible = first_marriage_day(applicant.identity)
        if possible and possible > day:
            yield Finding(Problem.UNDER_AGE, position, possible)


def _check_declared(kind: Kind, withheld: Collection[Declaration]) -> Iterator[Finding]:
    missing = [declaration for declaration in KINDS[kind].declarations if declaration in withheld]
    if any(declaration not in _COURT_ROUTE for declaration in missing):
        yield Finding(Problem.NOT_DECLARED)
    yield from (Finding(_COURT_ROUTE[declaration]) for declaration in missing if declaration in _COURT_ROUTE)


def first_marriage_day(identity: IdentityNumber) -> date | None:
    """The day a person reaches the age of 民法典 1047, or None where the paper does not tell birth date and sex."""
    if identity.birth_date is None or identity.sex is None:
        return None
    return birthday_in(identity.birth_date, identity.birth_date.year + MARRIAGE_AGE[identity.sex])


def age_then(identity: IdentityNumber, day: date) -> int | None:
    """Age on the day of the appointment, for the summary the couple reads."""
    return None if identity.birth_date is None else age_on(identity.birth_date, day)
