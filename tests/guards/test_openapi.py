"""The API's document is complete (contract.md "HTTP"), and its error codes are in docs/api.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from flask import Flask

from backend.access_guard import route_access
from backend.api import problems
from backend.api.kit import PREFIX
from backend.kernel.access import Caller
from tests.guards.source import PRODUCT, ROOT, dotted, place, python_files, tree_of

PROBLEM = "application/problem+json"
# Refusals that residents' programs never see: the desk's own pages and the demonstration's clock.
NOT_THE_API = ("backend/console/", "backend/staff/", "backend/demonstration/")


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """The published document."""
    answer = app.test_client().get(f"{PREFIX}/openapi.json")
    assert answer.status_code == 200
    return deepcopy(answer.get_json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of everything a document offers."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method.upper(), operation


def routes(app: Flask) -> set[tuple[str, str]]:
    """Path and method of everything the application offers below the prefix, written as OpenAPI writes it."""
    return {
        (re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{PREFIX}/") and not rule.endpoint.startswith("api-docs.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def undocumented_problems(document: dict[str, Any], closed: set[tuple[str, str]]) -> list[str]:
    """Operations that leave out a problem their callers will meet; `closed` are those that need a login."""
    missing = []
    for path, method, operation in operations(document):
        expected = {"429"} | ({"401"} if (path, method) in closed else set()) | ({"404"} if "{" in path else set())
        if "requestBody" in operation or any(given.get("in") == "query" for given in operation.get("parameters", [])):
            expected.add("422")
        answers = operation["responses"]
        missing += [f"{method} {path} {status}" for status in sorted(expected - answers.keys())]
        for status, answer in answers.items():
            if status[0] in "45" and set(answer.get("content", {})) != {PROBLEM}:
                missing.append(f"{method} {path} {status} is no problem document")
    return missing


def unsecured(document: dict[str, Any], closed: set[tuple[str, str]]) -> list[str]:
    """Operations whose security in the document is not what the application asks for."""
    return [
        f"{method} {path}"
        for path, method, operation in operations(document)
        if operation.get("security") != ([{"bearer": []}] if (path, method) in closed else [])
    ]


def refusals(tree: ast.Module) -> Iterator[tuple[int, str | None]]:
    """Line and code of every `AppError` a module raises, and of every problem it names; None for a code made up."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        position = {"AppError": 0, "problem": 1}.get(dotted(node.func))
        if position is not None:
            code = node.args[position] if len(node.args) > position else None
            known = isinstance(code, ast.Constant) and isinstance(code.value, str)
            yield node.lineno, code.value if known else None  # type: ignore[union-attr]


@pytest.fixture
def closed(app: Flask) -> set[tuple[str, str]]:
    """Operations that need a login."""
    endpoints = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (declared := route_access(app, rule.endpoint)) and declared.caller is Caller.RESIDENT
    }
    return {
        (re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint in endpoints
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_document_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"]
    assert document["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}


def test_every_route_is_in_the_document(app, document):
    documented = {(path, method) for path, method, _ in operations(document)}
    assert documented == routes(app)
    assert len(documented) >= 8


def test_every_operation_says_what_it_does(document):
    assert [f"{m} {p}" for p, m, operation in operations(document) if not operation.get("summary")] == []


def test_every_operation_documents_its_problems(document, closed):
    assert undocumented_problems(document, closed) == []


def test_every_operation_says_whether_it_needs_a_login(document, closed):
    assert unsecured(document, closed) == []


def test_gaps_in_the_document_are_found(document, closed):
    path, method, operation = next(entry for entry in operations(document) if entry[:2] in closed)
    del operation["responses"]["401"]
    operation["responses"]["429"] = {"description": "later", "content": {"application/json": {}}}
    operation["security"] = []
    gaps = undocumented_problems(document, closed)
    assert gaps == [f"{method} {path} 401", f"{method} {path} 429 is no problem document"]
    assert unsecured(document, closed) == [f"{method} {path}"]


def test_references_in_the_document_lead_somewhere(document):
    for reference in set(re.findall(r"'\$ref': '([^']+)'", str(document))):
        place_in = document
        for name in reference.removeprefix("#/").split("/"):
            assert name in place_in, reference
            place_in = place_in[name]


def codes_of_the_api() -> set[str]:
    """Every error code that residents' programs may read."""
    found = {code for code, _ in problems._BY_STATUS.values()} | {"busy", "unexpected"}
    for path in python_files(*PRODUCT):
        if not place(path).startswith(NOT_THE_API):
            found |= {code for _, code in refusals(tree_of(path)) if code is not None}
    return found


def undocumented_codes(codes: set[str], documentation: str) -> set[str]:
    """Codes that a document does not name."""
    return {code for code in codes if f"`{code}`" not in documentation}


def test_every_code_is_written_out():
    made_up = [
        f"{place(path)}:{line}"
        for path in python_files(*PRODUCT)
        if not place(path).startswith(("backend/api/problems.py", "backend/console/"))
        for line, code in refusals(tree_of(path))
        if code is None
    ]
    assert made_up == []


def test_every_code_is_in_the_documentation():
    codes = codes_of_the_api()
    assert {"slot_full", "already_booked", "too_late", "state_conflict", "not_found", "rate_limited"} <= codes
    assert undocumented_codes(codes, (ROOT / "docs" / "api.md").read_text()) == set()


def test_undocumented_codes_are_found():
    tree = ast.parse("raise AppError('brand_new', text)\nraise AppError(code, text)\nproblem(503, 'busy', text)")
    assert list(refusals(tree)) == [(1, "brand_new"), (2, None), (3, "busy")]
    assert undocumented_codes({"brand_new", "busy"}, "| `busy` | 503 |") == {"brand_new"}
