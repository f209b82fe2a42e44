"""What the bureau may set as a room of the console."""

from __future__ import annotations

from backend.console.exports.parameters import EXPORTS
from backend.console.rooms import ConsoleRoom, NavEntry, NavGroup
from backend.console.settings_pages import parameter_pages, template_pages, texts
from backend.console.settings_pages.blueprint import settings
from backend.people.rights.parameters import BUREAU
from backend.staff import Permission

__all__ = ["parameter_pages", "settings_console", "template_pages"]  # the modules hang their views on `settings`

settings_console = ConsoleRoom(
    blueprint=settings,
    navigation=[NavEntry("settings.parameters", texts.NAV, Permission.MANAGE_SETTINGS, NavGroup.BUREAU)],
    parameters=[BUREAU, EXPORTS],
)
