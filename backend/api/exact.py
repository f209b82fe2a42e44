"""JSON bodies are taken as the document says: a truth value is `true` or `false`, an integer is no text.

marshmallow also takes 0, "no" and "off" for false and "5" for five, which is made for forms. A declaration of free will
must not be read out of a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import marshmallow as ma
from marshmallow import fields


class _Only(frozenset[bool]):
    """A set of one truth value that does not take 0 and 1 for members."""

    def __contains__(self, value: object) -> bool:
        return isinstance(value, bool) and super().__contains__(value)


def exact(schema: ma.Schema | type[ma.Schema]) -> ma.Schema:
    """The schema, taking nothing for a truth value or an integer that is none; it is changed for good."""
    made = schema() if isinstance(schema, type) else schema
    for field in _all_fields(made):
        if isinstance(field, fields.Boolean):
            # marshmallow wants sets that can be changed; it only asks them whether a value is in them.
            field.truthy, field.falsy = _Only({True}), _Only({False})  # type: ignore[assignment]
        elif isinstance(field, fields.Integer):
            field.strict = True
    return made


def _all_fields(schema: ma.Schema) -> Iterator[Any]:
    """Every field of a schema and of what is nested in it; a schema nested in itself has no end."""
    for field in schema.fields.values():
        yield from _inside(field)


def _inside(field: Any) -> Iterator[Any]:
    yield field
    if isinstance(field, fields.Nested):
        yield from _all_fields(field.schema)
    for inner in (getattr(field, name, None) for name in ("inner", "key_field", "value_field")):
        if inner is not None:
            yield from _inside(inner)
