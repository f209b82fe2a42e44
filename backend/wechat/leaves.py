"""Fields of a pushed tree as values: one shape for XML and JSON, number or text, one or many (wechat-protocol §10)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from backend.wechat.errors import PushRefused
from backend.wechat.reading import Tree

DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,20})?")
WHOLE = re.compile(r"-?[0-9]{1,9}")


def text(tree: Tree, name: str) -> str:
    """A field's text, empty where it is absent. Raises `PushRefused` 400 where it is repeated or has children."""
    value = tree.get(name, "")
    if isinstance(value, list):
        raise PushRefused(400, "repeated_element")
    if not isinstance(value, str):
        raise PushRefused(400, "bad_field")
    return value


def matching(tree: Tree, name: str, pattern: re.Pattern[str]) -> str:
    """A field's text without white space around it. Raises `PushRefused` 400 unless the whole of it matches."""
    value = text(tree, name).strip()
    if not pattern.fullmatch(value):
        raise PushRefused(400, "bad_field")
    return value


def whole(tree: Tree, name: str) -> int | None:
    """A whole number, None where it is absent or no number: nothing of ours depends on it."""
    value = tree.get(name)
    return int(value) if isinstance(value, str) and WHOLE.fullmatch(value.strip()) else None


def branch(tree: Tree, name: str) -> Tree:
    """A nested element; empty where it is absent or has no children (`<ScanCodeInfo></ScanCodeInfo>`)."""
    value = tree.get(name)
    return value if isinstance(value, Mapping) else {}


def branches(value: object) -> list[Tree]:
    """Repeated elements as a list: one comes alone, none as an empty text. Raises `PushRefused` 400 for a text."""
    entries: list[Tree] = []
    for entry in value if isinstance(value, list) else [value] if value else []:
        if not isinstance(entry, Mapping):
            raise PushRefused(400, "bad_field")
        entries.append(entry)
    return entries
