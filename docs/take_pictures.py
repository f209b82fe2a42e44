"""Takes the pictures of README and tour with headless Chromium, against a demonstration that is running (`make run`).

    .venv/bin/python -m docs.take_pictures

It books an appointment on the first resident's phone, so begin with a fresh DATA_DIR.
"""

from __future__ import annotations

import json
import os
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from backend.staff.demo import DEMONSTRATION_PASSWORD

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}

CONVERSATION = ("结婚登记", "1", "3", "下午", "1", "王小明 100000200411210011\n李小红 100000200611210024", "1")


class Shot(NamedTuple):
    """A page of the tour: whoever signs in, where it is, and which of its links leads on to what is shown."""

    name: str
    username: str
    path: str
    follow: str = ""


# In the order of docs/tour.md; whoever signs in stays for the shots that follow.
TOUR = (
    Shot("tour-worklist", "registrar-1", "/console/"),
    Shot("tour-hall", "registrar-1", "/console/marriage/hall"),
    Shot("tour-load", "registrar-1", "/console/marriage/load"),
    Shot("tour-figures", "registrar-1", "/console/marriage/figures"),
    Shot("tour-divorces", "registrar-1", "/console/marriage/divorces"),
    Shot("tour-archive", "registrar-1", "/console/marriage/archive"),
    Shot("tour-calendar", "head-1", "/console/marriage/capacity"),
    Shot("tour-rush", "head-1", "/console/marriage/rushes", "main a[href*='/marriage/rushes/']"),
    Shot("tour-counselling", "counsellor-1", "/console/marriage/counselling"),
    Shot("tour-audit", "auditor", "/console/audit"),
    Shot("tour-settings", "admin", "/console/settings"),
)


def main() -> None:
    """Talk, then photograph phone and console at both sizes, then the tour."""
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
        for username, shots in groupby(TOUR, key=lambda shot: shot.username):
            _walk(browser, username, list(shots), addresses["console_url"])
        _shoot_free_places(browser, addresses["console_url"])
        browser.close()


def _talk(sandbox_url: str) -> None:
    with httpx.Client(base_url=sandbox_url, timeout=30) as sandbox:
        resident = sandbox.get("/sandbox/users").json()["items"][0]["id"]
        for text in CONVERSATION:
            sandbox.post(f"/sandbox/users/{resident}/messages", json={"text": text}).raise_for_status()


def _photograph(browser: Browser, name: str, addresses: dict[str, str]) -> None:
    page = _new_page(browser, name)
    page.goto(addresses["sandbox_url"])
    page.get_by_text("约好了").last.wait_for()
    _shoot(page, f"sandbox-{name}")
    _sign_in(page, "registrar-1", addresses["console_url"])
    page.goto(addresses["console_url"].rstrip("/") + "/marriage/appointments?tab=later")
    page.get_by_text("王小明").first.wait_for()
    _shoot(page, f"console-{name}")
    page.close()


def _walk(browser: Browser, username: str, shots: list[Shot], console_url: str) -> None:
    page = _new_page(browser, "desk")
    _sign_in(page, username, console_url)
    for shot in shots:
        page.goto(console_url.removesuffix("/console/") + shot.path)
        if shot.follow:
            page.locator(shot.follow).first.click()
        page.wait_for_load_state("networkidle")
        _shoot(page, shot.name)
    page.close()


def _shoot_free_places(browser: Browser, console_url: str) -> None:
    page = _new_page(browser, "phone")
    page.goto(console_url.removesuffix("/console/") + "/h5/marriage/free")
    _shoot(page, "tour-free-places")
    page.close()


def _new_page(browser: Browser, size: str) -> Page:
    return browser.new_page(viewport=SIZES[size], locale="zh-CN", timezone_id="Asia/Shanghai")


def _sign_in(page: Page, username: str, console_url: str) -> None:
    page.goto(console_url)
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", DEMONSTRATION_PASSWORD)
    page.keyboard.press("Enter")
    page.locator("h1").first.wait_for()
    page.wait_for_load_state("networkidle")


def _shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(500)  # fonts and the phone's scrolling come to rest
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
