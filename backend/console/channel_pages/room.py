"""The way to WeChat as a room of the console: its menu entry, and alarms in the worklist."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from backend.console.channel_pages import texts
from backend.console.channel_pages.pages import channel
from backend.console.guard import current_nodes, may_here
from backend.console.rooms import ConsoleRoom, NavEntry, NavGroup, Waiting
from backend.staff import Permission, district_id
from messages.alarms import open_alarms


def _waiting(limit: int) -> Sequence[Waiting]:
    """What keeps messages from going out, for those who look after the settings of the whole bureau."""
    if not may_here(Permission.MANAGE_SETTINGS) or district_id() not in current_nodes(Permission.MANAGE_SETTINGS):
        return ()
    return [
        Waiting(
            texts.MATTER,
            texts.WAITING.format(
                channel=texts.CHANNELS[alarm.channel.value], failure=texts.FAILURES.get(alarm.failure, alarm.failure)
            ),
            url_for("channel.state"),
            alarm.since,
        )
        for alarm in open_alarms(limit)
    ]


channel_console = ConsoleRoom(
    blueprint=channel,
    navigation=[NavEntry("channel.state", texts.NAV, Permission.MANAGE_SETTINGS, NavGroup.BUREAU)],
    waiting=_waiting,
)
