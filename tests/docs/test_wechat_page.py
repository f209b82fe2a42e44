"""docs/wechat.md leads through every step doctor looks at, and names no other."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
from flask import Flask

from backend.channel.checks import look_at_wechat
from backend.storage import Database
from tests.docs.pages import names_in_first_cells, text_of
from tests.messages.test_errcodes import TABLE

PAGE = "docs/wechat.md"


def _doctors_tables(page: str) -> Iterator[str]:
    for table in re.findall(r"^\| doctor \| shows \|\n\|---\|---\|\n((?:\|.*\n)+)", page, re.M):
        yield from re.findall(r"^\| `([^`]+)` \|", table, re.M)


def test_every_finding_has_a_step_in_doctors_order(app: Flask, clean_database: Database) -> None:
    documented = list(_doctors_tables(text_of(PAGE)))
    found = [finding.subject for finding in look_at_wechat(app, database_works=True)]
    assert documented == found


def test_every_command_it_names_exists(app: Flask) -> None:
    group = app.cli.commands["wechat"]
    assert isinstance(group, click.Group)
    for first, second in re.findall(r"wechat (menu|templates|quota|alarms) ([a-z]+)", text_of(PAGE)):
        below = group.commands[first]
        assert isinstance(below, click.Group)
        assert second in below.commands


def test_every_class_of_refusal_has_its_row() -> None:
    codes = {int(code) for code in re.findall(r"-?\b\d+\b", " ".join(names_of_refusals()))}
    assert codes <= set(TABLE)
    assert {TABLE[code].kind for code in codes} >= {then.kind for code, then in TABLE.items() if code != 12345}


def names_of_refusals() -> list[str]:
    table = text_of(PAGE).split("## What WeChat refuses", 1)[1]
    assert names_in_first_cells(table) == set()  # codes are written bare
    return re.findall(r"^\| ([-0-9][^|]*) \|", table, re.M)
