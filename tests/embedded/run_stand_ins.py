"""`make run` with stand-ins for the product's programs: `run_stand_ins.py DATA_DIR FIRST_PORT [--with-parent]`."""

from __future__ import annotations

import sys
from pathlib import Path

from backend.embedded.environment import make_plan
from backend.embedded.runner import Reporter, Runner, held
from backend.embedded.supervisor import Child

STAND_IN = Path(__file__).with_name("stand_in.py")


def stand_in(*arguments: str) -> list[str]:
    return [sys.executable, str(STAND_IN), *arguments]


def main(data_dir: str, port: str, *flags: str) -> int:
    reporter = Reporter()
    given = {"PORT": port, "SANDBOX_PORT": str(int(port) + 1)}
    with held(Path(data_dir), reporter) as held_dir:
        plan = make_plan(given, held_dir, reporter.say)
        return Runner(
            plan,
            reporter,
            lambda plan, env: [
                Child("web", stand_in("serve", str(plan.port)), env),
                Child("worker", stand_in("fail-first", str(held_dir / "failed")), env),
                Child("tick", stand_in("wait"), env),
                Child("sandbox", stand_in("serve", str(plan.sandbox_port)), env),
            ],
            command=stand_in,
            with_parent="--with-parent" in flags,
            backoff=(0.2,),
        ).run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
