"""The API's frame: blueprints under `/api/v1`, OpenAPI 3.1, authentication, errors as problem details."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Flask, Response, g, request
from flask_smorest import Api, Blueprint
from marshmallow import fields
from werkzeug.exceptions import HTTPException

from backend.api import texts
from backend.api.exact import exact
from backend.api.problems import from_app_error, from_fault, from_http_exception
from backend.kernel.errors import AppError
from backend.people import Resident, resident_by_token

PREFIX = "/api/v1"


class ProblemSchema(ma.Schema):
    """`application/problem+json` (RFC 9457); a code may bring members of its own, such as `alternatives`."""

    class Meta:
        unknown = ma.INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "stable, for programs"})
    detail = fields.String(required=True, metadata={"description": "plain Chinese, says what to do next"})
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    reference = fields.String(required=True, metadata={"description": "quote it to the operator; it is in the log"})


class NuanminApi(Api):  # type: ignore[misc]
    """flask-smorest with our error documents; its own handler would drop the Allow header of a 405."""

    ERROR_SCHEMA = ProblemSchema
    # A "default" answer in the document would allow any status: then no answer is undocumented, and none documented.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer in our form."""
        return from_http_exception(error)


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    """A blueprint of the API whose use-case errors and faults are problem documents."""

    def __init__(self, name: str, description: str, *, path: str = "") -> None:
        super().__init__(name, name, url_prefix=f"{PREFIX}/{path or name}", description=description)
        self.register_error_handler(AppError, from_app_error)
        self.register_error_handler(Exception, _fault)

    def arguments(self, schema: ma.Schema | type[ma.Schema], *, location: str = "json", **options: Any) -> Any:
        """As flask-smorest's; a JSON body is taken exactly (see `backend.api.exact`)."""
        return super().arguments(exact(schema) if location == "json" else schema, location=location, **options)


def _fault(error: Exception) -> Response:
    return from_http_exception(error) if isinstance(error, HTTPException) else from_fault(error)


def configure_api(app: Flask) -> NuanminApi:
    """Prepare the app and return the API to register blueprints with."""
    app.config.update(
        API_TITLE="Nuanmin",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": "The mini-program's API of a district civil-affairs bureau."},
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        },
    )
    return NuanminApi(app)


def authenticate_resident() -> None:
    """Find out who calls; raises `AppError` unauthenticated. Kept on `g` for `resident()`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = resident_by_token(token.strip()) if scheme.lower() == "bearer" and token else None
    if found is None:
        raise AppError("unauthenticated", texts.UNAUTHENTICATED, 401)
    g.resident = found


def resident() -> Resident:
    """Who is calling; only inside views declared for residents."""
    caller: Resident = g.resident
    return caller


def documented(*codes: int, **responses: Any) -> Any:
    """Name the problem answers of a view in the OpenAPI document, and that it needs a login.

    Goes above `@blueprint.arguments`. A view that takes a body may also find it unreadable (400) or too large (413),
    and any may be busy (503, see `backend.api.problems`); that need not be named.
    """

    def decorate(view: Any) -> Any:
        view._apidoc = {**getattr(view, "_apidoc", {})}
        manual = view._apidoc.setdefault("manual_doc", {})
        manual["security"] = responses.get("security", [{"bearer": []}])
        answers = manual.setdefault("responses", {})
        for code in sorted({*codes, *_always(view)}):
            answers[str(code)] = {
                "description": "problem",
                "content": {"application/problem+json": {"schema": ProblemSchema}},
            }
        return view

    return decorate


def _always(view: Any) -> set[int]:
    """Problem answers that views have by their nature."""
    locations = {given["in"] for given in view._apidoc.get("arguments", {}).get("parameters", [])}
    return {503, 400, 413} if locations & {"json", "form", "files"} else {503}
