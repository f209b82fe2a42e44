"""The answer that is a picture."""

from __future__ import annotations

from flask import Response, abort

from backend.kernel.errors import AppError
from backend.marriage.covers.models import Cover
from backend.marriage.covers.queries import content_of


def picture(found: Cover | None) -> Response:
    """The picture itself; 404 where there is none, or it has been taken away at this moment."""
    if found is None:
        abort(404)
    try:
        opened = content_of(found)
    except AppError:
        abort(404)
    return Response(opened.content, mimetype=opened.content_type)
