"""A stand-in for the bureau's verification service, which says whether a name and a number belong together.

It knows only numbers that belong to nobody: those of the test-only area 100000, the test vectors of the residence
permits, and papers beginning with TEST. For these any name is right, unless the control says otherwise. What looks like
a real number is never right here, and never written down.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.control.kit import Refused, body, member
from sandbox.world import current_world

ANSWERS = ("match", "mismatch", "unavailable")
_TEST_NUMBERS = re.compile(r"100000\d{11}[\dX]|810000199003071237|830000198508150044|TEST[A-Z0-9]{1,16}", re.ASCII)

identity_check = Blueprint("identity_check", __name__)

Answer = Response | dict[str, Any] | tuple[dict[str, Any], int] | tuple[Response, int]


@identity_check.post("/identity-check")
def check() -> Answer:
    """What the product asks: 200 with `{"result": "matched" | "mismatched"}`; 401 for a wrong key, 503 while away."""
    world = current_world()
    asked = request.get_json(silent=True)
    status, answer = _answer(asked if isinstance(asked, dict) else {})
    world.journal.add(
        at=world.now_text(),
        direction="call",
        method="POST",
        path="/identity-check",
        app="",
        request={"body": {"name": "…", "id_number": "…"}},
        response={"body": answer},
        status=status,
        duration_ms=0,
        note="",
    )
    return jsonify(answer), status


@identity_check.get("/sandbox/identity-check")
def look() -> Answer:
    """How it answers at present."""
    return {"answers": current_world().state.identity_check}


@identity_check.post("/sandbox/identity-check")
def choose() -> Answer:
    """Let it find everything right (match), everything wrong (mismatch), or be away (unavailable)."""
    world, answers = current_world(), member(body(), "answers", str, "")
    if answers not in ANSWERS:
        raise Refused(400, f"answers 请填 {'、'.join(ANSWERS)} 之一")
    with world.lock:
        world.state.identity_check = answers
        world.changed()
    return {"answers": answers}


def _answer(asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    world = current_world()
    if request.headers.get("Authorization") != f"Bearer {world.config.identity_check_key}":
        return 401, {"error": "unauthorized"}
    name, number = asked.get("name"), asked.get("id_number")
    if not isinstance(name, str) or not name.strip() or not isinstance(number, str):
        return 400, {"error": "name and id_number are needed"}
    answers = world.state.identity_check
    if answers == "unavailable":
        return 503, {"error": "unavailable"}
    right = answers == "match" and _TEST_NUMBERS.fullmatch(number) is not None
    return 200, {"result": "matched" if right else "mismatched"}
