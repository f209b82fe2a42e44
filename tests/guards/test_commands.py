"""The commands of the contract exist, and what RQ is asked to run is there and short."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import click
import pytest
from flask import Flask

from backend.jobs import entries, worker
from backend.jobs import queue as queues
from tests.guards.source import PRODUCT, ROOT, dotted, place, python_files, tree_of

# `flask --app wsgi ...` (contract.md "Commands").
COMMANDS = (
    "db upgrade",
    "demo load",
    "worker",
    "tick",
    "staff create",
    "calendar import",
    "keys rotate",
    "doctor",
)
TARGETS = ("run", "test", "lint", "bench", "migrate")
MOST_ENTRY_LINES = 10


def missing(app: Flask, commands: tuple[str, ...]) -> list[str]:
    """Those of the commands that an application does not have."""
    return [command for command in commands if _find(app, command.split()) is None]


def _find(app: Flask, words: list[str]) -> click.Command | None:
    found: click.Command | None = app.cli
    for word in words:
        found = found.commands.get(word) if isinstance(found, click.Group) else None
    return found


def targets(makefile: str) -> set[str]:
    """The targets of a Makefile that are explained to people."""
    return set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


def enqueued(tree: ast.Module) -> Iterator[str]:
    """What the arguments of `enqueue` and its kind are called in the source."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("enqueue"):
            yield ast.unparse(node.args[0])


def queue_names(tree: ast.Module) -> Iterator[str]:
    """What the queues that a module makes are called in the source."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func) in ("Queue", "rq.Queue"):
            yield ast.unparse(node.args[0])


def body_lines(function: Any) -> int:
    """How many lines a function has without its docstring."""
    node = ast.parse(inspect.getsource(function)).body[0]
    assert isinstance(node, ast.FunctionDef)
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_every_command_of_the_contract_exists(app: Flask):
    assert missing(app, COMMANDS) == []


def test_every_command_explains_itself(app: Flask):
    for name in {command.split()[0] for command in COMMANDS} & app.cli.commands.keys():
        assert app.cli.commands[name].get_short_help_str(), name


def test_every_make_target_of_the_contract_exists():
    assert targets((ROOT / "Makefile").read_text()) >= set(TARGETS)


def test_missing_commands_are_found(app: Flask):
    assert missing(app, ("doctor", "db sidegrade", "doctor deeply", "undo")) == [
        "db sidegrade",
        "doctor deeply",
        "undo",
    ]
    assert targets("run: x ## start\ntest:\n\tpytest\n") == {"run"}


def test_the_worker_listens_to_every_queue(monkeypatch: pytest.MonkeyPatch):
    listened: list[str] = []

    class Listening:
        stop_wanted = True

        def __init__(self, names: list[str], **_options: object) -> None:
            listened.extend(names)

        def work(self, **_options: object) -> None:
            """Stop at once."""

    monkeypatch.setattr(worker, "_Worker", Listening)
    monkeypatch.setattr(worker, "_stop_on_signals", lambda _stop: None)
    worker.run_worker("redis://127.0.0.1:9")
    assert listened == list(queues.QUEUES)


def test_jobs_are_put_only_into_those_queues():
    made = [(place(path), name) for path in python_files(*PRODUCT) for name in queue_names(tree_of(path))]
    asked = [(place(path), name) for path in python_files(*PRODUCT) for name in enqueued(tree_of(path))]
    assert made == [("backend/jobs/queue.py", "name")]
    assert asked == [("backend/jobs/queue.py", "ENTRIES[name]")]
    assert set(queues.ENTRIES) == set(queues.QUEUES)


def test_every_job_is_an_entry_of_ten_lines():
    for name in queues.ENTRIES.values():
        entry = pkgutil.resolve_name(name)
        assert entry.__module__ == entries.__name__
        assert body_lines(entry) <= MOST_ENTRY_LINES


def test_every_entry_is_used():
    defined = {
        node.name for node in tree_of(ROOT / "backend/jobs/entries.py").body if isinstance(node, ast.FunctionDef)
    }
    assert defined == {name.rpartition(".")[2] for name in queues.ENTRIES.values()}


def long_entry() -> int:
    """An entry that does its work itself."""
    total = 0
    total += 1
    total += 2
    total += 3
    total += 4
    total += 5
    total += 6
    total += 7
    total += 8
    total += 9
    return total


def test_what_is_asked_is_found():
    tree = ast.parse("Queue(DELIVERY, connection=redis()).enqueue_call(ENTRY)\nqueue.enqueue(send_now, 1)")
    assert set(enqueued(tree)) == {"ENTRY", "send_now"}
    assert list(queue_names(tree)) == ["DELIVERY"]
    assert body_lines(long_entry) == MOST_ENTRY_LINES + 1
    assert long_entry() == 45
