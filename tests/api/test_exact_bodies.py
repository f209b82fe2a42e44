"""A JSON body is read as the document says, and not as a form would be."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
import pytest
from marshmallow import fields

from backend.api.exact import exact


class Inner(ma.Schema):
    """Something nested."""

    sure = fields.Boolean(required=True)


class Outer(ma.Schema):
    """Every place where a truth value or a number may stand."""

    sure = fields.Boolean()
    maybe = fields.Boolean(allow_none=True)
    count = fields.Integer()
    inner = fields.Nested(Inner)
    many = fields.List(fields.Nested(Inner))
    counts = fields.List(fields.Integer())
    named = fields.Dict(keys=fields.String(), values=fields.Boolean())


SCHEMA = exact(Outer)


@pytest.mark.parametrize("value", [0, 1, "true", "off", "", 0.0, [], {}])
def test_a_truth_value_is_true_or_false(value: Any) -> None:
    for body in (
        {"sure": value},
        {"maybe": value},
        {"inner": {"sure": value}},
        {"many": [{"sure": True}, {"sure": value}]},
        {"named": {"a": value}},
    ):
        with pytest.raises(ma.ValidationError):
            SCHEMA.load(body)


@pytest.mark.parametrize("value", ["5", 5.5, True, ""])
def test_an_integer_is_an_integer(value: Any) -> None:
    for body in ({"count": value}, {"counts": [1, value]}):
        with pytest.raises(ma.ValidationError):
            SCHEMA.load(body)


def test_what_is_right_is_taken() -> None:
    body = {"sure": True, "maybe": None, "count": 5, "inner": {"sure": False}, "many": [], "counts": [0]}
    assert SCHEMA.load(body | {"named": {"a": False}}) == body | {"named": {"a": False}}


def test_without_it_marshmallow_takes_a_number_for_consent() -> None:
    assert Outer().load({"sure": 1, "count": "5"}) == {"sure": True, "count": 5}
