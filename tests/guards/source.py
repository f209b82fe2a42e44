"""The product's own source, as the guards read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("backend", "messages", "workflows")
SANDBOX = ("sandbox",)


def python_files(*folders: str) -> list[Path]:
    """The Python files below folders of the project, sorted; an empty list would let every guard pass."""
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    assert found, f"nothing to guard in {folders}"
    return found


def place(path: Path) -> str:
    """A file's path as people write it."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text())


def prose(tree: ast.Module) -> set[int]:
    """The ids of strings that are docstrings: they stand for themselves and nothing reads them."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def strings(tree: ast.Module) -> Iterator[ast.Constant]:
    """The string literals a program uses, pieces of f-strings among them, without docstrings."""
    docstrings = prose(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""
