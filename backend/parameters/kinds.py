"""What a parameter looks like to people: its kind, its limits, reading what was typed and telling a value in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from marshmallow import fields, validate

from backend.parameters import texts
from backend.parameters.fields import ClockSpans, SpokenLines
from backend.parameters.values import Parameter


class Kind(StrEnum):
    """How a value is typed in."""

    WHOLE = "whole"
    SHARE = "share"  # a number from 0 to 1, told and typed in per cent
    CLOCK = "clock"
    SPANS = "spans"
    CHOICES = "choices"
    YES_NO = "yes_no"
    TEXT = "text"
    LINES = "lines"  # one sentence a line


_KINDS: tuple[tuple[type[fields.Field[Any]], Kind], ...] = (
    (fields.Boolean, Kind.YES_NO),
    (fields.Integer, Kind.WHOLE),
    (fields.Float, Kind.SHARE),
    (fields.Time, Kind.CLOCK),
    (ClockSpans, Kind.SPANS),
    (SpokenLines, Kind.LINES),
    (fields.List, Kind.CHOICES),
    (fields.String, Kind.TEXT),
)


@dataclass(frozen=True)
class Shape:
    """A kind with its limits: `least` and `most` of a number, `most` of characters or lines; `choices` are codes.

    `lines` reads and tells one line.
    """

    kind: Kind
    least: int = 0
    most: int = 0
    choices: tuple[str, ...] = ()
    lines: SpokenLines | None = None


def shape_of(parameter: Parameter) -> Shape:
    """The shape of a parameter, from the field that reads it.

    Raises `TypeError` for a field that no page can show, `LookupError` for one without the limits of its kind.
    """
    found = parameter.field
    kind = next((kind for cls, kind in _KINDS if isinstance(found, cls)), None)
    if kind is None:
        raise TypeError(f"{parameter.key}: no kind for {type(found).__name__}")
    if kind is Kind.WHOLE:
        limits = _only(parameter, validate.Range)
        return Shape(kind, limits.min, limits.max)
    if kind is Kind.SHARE:
        limits = _only(parameter, validate.Range)
        return Shape(kind, round(limits.min * 100), round(limits.max * 100))
    if kind is Kind.TEXT:
        return Shape(kind, most=_only(parameter, validate.Length).max)
    if isinstance(found, SpokenLines):
        return Shape(kind, most=found.most, lines=found)
    if isinstance(found, fields.List) and isinstance(found.inner, fields.Enum):
        return Shape(kind, choices=tuple(member.value for member in found.inner.enum))
    return Shape(kind)


def _only(parameter: Parameter, wanted: type[validate.Validator]) -> Any:
    found = [each for each in parameter.field.validators if isinstance(each, wanted)]
    if len(found) != 1:
        raise LookupError(f"{parameter.key} needs one {wanted.__name__}")
    return found[0]


def limits_in_words(shape: Shape) -> str:
    """What may be typed, in one phrase."""
    example = shape.lines.example if shape.lines else ""
    return _LIMITS[shape.kind].format(least=shape.least, most=shape.most, example=example)


_LIMITS: Mapping[Kind, str] = {
    Kind.WHOLE: texts.WHOLE_LIMITS,
    Kind.SHARE: texts.SHARE_LIMITS,
    Kind.CLOCK: texts.CLOCK_LIMITS,
    Kind.SPANS: texts.SPANS_LIMITS,
    Kind.CHOICES: texts.CHOICES_LIMITS,
    Kind.YES_NO: texts.YES_NO_LIMITS,
    Kind.TEXT: texts.TEXT_LIMITS,
    Kind.LINES: texts.LINES_LIMITS,
}


def from_typed(shape: Shape, typed: Sequence[str]) -> Any:
    """The JSON value of what was typed or ticked; None where it cannot be read. Limits are checked by `set_value`."""
    if shape.kind is Kind.CHOICES:
        return list(typed) if set(typed) <= set(shape.choices) else None
    if shape.lines is not None:
        return _lines(shape.lines, typed[0] if typed else "")
    return _READERS[shape.kind]((typed[0] if typed else "").strip())


def _lines(reader: SpokenLines, text: str) -> list[Any] | None:
    read = [reader.read_line(line) for line in text.splitlines() if line.strip()]
    return None if None in read else read


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None


def _share(text: str) -> float | None:
    whole = _whole(text.rstrip("%％"))
    return None if whole is None else whole / 100


def _clock(text: str) -> str | None:
    found = re.fullmatch(r"([0-9]{1,2})[:：]([0-9]{2})", text)
    return f"{found[1]:0>2}:{found[2]}" if found else None


def _spans(text: str) -> list[list[str]] | None:
    parts = [re.split(texts.TO_SIGNS, part) for part in re.split(texts.AND_SIGNS, text) if part]
    clocks = [[_clock(edge) for edge in part] for part in parts]
    if any(len(part) != 2 or None in part for part in clocks):
        return None
    return [[edge or "" for edge in part] for part in clocks]


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.WHOLE: _whole,
    Kind.SHARE: _share,
    Kind.CLOCK: _clock,
    Kind.SPANS: _spans,
    Kind.YES_NO: lambda text: {"yes": True, "no": False}.get(text),
    Kind.TEXT: str,
}


def typed_again(shape: Shape, value: Any) -> str:
    """A JSON value as it would be typed, for the field of a form."""
    if shape.kind is Kind.SHARE:
        return str(round(value * 100))
    if shape.kind is Kind.SPANS:
        return " ".join(f"{opens}-{closes}" for opens, closes in value)
    if shape.kind is Kind.YES_NO:
        return "yes" if value else "no"
    if shape.lines is not None:
        return "\n".join(shape.lines.tell_line(one) for one in value)
    return str(value)


def in_words(shape: Shape, value: Any, unit: str, choices: Mapping[str, str]) -> str:
    """A JSON value for people; `choices` are the names of codes."""
    if shape.kind is Kind.YES_NO:
        return texts.YES if value else texts.NO
    if shape.kind is Kind.CHOICES:
        return texts.COMMA.join(choices[code] for code in value) or texts.NOTHING_CHOSEN
    if shape.lines is not None:
        return texts.LINE_END.join(shape.lines.tell_line(one) for one in value) or texts.NO_LINES
    if shape.kind is Kind.SHARE:
        return texts.SHARE.format(percent=typed_again(shape, value))
    told = typed_again(shape, value)
    return f"{told} {unit}".strip() or texts.NOTHING_WRITTEN
