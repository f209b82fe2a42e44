"""The figures of the archive: counts by state, and how long it takes to say where a volume lies."""

from __future__ import annotations

from flask import render_template, request

from backend.console import current_nodes
from backend.kernel.access import Caller, access
from backend.marriage.archive.desk_blueprint import archive_desk
from backend.marriage.archive.desk_filters import read_id
from backend.marriage.archive.desk_queries import offices_of
from backend.marriage.archive.figures import archive_figures
from backend.marriage.archive.rules import ArchiveState
from backend.staff import Permission

_MONTHS = 12


@archive_desk.get("/archive/figures")
@access(Caller.STAFF, Permission.READ_ARCHIVE)
def figures() -> str:
    """The last twelve months; counts only, so nothing of it goes into the trail."""
    nodes, office_id = current_nodes(Permission.READ_ARCHIVE), read_id(request.args.get("office"))
    return render_template(
        "archive/figures.html",
        figures=archive_figures(nodes, _MONTHS, office_id),
        offices=offices_of(nodes),
        office_id=office_id,
        states=list(ArchiveState),
    )
