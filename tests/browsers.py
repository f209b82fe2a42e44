"""The browser of the browser tests: Debian's Chromium, or the one `CHROMIUM` names."""

from __future__ import annotations

import os
import shutil
import warnings

import pytest


def chromium_path() -> str:
    """Where Chromium is. Without one the test is skipped, loudly; in CI it fails, for there it must be installed."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("no Chromium: CI installs it with `make chromium`", pytrace=False)
    warnings.warn("BROWSER TESTS SKIPPED: no Chromium; install it or set CHROMIUM", stacklevel=2)
    pytest.skip("no Chromium")


LAUNCH_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
