"""How the console looks on this browser: light or dark, the size of letters, keys of one letter on or off.

Kept in a cookie, so that the very first paint is right without a script (the policy forbids inline ones).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from flask import current_app, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from backend.console.blueprint import pages
from backend.console.guard import COOKIE_PATH, safe_next
from backend.kernel.access import Caller, access

COOKIE = "console_look"
_A_YEAR = 365 * 24 * 3600


class Theme(StrEnum):
    """Light, dark, or as the system says."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Letters(StrEnum):
    """LARGE is 15 per cent more."""

    NORMAL = "normal"
    LARGE = "large"


class Keys(StrEnum):
    """Whether keys of one letter do something (WCAG 2.1.4: they can be turned off)."""

    ON = "on"
    OFF = "off"


@dataclass(frozen=True)
class Look:
    """What a browser has chosen; the fields are also those of the form."""

    theme: Theme = Theme.AUTO
    letters: Letters = Letters.NORMAL
    keys: Keys = Keys.ON

    def __str__(self) -> str:
        return f"{self.theme.value}.{self.letters.value}.{self.keys.value}"


def look() -> Look:
    """What this browser has chosen."""
    if "console_look" not in g:
        g.console_look = _read(request.cookies.get(COOKIE, ""))
    chosen: Look = g.console_look
    return chosen


@pages.post("/appearance")
@access(Caller.STAFF)
def appearance() -> AnyResponse:
    """Change one or more of the settings and go back to where one was."""
    kinds: dict[str, type[StrEnum]] = {"theme": Theme, "letters": Letters, "keys": Keys}
    changes: dict[str, Any] = {
        name: kind(request.form[name]) for name, kind in kinds.items() if request.form.get(name) in set(kind)
    }
    response = redirect(safe_next(request.form.get("next")), 303)
    response.set_cookie(
        COOKIE,
        str(replace(look(), **changes)),
        max_age=_A_YEAR,
        path=COOKIE_PATH,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )
    return response


def _read(text: str) -> Look:
    """The settings in a cookie; one that is not ours means nothing."""
    parts = text.split(".")
    try:
        return Look(Theme(parts[0]), Letters(parts[1]), Keys(parts[2]))
    except (ValueError, IndexError):
        return Look()
