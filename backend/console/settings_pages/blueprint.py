"""The blueprint of the pages on what the bureau may set."""

from __future__ import annotations

from backend.console.blueprint import console_blueprint

settings = console_blueprint("settings", "backend.console", "/console/settings")
