"""Ceremonies at the console: pages, what waits, subjects for the messages list."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

from flask import url_for

from backend.console import ConsoleRoom, NavEntry, Nodes, SubjectLink, Waiting, current_nodes, may_here
from backend.console.rooms import NavGroup
from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import now, start_of_day, today
from backend.kernel.legal_calendar import ONE_DAY
from backend.marriage.blessings.desk import waiting_blessings
from backend.marriage.ceremonies import desk_events, desk_queries, texts
from backend.marriage.ceremonies.desk import ceremony_desk
from backend.marriage.ceremonies.notices import ENTRY_SUBJECT, SUBJECT_KIND
from backend.marriage.ceremonies.parameters import CEREMONIES
from backend.marriage.ceremonies.rules import decide_weather_by
from backend.marriage.covers.desk import waiting_covers
from backend.staff import Permission

__all__ = ["ceremonies_console", "desk_events"]  # the module hangs its views on the blueprint


def _waiting(limit: int) -> Sequence[Waiting]:
    if not may_here(Permission.DECIDE_APPOINTMENTS):
        return []
    nodes = current_nodes(Permission.DECIDE_APPOINTMENTS)
    looks = [*waiting_blessings(nodes, limit), *waiting_covers(nodes, limit)]
    found = [*_weather(nodes), *_unplaced(nodes, limit), *_videos(nodes, limit), *looks]
    return sorted(found, key=lambda item: (item.due or now(), item.since))[:limit]


def _weather(nodes: Nodes) -> list[Waiting]:
    """Tomorrow's outdoor ceremonies, until the evening in which people are to be told (§2.7)."""
    day = today() + ONE_DAY
    return [
        Waiting(
            texts.WAITING_WEATHER,
            texts.WAITING_WEATHER_TITLE.format(venue=one.venue.name, day=spoken_day(day), count=one.ceremonies),
            url_for("ceremony_desk.weather"),
            start_of_day(today()),
            decide_weather_by(day),
        )
        for one in desk_queries.outdoor_days(nodes, day, day)
        if one.reason is None and now() < decide_weather_by(day)
    ]


def _unplaced(nodes: Nodes, limit: int) -> list[Waiting]:
    return [
        Waiting(
            texts.WAITING_PLACE,
            texts.WAITING_PLACE_TITLE.format(number=row.number),
            url_for("ceremony_desk.ceremony", ceremony_id=row.id),
            row.changed_at,
            row.starts_at,
        )
        for row in desk_queries.unplaced(nodes, limit)
    ]


def _videos(nodes: Nodes, limit: int) -> list[Waiting]:
    return [
        Waiting(
            texts.WAITING_ERASE,
            texts.WAITING_ERASE_TITLE.format(number=cloud.ceremony.number),
            url_for("ceremony_desk.ceremony", ceremony_id=cloud.ceremony_id),
            cloud.changed_at,
            cloud.changed_at + ONE_DAY,
        )
        for cloud in desk_queries.to_erase(nodes, limit)
    ]


def _ceremonies(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, SubjectLink]:
    return {
        row.id: SubjectLink(row.number, url_for("ceremony_desk.ceremony", ceremony_id=row.id))
        for row in desk_queries.ceremonies_by_id(nodes, ids)
    }


def _entries(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, SubjectLink]:
    return {
        entry_id: SubjectLink(number, url_for("ceremony_desk.group_event", event_id=event_id))
        for entry_id, (number, event_id) in desk_queries.entry_events(nodes, ids).items()
    }


ceremonies_console = ConsoleRoom(
    blueprint=ceremony_desk,
    navigation=[
        NavEntry("ceremony_desk.ceremonies", texts.DESK_NAME, Permission.READ_APPOINTMENTS, NavGroup.SERVICES),
        NavEntry("ceremony_desk.group_events", texts.EVENTS_NAME, Permission.READ_APPOINTMENTS, NavGroup.SERVICES),
    ],
    waiting=_waiting,
    subjects={SUBJECT_KIND: _ceremonies, ENTRY_SUBJECT: _entries},
    subject_scopes={SUBJECT_KIND: desk_queries.ceremonies_of, ENTRY_SUBJECT: desk_queries.entries_of},
    parameters=[CEREMONIES],
)
