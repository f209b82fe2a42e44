"""Links, pictures, paths and names in the documents lead somewhere."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, blocks, names_in_first_cells, rows, source_text, text_of, without_blocks

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
_PATH = re.compile(r"`((?:backend|bench|docs|messages|migrations|sandbox|tests|workflows)/[\w./-]*)`")
_DOTTED = re.compile(r"`((?:backend|messages|workflows|docs)(?:\.\w+)+)`")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _links(path: Path) -> list[str]:
    found = [one or other for one, other in _LINK.findall(without_blocks(path.read_text(encoding="utf-8")))]
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", without_blocks(path.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_relative_links_and_pictures_exist(page: Path) -> None:
    broken = []
    for link in _links(page):
        target, _, anchor = link.partition("#")
        path = page.parent / target if target else page
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            broken.append(link)
    assert broken == []


def test_the_checks_on_links_see_links() -> None:
    assert "docs/images/sandbox-phone.png" in _links(ROOT / "README.md")
    assert "health-and-metrics" in _anchors(DOCS / "operations.md")


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_paths_in_backticks_exist(page: Path) -> None:
    named = _PATH.findall(page.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_dotted_names_in_backticks_exist(page: Path) -> None:
    named = _DOTTED.findall(page.read_text(encoding="utf-8"))
    assert [name for name in named if not _resolves(name)] == []


def _resolves(name: str) -> bool:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def test_the_check_on_dotted_names_can_fail() -> None:
    assert _resolves("backend.kernel.clock.now")
    assert not _resolves("backend.kernel.clock.never")
    assert not _resolves("backend.nowhere")


def test_identifiers_of_the_glossary_are_in_the_code() -> None:
    words = set(re.findall(r"\w+", source_text("backend", "workflows", "messages")))
    named = set(re.findall(r"`(\w+)`", text_of("docs/glossary.md")))
    assert len(named) > 50
    assert named - words == set()


def test_both_readmes_say_the_same() -> None:
    """Headings, commands, tables, pictures and links in one order; only the words differ."""

    def shape(name: str, other: str) -> list[object]:
        text = text_of(name)
        first_cells = [re.findall(r"https?://\S+|`[^`]+`", " ".join(cells)) for cells in rows(text)]
        links = sorted(link for link in _links(ROOT / name) if link != other)
        return [re.findall(r"^#+ ", text, re.M), blocks(text, ""), first_cells, links]

    assert shape("README.md", "README.zh-CN.md") == shape("README.zh-CN.md", "README.md")


def test_every_decision_is_in_the_index_and_has_the_same_parts() -> None:
    index = text_of("docs/adr/README.md")
    decisions = sorted((DOCS / "adr").glob("[0-9]*.md"))
    assert decisions
    for path in decisions:
        page = path.read_text(encoding="utf-8")
        assert f"]({path.name})" in index
        assert re.search(r"^Date: \d{4}-\d{2}-\d{2}$", page, re.M), path.name
        for part in ("Context", "Decision", "Consequences", "What was measured, and what would change our mind"):
            assert f"\n## {part}\n" in page, (path.name, part)


def test_words_to_look_for_in_the_log_are_logged() -> None:
    page = text_of("docs/operations.md").split("\n## Logs\n")[1].split("\n## ")[0]
    code = source_text("backend", "messages")
    words = names_in_first_cells(page)
    assert len(words) > 8
    assert [word for word in words if not re.search(rf"log\.\w+\(\s*f?\"{word}\b", code)] == []
