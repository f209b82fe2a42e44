"""Requests to the archive, pure: who may ask with which papers, the moves, the days (domain-rules §2.9).

婚姻登记档案管理办法 (民政部 国家档案局 令第32号, 2006): who may read, and by what proof (art. 15); read on site, no
lending, copies with the archive's stamp.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from backend.kernel.legal_calendar import CountedDay, LegalCalendar

FIRST_YEAR = 1930  # registrations of the liberated areas are the oldest that archives hold
# Numbers of identity cards are on the record since the 条例 of 2003; before that they often are not (§2.9).
NUMBERS_SINCE = 2004


class ApplicantKind(StrEnum):
    """Who asks (§2.9)."""

    SELF = "self"
    PROXY = "proxy"
    LAWYER = "lawyer"
    HEIR = "heir"
    OTHER = "other"
    COURT = "court"
    PROCURATORATE = "procuratorate"
    POLICE = "police"
    STATE_SECURITY = "state_security"


INSTITUTIONS = frozenset(
    {ApplicantKind.COURT, ApplicantKind.PROCURATORATE, ApplicantKind.POLICE, ApplicantKind.STATE_SECURITY}
)
# "Others by approval": an heir is one of them, with a kind of their own because they are many.
BY_APPROVAL = frozenset({ApplicantKind.HEIR, ApplicantKind.OTHER})
# Institutions come with their letter to the counter.
ONLINE = frozenset(set(ApplicantKind) - INSTITUTIONS)


class Paper(StrEnum):
    """A paper that proves who may read; seen in the original before anything is shown."""

    IDENTITY = "identity"
    AUTHORISATION = "authorisation"
    COURT_ACCEPTANCE = "court_acceptance"
    LICENCE = "licence"
    LETTER = "letter"
    WORK_CARD = "work_card"
    DEATH_PROOF = "death_proof"
    KINSHIP_PROOF = "kinship_proof"


_BY_LETTER = (Paper.LETTER, Paper.WORK_CARD)
PAPERS: Mapping[ApplicantKind, tuple[Paper, ...]] = {
    ApplicantKind.SELF: (Paper.IDENTITY,),
    ApplicantKind.PROXY: (Paper.IDENTITY, Paper.AUTHORISATION),
    ApplicantKind.LAWYER: (Paper.LICENCE, Paper.COURT_ACCEPTANCE),
    ApplicantKind.HEIR: (Paper.IDENTITY, Paper.DEATH_PROOF, Paper.KINSHIP_PROOF),
    ApplicantKind.OTHER: (Paper.IDENTITY,),
    **dict.fromkeys(INSTITUTIONS, _BY_LETTER),
}


class Sought(StrEnum):
    """What is wanted."""

    MARRIAGE_RECORD = "marriage_record"
    DIVORCE_RECORD = "divorce_record"
    RECORD_PROOF = "record_proof"  # 婚姻登记记录证明; one of "no record" is no longer issued (§2.2 M7)
    REISSUE_CHECK = "reissue_check"  # the prior step of M5 and M6


class Registration(StrEnum):
    """Which registration the record is of."""

    MARRIAGE = "marriage"
    DIVORCE = "divorce"


OF_SOUGHT: Mapping[Sought, Registration] = {
    Sought.MARRIAGE_RECORD: Registration.MARRIAGE,
    Sought.DIVORCE_RECORD: Registration.DIVORCE,
}


class ArchiveState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    SEARCHING = "searching"
    NEED_MORE = "need_more"  # one question waits for the resident
    LOCATED = "located"  # found; on its way to the window
    READY = "ready"  # the volume is here, come
    REFERRED = "referred"  # kept elsewhere; told where
    NOT_FOUND = "not_found"
    VISITED = "visited"  # read on site
    REFUSED = "refused"
    LAPSED = "lapsed"  # nobody answered, or nobody came
    WITHDRAWN = "withdrawn"
    ENDED = "ended"  # whoever asked has died


_S = ArchiveState
OPEN_STATES = (_S.ASKED, _S.SEARCHING, _S.NEED_MORE, _S.LOCATED, _S.READY)
# States in which the promise to look in time runs.
CLOCK_STATES = (_S.ASKED, _S.SEARCHING)

_ALWAYS = frozenset({_S.WITHDRAWN, _S.ENDED})
# Every move a request may make. Back to SEARCHING: an answer came, a volume turned up, or went missing. Out of ENDED: a
# death can be recorded by mistake.
MOVES: Mapping[ArchiveState, frozenset[ArchiveState]] = {
    _S.ASKED: _ALWAYS | {_S.SEARCHING, _S.REFUSED},
    _S.SEARCHING: _ALWAYS | {_S.LOCATED, _S.REFERRED, _S.NOT_FOUND, _S.NEED_MORE, _S.REFUSED},
    _S.NEED_MORE: _ALWAYS | {_S.SEARCHING, _S.LAPSED},
    _S.LOCATED: _ALWAYS | {_S.READY, _S.SEARCHING},
    _S.READY: _ALWAYS | {_S.VISITED, _S.LAPSED, _S.SEARCHING},
    _S.NOT_FOUND: frozenset({_S.SEARCHING}),
    _S.REFERRED: frozenset({_S.SEARCHING}),
    _S.LAPSED: frozenset({_S.SEARCHING, _S.READY}),
    _S.ENDED: frozenset(OPEN_STATES),
    _S.VISITED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}


class KeptAt(StrEnum):
    """Where the volume lies."""

    HERE = "here"
    DISTRICT_ARCHIVE = "district_archive"
    ELSEWHERE = "elsewhere"


class NotFoundWhy(StrEnum):
    """Why there is nothing, which decides what helps (§2.9)."""

    NOT_IN_VOLUMES = "not_in_volumes"
    VOLUMES_LOST = "volumes_lost"
    NOT_REGISTERED_HERE = "not_registered_here"
    NEVER_REGISTERED = "never_registered"


class Via(StrEnum):
    """How a request came."""

    CHAT = "chat"
    API = "api"
    COUNTER = "counter"


@dataclass(frozen=True)
class Years:
    """About which years; both are the same where one is known."""

    first: int
    last: int

    def fault(self, today: date) -> bool:
        """Whether no registration can have been in these years, or they are in the wrong order."""
        return not FIRST_YEAR <= self.first <= self.last <= today.year


def needs_details(years: Years, *, has_number: bool, has_certificate: bool) -> bool:
    """Whether the record may have no identity number to be found by, so that former names and the like are asked."""
    return not has_certificate and (years.first < NUMBERS_SINCE or not has_number)


def locate_by(asked_on: date, workdays: int, calendar: LegalCalendar) -> CountedDay:
    """By when it is said where the volume lies: so many legal workdays after the day itself (§1.1-7)."""
    return calendar.add_workdays(asked_on, workdays)


def lapses_on(since: date, days: int, calendar: LegalCalendar) -> CountedDay:
    """The last day on which a volume is kept at the window, or an answer is awaited; never a rest day (民法典 203)."""
    return calendar.roll(since + timedelta(days=days))


def reminder_days(since: date, until: date) -> tuple[date, ...]:
    """When whoever has not come is reminded: after a week, and three days before the end."""
    week, last = since + timedelta(days=7), until - timedelta(days=3)
    return tuple(sorted({day for day in (week, last) if since < day < until}))


_MODULUS = 10**8
_MULTIPLIER = 48_271_469  # coprime to the modulus


def request_number(serial: int) -> str:
    """The number of a request: `CD` and eight digits."""
    return f"CD{serial * _MULTIPLIER % _MODULUS:08d}"
