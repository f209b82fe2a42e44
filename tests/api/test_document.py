"""The published document against what OpenAPI 3.1 asks, and against what the API really answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api.conftest import Caller, booking

Schema = dict[str, Any]
JSON_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
METHODS = {"get", "post", "put", "delete", "patch", "head", "options", "trace"}


@pytest.fixture
def document(app: Flask) -> Schema:
    """What programs download."""
    published: Schema = app.test_client().get("/api/v1/openapi.json").get_json()
    return published


def operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation | {"shared": item.get("parameters", [])}


def resolved(document: Schema, node: Schema) -> Schema:
    """A node, or what its reference names."""
    while "$ref" in node:
        target: Any = document
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def faults(document: Schema, schema: Schema, value: Any, where: str = "") -> Iterator[str]:
    """In what a JSON value differs from a schema of the document, as far as this document uses schemas."""
    schema = resolved(document, schema)
    for key in ("allOf", "anyOf", "oneOf"):
        found = [list(faults(document, one, value, where)) for one in schema.get(key, [])]
        wrong = [each for each in found if each]
        if wrong and (key == "allOf" or len(wrong) == len(found)):
            yield from wrong[0]
    wanted = schema.get("type")
    types = [wanted] if isinstance(wanted, str) else wanted or []
    fits = [one for one in types if isinstance(value, JSON_TYPES[one]) and (one == "boolean" or value is not True)]
    if types and not fits:
        yield f"{where}: {value!r} is no {types}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is not listed"
    if isinstance(value, dict):
        yield from (f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value)
        known = schema.get("properties", {})
        extra = schema.get("additionalProperties", {})
        for name, member in value.items():
            if name in known or extra is not False:
                yield from faults(
                    document, known.get(name, extra if isinstance(extra, dict) else {}), member, f"{where}.{name}"
                )
            else:
                yield f"{where}.{name} is not in the document"
    if isinstance(value, list):
        for position, member in enumerate(value):
            yield from faults(document, schema.get("items", {}), member, f"{where}[{position}]")


def described(document: Schema, path: str, method: str, answer: TestResponse) -> list[str]:
    """In what an answer differs from what the document says of it."""
    documented = document["paths"][path][method]["responses"]
    status = str(answer.status_code)
    if status not in documented:
        return [f"{status} is not documented"]
    content = resolved(document, documented[status])["content"]
    if answer.mimetype not in content:
        return [f"{answer.mimetype} is not documented"]
    return list(faults(document, content[answer.mimetype]["schema"], answer.get_json()))


# --- the document itself ---


def nodes(node: Any, path: str = "") -> Iterator[tuple[str, Schema]]:
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from nodes(value, f"{path}/{key}")
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from nodes(value, f"{path}/{position}")


def test_the_frame(document: Schema) -> None:
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"].keys() >= {"title", "version"}
    assert all(path.startswith("/api/v1/") for path in document["paths"])


def test_every_operation_is_well_formed(document: Schema) -> None:
    seen: list[str] = []
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        seen += [operation["operationId"]] if "operationId" in operation else []
        parameters = [resolved(document, one) for one in (*operation.get("parameters", []), *operation["shared"])]
        assert {one["name"] for one in parameters if one["in"] == "path"} == set(re.findall(r"{(\w+)}", path)), where
        assert all(one["required"] for one in parameters if one["in"] == "path"), where
        assert all("schema" in one for one in parameters), where
        assert operation["responses"], where
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d|default", status), where
            assert resolved(document, response)["description"], where
        assert ("requestBody" in operation) <= (method in ("post", "put", "patch")), where
    assert len(set(seen)) == len(seen)


def test_schemas_are_those_of_json_schema_2020_12(document: Schema) -> None:
    """`nullable` is OpenAPI 3.0's; 3.1 says `type: [string, "null"]`."""
    for path, node in nodes(document):
        assert "nullable" not in node, path
        wanted = node.get("type")
        if "/schema" in path and isinstance(wanted, str | list):
            types = [wanted] if isinstance(wanted, str) else wanted
            assert set(types) <= set(JSON_TYPES), path


def test_every_command_tells_of_the_idempotency_key_errors(document: Schema) -> None:
    for path, method, operation in operations(document):
        if method == "post" and path.startswith("/api/v1/marriage"):
            assert operation["responses"].keys() >= {"401", "409", "422", "429"}, path


# --- what is answered ---


def test_answers_are_as_described(
    document: Schema, caller: Callable[..., Caller], free_slots: Callable[..., list[dict[str, Any]]]
) -> None:
    wang, slots, base = caller("wang"), free_slots(), "/api/v1/marriage"
    one, other = slots[0]["id"], slots[1]["id"]
    booked = wang.book(one, 1)
    path = f"/appointments/{booked.get_json()['id']}"
    office = wang.get("/offices").get_json()["items"][0]["id"]
    answers = [
        ("/offices", "get", wang.get("/offices")),
        ("/slots", "get", wang.get("/slots", office_id=office, **{"from": "2026-11-26", "to": "2026-12-01"})),
        ("/slots", "get", wang.get("/slots")),
        ("/appointments", "post", booked),
        ("/appointments", "post", wang.book(one, 1)),
        ("/appointments", "post", wang.post("/appointments", booking(other, 2) | {"kind": "x"})),
        ("/appointments", "get", wang.get("/appointments")),
        ("/appointments/{appointment_id}", "get", wang.get(path)),
        ("/appointments/{appointment_id}", "get", caller("li").get(path)),
        ("/appointments/{appointment_id}/reschedule", "post", wang.post(f"{path}/reschedule", {"slot_id": other})),
        ("/appointments/{appointment_id}/reschedule", "post", wang.post(f"{path}/reschedule", {"slot_id": other})),
        ("/appointments/{appointment_id}/cancel", "post", wang.post(f"{path}/cancel")),
    ]
    statuses = [answer.status_code for _, _, answer in answers]
    assert statuses == [200, 200, 422, 201, 409, 422, 200, 200, 404, 200, 409, 200]
    for tail, method, answer in answers:
        assert described(document, base + tail, method, answer) == [], (method, tail, answer.status_code)


def test_what_is_not_described_is_found(document: Schema) -> None:
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "integer"}},
        "additionalProperties": False,
    }
    assert list(faults({}, schema, {"a": 1})) == []
    assert list(faults({}, schema, {"b": 1})) == [".a is missing", ".b is not in the document"]
    assert list(faults({}, schema, {"a": True})) == [".a: True is no ['integer']"]
    assert list(faults({}, {"type": ["string", "null"]}, None)) == []
