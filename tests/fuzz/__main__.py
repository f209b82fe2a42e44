"""`python -m tests.fuzz [libFuzzer options] [directory of inputs]`."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

from backend.kernel.clock import clock_at

atheris = importlib.import_module("atheris")  # in tests/fuzz/requirements.txt, for this run only

with atheris.instrument_imports(include=["backend.wechat", "backend.files", "wechatpy"]):
    from tests.files.samples import jpeg, pdf, png
    from tests.fuzz import targets
    from tests.wechat.pushes import PUSH_TIME, TEXT

SEEDS = (TEXT.encode(), jpeg(), png(), pdf(), b'{"MsgType":"event","Event":"wxa_media_check","result":{"label":1}}')


def main() -> None:
    """Fuzz until a time or count is reached, or something breaks; libFuzzer then keeps the input and says where."""
    seeds = Path(tempfile.mkdtemp(prefix="fuzz-"))
    for choice in range(len(targets.TARGETS)):
        for number, seed in enumerate(SEEDS):
            (seeds / f"{choice}-{number}").write_bytes(bytes([choice]) + seed)
    atheris.Setup([*sys.argv, str(seeds)], targets.run)
    with clock_at(PUSH_TIME):
        atheris.Fuzz()


if __name__ == "__main__":
    main()
