"""Requests about one's own data, times of keeping and legal holds at the console."""

from backend.console.rights_pages.room import rights_console

__all__ = ["rights_console"]
