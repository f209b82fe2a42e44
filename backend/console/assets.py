"""Files for the browser: our stylesheet and script, and the vendored ones with their licences."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import request, send_from_directory, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.blueprint import pages
from backend.kernel.access import Caller, access

STATIC = Path(__file__).parent / "static"

_A_YEAR = 365 * 24 * 3600


@pages.get("/assets/<path:name>")
@access(Caller.ANYONE)
def asset(name: str) -> AnyResponse:
    """A stylesheet or script; the digest in its address lets browsers keep it."""
    return send_from_directory(STATIC, name, max_age=_A_YEAR if "v" in request.args else 0)


def asset_url(name: str) -> str:
    """The address of a file in `static/`, with its digest, so that an upgrade is never served from a cache."""
    return url_for("console.asset", name=name, v=_digest(name))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def stylesheets() -> tuple[str, ...]:
    """Our stylesheets in their order: the shared one first, then one for each part; not the one that makes it dark."""
    names = sorted(path.name for path in STATIC.glob("*.css"))
    return ("console.css", *(name for name in names if name not in ("console.css", "dark.css")))
