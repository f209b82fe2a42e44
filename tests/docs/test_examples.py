"""Examples in the documents work: the operator's steps, the SQL, the calendar file, the bodies of the API."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.calendar.legal_days import year_from_file
from backend.kernel.clock import MovableClock, now
from backend.marriage.couples import PartyInput, read_couple
from backend.marriage.models import Slot
from backend.marriage.open_slots import open_slots
from backend.marriage.parameters import WINDOWS
from backend.marriage.schemas import AppointmentSchema, BookingSchema
from backend.parameters import value_at
from backend.storage import transaction
from messages import Channel, template_for
from tests.docs.pages import blocks, text_of


@pytest.fixture
def wsgi(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that the steps import."""
    module = ModuleType("wsgi")
    module.app = app  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "wsgi", module)


@pytest.mark.usefixtures("wsgi", "clean_database")
def test_the_operators_steps_set_a_bureau_up(app: Flask, clock: MovableClock) -> None:
    page = text_of("docs/operations.md")
    registry, windows = blocks(page, "python")

    for command in re.findall(r"^flask --app wsgi (staff node add .+)$", page, re.MULTILINE):
        added = app.test_cli_runner().invoke(args=shlex.split(command))
        assert added.exit_code == 0, added.output
    _run(registry)
    command = re.search(r"`flask --app wsgi (staff create [^`]+)`", page)
    assert command
    made = app.test_cli_runner().invoke(args=[*shlex.split(command[1]), "--password", "the-first-word-of-all"])
    assert made.exit_code == 0, made.output
    _run(windows)
    assert value_at(WINDOWS, "registry-1", now()) == 4
    assert open_slots() > 0
    with transaction() as session:
        # Minutes of the three windows that are offered online.
        assert session.scalar(sa.select(sa.func.max(Slot.capacity))) == 90

    mapping = re.search(r"^flask --app wsgi (wechat templates map .+)$", page, re.MULTILINE)
    assert mapping
    with app.app_context():  # as `flask` itself opens one for every command
        mapped = app.test_cli_runner().invoke(args=shlex.split(mapping[1]))
    assert mapped.exit_code == 0, mapped.output
    assert template_for(app.extensions["settings"].account.app_id, Channel.TEMPLATE, "marriage.confirmed") is not None

    reset = app.test_cli_runner().invoke(args=["staff", "reset-password", "--username", "zhang.min"])
    assert reset.exit_code == 0, reset.output


def _run(step: str) -> None:
    exec(compile(step, "docs/operations.md", "exec"), {"__name__": "__main__"})


@pytest.mark.usefixtures("clean_database")
def test_the_operators_sql_is_understood() -> None:
    statements = [part for block in blocks(text_of("docs/operations.md"), "sql") for part in block.split(";\n") if part]
    assert len(statements) == 2
    with transaction() as session:
        for statement in statements:
            session.execute(sa.text(statement.rstrip().rstrip(";")))


def test_the_calendar_file_can_be_read(tmp_path: Path) -> None:
    (example,) = blocks(text_of("docs/operations.md"), "csv")
    path = tmp_path / "2026.csv"
    path.write_text(example)
    assert len(year_from_file(path)) == 3


def test_the_booking_example_is_a_booking(clock: MovableClock) -> None:
    body = re.search(r"Idempotency-Key: \w+' -d '(\{.*?\})'\n", text_of("docs/api.md"), re.S)
    assert body
    booking: Any = BookingSchema().load(json.loads(body[1]))
    assert len(read_couple([PartyInput(**party) for party in booking["parties"]])) == 2


def test_the_answers_shown_are_json_and_whole() -> None:
    answers = [json.loads(block) for block in blocks(text_of("docs/api.md"), "json")]
    booked = [answer for answer in answers if "number" in answer]
    assert len(booked) == 1
    assert booked[0].keys() == AppointmentSchema().fields.keys()
