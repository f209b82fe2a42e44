"""Reading and loading the legal day table (domain-rules §1.1-4 to -6)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from chinese_calendar.constants import holidays as library_holidays
from chinese_calendar.constants import workdays as library_workdays

from backend.calendar.models import LegalDay, LegalYear
from backend.calendar.texts import NO_NOTICE_FOR_YEAR, NOTICE_FILE_UNREADABLE
from backend.kernel.cached import Cached
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.legal_calendar import DayKind, LegalCalendar
from backend.storage import after_commit, transaction


def _load() -> LegalCalendar:
    with transaction() as session:
        days = session.execute(sa.select(LegalDay.day, LegalDay.kind)).all()
        years = session.scalars(sa.select(LegalYear.year)).all()
    return LegalCalendar({row.day: row.kind for row in days}, frozenset(years))


_calendar = Cached(_load, seconds=5)


def legal_calendar() -> LegalCalendar:
    """The table as it stands; another process's import is seen within five seconds."""
    return _calendar.get()


def year_from_library(year: int) -> dict[date, DayKind]:
    """The State Council's notice of one year as the calendar library carries it.

    Raises `AppError` where the library does not know the year yet.
    """
    days = {day: DayKind.OFF for day in library_holidays if day.year == year}
    days |= {day: DayKind.WORKDAY for day in library_workdays if day.year == year}
    if not days:
        raise AppError("invalid", NO_NOTICE_FOR_YEAR.format(year=year), 422)
    return days


def year_from_file(path: Path) -> dict[date, DayKind]:
    """A notice from a CSV file with the columns `day` (YYYY-MM-DD) and `kind` (off, workday).

    Raises `AppError` that names the line which cannot be read.
    """
    days: dict[date, DayKind] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            try:
                days[date.fromisoformat(row["day"].strip())] = DayKind(row["kind"].strip())
            except (KeyError, ValueError, AttributeError):
                raise AppError("invalid", NOTICE_FILE_UNREADABLE.format(line=number), 422) from None
    return days


def import_year(year: int, days: Mapping[date, DayKind], source: str) -> None:
    """Replace the table of one year by `days`; every one of them must lie in it (else `AppError`)."""
    if not days or any(day.year != year for day in days):
        raise AppError("invalid", NO_NOTICE_FOR_YEAR.format(year=year), 422)
    with transaction() as session:
        session.execute(sa.delete(LegalYear).where(LegalYear.year == year))
        session.add(LegalYear(year=year, source=source, loaded_at=now()))
        session.flush()
        session.add_all(LegalDay(day=day, kind=kind, year=year) for day, kind in days.items())
        after_commit(_calendar.forget)


def missing_years(first: date, last: date) -> list[int]:
    """Years between two dates whose notice is not loaded; staff are shown an alert for them."""
    known = legal_calendar().years
    return [year for year in range(first.year, last.year + 1) if year not in known]
