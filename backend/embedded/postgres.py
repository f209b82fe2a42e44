"""A PostgreSQL of our own: the wheel's `initdb` and `postgres` run directly, on a Unix socket, without TCP.

The wheel's own starter is not used: it leaves the server running when we are terminated, and as root it creates a
system user and loosens permissions (stack.md §2.2). There is no password: the socket's directory (mode 0700) guards.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from backend.embedded import places, processes, texts
from backend.embedded.errors import EmbeddedServerError
from backend.embedded.installation import MAJOR_VERSION, postgres_programs

DATABASE = "nuanmin"
_PORT = 5432  # only part of the socket's name
_START_SECONDS = 60.0  # a crash recovery may take long
# Fast shutdown; then the immediate one, after which PostgreSQL recovers by itself at the next start.
_STOP_STEPS = ((signal.SIGINT, 4.0), (signal.SIGQUIT, 1.0))
_SETTINGS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "logging_collector": "off",
    # A failed statement and its details ("Key (phone)=(…) already exists") would put personal data into the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One PostgreSQL server whose data lies in `data_dir`/postgres.

    With `durable=False` a crash of the machine may destroy the data: faster, for tests only. Use it as a context
    manager or by `start()` and `stop()`, from a thread that outlives it (processes.py says why).
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._wanted_data_dir = data_dir
        self._durable = durable
        self._lock: places.Lock | None = None
        self._socket: places.SocketDirectory | None = None
        self._user: processes.SystemUser | None = None
        self._programs = self._data = Path()
        self.name = "postgres"
        self.log = Path()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the product's database; only while started."""
        return self.url_for(DATABASE)

    def url_for(self, database: str) -> str:
        """The SQLAlchemy address of another database of this server, such as one cloned for a test."""
        if self._socket is None:
            raise EmbeddedServerError("PostgreSQL is not started")
        return f"postgresql://{DATABASE}@/{quote(database)}?host={self._socket.path}&port={_PORT}"

    def start(self) -> None:
        """Make the data directory if there is none, start the server and wait until it answers.

        A server that a killed starter left on the same data is stopped first. Raises `EmbeddedServerError`, with its
        kinds `AlreadyRunning` and `EmbeddedServerMissing`.
        """
        data_dir = places.prepare_data_dir(self._wanted_data_dir)
        lock = places.Lock(data_dir, "postgres")
        lock.acquire()
        self._lock = lock
        try:
            self.log = places.fresh_log(data_dir, self.name)
            self._user = places.database_user(data_dir / "postgres")
            self._programs = postgres_programs(self._user, lasting=self._durable)
            place = places.private_place(data_dir / "postgres", self._user, lasting=self._durable)
            self._data = place / "data"
            self._initialise()
            self._stop_leftover()
            self._socket = places.SocketDirectory(place / "socket", self._user)
            self.launch()
            self._create_database()
        except BaseException:
            self.stop()
            raise

    def launch(self) -> None:
        """Start the server process on prepared data and wait for it; also after it died, at the same address."""
        if self._socket is None:
            raise EmbeddedServerError("PostgreSQL is not started")
        if self.process is not None:
            processes.stop(self.process, _STOP_STEPS)
        for stale in self._socket.path.glob(".s.PGSQL.*"):
            stale.unlink()
        settings = _SETTINGS | {"unix_socket_directories": str(self._socket.path)}
        if not self._durable:
            settings |= _FORGETFUL
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.process = self._spawn("postgres", "-D", str(self._data), *options)
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server, within about five seconds; harmless when it is not running."""
        if self.process is not None:
            processes.stop(self.process, _STOP_STEPS)
            self.process = None
        if self._socket is not None:
            self._socket.remove()
            self._socket = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def kill(self) -> None:
        """Tell the server to end at once; what was committed is safe."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGQUIT)

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        # An operator's PGDATA, PGPORT and the like are about another server; a locale may not exist for `nobody`.
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        with self.log.open("ab") as log:
            return processes.start(
                [str(self._programs / program), *arguments],
                cwd=Path("/"),
                env=env | {"LC_ALL": "C"},
                output=log,
                last_signal=signal.SIGINT,
                user=self._user,
            )

    def _initialise(self) -> None:
        if self._data.exists():
            found = (self._data / "PG_VERSION").read_text(encoding="ascii").strip()
            if found != str(MAJOR_VERSION):
                raise EmbeddedServerError(
                    texts.ANOTHER_MAJOR_VERSION.format(data=self._data, found=found, ours=MAJOR_VERSION)
                )
            return
        # Under another name until complete, so that an interrupted attempt is never taken for data.
        making = self._data.with_name("data.new")
        shutil.rmtree(making, ignore_errors=True)
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = ["--auth=trust", "--no-instructions", *([] if self._durable else ["--no-sync"])]
        initdb = self._spawn("initdb", "-D", str(making), "-U", DATABASE, *locale, *options)
        if initdb.wait() != 0:
            raise self._failure()
        making.rename(self._data)

    def _stop_leftover(self) -> None:
        """End the server of a starter that was killed (we hold the lock, so nobody is using it).

        A process number that now belongs to another program would make PostgreSQL refuse to start, so such a file goes.
        """
        pid_file = self._data / "postmaster.pid"
        try:
            leftover = psutil.Process(int(pid_file.read_text(encoding="ascii").split("\n", 1)[0]))
            ours = str(self._data) in leftover.cmdline()
        except (ValueError, psutil.AccessDenied, psutil.ZombieProcess):
            ours = False
        except (FileNotFoundError, psutil.NoSuchProcess):
            return
        if ours:
            processes.end(leftover, signal.SIGINT, 10.0)
        else:
            pid_file.unlink()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._connect("postgres").close()
                return
            except psycopg.OperationalError:
                if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                    raise self._failure() from None
            time.sleep(0.02)

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(self.url_for(database), autocommit=True, connect_timeout=5)

    def _create_database(self) -> None:
        with self._connect("postgres") as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _failure(self) -> EmbeddedServerError:
        return EmbeddedServerError(
            texts.SERVER_FAILED.format(name="PostgreSQL", log=self.log, tail=places.tail(self.log))
        )
