"""`/h5/ceremony/<token>`: what a couple gives to its guests, with what guests wrote. It names neither of the two (M11).

All of it is gone after thirty days.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, render_template, url_for

from backend.h5.pages import CONTENT_SECURITY_POLICY
from backend.kernel.access import Caller, access
from backend.marriage.blessings.queries import shown_blessings
from backend.marriage.ceremonies.cloud import shown_by
from backend.marriage.ceremonies.texts import CLOUD_PAGE_TITLE
from backend.marriage.covers.queries import shown_cover

blueprint = Blueprint("ceremony_page", __name__, url_prefix="/h5/ceremony", template_folder="templates")


def page_address(token: str) -> str:
    """The address that a private link has."""
    base: str = current_app.extensions["settings"].public_base_url
    return f"{base.rstrip('/')}/h5/ceremony/{token}"


@blueprint.get("/<token>")
@access(Caller.ANYONE)
def cloud_page(token: str) -> str:
    """The page of one ceremony; 404 for a wrong link and for one whose time is over."""
    cloud = shown_by(token)
    if cloud is None or cloud.link is None:
        abort(404)
    return render_template(
        "ceremonies/cloud.html",
        title=CLOUD_PAGE_TITLE,
        link=cloud.link,
        cover=url_for("ceremony_page.cover", token=token) if shown_cover(cloud.id) else None,
        starts_at=cloud.ceremony.starts_at,
        until=cloud.delete_from,
        bless=url_for("ceremony_page.blessing_form", token=token),
        blessings=shown_blessings(cloud.id),
    )


@blueprint.after_request
def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
