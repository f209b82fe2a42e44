"""The pages of exports: asking for a file, seeing how far it is, taking it away once."""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence

from flask import abort, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.blueprint import pages
from backend.console.exports import texts
from backend.console.exports.ask import Place, alone_rows, ask_export, places
from backend.console.exports.definitions import Arguments, ExportDefinition, export_definition
from backend.console.exports.fetch import fetch_file
from backend.console.exports.form import read_wish
from backend.console.exports.queries import ExportLine, own_export, own_exports
from backend.console.exports.rules import MOST_REASON, MOST_ROWS, Format
from backend.console.guard import current_account, current_grants, is_htmx, may_here, say
from backend.console.paging import read_cursor
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.staff import Permission

PAGE_SIZE = 30
_TYPES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv",
}


@pages.get("/exports")
@access(Caller.STAFF, Permission.ASK_EXPORT)
def exports() -> str:
    """What I have asked for, newest first."""
    cursor = read_cursor(request.args.get("cursor"))
    page = own_exports(current_account(), cursor, PAGE_SIZE)
    return render_template("console/exports.html", page=page, later_page=cursor is not None)


@pages.get("/exports/new/<name>")
@access(Caller.STAFF, Permission.ASK_EXPORT)
def export_form(name: str) -> str:
    """Ask for columns, format and reason; the query string is the filter of the list one came from."""
    definition = _definition(name)
    return _render_form(definition, definition.read_arguments(request.args.to_dict()), None)


@pages.post("/exports/new/<name>")
@access(Caller.STAFF, Permission.ASK_EXPORT)
def export_ask(name: str) -> AnyResponse:
    """Ask for the file."""
    definition = _definition(name)
    arguments = definition.read_arguments(request.args.to_dict())
    try:
        wish = read_wish(definition, arguments, _places(definition), request.form)
        export = ask_export(definition, wish, current_account())
    except AppError as refusal:
        return make_response(_render_form(definition, arguments, refusal), refusal.status)
    say(texts.ASKED_SECOND if export.approval_id else texts.ASKED_ALONE)
    return redirect(url_for("console.export_page", export_id=export.id), 303)


@pages.get("/exports/<uuid:export_id>")
@access(Caller.STAFF, Permission.ASK_EXPORT)
def export_page(export_id: uuid.UUID) -> str:
    """How far it is; for htmx only what changes."""
    template = "console/export_part.html" if is_htmx() else "console/export.html"
    return render_template(template, line=_own(export_id))


@pages.post("/exports/<uuid:export_id>/file")
@access(Caller.STAFF, Permission.ASK_EXPORT)
def export_file(export_id: uuid.UUID) -> AnyResponse:
    """Take the file away, once; by POST, for it is gone afterwards."""
    line = _own(export_id)
    definition = export_definition(line.export.definition)
    if definition is None or not may_here(definition.permission):
        abort(403)
    try:
        file = fetch_file(export_id, current_account())
    except AppError as refusal:
        say(refusal.user_text, "problem")
        return redirect(url_for("console.export_page", export_id=export_id), 303)
    return send_file(io.BytesIO(file.body), _TYPES[file.format], as_attachment=True, download_name=file.name, max_age=0)


def _definition(name: str) -> ExportDefinition:
    definition = export_definition(name)
    if definition is None:
        abort(404)
    if not may_here(definition.permission):
        abort(403)
    return definition


def _own(export_id: uuid.UUID) -> ExportLine:
    line = own_export(current_account(), export_id)
    if line is None:
        abort(404)
    return line


def _places(definition: ExportDefinition) -> Sequence[Place]:
    return places(current_grants().nodes(definition.permission))


def _render_form(definition: ExportDefinition, arguments: Arguments, refusal: AppError | None) -> str:
    offered = _places(definition)
    everywhere = frozenset[uuid.UUID]().union(*(place.nodes for place in offered))
    return render_template(
        "console/export_form.html",
        definition=definition,
        arguments=arguments,
        described=definition.describe(arguments),
        rows=definition.count(everywhere, arguments, MOST_ROWS),
        most_rows=MOST_ROWS,
        alone=alone_rows(),
        places=offered,
        reasons=texts.REASONS,
        formats=texts.FORMATS,
        most_reason=MOST_REASON,
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
        form=request.form,
    )
