"""The menu: what this person may open, in sections, with the page one is on marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import request, url_for

from backend.console import texts
from backend.console.guard import may_here
from backend.console.rooms import NavEntry, NavGroup, console_rooms
from backend.staff import Permission

# Where an entry stands that does not say so itself.
_GROUPS: Mapping[str, NavGroup] = {
    Permission.READ_PERSONS: NavGroup.PEOPLE,
    Permission.VERIFY_PERSONS: NavGroup.PEOPLE,
    Permission.RECORD_LIFE_EVENTS: NavGroup.PEOPLE,
    Permission.HANDLE_RIGHTS: NavGroup.PEOPLE,
    Permission.MANAGE_STAFF: NavGroup.BUREAU,
    Permission.ARRANGE_LEAVE: NavGroup.BUREAU,
    Permission.READ_AUDIT: NavGroup.BUREAU,
    Permission.APPROVE_EXPORT: NavGroup.BUREAU,
}
_OWN = (
    NavEntry("console.messages", texts.MESSAGES, Permission.ATTEND_MESSAGES, NavGroup.SERVICES),
    NavEntry("console.exports", texts.EXPORTS, Permission.ASK_EXPORT, NavGroup.BUREAU),
)
_HOME = NavEntry("console.worklist", texts.WORKLIST, None, NavGroup.SERVICES)


@dataclass(frozen=True)
class NavLink:
    """One line of the menu. `current`: "page" on the very page, "true" on one below it, else None."""

    endpoint: str
    href: str
    label: str
    current: str | None


@dataclass(frozen=True)
class NavSection:
    """A headed part of the menu."""

    group: NavGroup
    title: str
    links: Sequence[NavLink]


def navigation() -> Sequence[NavSection]:
    """The sections of the main menu that have something in them for the person at the desk."""
    entries = [_HOME, *_room_entries(), *_OWN]
    allowed = [entry for entry in entries if entry.permission is None or may_here(entry.permission)]
    here = _current(allowed)
    return [
        NavSection(group, texts.NAV_GROUPS[group.value], links)
        for group in NavGroup
        if group is not NavGroup.ACCOUNT and (links := [_link(e, here) for e in allowed if group_of(e) is group])
    ]


def account_links() -> Sequence[NavLink]:
    """What rooms add to the menu behind one's own name."""
    entries = [entry for entry in _room_entries() if group_of(entry) is NavGroup.ACCOUNT]
    allowed = [entry for entry in entries if entry.permission is None or may_here(entry.permission)]
    here = _current(allowed)
    return [_link(entry, here) for entry in allowed]


def group_of(entry: NavEntry) -> NavGroup:
    """The section an entry stands in; what everybody has is about oneself."""
    if entry.group is not None:
        return entry.group
    return NavGroup.ACCOUNT if entry.permission is None else _GROUPS.get(entry.permission, NavGroup.SERVICES)


def _room_entries() -> Iterator[NavEntry]:
    return (entry for room in console_rooms() for entry in room.navigation)


def _current(entries: Sequence[NavEntry]) -> NavEntry | None:
    """The entry whose address is the longest beginning of this page's, else the first of the same room."""
    below = [(len(url_for(entry.endpoint)), entry) for entry in entries if _is_below(url_for(entry.endpoint))]
    if below:
        return max(below, key=lambda pair: pair[0])[1]
    own = [entry for entry in entries if entry.endpoint.rpartition(".")[0] == request.blueprint]
    return own[0] if own and request.blueprint != "console" else None


def _is_below(address: str) -> bool:
    if address == url_for(_HOME.endpoint):
        return request.path == address
    return request.path == address or request.path.startswith(address.rstrip("/") + "/")


def _link(entry: NavEntry, here: NavEntry | None) -> NavLink:
    href = url_for(entry.endpoint)
    current = None if entry is not here else "page" if request.path == href else "true"
    return NavLink(entry.endpoint, href, entry.label, current)
