"""`python -m backend.embedded`: what `make run` runs.

With a module and its arguments (`python -m backend.embedded flask --app wsgi db upgrade`) it runs only that, with the
servers up and the same settings.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from backend.embedded.environment import data_dir_of, given_settings, make_plan
from backend.embedded.errors import EmbeddedServerError
from backend.embedded.runner import ROOT, Reporter, Runner, held, product_programs, run_one
from backend.settings import SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the product, or one command; returns the exit code: 0 stopped as asked, 1 something failed."""
    parser = argparse.ArgumentParser(prog="python -m backend.embedded", description="Runs the product on this machine.")
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the program that started this one has gone"
    )
    parser.add_argument("module", nargs=argparse.REMAINDER, help="a Python module to run instead, with its arguments")
    chosen = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show Chinese must not stop us
    reporter = Reporter()
    try:
        given = given_settings(os.environ, ROOT)
        with held(data_dir_of(given, ROOT), reporter) as data_dir:
            plan = make_plan(given, data_dir, reporter.say, serving=not chosen.module)
            if chosen.module:
                return run_one(plan, reporter, chosen.module)
            return Runner(plan, reporter, product_programs, with_parent=chosen.with_parent).run()
    except (EmbeddedServerError, SettingsError) as error:
        print(error, file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
