"""The auditor's pages: the trail, one record's history, unusual looks, the chain; and everybody's own declarations."""

from backend.console.audit_pages.room import audit_console

__all__ = ["audit_console"]
