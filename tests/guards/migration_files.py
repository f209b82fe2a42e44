"""What must be true of the migrations' files; `make lint` runs this as a program, without a database."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"


def offences(migrations: Path) -> list[str]:
    """What is wrong with a folder of migrations: several heads, a head file that tells another, names without order."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    scripts = ScriptDirectory.from_config(config)
    try:
        steps = list(scripts.walk_revisions())[::-1]
        heads = scripts.get_heads()
    except (CommandError, KeyError) as error:
        return [f"the chain of migrations is broken: {error}"]
    found = [] if len(heads) == 1 else [f"{len(heads)} heads: {', '.join(sorted(heads))}"]
    told = (migrations / ".current-alembic-head").read_text()
    if told != f"{heads[0]}\n":
        found.append(f".current-alembic-head says {told.strip()}, the newest is {heads[0]}")
    for number, step in enumerate(steps, start=1):
        name = Path(step.path).name
        if step.revision != f"{number:04d}" or not re.fullmatch(rf"{number:04d}_[a-z0-9_]+\.py", name):
            found.append(f"{name} should be {number:04d}_<what it does>.py with revision {number:04d}")
    files = {path.name for path in (migrations / "versions").glob("*.py")} - {"__init__.py"}
    found += [f"{name} is no migration" for name in sorted(files - {Path(step.path).name for step in steps})]
    return found


def main() -> int:
    """Print what is wrong; 1 if anything is."""
    found = offences(MIGRATIONS)
    print("\n".join(found) or "migrations: one head")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
