"""What the marriage desk lets be taken away: the appointments of the board as it is filtered."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from backend.console.exports.definitions import Arguments, ExportColumn, ExportDefinition, ExportPage, Nodes
from backend.console.paging import Cursor, read_cursor
from backend.kernel.chinese_dates import spoken_date
from backend.kernel.clock import today
from backend.marriage.desk.filters import board_arguments, read_board, read_day
from backend.marriage.desk.queries import SHOWN_STATES, BoardFilter, board_conditions, not_blocked
from backend.marriage.models import Appointment, Office, Party, Slot
from backend.marriage.notices import SUBJECT_KIND
from backend.marriage.texts import (
    BETWEEN_PARTS,
    EXPORT_AS_OF,
    EXPORT_COLUMNS,
    EXPORT_DAYS,
    EXPORT_TABS,
    EXPORT_TITLE,
    GROUP_NAMES,
    STATE_NAMES,
    VIA_NAMES,
)
from backend.staff import Permission
from backend.storage import transaction

_PERSONAL = ("name", "id_number", "phone")
_WIDTHS = {"office": 22, "booked_at": 18, "id_number_0": 22, "id_number_1": 22}
# What the audit trail calls them.
_FIELDS = {**dict(zip(_PERSONAL, _PERSONAL, strict=True)), "group": "resident_group", "state": "state"}
_AS_OF = "as_of"


def _arguments(given: Arguments) -> dict[str, str]:
    """The board's filter, with the day on which "today" and "later" were said: a file may be made tomorrow."""
    as_of = read_day(given[_AS_OF]) if given.get(_AS_OF) else today()
    return {**board_arguments(read_board(given)), _AS_OF: as_of.isoformat()}


def _describe(arguments: Arguments) -> str:
    wanted = read_board(arguments)
    parts = [EXPORT_TABS[wanted.tab.value]]
    if wanted.day is not None or wanted.last is not None:
        parts.append(_days(wanted))
    if wanted.state is not None:
        parts.append(STATE_NAMES[wanted.state])
    return BETWEEN_PARTS.join(parts) + EXPORT_AS_OF.format(day=spoken_date(_as_of(arguments)))


def _days(wanted: BoardFilter) -> str:
    """The day, or the stretch, in words."""
    first, last = (spoken_date(day) if day is not None else "" for day in (wanted.day, wanted.last))
    return EXPORT_DAYS.format(first=first, last=last) if wanted.last is not None else first


def _count(nodes: Nodes, arguments: Arguments, limit: int) -> int:
    some = _query(nodes, arguments).limit(limit + 1).subquery()
    with transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def _page(nodes: Nodes, arguments: Arguments, columns: Collection[str], position: str | None, limit: int) -> ExportPage:
    """One stretch in order of time; names, numbers and telephones are opened only where asked for. Two queries."""
    query, after = _query(nodes, arguments), read_cursor(position)
    if after is not None:
        query = query.where(sa.tuple_(Slot.starts_at, Appointment.id) > sa.tuple_(after.at, after.id))
    with transaction() as session:
        found = session.execute(query.order_by(Slot.starts_at, Appointment.id).limit(limit + 1)).all()
        shown = found[:limit]
        parties = _parties([row.id for row in shown])
    rows = [_row(row, parties.get(row.id, ()), columns) for row in shown]
    following = str(Cursor(shown[-1].starts_at, shown[-1].id)) if len(found) > limit else None
    return ExportPage(rows, [row.id for row in shown], following)


def _query(nodes: Nodes, arguments: Arguments) -> sa.Select[*tuple[Any, ...]]:
    columns = (
        Appointment.id,
        Appointment.number,
        Appointment.state,
        Appointment.via,
        Appointment.created_at,
        Slot.starts_at,
        Office.name.label("office_name"),
    )
    query = sa.select(*columns).join(Slot, Slot.id == Appointment.slot_id).join(Office, Office.id == Slot.office_id)
    query = query.where(Office.node_id.in_(nodes), Appointment.state.in_(SHOWN_STATES), not_blocked())
    return query.where(*board_conditions(read_board(arguments), _as_of(arguments)))


def _as_of(arguments: Arguments) -> date:
    return read_day(arguments[_AS_OF])


def _parties(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Party]]:
    of: dict[uuid.UUID, list[Party]] = {}
    query = sa.select(Party).where(Party.appointment_id.in_(ids)).order_by(Party.position)
    with transaction() as session:
        for party in session.scalars(query):
            of.setdefault(party.appointment_id, []).append(party)
    return of


def _row(row: Any, parties: Sequence[Party], columns: Collection[str]) -> dict[str, str]:
    told = {
        "number": row.number,
        "day": row.starts_at.date().isoformat(),
        "time": f"{row.starts_at:%H:%M}",
        "office": row.office_name,
        "state": STATE_NAMES[row.state],
        "booked_at": f"{row.created_at:%Y-%m-%d %H:%M}",
        "via": VIA_NAMES.get(row.via.value, row.via.value),
    }
    for party in parties:
        told[f"group_{party.position}"] = GROUP_NAMES[party.resident_group]
        for name in _PERSONAL:
            if f"{name}_{party.position}" in columns:
                told[f"{name}_{party.position}"] = getattr(party, name) or ""
    return told


def _column(name: str, title: str) -> ExportColumn:
    stem = name.rpartition("_")[0] if name.endswith(("_0", "_1")) else name
    return ExportColumn(name, title, stem in _PERSONAL, _WIDTHS.get(name, 12), _FIELDS.get(stem))


APPOINTMENTS = ExportDefinition(
    name="marriage.appointments",
    title=EXPORT_TITLE,
    permission=Permission.READ_APPOINTMENTS,
    subject_kind=SUBJECT_KIND,
    columns=[_column(name, title) for name, title in EXPORT_COLUMNS.items()],
    read_arguments=_arguments,
    describe=_describe,
    count=_count,
    page=_page,
)
