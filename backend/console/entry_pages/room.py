"""“My account” as a room of the console: in the menu of everybody who is signed in."""

from __future__ import annotations

from backend.console.entry_pages import account, scanning, second_factor, texts
from backend.console.entry_pages.blueprint import entry
from backend.console.rooms import ConsoleRoom, NavEntry
from backend.staff.entry.parameters import SESSIONS

__all__ = ["account", "entry_room", "scanning", "second_factor"]  # the modules hang their views on `entry`

entry_room = ConsoleRoom(
    blueprint=entry,
    navigation=[NavEntry("entry.account_page", texts.MY_ACCOUNT)],
    overview=account.account_notices,
    parameters=[SESSIONS],
)
