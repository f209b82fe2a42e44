"""What a registry does (domain-rules §2.2): one row for each kind of business, M1 to M12."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an appointment is for (contract.md `kind`)."""

    MARRIAGE_REGISTRATION = "marriage_registration"
    DIVORCE_APPLICATION = "divorce_application"
    DIVORCE_WITHDRAWAL = "divorce_withdrawal"
    DIVORCE_CERTIFICATE = "divorce_certificate"
    MARRIAGE_CERTIFICATE_REISSUE = "marriage_certificate_reissue"
    DIVORCE_CERTIFICATE_REISSUE = "divorce_certificate_reissue"
    ARCHIVE_QUERY = "archive_query"
    REGISTRATION_REVOCATION = "registration_revocation"
    FOREIGN_RELATED = "foreign_related"
    CEREMONY = "ceremony"
    CLOUD_CEREMONY = "cloud_ceremony"
    COUNSELLING = "counselling"


class ResidentGroup(StrEnum):
    """Where a party belongs by law; decides papers and which registry has the authority (§2.3)."""

    MAINLAND = "mainland"
    HONG_KONG = "hong_kong"
    MACAU = "macau"
    TAIWAN = "taiwan"
    OVERSEAS_CHINESE = "overseas_chinese"
    FOREIGN = "foreign"


class Area(StrEnum):
    """Where in the registry it is done: each area has windows, and so places, of its own (规范 2025, §2.1)."""

    MARRIAGE_HALL = "marriage_hall"
    DIVORCE_ROOM = "divorce_room"
    SERVICE_WINDOW = "service_window"


class Attendance(StrEnum):
    """Who must come (§2.2)."""

    BOTH = "both"
    EITHER = "either"  # 民法典 1077: whichever of the two takes the application back
    ONE = "one"
    AUTHORISED = "authorised"  # the person, or whoever brings their authorisation


class Declaration(StrEnum):
    """What both say of themselves before they book; the registrar asks again and remains the only judge (§2.4)."""

    IN_PERSON = "in_person"
    FREE_WILL = "free_will"
    NO_SPOUSE = "no_spouse"
    NO_KINSHIP = "no_kinship"
    REGISTERED_IN_MAINLAND = "registered_in_mainland"
    FULL_CAPACITY = "full_capacity"
    AGREEMENT_REACHED = "agreement_reached"


@dataclass(frozen=True)
class KindInfo:
    """One row of the table. `minutes` at a window is a default the bureau may change; `parties` how many give names.

    `area` is None for what has rooms and people of its own (ceremonies, counselling); `declarations` is what has to be
    agreed to; `rest_days`: whether a registry that opens on a rest day may offer it then.
    """

    code: str
    attendance: Attendance
    bookable: bool
    minutes: int
    area: Area | None
    parties: tuple[int, ...]
    declarations: tuple[Declaration, ...]
    rest_days: bool = True


_HALL, _DIVORCE, _SERVICE = Area.MARRIAGE_HALL, Area.DIVORCE_ROOM, Area.SERVICE_WINDOW
_BOTH, _ONE = Attendance.BOTH, Attendance.ONE
_THERE = (Declaration.IN_PERSON,)
# 民法典 1046-1049.
_TO_MARRY = (*_THERE, Declaration.FREE_WILL, Declaration.NO_SPOUSE, Declaration.NO_KINSHIP)
# 民法典 1076; not accepted without agreement, without capacity, or for marriages registered abroad (条例, §2.1).
_TO_DIVORCE = (
    *_THERE,
    Declaration.FREE_WILL,
    Declaration.REGISTERED_IN_MAINLAND,
    Declaration.FULL_CAPACITY,
    Declaration.AGREEMENT_REACHED,
)

KINDS: Mapping[Kind, KindInfo] = {
    Kind.MARRIAGE_REGISTRATION: KindInfo("M1", _BOTH, True, 30, _HALL, (2,), _TO_MARRY),
    # Agreed divorce is done on legal workdays only (§2.5 `saturday`).
    Kind.DIVORCE_APPLICATION: KindInfo("M2", _BOTH, True, 40, _DIVORCE, (2,), _TO_DIVORCE, rest_days=False),
    # Never to be booked, never refused for want of a booking (§2.5-1).
    Kind.DIVORCE_WITHDRAWAL: KindInfo("M3", Attendance.EITHER, False, 15, _DIVORCE, (1,), _THERE, rest_days=False),
    Kind.DIVORCE_CERTIFICATE: KindInfo(
        "M4", _BOTH, True, 30, _DIVORCE, (2,), (*_THERE, Declaration.FREE_WILL), rest_days=False
    ),
    Kind.MARRIAGE_CERTIFICATE_REISSUE: KindInfo("M5", _BOTH, True, 20, _SERVICE, (2,), _THERE),
    Kind.DIVORCE_CERTIFICATE_REISSUE: KindInfo("M6", _ONE, True, 20, _SERVICE, (1,), _THERE),
    Kind.ARCHIVE_QUERY: KindInfo("M7", Attendance.AUTHORISED, True, 15, _SERVICE, (1, 2), _THERE),
    Kind.REGISTRATION_REVOCATION: KindInfo("M8", _ONE, True, 30, _SERVICE, (1, 2), _THERE),
    # A flag on M1, M2, M4, M5 and M6 for couples who are not both of the mainland; as a kind it is M1 with the flag.
    Kind.FOREIGN_RELATED: KindInfo("M9", _BOTH, True, 60, _HALL, (2,), _TO_MARRY),
    Kind.CEREMONY: KindInfo("M10", _BOTH, False, 30, None, (2,), _THERE),
    Kind.CLOUD_CEREMONY: KindInfo("M11", _BOTH, False, 30, None, (2,), _THERE),
    Kind.COUNSELLING: KindInfo("M12", _ONE, False, 50, None, (1, 2), _THERE),
}

# Kinds that places of a registry's areas are counted for, under their own name.
BOOKABLE_KINDS = frozenset(kind for kind, info in KINDS.items() if info.bookable and kind is not Kind.FOREIGN_RELATED)
# 条例 art 2: for these a registry needs the province's authority as soon as one party is not of the mainland.
NEEDS_AUTHORITY = frozenset(
    {
        Kind.MARRIAGE_REGISTRATION,
        Kind.DIVORCE_APPLICATION,
        Kind.DIVORCE_CERTIFICATE,
        Kind.MARRIAGE_CERTIFICATE_REISSUE,
        Kind.DIVORCE_CERTIFICATE_REISSUE,
    }
)
# Whoever has the right for some days only is never kept from booking by a sanction (§2.5-1, §8-5).
NEVER_SANCTIONED = frozenset({Kind.DIVORCE_WITHDRAWAL, Kind.DIVORCE_CERTIFICATE})


def plain_kind(kind: Kind) -> Kind:
    """The kind under which a place is booked: `foreign_related` is a marriage registration with the flag."""
    return Kind.MARRIAGE_REGISTRATION if kind is Kind.FOREIGN_RELATED else kind


def kinds_of(area: Area) -> frozenset[Kind]:
    """The kinds that are booked in an area."""
    return frozenset(kind for kind in BOOKABLE_KINDS if KINDS[kind].area is area)


def is_foreign_related(kind: Kind, groups: frozenset[ResidentGroup]) -> bool:
    """Whether a couple of these groups needs a registry with the authority (条例 art 2; M9)."""
    return kind in NEEDS_AUTHORITY and groups != frozenset({ResidentGroup.MAINLAND})
