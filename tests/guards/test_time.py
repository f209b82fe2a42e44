"""One clock and aware moments (architecture.md §4 "Time"): nothing in the product asks the machine or the database."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.guards.source import PRODUCT, SANDBOX, dotted, place, python_files, strings, tree_of

# Calls that make or read a moment, and how many positional arguments there must be for it to be aware; a zone given by
# name does too. None: never aware, or the machine's own idea of today.
AWARE_WITH = {
    "datetime": 8,
    "datetime.now": 1,
    "datetime.fromtimestamp": 2,
    "datetime.combine": 3,
    "datetime.utcnow": None,
    "datetime.utcfromtimestamp": None,
    "datetime.today": None,
    "datetime.strptime": None,
    "date.today": None,
    "date.fromtimestamp": None,
}
MACHINE_TIME = {"datetime.now", "time.time", "time.time_ns", "time.localtime", "time.gmtime"}
MAY_ASK = (
    "backend/kernel/clock.py",
    "backend/kernel/ids.py",  # the time in an id is for the index only
)

# Those who may wait: the servers of our own, and a process that waits for another one to fetch WeChat's token.
MAY_SLEEP = ("backend/embedded/", "backend/people/entry/codes.py", "backend/wechat/tokens.py")

SQL_TIME = re.compile(
    r"\b(now\s*\(\s*\)|(statement|transaction|clock)_timestamp|current_(timestamp|date|time)\b|localtime(stamp)?\b)",
    re.I,
)
SQL_FUNCTIONS = {"now", "current_timestamp", "current_date", "current_time", "localtime", "localtimestamp"}


def naive(tree: ast.Module) -> Iterator[int]:
    """Lines with a call that gives a moment without its zone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = re.sub(r"^datetime\.(?=date(time)?\b)", "", dotted(node.func))
            if name in AWARE_WITH and not _has_zone(node, AWARE_WITH[name]):
                yield node.lineno


def _has_zone(call: ast.Call, positions: int | None) -> bool:
    zones = [keyword.value for keyword in call.keywords if keyword.arg in ("tz", "tzinfo")]
    if positions is not None and len(call.args) >= positions:
        zones.append(call.args[positions - 1])
    return any(not (isinstance(zone, ast.Constant) and zone.value is None) for zone in zones)


def machine_time(tree: ast.Module) -> Iterator[int]:
    """Lines that ask the machine for the time; intervals (`time.monotonic`) are another matter."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and re.sub(r"^datetime\.(?=datetime\b)", "", dotted(node.func)) in MACHINE_TIME:
            yield node.lineno


def sleeps(tree: ast.Module) -> Iterator[int]:
    """Lines that wait for time to pass."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func) in ("time.sleep", "sleep", "asyncio.sleep"):
            yield node.lineno


def sql_time(tree: ast.Module) -> Iterator[int]:
    """Lines whose SQL asks the database for the time."""
    for text in strings(tree):
        if SQL_TIME.search(text.value):
            yield text.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in SQL_FUNCTIONS and dotted(node.value).endswith("func"):
            yield node.lineno


def clock_imports(tree: ast.Module) -> Iterator[int]:
    """Lines by which a module gets at a clock: workflows are told the time (architecture.md §1)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "backend.kernel.clock":
            if {alias.name for alias in node.names} - {"BEIJING"}:
                yield node.lineno
        elif isinstance(node, ast.Import) and {alias.name for alias in node.names} & {"time", "backend.kernel.clock"}:
            yield node.lineno


def found(check, *folders: str, but: tuple[str, ...] = ()) -> list[str]:
    """Where a check finds something."""
    return [
        f"{place(path)}:{line}"
        for path in python_files(*folders)
        if not place(path).startswith(but or ("-",))
        for line in check(tree_of(path))
    ]


def test_no_moment_is_naive():
    assert found(naive, *PRODUCT, *SANDBOX, "migrations") == []


def test_only_the_clock_asks_the_machine():
    assert found(machine_time, *PRODUCT, but=MAY_ASK) == []
    assert found(machine_time, "backend/kernel") != []


def test_nobody_sleeps():
    assert found(sleeps, *PRODUCT, but=MAY_SLEEP) == []
    assert found(sleeps, "backend/embedded") != []


def test_the_database_is_not_asked_for_the_time():
    assert found(sql_time, *PRODUCT, "migrations") == []


def test_workflows_have_no_clock():
    assert found(clock_imports, "workflows") == []


@pytest.mark.parametrize(
    "line",
    [
        "datetime.now()",
        "datetime.now(None)",
        "datetime.now(tz=None)",
        "datetime.utcnow()",
        "datetime.datetime.utcnow()",
        "datetime.fromtimestamp(0)",
        "datetime.datetime(2027, 5, 18)",
        "datetime(2027, 5, 18, 10, 0)",
        "datetime.combine(day, noon)",
        "datetime.strptime(text, form)",
        "date.today()",
    ],
)
def test_naive_moments_are_found(line: str):
    assert list(naive(ast.parse(line))) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "datetime.now(BEIJING)",
        "datetime.now(tz=BEIJING)",
        "datetime(2027, 5, 18, tzinfo=BEIJING)",
        "datetime.fromtimestamp(0, BEIJING)",
        "datetime.combine(day, noon, BEIJING)",
        "date(2027, 5, 18)",
        "now()",
    ],
)
def test_aware_moments_pass(line: str):
    assert list(naive(ast.parse(line))) == []


@pytest.mark.parametrize("line", ["time.time()", "datetime.now(BEIJING)", "datetime.datetime.now(BEIJING)"])
def test_machine_time_is_found(line: str):
    assert list(machine_time(ast.parse(line))) == [1]
    assert list(machine_time(ast.parse("time.monotonic()"))) == []


@pytest.mark.parametrize("line", ["time.sleep(1)", "sleep(0.1)"])
def test_sleeping_is_found(line: str):
    assert list(sleeps(ast.parse(line))) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "sa.text('SELECT now()')",
        "sa.text('UPDATE leases SET beat_at = CURRENT_TIMESTAMP')",
        "f'WHERE expires_at < clock_timestamp() AND {more}'",
        "sa.func.now()",
        "func.current_timestamp()",
    ],
)
def test_sql_time_is_found(line: str):
    assert list(sql_time(ast.parse(line))) == [1]


@pytest.mark.parametrize("line", ["now()", "f'{now()}'", "'WHERE due_at <= :now'", "sa.func.count()"])
def test_the_time_as_a_parameter_passes(line: str):
    assert list(sql_time(ast.parse(line))) == []


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("from backend.kernel.clock import now", [1]),
        ("from backend.kernel.clock import BEIJING, today", [1]),
        ("import time", [1]),
        ("from backend.kernel.clock import BEIJING", []),
    ],
)
def test_a_clock_in_workflows_is_found(line: str, lines: list[int]):
    assert list(clock_imports(ast.parse(line))) == lines
