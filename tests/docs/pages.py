"""The documents as the tests read them: tables, code blocks, words in backticks."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"

PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def text_of(name: str) -> str:
    """A document by its path in the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """What stands under a heading, down to the next one of its level or above."""
    level = heading.split(" ", 1)[0]
    after = text_of(name).split(f"\n{heading}\n", 1)
    assert len(after) == 2, f"{name} has no heading {heading!r}"
    return re.split(rf"\n#{{1,{len(level)}}} ", after[1], maxsplit=1)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of every table row that is not a heading or a rule."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    kept = [line for line, below in zip(lines, [*lines[1:], ""], strict=True) if not _is_rule(line, below)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in kept]


def _is_rule(line: str, below: str) -> bool:
    return set(line) <= set("|-: ") or (bool(below) and set(below) <= set("|-: "))


def row_of(text: str, name: str) -> str:
    """The table row whose first cell is `name` in backticks; several are joined."""
    found = [" | ".join(cells) for cells in rows(text) if cells[0] == f"`{name}`"]
    assert found, f"`{name}` has no row of its own"
    return "\n".join(found)


def names_in_first_cells(text: str) -> set[str]:
    """Every word in backticks that opens a table row."""
    return {name for cells in rows(text) for name in re.findall(r"`([^`]+)`", cells[0])}


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def without_blocks(text: str) -> str:
    """The text without its code blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def source_text(*folders: str) -> str:
    """All Python of some folders, to look for a word in."""
    return "\n".join(
        path.read_text(encoding="utf-8") for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))
    )
