"""`make run` from beginning to end: servers, migrations, demonstration data, programs, `ready`, and the stop."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from backend.embedded import places, processes, texts
from backend.embedded.environment import HOST, Plan
from backend.embedded.errors import EmbeddedServerError
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.redis import EmbeddedRedis
from backend.embedded.stopping import StopWish
from backend.embedded.supervisor import BACKOFF_SECONDS, Child, ChildProcess, Supervisor

ROOT = Path(__file__).resolve().parents[2]
# Clients first, servers last. With the grace of each child and of the servers the sum stays below 15 seconds.
CHILDREN = ("web", "worker", "tick", "sandbox")
STOP_ORDER = (*CHILDREN, "redis", "postgres")
# Logs are read by people and by us: at once, and in UTF-8 whatever the terminal's locale.
_PYTHON = {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
_READY_SECONDS = 90.0
_LOOK_SECONDS = 0.1


class Reporter:
    """Lines on the terminal, each with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def say(self, text: str) -> None:
        """Print a progress line."""
        self.show(f"[{time.monotonic() - self._started:5.1f}s] {text}")

    def show(self, text: str) -> None:
        """Print a line as it is."""
        try:
            print(text, flush=True)
        except OSError:
            # The reader of our output has gone; what we started must still be stopped in order.
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (for the rest of the process)


class Stopped(Exception):
    """We were asked to stop while still starting."""


class Runner:
    """One run, by the holder of the installation's lock (`held`).

    `programs` gives what to keep running and `command` a command line of the product, so that tests bring their own.
    """

    def __init__(
        self,
        plan: Plan,
        reporter: Reporter,
        programs: Callable[[Plan, dict[str, str]], list[Child]],
        *,
        command: Callable[..., list[str]] | None = None,
        with_parent: bool = False,
        backoff: Sequence[float] = BACKOFF_SECONDS,
    ) -> None:
        self._plan = plan
        self._command = command or flask
        self._reporter = reporter
        self._programs = programs
        self._supervisor = Supervisor(reporter.say, self._write_addresses, backoff)
        self._stop = StopWish(self._supervisor.kill, with_parent=with_parent)
        self._env = dict(plan.env)
        self._data_dir = plan.data_dir
        self._addresses_file = self._data_dir / "run" / "addresses.json"

    def run(self) -> int:
        """Start everything, stay until asked to stop, stop everything; returns the exit code.

        Raises `EmbeddedServerError`, after having stopped what had been started.
        """
        self._stop.listen()
        try:
            self._start()
            while not self._stop.wanted():
                self._supervisor.look()
                time.sleep(_LOOK_SECONDS)
        except Stopped:
            pass
        finally:
            self._end()
        self._reporter.say(texts.STOPPED.format(data_dir=self._data_dir))
        return 0

    def _start(self) -> None:
        self._start_servers()
        self._step("migrate", texts.MIGRATING, "db", "upgrade")
        if self._plan.load_demo:
            self._step("demo", texts.LOADING_DEMO, "demo", "load")
        self._start_children()
        sign_ins = self._step("sign-ins", texts.SIGN_INS, "demo", "sign-ins") if self._plan.load_demo else ""
        self._wait_until_ready()
        self._write_addresses()
        self._announce(sign_ins)

    def _start_servers(self) -> None:
        self._env |= start_servers(self._plan, self._reporter, self._supervisor) | _PYTHON
        self._go_on()

    def _go_on(self) -> None:
        if self._stop.wanted():
            raise Stopped

    def _step(self, name: str, title: str, *command: str) -> str:
        """Run one of the product's commands to its end; returns what it printed. Raises `EmbeddedServerError`."""
        self._reporter.say(title)
        log = self._data_dir / "logs" / f"{name}.log"
        with log.open("wb") as output:
            process = processes.start(self._command(*command), cwd=ROOT, env=self._env, output=output)
        while process.poll() is None:
            if self._stop.wanted():
                processes.stop(process, ((signal.SIGTERM, 1.0),))
                raise Stopped
            time.sleep(0.02)
        if process.returncode != 0:
            raise EmbeddedServerError(texts.STEP_FAILED.format(step=title, log=log, tail=places.tail(log)))
        return log.read_text(encoding="utf-8", errors="replace").rstrip()

    def _start_children(self) -> None:
        children = self._programs(self._plan, self._env)
        self._reporter.say(texts.STARTING_CHILDREN.format(names="、".join(child.name for child in children)))
        for child in children:
            service = ChildProcess(child, self._data_dir, ROOT)
            service.launch()
            self._supervisor.watch(service)
        self._write_addresses()

    def _wait_until_ready(self) -> None:
        self._reporter.say(texts.WAITING)
        deadline = time.monotonic() + _READY_SECONDS
        waiting = {"web": (self._plan.port, "/readyz", 200)}
        if self._plan.with_sandbox:
            waiting["sandbox"] = (self._plan.sandbox_port, "/", 399)
        while waiting:
            self._go_on()
            if time.monotonic() > deadline:
                logs, what = self._data_dir / "logs", ", ".join(waiting)
                raise EmbeddedServerError(texts.NOT_READY.format(seconds=_READY_SECONDS, what=what, logs=logs))
            self._supervisor.look()
            waiting = {name: asked for name, asked in waiting.items() if not answers(*asked)}
            time.sleep(_LOOK_SECONDS)

    def _announce(self, sign_ins: str) -> None:
        show = self._reporter.show
        show(f"\n{texts.ADDRESSES}")
        addresses = self._addresses()
        if self._plan.with_sandbox:
            show("  " + texts.SANDBOX_ADDRESS.format(url=addresses["sandbox_url"]))
        show("  " + texts.CONSOLE_ADDRESS.format(url=addresses["console_url"]))
        show("  " + texts.API_ADDRESS.format(url=addresses["api_url"]))
        if sign_ins:
            show(f"\n{texts.SIGN_INS}\n{sign_ins}\n")
        show("ready")

    def _addresses(self) -> dict[str, str]:
        web = f"http://{HOST}:{self._plan.port}"
        found = {
            "web_url": web,
            "console_url": f"{web}/console/",
            "api_url": f"{web}/api/v1/openapi.json",
            "database_url": self._env["DATABASE_URL"],
            "redis_url": self._env["REDIS_URL"],
        }
        if self._plan.with_sandbox:
            found["sandbox_url"] = f"http://{HOST}:{self._plan.sandbox_port}/"
        return found

    def _write_addresses(self) -> None:
        """DATA_DIR/run/addresses.json, for other programs of the same user; an address may hold a password."""
        content = {**self._addresses(), **self._supervisor.pids(), "supervisor": os.getpid()}
        making = self._addresses_file.with_suffix(".new")
        making.touch(mode=0o600)
        making.write_text(json.dumps(content, indent=1), encoding="utf-8")
        making.replace(self._addresses_file)

    def _end(self) -> None:
        self._reporter.say(texts.STOPPING)
        self._supervisor.stop(STOP_ORDER)
        self._addresses_file.unlink(missing_ok=True)


