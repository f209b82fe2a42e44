"""`/h5/ceremony/<token>/blessing`: a guest writes, signed in by WeChat so that every word has an author."""

from __future__ import annotations

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.h5.sessions import form_token, is_own_form, web_resident
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.marriage.blessings import texts
from backend.marriage.blessings.queries import own_blessing
from backend.marriage.blessings.rules import MOST_NAME, MOST_TEXT
from backend.marriage.blessings.write import write_blessing
from backend.marriage.ceremonies.cloud import shown_by
from backend.marriage.ceremonies.page import blueprint as ceremony_page
from backend.rate_limits import limiter

__all__ = ["ceremony_page"]  # this module hangs its views on it


@ceremony_page.get("/<token>/blessing")
@access(Caller.RESIDENT_WEB)
def blessing_form(token: str) -> str:
    """What one wrote and how it stands, and the form."""
    return _form(token)


@ceremony_page.post("/<token>/blessing")
@limiter.limit("10 per minute", key_func=lambda: str(web_resident().person_id))
@access(Caller.RESIDENT_WEB)
def blessing_write(token: str) -> Response:
    """Leave a blessing, or replace one's own."""
    here = url_for("ceremony_page.blessing_form", token=token)
    if not is_own_form():
        return redirect(here, 303)
    typed = {name: request.form.get(name, "") for name in ("name", "words")}
    try:
        write_blessing(token, web_resident().person_id, **typed)
    except AppError as refusal:
        if refusal.status == 404:
            abort(404)
        return make_response(_form(token, refusal.user_text, typed), refusal.status)
    return redirect(here, 303)


def _form(token: str, problem: str | None = None, typed: dict[str, str] | None = None) -> str:
    cloud = shown_by(token)
    if cloud is None:
        abort(404)
    mine = own_blessing(cloud.id, web_resident().person_id)
    return render_template(
        "ceremonies/blessing.html",
        title=texts.TITLE,
        token=token,
        mine=mine,
        said=texts.told(mine.state, mine.finding) if mine else None,
        problem=problem,
        typed=typed or {"name": mine.name if mine else "", "words": mine.words if mine else ""},
        most_name=MOST_NAME,
        most_text=MOST_TEXT,
        form_token=form_token(),
    )
