"""Enforces `@access` before every view, and refuses to start with a view that does not declare it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, abort, request

from backend.api.kit import authenticate_resident
from backend.console.guard import enforce as enforce_staff
from backend.h5.entrance import authenticate_web
from backend.kernel.access import Access, Caller, declared_access

# Views of the framework itself: files and the published API document.
FRAMEWORK_ENDPOINTS = {"api-docs.openapi_json"}


class UndeclaredRoute(Exception):
    """A view does not say who may call it."""


def route_access(app: Flask, endpoint: str) -> Access | None:
    """What the view of an endpoint declared; anyone may call the framework's own."""
    if endpoint in FRAMEWORK_ENDPOINTS:
        return Access(Caller.ANYONE)
    return declared_access(app.view_functions[endpoint])


def install(app: Flask) -> None:
    """Check every route's declaration and enforce it from now on. Raises `UndeclaredRoute`."""
    undeclared = sorted(endpoint for endpoint in app.view_functions if route_access(app, endpoint) is None)
    if undeclared:
        raise UndeclaredRoute(f"say who may call: {', '.join(undeclared)}")
    app.before_request(_enforce(app))


def _enforce(app: Flask) -> Callable[[], Any]:
    def enforce() -> Any:
        if request.endpoint is None:
            return None
        access = route_access(app, request.endpoint)
        if access is None:
            abort(403)
        if access.caller is Caller.RESIDENT:
            authenticate_resident()
        elif access.caller is Caller.RESIDENT_WEB:
            return authenticate_web()
        elif access.caller is Caller.STAFF:
            return enforce_staff(access)
        return None  # WECHAT and DEMONSTRATION are signed, OPERATOR is kept inside by the proxy (docs/operations.md)

    return enforce
