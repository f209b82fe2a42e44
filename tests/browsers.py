"""The browser of the browser tests: Debian's Chromium, or the one `CHROMIUM` names; and axe-core in it."""

from __future__ import annotations

import os
import shutil
import warnings
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page


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


def axe_violations(page: Page, options: dict[str, Any]) -> list[dict[str, Any]]:
    """What axe-core finds wrong with the page as it stands; its half megabyte is given to each page once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate("options => axe.run(options).then(all => all.violations)", options)
    return found
