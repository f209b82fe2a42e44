"""The first page: what waits for this person, room by room."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from backend.console.attention import attention_count
from backend.console.blueprint import pages
from backend.console.guard import may_here
from backend.console.rooms import console_rooms
from backend.kernel.access import Caller, access
from backend.kernel.clock import now
from backend.staff import Permission


@pages.get("/")
@access(Caller.STAFF)
def worklist() -> str:
    """The worklist."""
    return render_template(
        "console/worklist.html",
        parts=[Markup(room.overview()) for room in console_rooms() if room.overview],  # noqa: S704 - rooms render escaped templates
        attention=attention_count() if may_here(Permission.ATTEND_MESSAGES) else None,
        moment=now(),
    )
