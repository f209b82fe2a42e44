"""Where the web processes share their counters; set before prometheus_client is first imported."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def metrics_directory() -> str:
    """The directory of this server's counter files; made when it is not there."""
    given = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    directory = Path(given) if given else Path(tempfile.gettempdir()) / f"nuanmin-metrics-{os.getuid()}"
    directory.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
    return str(directory)
