"""Blueprints of the console, whose failures are answered by the console's own pages."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.exceptions import HTTPException

from backend.console.errors import answer_fault, answer_http_error, refuse
from backend.kernel.errors import AppError


def console_blueprint(name: str, import_name: str, url_prefix: str) -> Blueprint:
    """A blueprint for the pages of a room; its templates lie in the room's `templates/`."""
    blueprint = Blueprint(name, import_name, url_prefix=url_prefix, template_folder="templates")
    blueprint.register_error_handler(AppError, refuse)
    blueprint.register_error_handler(HTTPException, answer_http_error)
    blueprint.register_error_handler(Exception, answer_fault)
    return blueprint


# The kit's own pages: signing in and out, worklist, messages, assets.
pages = console_blueprint("console", "backend.console", "/console")
