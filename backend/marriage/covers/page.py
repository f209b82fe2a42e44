"""The picture by the couple's link for guests, and by a short-lived address for WeChat, which has to look at it."""

from __future__ import annotations

from flask import Response, abort

from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.marriage.blessings.page import ceremony_page
from backend.marriage.ceremonies.cloud import shown_by
from backend.marriage.covers.models import Cover
from backend.marriage.covers.queries import content_of, cover_by_key, shown_cover

__all__ = ["ceremony_page"]  # this module hangs its views on it


@ceremony_page.get("/<token>/cover")
@access(Caller.ANYONE)
def cover(token: str) -> Response:
    """The picture of a page, once it has been looked at; 404 for a wrong link and for one whose time is over."""
    cloud = shown_by(token)
    return picture(shown_cover(cloud.id) if cloud else None)


@ceremony_page.get("/for-wechat/<key>")
@access(Caller.ANYONE)
def cover_for_wechat(key: str) -> Response:
    """The picture that WeChat was asked about, by an address nobody can guess; gone after ten minutes."""
    return picture(cover_by_key(key))


def picture(found: Cover | None) -> Response:
    """The picture itself; 404 where there is none, or it has been taken away at this moment."""
    if found is None:
        abort(404)
    try:
        opened = content_of(found)
    except AppError:
        abort(404)
    return Response(opened.content, mimetype=opened.content_type)
