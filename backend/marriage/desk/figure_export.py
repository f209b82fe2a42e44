"""The figures as a table to take away: one row for each day, registry and kind. No persons are in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from backend.console.exports.definitions import Arguments, ExportColumn, ExportDefinition, ExportPage, Nodes
from backend.kernel.chinese_dates import spoken_date
from backend.marriage.desk.figure_pages import figure_arguments, read_figures
from backend.marriage.desk.figures import Figures, figure_lines, summed
from backend.marriage.notices import SUBJECT_KIND
from backend.marriage.texts import EXPORT_DAYS, FIGURE_COLUMNS, FIGURES_TITLE
from backend.marriage.tickets.texts import KIND_NAMES
from backend.staff import Permission

_WIDTHS = {"day": 12, "office": 22, "kind": 22}


def _rows(nodes: Nodes, arguments: Arguments) -> Sequence[Mapping[str, str]]:
    lines = figure_lines(nodes, read_figures(arguments))
    return [_row(key, figures) for key, figures in summed(lines, "day", "office", "kind").items()]


def _row(key: tuple[object, str, object], figures: Figures) -> Mapping[str, str]:
    day, office, kind = key
    counts = {name: getattr(figures, name) for name in FIGURE_COLUMNS if hasattr(figures, name)}
    told = {name: "" if count is None else str(count) for name, count in counts.items()}
    return {"day": str(day), "office": office, "kind": KIND_NAMES.get(kind, str(kind)), **told}  # type: ignore[call-overload]


def _describe(arguments: Arguments) -> str:
    wanted = read_figures(arguments)
    return EXPORT_DAYS.format(first=spoken_date(wanted.first), last=spoken_date(wanted.last))


def _count(nodes: Nodes, arguments: Arguments, limit: int) -> int:
    return min(len(_rows(nodes, arguments)), limit + 1)


def _page(nodes: Nodes, arguments: Arguments, columns: Collection[str], position: str | None, limit: int) -> ExportPage:
    """Days that are over do not change, so a count of rows says where to go on."""
    rows, start = _rows(nodes, arguments), int(position or 0)
    shown = [{name: row[name] for name in columns if name in row} for row in rows[start : start + limit]]
    following = str(start + limit) if len(rows) > start + limit else None
    return ExportPage(shown, [], following)


FIGURES = ExportDefinition(
    name="marriage.figures",
    title=FIGURES_TITLE,
    permission=Permission.READ_APPOINTMENTS,
    subject_kind=SUBJECT_KIND,
    columns=[ExportColumn(name, title, width=_WIDTHS.get(name, 10)) for name, title in FIGURE_COLUMNS.items()],
    read_arguments=lambda given: figure_arguments(read_figures(given)),
    describe=_describe,
    count=_count,
    page=_page,
)
