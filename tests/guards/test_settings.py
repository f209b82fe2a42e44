"""Every setting is listed in `.env.example` and explained in docs/operations.md, and there are no others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from backend.settings import SETTINGS
from tests.guards.source import PRODUCT, ROOT, dotted, place, python_files, tree_of

NAMES = {declared.name for declared in SETTINGS}
# What of the environment is read elsewhere, and why.
ELSEWHERE = {
    "backend/embedded/": "hands the environment on to the programs it starts",
    "backend/metrics_directory.py": "must be set before prometheus_client is imported",
    "backend/settings.py": "the one that reads settings",
}


def listed(example: str) -> list[str]:
    """The names an example file sets, behind "#" or not."""
    return re.findall(r"^#?([A-Z][A-Z0-9_]*)=", example, re.MULTILINE)


def unexplained(example: str) -> list[str]:
    """The names whose line does not follow a sentence about them."""
    found = []
    previous = ""
    for line in example.splitlines():
        name = re.match(r"#?([A-Z][A-Z0-9_]*)=", line)
        if name and not re.match(r"# \S", previous):
            found.append(name[1])
        previous = line
    return found


def undocumented(names: set[str], text: str) -> set[str]:
    """The names that a document does not mention as code."""
    return {name for name in names if not re.search(rf"`{name}\b", text)}


def unknown(names: set[str], text: str) -> set[str]:
    """What a document calls a setting, in the first column of a table or as one of WeChat's, and is none."""
    claimed = set(re.findall(r"^\|\s*`([A-Z][A-Z0-9_]+)`", text, re.MULTILINE))
    claimed |= set(re.findall(r"`(WECHAT_[A-Z0-9_]*[A-Z0-9])\b", text))
    return {name for name in claimed if not any(known == name or known.startswith(f"{name}_") for known in names)}


def environment_reads(tree: ast.Module) -> Iterator[int]:
    """Lines that look at the process's environment."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and dotted(node) in ("os.environ", "os.getenv"):
            yield node.lineno
        names = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
        if names & {"environ", "getenv"}:
            yield node.lineno


def test_the_example_lists_every_setting_once():
    names = listed((ROOT / ".env.example").read_text())
    assert sorted(names) == sorted(NAMES)


def test_the_example_explains_every_setting():
    assert unexplained((ROOT / ".env.example").read_text()) == []


def test_the_operators_guide_explains_every_setting_and_no_other():
    text = (ROOT / "docs" / "operations.md").read_text()
    assert undocumented(NAMES, text) == set()
    assert unknown(NAMES, text) == set()


def test_nobody_else_reads_the_environment():
    readers = {place(path) for path in python_files(*PRODUCT) if any(environment_reads(tree_of(path)))}
    assert {reader for reader in readers if not reader.startswith(tuple(ELSEWHERE))} == set()
    for folder in ELSEWHERE:
        assert any(reader.startswith(folder) for reader in readers), f"{folder} needs no exception any more"


def test_gaps_are_found():
    assert listed("# A=b is a sentence\n#PORT=8000\nDATA_DIR=.data\n") == ["PORT", "DATA_DIR"]
    assert unexplained("# Where it listens\n#PORT=8000\n\n#DATA_DIR=.data\n") == ["DATA_DIR"]
    assert undocumented({"PORT", "SANDBOX_PORT"}, "| `SANDBOX_PORT` | 8001 |") == {"PORT"}
    text = "| `PORT` | 8000 |\n| `PROT` | 8000 |\nset `WECHAT_ACCOUNT_*` and `WECHAT_ACOUNT_TOKEN` or `SOMETHING`"
    assert unknown({"PORT", "WECHAT_ACCOUNT_TOKEN"}, text) == {"PROT", "WECHAT_ACOUNT_TOKEN"}
    for line in ("os.environ['PORT']", "os.getenv('PORT')", "from os import environ"):
        assert list(environment_reads(ast.parse(line))) == [1]