@contextmanager
def held(data_dir: Path, reporter: Reporter) -> Iterator[Path]:
    """Make this process the only one that runs an installation; yields its prepared, absolute DATA_DIR.

    What a killed run left behind is ended first, so that its ports are free. Raises `EmbeddedServerError`.
    """
    data_dir = places.prepare_data_dir(data_dir)
    lock = places.Lock(data_dir, "run")
    lock.acquire()
    try:
        for name in CHILDREN:
            if processes.stop_leftover(data_dir / "run" / f"{name}.pid"):
                reporter.say(texts.LEFTOVER.format(name=name))
        yield data_dir
    finally:
        lock.release()


def start_servers(plan: Plan, reporter: Reporter, supervisor: Supervisor) -> dict[str, str]:
    """Start PostgreSQL and Redis where no address is given, watched; returns the two addresses."""
    database_url, redis_url = plan.database_url, plan.redis_url
    reporter.say(texts.GIVEN_POSTGRES if database_url else texts.STARTING_POSTGRES)
    if database_url is None:
        postgres = EmbeddedPostgres(plan.data_dir)
        postgres.start()
        supervisor.watch(postgres)
        database_url = postgres.url
    reporter.say(texts.GIVEN_REDIS if redis_url else texts.STARTING_REDIS)
    if redis_url is None:
        redis = EmbeddedRedis(plan.data_dir)
        redis.start()
        supervisor.watch(redis)
        redis_url = redis.url
    return {"DATABASE_URL": database_url, "REDIS_URL": redis_url}


def product_programs(plan: Plan, env: dict[str, str]) -> list[Child]:
    """The processes of the product, in the order they are started."""
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(plan.port)]
    web += ["--workers", "2", "--blocking-threads", "16", "--no-ws", "--log-level", "warning"]
    web += ["--respawn-failed-workers", "--workers-kill-timeout", "1", "wsgi:app"]
    children = [
        Child("web", web, env, grace=2.0),
        Child("worker", flask("worker"), env, grace=3.0),
        Child("tick", flask("tick"), env),
    ]
    if plan.with_sandbox:
        children.append(Child("sandbox", [sys.executable, "-m", "sandbox"], env))
    return children


def flask(*command: str) -> list[str]:
    """The command line of one of the product's own commands."""
    return [sys.executable, "-m", "flask", "--app", "wsgi", *command]


def answers(port: int, path: str, highest_status: int) -> bool:
    """Whether a program of ours answers a GET with a status up to `highest_status`. No proxy is ever asked."""
    connection = http.client.HTTPConnection(HOST, port, timeout=3.0)
    try:
        connection.request("GET", path)
        return connection.getresponse().status <= highest_status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def run_one(plan: Plan, reporter: Reporter, module: Sequence[str]) -> int:
    """Run one Python module with the servers up and the settings of `make run`; returns its exit code."""
    supervisor = Supervisor(reporter.say)
    stop = StopWish(supervisor.kill)
    stop.listen()
    try:
        env = plan.env | start_servers(plan, reporter, supervisor)
        # In our process group and on our terminal: it may ask questions, and a Ctrl-C is for it.
        with subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT, env=env) as process:
            while process.poll() is None:
                if stop.wanted():
                    process.terminate()
                time.sleep(_LOOK_SECONDS)
        return process.returncode
    finally:
        supervisor.stop(STOP_ORDER)
