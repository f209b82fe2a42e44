"""Decisions about the events of a life, pure: what there is to record, from whom it is known, on which days."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class EventKind(StrEnum):
    """What happened to a person (domain-rules §3.4-3, §8-1)."""

    DEATH = "death"
    DEATH_REVERSED = "death_reversed"
    MOVED = "moved"
    NAME_CORRECTED = "name_corrected"


class Source(StrEnum):
    """From whom it is known. A death is taken from a paper or a department, never from hearsay."""

    DEATH_CERTIFICATE = "death_certificate"  # 居民死亡医学证明, paper or electronic
    POLICE = "police"
    COURT = "court"
    DATA_SHARE = "data_share"
    AT_THE_COUNTER = "at_the_counter"
    COMMITTEE = "committee"
    STAFF_CORRECTION = "staff_correction"


SOURCES: dict[EventKind, tuple[Source, ...]] = {
    EventKind.DEATH: (Source.DEATH_CERTIFICATE, Source.POLICE, Source.COURT, Source.DATA_SHARE),
    EventKind.DEATH_REVERSED: (Source.STAFF_CORRECTION, Source.POLICE, Source.COURT, Source.DATA_SHARE),
    EventKind.MOVED: (Source.AT_THE_COUNTER, Source.COMMITTEE, Source.POLICE, Source.DATA_SHARE),
    EventKind.NAME_CORRECTED: (Source.AT_THE_COUNTER, Source.POLICE, Source.DATA_SHARE, Source.STAFF_CORRECTION),
}


class DayFault(StrEnum):
    """Why a day cannot be the one."""

    IN_THE_FUTURE = "in_the_future"
    BEFORE_BIRTH = "before_birth"


def day_fault(kind: EventKind, day: date, *, today: date, born: date | None) -> DayFault | None:
    """What is wrong with the day on which something is said to have happened; a move may be announced beforehand."""
    if kind is not EventKind.MOVED and day > today:
        return DayFault.IN_THE_FUTURE
    if born is not None and day < born:
        return DayFault.BEFORE_BIRTH
    return None
