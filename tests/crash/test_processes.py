"""The whole house in real processes, killed in the middle: nothing is lost and nothing is done twice."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.embedded.places import temporary_data_dir
from backend.staff.demo import DEMONSTRATION_PASSWORD
from tests.story.world import token_in

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

ROOT = Path(__file__).parents[2]
GROOM, BRIDE = "王小明 100000200411210011", "李小红 100000200611210024"


@dataclass
class House:
    """The product, its servers and the sandbox, as `make run` starts them."""

    directory: Path
    process: subprocess.Popen[str]
    product: httpx.Client
    sandbox: httpx.Client

    def addresses(self) -> dict[str, Any]:
        """Process ids and addresses as the supervisor wrote them last."""
        written: dict[str, Any] = json.loads((self.directory / "run" / "addresses.json").read_text())
        return written

    def kill(self, name: str) -> None:
        """kill -9 one of the processes, its children too, and wait until another has taken its place."""
        pid = int(self.addresses()[name])
        os.killpg(pid, signal.SIGKILL)
        until(lambda: int(self.addresses().get(name) or pid) != pid, 30)

    def ready(self) -> bool:
        """Whether requests are answered."""
        try:
            return self.product.get("/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def says(self, resident: str, text: str, **options: Any) -> dict[str, Any]:
        """A resident writes to the account."""
        sent: dict[str, Any] = self.sandbox.post(
            f"/sandbox/users/{resident}/messages", json={"text": text, **options}
        ).json()
        return sent

    def notices(self, resident: str) -> list[dict[str, Any]]:
        """Service notices on a resident's phone."""
        items = self.sandbox.get(f"/sandbox/users/{resident}/chat").json()["items"]
        return [item for item in items if item["from"] == "notice"]

    def residents(self) -> dict[str, str]:
        """Ids by name."""
        return {user["name"]: user["id"] for user in self.sandbox.get("/sandbox/users").json()["items"]}


def until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait for something another process does; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(directory: Path, ports: tuple[int, int]) -> House:
    """Start everything and wait for `ready`."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDIS_"))}
    environ |= {"DATA_DIR": str(directory), "PORT": str(ports[0]), "SANDBOX_PORT": str(ports[1]), "RATE_LIMITS": "off"}
    process = subprocess.Popen(
        [sys.executable, "-m", "backend.embedded"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if line.strip() == "ready":
            break
    else:
        pytest.fail("never ready:\n" + "".join(seen))
    # Somebody must go on reading, or the supervisor would wait for room in the pipe.
    threading.Thread(target=process.stdout.read, daemon=True).start()
    return House(
        directory,
        process,
        httpx.Client(base_url=f"http://127.0.0.1:{ports[0]}", timeout=20, follow_redirects=True),
        httpx.Client(base_url=f"http://127.0.0.1:{ports[1]}", timeout=60),
    )


def stop(house: House) -> None:
    house.process.send_signal(signal.SIGTERM)
    assert house.process.wait(30) == 0


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[Path, tuple[int, int]]]:
    with temporary_data_dir() as directory:
        yield directory, (free_port(), free_port())


@pytest.fixture(scope="module")
def house(place: tuple[Path, tuple[int, int]]) -> Iterator[House]:
    running = start(*place)
    yield running
    if running.process.poll() is None:
        stop(running)


def test_killed_in_the_middle_nothing_is_lost_or_doubled(house: House, place: tuple[Path, tuple[int, int]]) -> None:
    """web, worker and tick are killed while a couple books; later everything at once; the reminders come once."""
    wang = house.residents()["王小明"]
    # By day: people are left in peace at night, whatever the hour at which this test runs.
    move_clock(house, tomorrow_at_nine(house))
    house.says(wang, "结婚登记")
    assert "请选日期" in house.says(wang, "1")["reply"]["text"]
    house.kill("web")
    until(house.ready, 120)

    times = house.says(wang, "3")["reply"]["text"]  # the conversation stands where it stood
    assert "上午还是下午" in times or "还有这些时间" in times
    if "上午还是下午" in times:
        house.says(wang, "2")
    assert "已为您留5分钟" in house.says(wang, "1")["reply"]["text"]
    house.says(wang, f"{GROOM}\n{BRIDE}")

    # The confirmation arrives three times at once, and the web processes die under it.
    killer = threading.Timer(0.02, house.kill, ("web",))
    killer.start()
    house.says(wang, "1", copies=3, concurrent=True)
    killer.join()
    until(house.ready, 120)
    mine = house.says(wang, "我的预约")["reply"]["text"]
    if "请核对" in mine or "没有预约" in mine:  # killed before the commit: nothing happened, and saying it again works
        mine = house.says(wang, "1")["reply"]["text"]
    number = re.search(r"MZ\d{8}", mine)
    assert number, mine

    confirm(house, number[0])
    house.kill("worker")
    # Had it died between claim and call, the claim runs out after two minutes and the same message goes out.
    house.sandbox.post("/sandbox/clock", json={"advance_seconds": 150})
    until(lambda: len(house.notices(wang)) >= 1, 60)
    assert [number[0] in str(notice) for notice in house.notices(wang)] == [True]

    house.kill("tick")
    move_to_the_day_before(house, wang)
    until(lambda: len(house.notices(wang)) >= 2, 60)
    house.kill("worker")
    time.sleep(3)  # real processes: give a second reminder the time to come, if there were one
    assert len(house.notices(wang)) == 2

    stop(house)
    again = start(*place)
    try:
        assert number[0] in again.says(wang, "我的预约")["reply"]["text"]
        assert len(again.notices(wang)) == 2
    finally:
        stop(again)


def confirm(house: House, number: str) -> None:
    """A registrar confirms, by the console's forms."""
    origin = str(house.product.base_url)
    page = house.product.get("/console/sign-in")
    house.product.post(
        "/console/sign-in",
        data={"csrf_token": token_in(page.text), "username": "registrar-1", "password": DEMONSTRATION_PASSWORD},
        headers={"Referer": origin},
    )
    board = house.product.get("/console/marriage/appointments?tab=all")
    found = house.product.post(
        "/console/search",
        data={"csrf_token": token_in(board.text), "q": number},
        headers={"Referer": origin},
    )
    path = re.search(r"/console/marriage/appointments/[0-9a-f-]{36}", str(found.url) + found.text)
    assert path
    page = house.product.get(path[0])
    done = house.product.post(
        f"{path[0]}/confirm", data={"csrf_token": token_in(page.text)}, headers={"Referer": origin}
    )
    assert done.status_code == 200


def move_to_the_day_before(house: House, resident: str) -> None:
    """Turn the sandbox's clock to 10:00 on the day before the appointment."""
    notice = str(house.notices(resident)[0])
    year, month, day = (int(part) for part in re.search(r"(\d{4})年(\d+)月(\d+)日", notice).groups())  # type: ignore[union-attr]
    eve = date(year, month, day) - timedelta(days=1)
    move_clock(house, f"{eve.isoformat()}T10:00:05+08:00")


def tomorrow_at_nine(house: House) -> str:
    """The next morning of the sandbox's clock."""
    today = date.fromisoformat(house.sandbox.get("/sandbox/clock").json()["now"][:10])
    return f"{(today + timedelta(days=1)).isoformat()}T09:00:00+08:00"


def move_clock(house: House, to: str) -> None:
    """Turn the clock of sandbox and product forward."""
    moved = house.sandbox.post("/sandbox/clock", json={"to": to})
    assert moved.status_code == 200, moved.text
