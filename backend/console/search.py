"""One search over all rooms: what a card, a telephone, a number or a name leads to, as far as one may see it.

By POST, so that what was typed is in no address and no log. What one may not see is not told from what is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from backend.console import texts
from backend.console.blueprint import pages
from backend.console.guard import current_account, say
from backend.console.rooms import Found, console_rooms
from backend.kernel.access import Caller, access
from backend.staff import record
from backend.storage import transaction

MOST_CHARACTERS = 60


@pages.get("/search")
@access(Caller.STAFF)
def search_form() -> str:
    """What can be searched for; also where a reload of the results leads, which a browser would have to post again."""
    return render_template("console/search.html", groups=None)


@pages.post("/search")
@access(Caller.STAFF)
def search() -> AnyResponse:
    """Look in every room; a single hit opens at once. The trail says in which rooms, never what was typed."""
    wanted = request.form.get("q", "").strip()[:MOST_CHARACTERS]
    if not wanted:
        say(texts.SEARCH_EMPTY, "problem")
        return make_response(render_template("console/search.html", groups=None), 422)
    with transaction():
        by_room = {room.blueprint.name: room.search(wanted) for room in console_rooms() if room.search}
        counts = {name: len(hits) for name, hits in by_room.items()}
        record("console.searched", "search", None, account_id=current_account().id, found=counts)
    found = [hit for hits in by_room.values() for hit in hits]
    if len({hit.href for hit in found}) == 1:
        return redirect(found[0].href, 303)
    return make_response(render_template("console/search.html", groups=_by_matter(found)))


def _by_matter(found: Sequence[Found]) -> Mapping[str, Sequence[Found]]:
    groups: dict[str, list[Found]] = {}
    for hit in found:
        groups.setdefault(hit.matter, []).append(hit)
    return groups
