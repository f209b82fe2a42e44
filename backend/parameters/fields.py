"""Kinds of values that marshmallow does not know."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import time
from typing import Any

import marshmallow as ma
from marshmallow import fields


class ClockSpans(fields.Field[tuple[tuple[time, time], ...]]):
    """Stretches of a day as `[["09:00", "12:00"], …]`: in order, not overlapping, at least one unless `may_be_none`."""

    def __init__(self, *, may_be_none: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.may_be_none = may_be_none

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[tuple[time, time], ...]:
        try:
            spans = tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in value)
        except (TypeError, ValueError):
            raise ma.ValidationError("hours are pairs of HH:MM") from None
        edges = [edge for span in spans for edge in span]
        if not (spans or self.may_be_none) or edges != sorted(set(edges)):
            raise ma.ValidationError("hours must follow one another")
        return spans


class SpokenLines(fields.Field[Any], ABC):
    """A list of at most `most` entries, each typed and told as one sentence; what an entry is, the room says."""

    example: str
    most: int

    @abstractmethod
    def read_line(self, line: str) -> Any:
        """The JSON value of one sentence; None where it cannot be read."""

    @abstractmethod
    def tell_line(self, value: Any) -> str:
        """The sentence of one JSON value, which `read_line` reads again."""
