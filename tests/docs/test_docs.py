"""What the code has is in the documents: settings, commands, routes, codes, metrics, notices, tables, times."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

import click
from flask import Flask

from backend.access_guard import route_access
from backend.api import idempotency, problems
from backend.chat import conversations, inbox
from backend.console.settings_pages.groups import parameter_groups
from backend.jobs.tick import TASKS
from backend.people import logins
from backend.people.rules import LoginKind
from backend.settings import SETTINGS
from backend.staff.entry.parameters import SESSION_HOURS
from backend.staff.permissions import ROLES
from backend.storage import Base
from backend.tick_tasks import room_tasks
from messages import Channel
from messages.housekeeping import KEPT_FOR
from messages.notices import all_notices
from tests.docs.pages import ROOT, names_in_first_cells, row_of, rows, section, source_text, text_of

OPERATIONS, API, PRIVACY, ARCHITECTURE = (
    f"docs/{name}.md" for name in ("operations", "api", "privacy", "architecture")
)


def test_every_setting_has_its_row_with_default_and_production_rule() -> None:
    table = section(OPERATIONS, "## Settings")
    assert names_in_first_cells(table) == {declared.name for declared in SETTINGS}
    for declared in SETTINGS:
        row = row_of(table, declared.name)
        if declared.name != "ENVIRONMENT":
            assert ("must be set" in row) is not declared.safe_default, row
        if declared.safe_default:
            assert f"`{declared.demonstration}`" in row or "empty" in row, row


def test_every_command_has_its_row(app: Flask) -> None:
    assert names_in_first_cells(section(OPERATIONS, "## Commands")) == set(_commands(app.cli))


def _commands(group: click.Group, *names: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, *names, name)
        elif command.callback is not None and command.callback.__module__.startswith("backend."):
            yield " ".join((*names, name))


def test_every_route_has_its_row_with_who_may_call_it(app: Flask) -> None:
    documented = {(cells[0], cells[1].strip("`"), cells[2].replace("`", "")) for cells in _address_rows()}
    assert documented == set(_routes(app))


def _address_rows() -> list[list[str]]:
    return rows(section(API, "## Every address"))


def _routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    for rule in app.url_map.iter_rules():
        declared = route_access(app, rule.endpoint)
        assert declared is not None
        who = declared.caller.value + (f", {declared.permission}" if declared.permission else "")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield method, re.sub(r"<(?:[^>]*:)?(\w+)>", r"{\1}", rule.rule), who


def test_every_error_code_has_its_row_with_each_status() -> None:
    table = section(API, "## Errors")
    codes = _codes()
    assert names_in_first_cells(table) == set(codes)
    for code, statuses in codes.items():
        row = row_of(table, code)
        assert [status for status in statuses if str(status) not in row] == [], code


def _codes() -> dict[str, set[int]]:
    """Codes and statuses of every `AppError` and problem document in the source."""
    codes: dict[str, set[int]] = defaultdict(set)
    for status, (code, _) in problems._BY_STATUS.items():
        codes[code].add(status)
    codes["error"] = set()
    for folder in ("backend", "messages"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                    _note(call, call.func.id, codes)
    return codes


def _note(call: ast.Call, called: str, codes: dict[str, set[int]]) -> None:
    if called == "AppError":
        code, status = ast.literal_eval(call.args[0]), call.args[2] if len(call.args) > 2 else None
        codes[code].add(409 if status is None else ast.literal_eval(status))
    elif called == "problem" and all(isinstance(argument, ast.Constant) for argument in call.args[:2]):
        codes[ast.literal_eval(call.args[1])].add(ast.literal_eval(call.args[0]))


def test_every_metric_is_named() -> None:
    metrics = set(re.findall(r'"(nuanmin_[a-z_]+)"', source_text("backend", "messages")))
    assert metrics
    page = section(OPERATIONS, "## Health and metrics")
    assert [name for name in metrics if name not in page] == []


def test_every_notice_has_its_row_with_fields_and_last_resort() -> None:
    table = section(OPERATIONS, "## Connect a WeChat account")
    assert names_in_first_cells(table) == {notice.key for notice in all_notices()}
    for notice in all_notices():
        row = row_of(table, notice.key)
        assert [field for field in notice.fields if f"`{field}`" not in row] == []
        assert ("the desk" in row) is (Channel.DESK in notice.channels), row


def test_every_parameter_has_its_row_with_its_default(app: Flask) -> None:
    page = section(OPERATIONS, "## Set the bureau up")
    with app.app_context():
        declared = [parameter for group in parameter_groups() for parameter in group.parameters]
    assert len(declared) > 60
    for parameter in declared:
        assert f"`{json.dumps(parameter.default, ensure_ascii=False)}`" in row_of(page, parameter.key)
    assert {name for name in names_in_first_cells(page) if "." in name} == {one.key for one in declared}


def test_every_role_has_its_row() -> None:
    assert {role.value for role in ROLES} <= names_in_first_cells(section(OPERATIONS, "## Set the bureau up"))


def test_every_tick_task_has_its_row_with_its_interval() -> None:
    documented = {cells[0].strip("`"): cells[1] for cells in rows(section(ARCHITECTURE, "## 5. How time passes"))}
    assert documented == {task.name: _spoken(task.every_seconds) for task in (*TASKS, *room_tasks())}


def _spoken(seconds: float) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:g} h"
    return f"{seconds / 60:g} min" if seconds > 60 else f"{seconds:g} s"


_PERSONAL = ("openid", "unionid", "last4", "sex", "reason", "username", "display_name")


def test_every_table_and_every_personal_column_is_in_the_privacy_page() -> None:
    page = section(PRIVACY, "## What is kept where")
    for table in Base.metadata.sorted_tables:
        assert f"`{table.name}`" in page, table.name
        personal = [
            column.name
            for column in table.columns
            if column.name in _PERSONAL or column.name.endswith(("_sealed", "_index", "_hash"))
        ]
        missing = [name for name in personal if f"`{name}`" not in row_of(page, table.name)]
        assert missing == [], table.name


def test_times_of_keeping_are_those_of_the_code() -> None:
    days = inspect.signature(inbox.forget_older).parameters["days"].default
    hours = inspect.signature(idempotency.forget_older).parameters["hours"].default
    page = section(PRIVACY, "## What is kept where")
    for table, kept in (
        ("inbound_pushes", f"{days} days"),
        ("idempotent_answers", f"{hours} hours"),
        ("login_sessions", f"{logins.LIFETIMES[LoginKind.MINIPROGRAM].days} days"),
        ("staff_sessions", f"{SESSION_HOURS.default} hours"),
        ("conversations", f"{conversations.LIFETIME // timedelta(hours=1)} hours"),
        ("outbox_messages", f"{KEPT_FOR.days} days"),
        ("reminders", f"{KEPT_FOR.days} days"),
    ):
        assert kept in row_of(page, table), table
    assert f"kept for {hours} hours" in text_of(API)
