"""The proof of a rush as a file: every number in the order of arrival, its wish, its turn, its place. No names."""

from __future__ import annotations

import uuid
from collections.abc import Collection

import sqlalchemy as sa

from backend.console.exports.definitions import Arguments, ExportColumn, ExportDefinition, ExportPage, Nodes
from backend.kernel.chinese_dates import spoken_date
from backend.kernel.clock import BEIJING
from backend.kernel.errors import AppError
from backend.marriage.models import Office
from backend.marriage.rush.models import Rush, RushRequest
from backend.marriage.rush.queries import proof_page
from backend.marriage.rush.report import rushes_of
from backend.marriage.rushes import texts
from backend.staff import Permission
from backend.storage import transaction

SUBJECT = "marriage_rush"


def _arguments(given: Arguments) -> dict[str, str]:
    try:
        return {"rush": str(uuid.UUID(given.get("rush", "")))}
    except ValueError:
        raise AppError("invalid", texts.NO_RUSH, 422) from None


def _describe(arguments: Arguments) -> str:
    query = sa.select(Rush, Office.name).join(Office, Office.id == Rush.office_id)
    with transaction() as db:
        row = db.execute(query.where(Rush.id == uuid.UUID(arguments["rush"]))).one_or_none()
    if row is None:
        return texts.NO_RUSH
    rush, office = row
    return texts.EXPORT_OF.format(day=spoken_date(rush.day), office=office, mode=texts.MODE_NAMES[rush.mode])


def _count(nodes: Nodes, arguments: Arguments, limit: int) -> int:
    some = _of(nodes, arguments).limit(limit + 1).subquery()
    with transaction() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def _of(nodes: Nodes, arguments: Arguments) -> sa.Select[uuid.UUID]:
    mine = RushRequest.rush_id.in_(rushes_of(nodes))
    return sa.select(RushRequest.id).where(mine, RushRequest.rush_id == uuid.UUID(arguments["rush"]))


def _page(
    nodes: Nodes, arguments: Arguments, _columns: Collection[str], position: str | None, limit: int
) -> ExportPage:
    with transaction():
        if not _count(nodes, arguments, 1):
            return ExportPage([], [], None)
        found = proof_page(uuid.UUID(arguments["rush"]), int(position or 0), limit + 1)
    shown = found[:limit]
    following = str(shown[-1].number) if len(found) > limit else None
    return ExportPage([_row(one) for one in shown], [], following)


def _row(one: RushRequest) -> dict[str, str]:
    return {
        "number": str(one.number),
        "asked_at": f"{one.asked_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S.%f}"[:-3],
        "part": texts.PART_NAMES[one.part.value],
        "turn": str(one.rank or ""),
        "state": texts.STATE_NAMES[one.state],
        "starts_at": f"{one.starts_at.astimezone(BEIJING):%H:%M}" if one.starts_at else "",
    }


RUSH_PROOF = ExportDefinition(
    name="marriage.rush_proof",
    title=texts.EXPORT_TITLE,
    permission=Permission.READ_APPOINTMENTS,
    subject_kind=SUBJECT,
    columns=[
        ExportColumn(name, title, width=24 if name == "asked_at" else 12)
        for name, title in texts.EXPORT_COLUMNS.items()
    ],
    read_arguments=_arguments,
    describe=_describe,
    count=_count,
    page=_page,
)
