"""The console kit: layout, sign-in, worklist, messages that need a person; each room brings its own pages."""

from backend.console.blueprint import console_blueprint
from backend.console.guard import (
    current_account,
    current_grants,
    current_nodes,
    enforce,
    is_htmx,
    may_here,
    say,
)
from backend.console.kit import install_console
from backend.console.paging import Cursor, Page, read_cursor
from backend.console.rooms import ConsoleRoom, Found, NavEntry, Nodes, SubjectLink, Waiting

__all__ = [
    "ConsoleRoom",
    "Cursor",
    "Found",
    "NavEntry",
    "Nodes",
    "Page",
    "SubjectLink",
    "Waiting",
    "console_blueprint",
    "current_account",
    "current_grants",
    "current_nodes",
    "enforce",
    "install_console",
    "is_htmx",
    "may_here",
    "read_cursor",
    "say",
]
