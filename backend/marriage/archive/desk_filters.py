"""The list's query string, read and written in one place; the export takes the same."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from backend.kernel.errors import AppError
from backend.marriage.archive import texts
from backend.marriage.archive.desk_queries import Due, RequestFilter, Tab
from backend.marriage.archive.rules import ArchiveState, Sought

Choice = TypeVar("Choice", bound=StrEnum)


def read_filter(given: Mapping[str, str]) -> RequestFilter:
    """The filter a query string asks for; raises `AppError` invalid."""
    year = given.get("year", "").strip()
    if year and not (year.isascii() and year.isdigit() and len(year) == 4):
        raise _false()
    return RequestFilter(
        read_choice(Tab, given.get("tab")) or Tab.SEARCH,
        read_id(given.get("office")),
        read_choice(ArchiveState, given.get("state")),
        read_choice(Sought, given.get("sought")),
        int(year) if year else None,
        read_choice(Due, given.get("due")),
    )


def filter_arguments(wanted: RequestFilter) -> dict[str, str]:
    """The query string of a filter."""
    values: dict[str, object] = {
        "tab": wanted.tab.value,
        "office": wanted.office_id,
        "state": wanted.state.value if wanted.state else None,
        "sought": wanted.sought.value if wanted.sought else None,
        "year": wanted.year,
        "due": wanted.due.value if wanted.due else None,
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def read_choice(kind: type[Choice], text: str | None) -> Choice | None:
    """One of the choices of a form, or None where nothing was chosen; raises `AppError` invalid."""
    if not text:
        return None
    if text not in set(kind):
        raise _false()
    return kind(text)


def read_id(text: str | None) -> uuid.UUID | None:
    """An id of a form or a query string; None where nothing was chosen. Raises `AppError` invalid."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise _false() from None


def _false() -> AppError:
    return AppError("invalid", texts.FALSE_CHOICE, 422)
