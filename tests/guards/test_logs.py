"""Personal data does not reach the log, whoever put it into a log call (architecture.md §4 "Personal data")."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from io import StringIO

import pytest

from backend.kernel.ids import new_id
from backend.logs import configure_logging, strike

PERSONAL = [
    "610102199503151234",
    "61010219950315123X",
    "61010219950315123x",
    "610102950315123",
    "13800138000",
    "+8613800138000",
    "8613800138000",
    "oABCDEFGHIJKLMNOPQRSTUVWXYZ1",
    "o6_bmjrPTlm6_2sgVt7hMZOPfL2M",
]
HARMLESS = [
    "019a5b8e-6f3a-7c11-9d2e-3f4a5b6c7d8e",
    "2027-05-18T10:00:00.000+08:00",
    "MZ00000042",
    "029-00000101",
    "1763719200",
    "take_places_of_the_other_slot",
]


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What the product's logging writes."""
    root, stderr, written = logging.getLogger(), sys.stderr, StringIO()
    before = (root.handlers[:], root.level)
    sys.stderr = written
    try:
        configure_logging()
    finally:
        sys.stderr = stderr
    yield written
    root.handlers[:], root.level = before


@pytest.mark.parametrize("value", PERSONAL)
def test_personal_data_is_struck(value: str):
    for text in (
        value,
        f"{value}!",
        f"号码{value}，",
        f"to={value}\nnext",
        f"to:\n{value}",
        f"\b{value}",
        f"a\t{value}",
    ):
        assert value[-11:] not in strike(text), text
        assert value[-11:] not in strike(json.dumps({"said": text}, ensure_ascii=False)), text


@pytest.mark.parametrize("value", HARMLESS)
def test_other_numbers_stay(value: str):
    assert strike(f'{{"id": "{value}"}}') == f'{{"id": "{value}"}}'


def test_ids_of_rows_stay():
    for _ in range(1000):
        value = str(new_id())
        assert strike(value) == value


@pytest.mark.parametrize("value", PERSONAL)
def test_no_way_of_logging_lets_it_through(lines: StringIO, value: str):
    log = logging.getLogger("backend.somewhere")
    log.info("given %s", value)
    log.info(f"written {value}")
    log.info("extra", extra={"person": value, "nested": {"numbers": [value]}})
    try:
        raise ValueError(f"bad\n{value}")
    except ValueError:
        log.exception("failed")
    assert value[-11:] not in lines.getvalue()
    assert len(lines.getvalue().splitlines()) == 4


def test_a_line_is_one_object_with_its_time(lines: StringIO):
    logging.getLogger("messages.delivery").info("sent", extra={"count": 3, "place": "登记处"})
    line = json.loads(lines.getvalue())
    assert line["message"] == "sent"
    assert line["count"] == 3
    assert line["place"] == "登记处"
    assert line["level"] == "info"
    assert line["time"].endswith("+08:00")


def test_without_the_filter_it_would_get_through():
    # Shows that the samples above are what they are taken for.
    written = StringIO()
    handler = logging.StreamHandler(written)
    log = logging.Logger("plain")
    log.addHandler(handler)
    log.info("given %s", PERSONAL[0])
    assert PERSONAL[0] in written.getvalue()
