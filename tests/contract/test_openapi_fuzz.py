"""Every operation of the API keeps what its document says, whatever it is sent: no fault, no answer not documented.

New operations are taken in by themselves. Run against the demonstration, as a resident with an appointment and as
somebody without a login.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import marshmallow as ma
import pytest
from flask import Flask, jsonify
from marshmallow import fields
from schemathesis.engine import StopReason

from backend.api.kit import PREFIX, ApiBlueprint, configure_api, documented
from backend.people import log_in, resident_by_token
from tests.api.conftest import Caller, booking
from tests.contract.fuzzing import Run, Wsgi, fuzz
from tests.story.conftest import world
from tests.story.world import World

__all__ = ["world"]

DOCUMENT = f"{PREFIX}/openapi.json"
LOGIN = {"Authorization": "Bearer the-resident"}  # stands for a token that is valid when the request arrives
OPENID = "oFuzzingResident000000000001"


def as_resident(app: Flask) -> Wsgi:
    """The application for somebody with a login, who logs in again whenever an operation has ended it."""
    app_id, tokens = app.extensions["settings"].miniprogram.app_id, [""]

    def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ.get("HTTP_AUTHORIZATION") == LOGIN["Authorization"]:
            if resident_by_token(tokens[0]) is None:
                tokens[0] = log_in(app_id, OPENID, None).token
            environ["HTTP_AUTHORIZATION"] = f"Bearer {tokens[0]}"
        return app(environ, start_response)

    return wsgi


def closed_operations(app: Flask) -> set[str]:
    """Operations that need a login, as `GET /path`."""
    return {label for label, operation in operations(app).items() if operation["security"]}


def operations(app: Flask) -> dict[str, dict[str, Any]]:
    """Every operation of the document, as `GET /path`."""
    paths = app.test_client().get(DOCUMENT).get_json()["paths"]
    return {
        f"{method.upper()} {path}": operation
        for path, item in paths.items()
        for method, operation in item.items()
        if method != "parameters"
    }


def book(app: Flask) -> None:
    """Give the resident an appointment, so that there is something to ask for."""
    client = app.test_client()
    office = client.get(f"{PREFIX}/marriage/offices").get_json()["items"][0]["id"]
    days = client.get(f"{PREFIX}/marriage/slots?office_id={office}&from=2026-11-26&to=2026-12-04").get_json()["items"]
    slot = next(slot for day in days for slot in day["slots"] if slot["free"])
    token = log_in(app.extensions["settings"].miniprogram.app_id, OPENID, None).token
    assert Caller(client, token).post("/appointments", booking(slot["id"], 7000)).status_code == 201


def is_whole(run: Run, app: Flask) -> None:
    """Nothing was found, and every operation was tried."""
    assert run.findings == {}, run.told()
    assert run.stopped is StopReason.COMPLETED
    assert run.statuses.keys() == operations(app).keys()


def test_for_a_resident(world: World) -> None:
    book(world.app)
    run = fuzz(as_resident(world.app), DOCUMENT, LOGIN)
    is_whole(run, world.app)
    for label in closed_operations(world.app):
        assert run.statuses[label].keys() - {401, 405}, f"{label} was never reached with a login"
    assert run.statuses[f"GET {PREFIX}/marriage/appointments/{{appointment_id}}"][200], "own rows are never met"


def test_for_somebody_without_a_login(world: World) -> None:
    run = fuzz(world.app, DOCUMENT)
    is_whole(run, world.app)
    for label in closed_operations(world.app):
        assert not [status for status in run.statuses[label] if status < 400], f"{label} needs no login"


class _Answer(ma.Schema):
    """What the faulty API says it answers."""

    number = fields.Integer(required=True)


class _Question(ma.Schema):
    """What it is asked."""

    size = fields.Integer(required=True)


@pytest.fixture
def faulty() -> Flask:
    """An API that does not keep its document."""
    app = Flask("faulty")
    api, blueprint = configure_api(app), ApiBlueprint("faulty", "Does not keep its document")

    @blueprint.route("/shape")
    @documented(security=[])
    @blueprint.response(200, _Answer)
    def shape() -> Any:
        return jsonify(number="many")

    @blueprint.route("/fault", methods=["POST"])
    @documented(422, security=[])
    @blueprint.arguments(_Question)
    @blueprint.response(200, _Answer)
    def fault(data: dict[str, int]) -> Any:
        return {"number": 1 // data["size"]}

    @blueprint.route("/status")
    @documented(security=[])
    @blueprint.response(200, _Answer)
    def status() -> Any:
        return {"number": 1}, 202

    api.register_blueprint(blueprint)
    return app


def test_faults_are_found(faulty: Flask) -> None:
    found = "\n".join(fuzz(faulty, DOCUMENT).findings)
    assert f"GET {PREFIX}/faulty/shape: Response violates schema" in found
    assert f"POST {PREFIX}/faulty/fault: Server error" in found
    assert f"GET {PREFIX}/faulty/status: Undocumented status code" in found
