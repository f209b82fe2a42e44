"""`/h5/marriage/papers`: the checklist in large type, to be read on the phone or printed. Its address names nobody."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from marshmallow import fields
from webargs.flaskparser import parser
from werkzeug.exceptions import HTTPException

from backend.h5.pages import CONTENT_SECURITY_POLICY
from backend.kernel.access import Caller, access
from backend.marriage.kinds import Kind
from backend.marriage.papers.asked import asked_papers
from backend.marriage.papers.texts import PAGE_TITLE, TITLE
from backend.marriage.schemas import PapersQuery
from backend.marriage.texts import MATTERS

papers_h5 = Blueprint("marriage_papers", __name__, url_prefix="/h5/marriage", template_folder="../templates")


class _PageQuery(PapersQuery):
    """As in the API, but whoever comes without a question reads the usual one."""

    kind = fields.Enum(Kind, by_value=True, load_default=Kind.MARRIAGE_REGISTRATION)


@papers_h5.get("/papers")
@access(Caller.ANYONE)
def page() -> str:
    """What to bring; what cannot be read of the question is answered with the usual list."""
    try:
        query: dict[str, Any] = parser.parse(_PageQuery(), request, location="query", error_status_code=422)
    except HTTPException:
        query = _PageQuery().load({})
    kind: Kind = query["kind"]
    matter = MATTERS[kind]
    return render_template(
        "marriage/h5_papers.html",
        title=TITLE.format(matter=matter) if kind is Kind.MARRIAGE_REGISTRATION else PAGE_TITLE,
        matter=matter,
        papers=asked_papers(kind, query["groups"], query["history"], query["lost"], proxy=query["proxy"]),
    )


@papers_h5.after_request
def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
