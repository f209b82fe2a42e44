"""Help on each page: a short template by endpoint, shown behind "?" and on a page of its own.

A room may bring its own: `templates/console/help/<endpoint>.html` beside its pages.
"""

from __future__ import annotations

from functools import lru_cache

from flask import Flask, abort, current_app, render_template, request
from jinja2 import TemplateNotFound

from backend.console.blueprint import pages
from backend.console.navigation import navigation
from backend.kernel.access import Caller, access


@pages.get("/help")
@access(Caller.STAFF)
def help_start() -> str:
    """What the console is and what each entry of one's menu is for."""
    return render_template("console/help.html", about=None, sections=navigation())


@pages.get("/help/<about>")
@access(Caller.STAFF)
def help_page(about: str) -> str:
    """The help of one page, by its endpoint; for browsers without scripts and to be read in peace."""
    template = help_of(about)
    if template is None:
        abort(404)
    return render_template("console/help.html", about=template, sections=navigation())


def page_help() -> str | None:
    """The help template of the page being answered."""
    return help_of(request.endpoint or "")


def help_of(endpoint: str) -> str | None:
    """The help template of an endpoint, or None."""
    return _known(current_app._get_current_object(), endpoint)  # type: ignore[attr-defined]


@lru_cache(maxsize=512)
def _known(app: Flask, endpoint: str) -> str | None:
    name = f"console/help/{endpoint}.html"
    try:
        app.jinja_env.get_template(name)
    except TemplateNotFound:
        return None
    return name
