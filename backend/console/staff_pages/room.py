"""People and powers as a room of the console: menu, worklist, search."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from backend.console.guard import current_nodes, may_here
from backend.console.rooms import ConsoleRoom, Found, NavEntry, NavGroup
from backend.console.staff_pages import approvals, leaves, member, people, places, texts
from backend.console.staff_pages.approvals import waiting_approvals
from backend.console.staff_pages.blueprint import desk
from backend.staff import Permission
from backend.staff.directory import AccountFilter, accounts

# The modules hang their views on `desk`.
__all__ = ["approvals", "leaves", "member", "people", "places", "staff_console"]

_MOST_FOUND = 10
_FEWEST_LETTERS = 2


def _search(words: str) -> Sequence[Found]:
    words = words.strip()
    if len(words) < _FEWEST_LETTERS or not may_here(Permission.MANAGE_STAFF):
        return ()
    page = accounts(current_nodes(Permission.MANAGE_STAFF), AccountFilter(words=words), None, _MOST_FOUND)
    return [
        Found(
            texts.MATTER_COLLEAGUE,
            row.account.display_name,
            url_for("staff_desk.member", account_id=row.account.id),
            row.account.home.name,
        )
        for row in page.rows
    ]


staff_console = ConsoleRoom(
    blueprint=desk,
    navigation=[
        NavEntry("staff_desk.approvals", texts.NAV_APPROVALS, None, NavGroup.BUREAU),
        NavEntry("staff_desk.leaves", texts.NAV_LEAVE, Permission.ARRANGE_LEAVE, NavGroup.BUREAU),
        NavEntry("staff_desk.places", texts.NAV_STAFF, Permission.MANAGE_STAFF, NavGroup.BUREAU),
        NavEntry("staff_desk.my_leave", texts.NAV_MY_LEAVE, None, NavGroup.ACCOUNT),
    ],
    waiting=waiting_approvals,
    search=_search,
)
