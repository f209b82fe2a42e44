"""Who may import whom (architecture.md §2): the contracts of import-linter hold, and each of them can be broken."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.guards.source import PRODUCT, ROOT, place, python_files, tree_of

CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {contract["name"]: contract for contract in CONFIGURATION["contracts"]}
FLOORS = "Floors: whoever is above may import whoever is below"
ROOM = "Inside the marriage room: edges, commands, models, rules"

# One import that each contract must find, as (module, line). They are added to one copy of the product, all at once.
BREACHES = {
    FLOORS: ("backend/people/logins.py", "import backend.marriage.rules"),
    "The kernel is pure Python": ("backend/kernel/ids.py", "import sqlalchemy"),
    "Storage and settings know no Flask": ("backend/settings.py", "import flask"),
    "Workflows know no HTTP, no SQL, no WeChat, and of the backend only the kernel": (
        "workflows/chat/router.py",
        "import backend.settings",
    ),
    "Messages know a person only as an id, and no Flask": ("messages/outbox.py", "import backend.people"),
    "Sending belongs to the jobs alone": ("backend/marriage/book.py", "import messages.delivery"),
    "Channels, and the record of what they did, belong to delivery alone": (
        "backend/chat/events.py",
        "import messages.channels.template",
    ),
    "Only backend.wechat knows wechatpy": ("backend/chat/answering.py", "import wechatpy"),
    "The sandbox speaks to the product over HTTP only": ("sandbox/tokens.py", "import backend.wechat.errors"),
    "The product knows no sandbox": ("backend/doctor.py", "import sandbox.world"),
    "The servers of our own know only the settings": ("backend/embedded/places.py", "import backend.storage"),
    "Rules import only the kernel": ("backend/marriage/rules.py", "import backend.parameters"),
    "Models import only storage, the kernel and the rules of their room": (
        "backend/people/models.py",
        "import backend.wechat.errors",
    ),
    ROOM: ("backend/marriage/places.py", "import backend.marriage.api"),
}


def lint_imports(directory: Path) -> str:
    """What import-linter says about the packages in a directory."""
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [program, "--no-logo", "--no-cache"],
        cwd=directory,
        env={**os.environ, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return done.stdout


def broken(report: str) -> set[str]:
    """The names of the contracts that a report calls broken."""
    return set(re.findall(r"^(.+) BROKEN\b", report, re.MULTILINE))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The product and its contracts, to be spoilt."""
    for name in (*PRODUCT, "sandbox"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "static", "templates")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_holds():
    report = lint_imports(ROOT)
    assert broken(report) == set(), report


def test_every_contract_can_be_broken(copy: Path):
    assert BREACHES.keys() == CONTRACTS.keys()
    assert broken(lint_imports(copy)) == set()
    for module, line in BREACHES.values():
        with (copy / module).open("a") as file:
            file.write(f"\n{line}\n")
    assert broken(lint_imports(copy)) == CONTRACTS.keys()


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("messages/notices.py", "from backend.staff import may", FLOORS),
        ("backend/staff/audit/trail.py", "from backend.people import log_in", FLOORS),
        ("backend/wechat/client.py", "from messages import post", FLOORS),
        ("backend/api/kit.py", "import backend.chat.inbox", FLOORS),
        ("backend/jobs/tick.py", "import backend.app", FLOORS),
        ("backend/doctor.py", "import backend.embedded", FLOORS),
        ("backend/marriage/rules.py", "import backend.marriage.models", ROOM),
    ],
)
def test_a_forbidden_import_is_found(copy: Path, module: str, line: str, contract: str):
    with (copy / module).open("a") as file:
        file.write(f"\n{line}\n")
    assert contract in broken(lint_imports(copy))


def test_a_module_of_a_room_without_a_step_is_found(copy: Path):
    (copy / "backend/marriage/elsewhere.py").write_text("")
    assert ROOM in broken(lint_imports(copy))


def names_on(contract: str) -> Iterator[str]:
    """The modules that stand on the layers of a contract."""
    for layer in CONTRACTS[contract]["layers"]:
        yield from re.findall(r"[\w.]+", layer)


def without_floor(modules: set[str]) -> set[str]:
    """Those of the modules that stand on no floor, neither themselves nor a part of theirs."""
    floors = set(names_on(FLOORS))
    return {module for module in modules if not any(f"{floor}.".startswith(f"{module}.") for floor in floors)}


def rooms() -> set[str]:
    """Every room and single module of the backend, and each part of the demonstration, which has no one floor."""
    found = {"messages", "workflows"}
    for folder in (ROOT / "backend", ROOT / "backend/demonstration"):
        for path in folder.iterdir():
            if path.stem != "__init__" and (path.suffix == ".py" or (path / "__init__.py").exists()):
                found.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return found


def test_every_room_has_a_floor():
    assert without_floor(rooms()) == set()
    assert without_floor({"backend.meals", "backend.weather", "backend.demonstration.more"}) == {
        "backend.weather",
        "backend.demonstration.more",
    }


# Edges inside a part of a service, by their names; of the room itself, its topmost layer.
EDGE = re.compile(r"api|chat|console|page|pages|h5|schemas|blueprint|demo\w*|desk\w*|\w+_pages")
# What belongs to edges: HTTP both ways, the kits, and the rooms' own edges.
OF_EDGES = (
    "flask",
    "werkzeug",
    "httpx",
    "rq",
    "backend.api",
    "backend.console",
    "backend.h5",
    "backend.wechat.client",
    "backend.wechat.transport",
)


def is_edge(module: str) -> bool:
    """Whether a module of the marriage room is one by which somebody comes in."""
    first, *inner = module.removeprefix("backend.marriage.").split(".")
    return first in re.findall(r"\w+", CONTRACTS[ROOM]["layers"][0]) or any(EDGE.fullmatch(name) for name in inner)


def imported(tree: ast.Module) -> Iterator[str]:
    """What a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def known_by(tree: ast.Module) -> list[str]:
    """What a command imports although only an edge may."""
    return [
        name
        for name in imported(tree)
        if any(f"{name}.".startswith(f"{edge}.") for edge in OF_EDGES)
        or (name.startswith("backend.marriage.") and is_edge(name))
    ]


def test_commands_of_the_room_know_no_flask_no_edge_and_call_no_wechat():
    modules = {path: place(path).removesuffix(".py").replace("/", ".") for path in python_files("backend/marriage")}
    commands = {module: known_by(tree_of(path)) for path, module in modules.items() if not is_edge(module)}
    assert len(commands) > 60
    assert {module: names for module, names in commands.items() if names} == {}


@pytest.mark.parametrize(
    "line",
    [
        "from flask import g",
        "def late():\n    from backend.wechat.client import WeChatClient",
        "import backend.marriage.api",
        "from backend.marriage.divorce.desk_pages import cases",
    ],
)
def test_a_command_that_knows_an_edge_is_found(line: str):
    assert known_by(ast.parse(line))


def test_wsgi_is_the_application_and_nothing_else():
    # It is a module and not a package, which import-linter does not look at.
    statements = [type(statement).__name__ for statement in tree_of(ROOT / "wsgi.py").body]
    assert statements == ["Expr", "ImportFrom", "Assign"]
