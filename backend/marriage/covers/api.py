"""The mini-program's view of the picture on a cloud ceremony's page: one of the couple sends it, or takes it away."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from backend.api.idempotency import Answer, answer_once
from backend.api.kit import PREFIX, ApiBlueprint, documented, resident
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.marriage.covers import texts
from backend.marriage.covers.put import put_cover, remove_cover
from backend.marriage.covers.rules import MOST_BYTES
from backend.marriage.covers.schemas import CoverFileSchema, CoverSchema, cover_view
from backend.rate_limits import limiter

blueprint = ApiBlueprint("covers", "The picture on the page of a cloud ceremony")
blueprint.url_prefix = f"{PREFIX}/marriage"

_AROUND_THE_PICTURE = 64 << 10  # of a form: names, boundaries


@blueprint.before_request
def _take_a_picture() -> None:
    request.max_content_length = MOST_BYTES + _AROUND_THE_PICTURE


@blueprint.route("/ceremonies/<uuid:ceremony_id>/cover", methods=["POST"])
@limiter.limit("10 per minute", key_func=lambda: str(resident().person_id))
@documented(401, 403, 404, 409, 422, 429)
@blueprint.arguments(CoverFileSchema, location="files")
@blueprint.response(200, CoverSchema)
@access(Caller.RESIDENT)
def put(data: dict[str, Any], ceremony_id: uuid.UUID) -> dict[str, Any]:
    """Put a picture on one's page, in place of the one before. The same one again changes nothing."""
    sent = data["picture"]
    if not isinstance(sent, FileStorage):
        raise AppError("invalid", texts.NO_PICTURE, 422, errors={"picture": [texts.NO_PICTURE]})
    return cover_view(put_cover(ceremony_id, resident().person_id, sent.read()))


@blueprint.route("/ceremonies/<uuid:ceremony_id>/cover/remove", methods=["POST"])
@documented(401, 403, 404, 409, 422, 429)
@blueprint.response(204)
@access(Caller.RESIDENT)
def remove(ceremony_id: uuid.UUID) -> Any:
    """Take the picture off one's page and delete it; twice is once."""
    person_id = resident().person_id

    def command() -> Answer:
        remove_cover(ceremony_id, person_id)
        return {}, 204

    return answer_once(person_id, command)
