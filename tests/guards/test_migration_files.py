"""The files of the migrations: numbered, in one line, with one head at which parallel branches collide in git."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from backend.operations import MIGRATION_HEAD
from tests.guards import migration_files
from tests.guards.migration_files import MIGRATIONS, main, offences

STEP = """
revision = "{revision}"
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """A copy of the migrations."""
    shutil.copytree(MIGRATIONS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "migrations"


def add(migrations: Path, name: str, revision: str, down: str | None) -> None:
    """Write one more step."""
    (migrations / "versions" / name).write_text(STEP.format(revision=revision, down=down))


def test_the_migrations_are_in_order():
    assert offences(MIGRATIONS) == []
    assert main() == 0
    assert MIGRATION_HEAD == MIGRATIONS / ".current-alembic-head"


def test_two_heads_are_found(migrations: Path):
    add(migrations, "9001_one.py", "9001", None)
    assert any(offence.startswith("2 heads") for offence in offences(migrations))


def test_a_forgotten_head_file_is_found(migrations: Path):
    head = (migrations / ".current-alembic-head").read_text().strip()
    following = f"{int(head) + 1:04d}"
    add(migrations, f"{following}_more.py", following, head)
    assert offences(migrations) == [f".current-alembic-head says {head}, the newest is {following}"]
    (migrations / ".current-alembic-head").write_text(f"{following}\n")
    assert offences(migrations) == []


def test_a_name_out_of_order_is_found(migrations: Path, monkeypatch: pytest.MonkeyPatch):
    head = (migrations / ".current-alembic-head").read_text().strip()
    add(migrations, "20270518_more.py", "abcdef", head)
    (migrations / ".current-alembic-head").write_text("abcdef\n")
    assert [offence.split()[0] for offence in offences(migrations)] == ["20270518_more.py"]
    monkeypatch.setattr(migration_files, "MIGRATIONS", migrations)
    assert main() == 1


@pytest.mark.filterwarnings("ignore:Revision 9000 referenced")
def test_a_broken_chain_is_found(migrations: Path):
    add(migrations, "9001_lost.py", "9001", "9000")
    assert "chain" in offences(migrations)[0]
