"""`/h5/me`: what lies ahead of a resident and what they were told, in large type."""

from __future__ import annotations

from flask import render_template

from backend.h5 import texts
from backend.h5.coming import coming
from backend.h5.pages import h5
from backend.h5.sessions import form_token, web_resident
from backend.kernel.access import Caller, access
from backend.kernel.chinese_dates import spoken_day, spoken_moment
from backend.kernel.clock import today
from backend.kernel.qr_code import qr_svg
from backend.people import person_view
from backend.people.identities import has_unionid
from messages.reading import recent_notices

MOST_NOTICES = 10


@h5.get("/me")
@access(Caller.RESIDENT_WEB)
def me() -> str:
    """Coming appointments and the latest notices of whoever's WeChat this is."""
    resident = web_resident()
    person = person_view(resident.person_id)
    return render_template(
        "h5/me.html",
        title=texts.MY_PAGE,
        name=person.masked_name if person else None,
        coming=coming(resident.person_id),
        notices=recent_notices(resident.person_id, MOST_NOTICES),
        may_link=not has_unionid(resident.identity_id),
        form_token=form_token(),
        today=today(),
        qr_svg=qr_svg,
        code_label=texts.CODE_LABEL,
        spoken_day=spoken_day,
        spoken_moment=spoken_moment,
    )
