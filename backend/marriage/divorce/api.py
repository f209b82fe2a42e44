"""The mini-program's view of one's own applications."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from backend.api.kit import PREFIX, ApiBlueprint, documented, resident
from backend.api.paging import PageQuery, page_body, read_cursor
from backend.kernel.access import Caller, access
from backend.kernel.paging import page_of
from backend.marriage.divorce.queries import OwnCase, own_cases
from backend.marriage.divorce.schemas import DivorceCaseListSchema
from backend.marriage.divorce.texts import HINT_LONG
from backend.people import Level, require_level

blueprint = ApiBlueprint("divorce", "Divorce applications")
blueprint.url_prefix = f"{PREFIX}/marriage"  # they are a matter of marriage to whoever calls


@blueprint.route("/divorce-cases")
@documented(401, 403, 422, 429)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, DivorceCaseListSchema)
@access(Caller.RESIDENT)
def list_divorce_cases(query: dict[str, Any]) -> dict[str, Any]:
    """The caller's applications, newest first, for whoever has proven name and number."""
    person_id, limit = resident().person_id, query["limit"]
    require_level(person_id, Level.VERIFIED)
    rows = own_cases(person_id, read_cursor(query["cursor"]), limit + 1)
    page = page_of(rows, limit, lambda row: (row.created_at, row.id))
    return page_body(page, [_view(case) for case in page.rows])


def _view(case: OwnCase) -> dict[str, Any]:
    return {**asdict(case), "office": case, "note": HINT_LONG}
