"""Demonstration data: the holidays of last year and of this one, as the calendar library carries them."""

from __future__ import annotations

from contextlib import suppress

from backend.calendar.legal_days import import_year, legal_calendar, year_from_library
from backend.kernel.clock import today
from backend.kernel.errors import AppError


def load_demo() -> None:
    """Load the years that are missing. A year the library does not know yet stays provisional."""
    for year in (today().year - 1, today().year):
        if year not in legal_calendar().years:
            with suppress(AppError):
                import_year(year, year_from_library(year), "chinesecalendar")
