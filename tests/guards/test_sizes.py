"""Files and functions of readable size, nothing left undone, public names explained (architecture.md §4)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.source import PRODUCT, ROOT, SANDBOX, dotted, place, python_files, tree_of

MOST_LINES = 400
MOST_FUNCTION_LINES = 60
# Past the limits a file says in its first lines why: "Long because ...".
REASON = re.compile(r"\bLong because \w+")
REASON_WITHIN = 12

SOURCE = (*PRODUCT, *SANDBOX, "migrations", "tests", "bench")
SUFFIXES = {".py", ".html", ".js", ".css"}
UNDONE = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError|NotImplemented)\b")


def has_reason(text: str) -> bool:
    """Whether a file says in its first lines why it is long."""
    return bool(REASON.search("\n".join(text.splitlines()[:REASON_WITHIN])))


def too_long(text: str) -> list[str]:
    """What is too long in a Python file, unless it says why."""
    if has_reason(text):
        return []
    found = [f"{len(text.splitlines())} lines"] if len(text.splitlines()) > MOST_LINES else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > MOST_FUNCTION_LINES:
                found.append(f"{node.name} has {lines} lines")
    return found


def unexplained(tree: ast.Module) -> Iterator[str]:
    """Public functions and classes, and public methods of public classes, without a docstring.

    The methods of a protocol are explained by the class.
    """
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield node.name
        if isinstance(node, ast.ClassDef) and "Protocol" not in {dotted(base) for base in node.bases}:
            methods = [method for method in node.body if isinstance(method, ast.FunctionDef)]
            for method in methods:
                if not method.name.startswith("_") and ast.get_docstring(method) is None:
                    yield f"{node.name}.{method.name}"


def source_files() -> list[Path]:
    """Every file somebody reads, but for what others have written."""
    paths = [path for folder in SOURCE for path in sorted((ROOT / folder).rglob("*"))]
    return [path for path in paths if path.suffix in SUFFIXES and "vendor" not in path.parts]


def explained_files() -> list[Path]:
    """Where every public name has a docstring: what other rooms build on."""
    rules = [path for path in python_files("backend") if path.name == "rules.py"]
    assert rules
    return [*python_files("backend/kernel", "workflows", "messages"), *rules]


def test_files_and_functions_are_short():
    assert [f"{place(path)}: {what}" for path in python_files(*SOURCE) for what in too_long(path.read_text())] == []


def test_pages_are_short():
    pages = [path for path in source_files() if path.suffix != ".py"]
    assert pages
    assert [place(path) for path in pages if len(path.read_text().splitlines()) > MOST_LINES] == []


def test_nothing_is_left_undone():
    this = Path(__file__)
    assert [place(path) for path in source_files() if path != this and UNDONE.search(path.read_text())] == []


def test_public_names_are_explained():
    assert [f"{place(path)}: {name}" for path in explained_files() for name in unexplained(tree_of(path))] == []


def test_long_files_and_functions_are_found():
    long_function = "def f():\n" + "    x = 1\n" * 60
    assert too_long("x = 1\n" * 401) == ["401 lines"]
    assert too_long(long_function) == ["f has 61 lines"]
    assert too_long('"""Rules.\n\nLong because the law is.\n"""\n' + long_function) == []
    assert too_long("x = 1\n" * 400 + "# Long because nobody reads so far\n") == ["401 lines"]


@pytest.mark.parametrize("line", ["# TODO: later", "raise NotImplementedError", "// FIXME", "<!-- XXX -->"])
def test_what_is_undone_is_found(line: str):
    assert UNDONE.search(line)
    assert not UNDONE.search("JSON with \\uXXXX, a method left to others")


def test_unexplained_names_are_found():
    bad = "def f(): pass\nclass A:\n    'An A.'\n    def g(self): pass\n    def _h(self): pass"
    assert list(unexplained(ast.parse(bad))) == ["f", "A.g"]
    good = "def _f(): pass\nclass P(Protocol):\n    'A P.'\n    def g(self): ..."
    assert list(unexplained(ast.parse(good))) == []
