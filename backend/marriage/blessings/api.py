"""The mini-program's view of a cloud ceremony's page: guests read and write, the couple hides."""

from __future__ import annotations

import uuid
from typing import Any

from backend.api.idempotency import Answer, answer_once
from backend.api.kit import PREFIX, ApiBlueprint, documented, resident
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.marriage.blessings import texts
from backend.marriage.blessings.decide import hide_blessing
from backend.marriage.blessings.models import Blessing
from backend.marriage.blessings.queries import own_blessing, shown_blessings
from backend.marriage.blessings.schemas import BlessingRequestSchema, CloudPageSchema, OwnBlessingSchema
from backend.marriage.blessings.write import write_blessing
from backend.marriage.ceremonies.cloud import shown_by
from backend.marriage.ceremonies.page import page_address
from backend.marriage.covers.queries import shown_cover
from backend.rate_limits import limiter

blueprint = ApiBlueprint("blessings", "The page of a cloud ceremony and its guests' blessings")
blueprint.url_prefix = f"{PREFIX}/marriage"

_own_schema = OwnBlessingSchema()


@blueprint.route("/cloud-pages/<string:token>")
@documented(401, 404, 429)
@blueprint.response(200, CloudPageSchema)
@access(Caller.RESIDENT)
def get_cloud_page(token: str) -> dict[str, Any]:
    """What a private link shows: the video's address, blessings that were looked at, and one's own."""
    cloud = shown_by(token)
    if cloud is None:
        raise AppError("not_found", texts.PAGE_UNKNOWN, 404)
    mine = own_blessing(cloud.id, resident().person_id)
    return {
        "starts_at": cloud.ceremony.starts_at,
        "until": cloud.delete_from,
        "link": cloud.link,
        "cover": f"{page_address(token)}/cover" if shown_cover(cloud.id) else None,
        "blessings": shown_blessings(cloud.id),
        "own": _own(mine) if mine else None,
    }


@blueprint.route("/cloud-pages/<string:token>/blessing", methods=["POST"])
@limiter.limit("10 per minute", key_func=lambda: str(resident().person_id))
@documented(401, 404, 409, 422, 429)
@blueprint.arguments(BlessingRequestSchema)
@blueprint.response(200, OwnBlessingSchema)
@access(Caller.RESIDENT)
def bless(data: dict[str, Any], token: str) -> Any:
    """Leave a blessing, or replace one's own; it is shown once it has been looked at."""
    person_id = resident().person_id

    def command() -> Answer:
        return _own_schema.dump(_own(write_blessing(token, person_id, data["name"], data["words"]))), 200

    return answer_once(person_id, command)


@blueprint.route("/ceremonies/<uuid:ceremony_id>/blessings/<uuid:blessing_id>/hide", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, OwnBlessingSchema)
@access(Caller.RESIDENT)
def hide(ceremony_id: uuid.UUID, blessing_id: uuid.UUID) -> Any:
    """Take a blessing off one's own page; twice is once."""
    person_id = resident().person_id

    def command() -> Answer:
        return _own_schema.dump(_own(hide_blessing(ceremony_id, blessing_id, person_id))), 200

    return answer_once(person_id, command)


def _own(row: Blessing) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "words": row.words,
        "created_at": row.created_at,
        "state": row.state,
        "told": texts.told(row.state, row.finding),
    }
