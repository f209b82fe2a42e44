"""The legal day table and what is counted with it."""

from backend.calendar.legal_days import import_year, legal_calendar, missing_years, year_from_library

__all__ = ["import_year", "legal_calendar", "missing_years", "year_from_library"]
