"""What kind of value each field of a notice holds, and which kinds of template fields can carry it (protocol §5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# By the names of fields, which mean the same in every notice. All others are free text.
KINDS: Mapping[str, str] = MappingProxyType({"time": "time", "was": "time", "number": "character_string"})
FREE_TEXT = "thing"

# The first is the one to choose. A time or a number is never cut, so a free field carries it only whole.
CARRIERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "thing": ("thing", "short_thing", "phrase", "name", "const", "enum"),
        "time": ("time", "date", "thing"),
        "character_string": ("character_string", "thing"),
    }
)


def kind_of(field: str) -> str:
    """The kind of a notice's field, as WeChat names the types of template fields."""
    return KINDS.get(field, FREE_TEXT)


def can_carry(key_kind: str, field: str) -> bool:
    """Whether a template's key of that type may be filled from a notice's field."""
    return key_kind in CARRIERS[kind_of(field)]
