"""The calendar of load, and the figures of a registry: charts drawn as SVG, the same numbers in tables beneath."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from flask import render_template, request

from backend.console import current_nodes
from backend.kernel.access import Caller, access
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.marriage.desk.blueprint import desk
from backend.marriage.desk.figures import MOST_DAYS, FigureFilter, figure_lines, summed, total
from backend.marriage.desk.filters import read_day
from backend.marriage.desk.halls import HallOffice, chosen_office, hall_offices
from backend.marriage.desk.load import DayLoad, LoadFilter, load_by_day
from backend.marriage.desk.queries import Nodes
from backend.marriage.kinds import Area
from backend.marriage.texts import AREA_UNKNOWN, FIGURES_TOO_LONG, MONTH_FORM
from backend.staff import Permission

_USUAL_DAYS = 30
_PEAKS_SHOWN = 5


@desk.get("/load")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def load_calendar() -> str:
    """A month with how much of each day is taken; counts only, so nothing of it goes into the trail."""
    nodes = current_nodes(Permission.READ_APPOINTMENTS)
    month, office, area = _month(request.args.get("month")), _office(nodes), _area(request.args.get("area"))
    days = calendar.monthrange(month.year, month.month)[1]
    loads = load_by_day(nodes, month, days, LoadFilter(office.id if office else None, area))
    return render_template(
        "marriage/heat.html",
        month=month,
        weeks=_weeks(month, loads),
        office=office,
        offices=hall_offices(nodes),
        area=area,
        areas=list(Area),
        before=month - timedelta(days=1),
        after=month + timedelta(days=days),
        today=today(),
    )


def _weeks(month: date, loads: Sequence[DayLoad]) -> list[list[DayLoad | None]]:
    """The days of a month in rows from Monday on; None where the month has not begun or is over."""
    cells: list[DayLoad | None] = [None] * month.weekday() + list(loads)
    cells += [None] * (-len(cells) % 7)
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


@desk.get("/figures")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def figures() -> str:
    """Bookings, walk-ins, came or not, waiting, by day, kind and hour; counts of people, never people."""
    nodes, wanted = current_nodes(Permission.READ_APPOINTMENTS), read_figures(request.args)
    if wanted.office is not None:
        chosen_office(nodes, wanted.office)
    lines = figure_lines(nodes, wanted)
    by_day = summed(lines, "day")
    peaks = sorted(by_day.items(), key=lambda item: item[1].booked + item[1].walk_ins, reverse=True)
    return render_template(
        "marriage/figures.html",
        wanted=wanted,
        arguments=figure_arguments(wanted),
        offices=hall_offices(nodes),
        total=total(lines),
        by_day=by_day,
        by_kind=summed(lines, "kind"),
        by_hour=summed((line for line in lines if line.hour is not None), "hour"),
        peaks=[item for item in peaks[:_PEAKS_SHOWN] if item[1].booked + item[1].walk_ins],
    )


def read_figures(given: Mapping[str, str]) -> FigureFilter:
    """The stretch a query string asks for, the last thirty days by default; raises `AppError` invalid."""
    last = read_day(given["last"]) if given.get("last") else today()
    first = read_day(given["first"]) if given.get("first") else last - timedelta(days=_USUAL_DAYS - 1)
    first, last = min(first, last), max(first, last)
    if (last - first).days >= MOST_DAYS:
        raise AppError("invalid", FIGURES_TOO_LONG, 422)
    return FigureFilter(first, last, given.get("office") or None)


def figure_arguments(wanted: FigureFilter) -> dict[str, str]:
    """The query string of a stretch."""
    arguments = {"first": wanted.first.isoformat(), "last": wanted.last.isoformat()}
    return arguments if wanted.office is None else {**arguments, "office": wanted.office}


def _month(text: str | None) -> date:
    if not text:
        return today().replace(day=1)
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise AppError("invalid", MONTH_FORM, 422) from None


def _office(nodes: Nodes) -> HallOffice | None:
    code = request.args.get("office")
    return chosen_office(nodes, code) if code else None


def _area(text: str | None) -> Area | None:
    if not text:
        return None
    if text not in {area.value for area in Area}:
        raise AppError("invalid", AREA_UNKNOWN, 422)
    return Area(text)
