"""What a parameter looks like to people: every declared one has a kind and words, and what is shown can be typed."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from flask import Flask
from marshmallow import fields, validate

import backend
from backend.parameters import Parameter, ParameterGroup, Words
from backend.parameters.fields import ClockSpans
from backend.parameters.kinds import Kind, from_typed, in_words, limits_in_words, shape_of, typed_again

WHOLE = Parameter("test.whole", 5, fields.Integer(strict=True, validate=validate.Range(1, 20)))
SHARE = Parameter("test.share", 0.7, fields.Float(validate=validate.Range(0, 1)))
CLOCK = Parameter("test.clock", "08:30", fields.Time(format="%H:%M"))
SPANS = Parameter("test.spans", [["09:00", "12:00"]], ClockSpans())
YES_NO = Parameter("test.yes_no", False, fields.Boolean())
TEXT = Parameter("test.text", "", fields.String(validate=validate.Length(max=9)))


def declared_parameters() -> set[str]:
    """Every parameter that a module of the product declares."""
    found = set()
    for module in pkgutil.walk_packages(backend.__path__, "backend."):
        if module.name.endswith(".parameters") and not module.ispkg:
            loaded = importlib.import_module(module.name)
            for value in vars(loaded).values():
                many = (
                    value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
                )
                found |= {one.key for one in many if isinstance(one, Parameter)}
    return found


def test_every_parameter_can_be_found_and_set_by_an_administrator(app: Flask):
    shown = [one for room in app.extensions["console"] for group in room.parameters for one in group.parameters]
    assert {one.key for one in shown} == declared_parameters()
    for one in shown:
        shape = shape_of(one)
        assert limits_in_words(shape)
        if shape.kind is not Kind.CHOICES:
            assert from_typed(shape, [typed_again(shape, one.default)]) == one.default


@pytest.mark.parametrize(
    ("parameter", "typed", "value"),
    [
        (WHOLE, " 7 ", 7),
        (WHOLE, "7.5", None),
        (SHARE, "65%", 0.65),
        (SHARE, "most", None),
        (CLOCK, "9：05", "09:05"),
        (CLOCK, "9点", None),
        (SPANS, "9:00-12:00，13:30至17:00", [["09:00", "12:00"], ["13:30", "17:00"]]),
        (SPANS, "9:00-", None),
        (SPANS, "", []),
        (YES_NO, "yes", True),
        (YES_NO, "", None),
        (TEXT, " 029-1 ", "029-1"),
    ],
)
def test_what_is_typed_is_read(parameter: Parameter, typed: str, value: object):
    assert from_typed(shape_of(parameter), [typed]) == value


def test_values_are_told_in_words():
    assert in_words(shape_of(WHOLE), 7, "天", {}) == "7 天"
    assert in_words(shape_of(SHARE), 0.07, "", {}) == "7%"
    assert in_words(shape_of(SPANS), [["09:00", "12:00"], ["13:30", "17:00"]], "", {}) == "09:00-12:00 13:30-17:00"
    assert in_words(shape_of(YES_NO), True, "", {}) == "是"


def test_a_parameter_without_words_or_limits_cannot_be_shown():
    with pytest.raises(ValueError, match=r"test\.whole"):
        ParameterGroup("test", "试", (WHOLE,), {})
    with pytest.raises(ValueError, match=r"test\.share"):
        ParameterGroup("test", "试", (WHOLE,), {"test.whole": Words("数", ""), "test.share": Words("比例", "")})
    with pytest.raises(LookupError):
        shape_of(Parameter("test.endless", 1, fields.Integer(strict=True)))
