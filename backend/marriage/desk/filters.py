"""The board's query string, read and written in one place, so that a step leads back to the same view."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from backend.console import texts
from backend.kernel.errors import AppError
from backend.marriage.desk.queries import SHOWN_STATES, BoardFilter, Tab
from backend.marriage.rules import State

PAGE_SIZE = 30


def read_board(arguments: Mapping[str, str]) -> BoardFilter:
    """The filter a query string asks for; raises `AppError` invalid with what is wrong in it."""
    tab = arguments.get("tab") or Tab.TODAY.value
    if tab not in set(Tab):
        raise AppError("invalid", texts.BAD_TAB, 422)
    day = arguments.get("day")
    first, last = read_day(day) if day else None, read_day(arguments["last"]) if arguments.get("last") else None
    if first is not None and last is not None and last < first:
        first, last = last, first  # meant is clearly the stretch between the two
    return BoardFilter(Tab(tab), first, _read_state(arguments.get("state")), last)


def read_day(text: str) -> date:
    """A civil date as browsers send it; raises `AppError` invalid."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AppError("invalid", texts.BAD_DAY, 422) from None


def board_arguments(wanted: BoardFilter) -> dict[str, str]:
    """The query string of a filter."""
    arguments = {"tab": wanted.tab.value}
    if wanted.day is not None:
        arguments["day"] = wanted.day.isoformat()
    if wanted.last is not None:
        arguments["last"] = wanted.last.isoformat()
    if wanted.state is not None:
        arguments["state"] = wanted.state.value
    return arguments


def with_cursor(wanted: BoardFilter, cursor_text: str | None) -> dict[str, str]:
    """The query string of this very page, carried by its steps, so that a step on page three stays there."""
    return board_arguments(wanted) | ({"cursor": cursor_text} if cursor_text else {})


def _read_state(text: str | None) -> State | None:
    if not text:
        return None
    if text not in {state.value for state in SHOWN_STATES}:
        raise AppError("invalid", texts.BAD_STATE, 422)
    return State(text)
