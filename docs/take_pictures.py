"""Takes the README's pictures with headless Chromium, against a demonstration that is running (`make run`).

    .venv/bin/python -m docs.take_pictures

It books an appointment on the first resident's phone, so begin with a fresh DATA_DIR.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from backend.staff.demo import DEMONSTRATION_PASSWORD

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}

CONVERSATION = ("结婚登记", "1", "3", "下午", "1", "王小明 100000200411210011\n李小红 100000200611210024", "1")


def main() -> None:
    """Talk, then photograph phone and console at both sizes."""
    data_dir = Path(os.environ.get("DATA_DIR", ROOT / ".data"))
    addresses = json.loads((data_dir / "run" / "addresses.json").read_text())
    IMAGES.mkdir(exist_ok=True)
    _talk(addresses["sandbox_url"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        for name in SIZES:
            _photograph(browser, name, addresses)
        browser.close()


def _talk(sandbox_url: str) -> None:
    with httpx.Client(base_url=sandbox_url, timeout=30) as sandbox:
        resident = sandbox.get("/sandbox/users").json()["items"][0]["id"]
        for text in CONVERSATION:
            sandbox.post(f"/sandbox/users/{resident}/messages", json={"text": text}).raise_for_status()


def _photograph(browser: Browser, name: str, addresses: dict[str, str]) -> None:
    page = browser.new_page(viewport=SIZES[name], locale="zh-CN", timezone_id="Asia/Shanghai")
    page.goto(addresses["sandbox_url"])
    page.get_by_text("约好了").last.wait_for()
    _shoot(page, f"sandbox-{name}")
    page.goto(addresses["console_url"])
    page.fill("input[name=username]", "registrar-1")
    page.fill("input[name=password]", DEMONSTRATION_PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("待确认").first.wait_for()
    page.goto(addresses["console_url"].rstrip("/") + "/marriage/appointments?tab=later")
    page.get_by_text("王小明").first.wait_for()
    _shoot(page, f"console-{name}")


def _shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(500)  # fonts and the phone's scrolling come to rest
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
