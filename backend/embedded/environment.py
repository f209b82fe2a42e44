"""What `make run` starts its programs with: the environment, then `.env`, then a demonstration's values."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from backend.embedded import texts
from backend.embedded.errors import EmbeddedServerError
from backend.settings import SETTINGS, demonstration_environment, read_settings

HOST = "127.0.0.1"
_PORTS_TRIED = 100
# Between the product and the sandbox on this machine; it guards invented people only.
_SANDBOX_SERVICE_KEY = "demonstration"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What is to be started, and the settings for it (without the addresses of servers not yet started)."""

    env: dict[str, str]
    data_dir: Path
    port: int
    sandbox_port: int
    with_sandbox: bool
    load_demo: bool

    @property
    def database_url(self) -> str | None:
        """The operator's database, or None when we start our own."""
        return self.env.get("DATABASE_URL")

    @property
    def redis_url(self) -> str | None:
        """The operator's Redis, or None when we start our own."""
        return self.env.get("REDIS_URL")


def read_env_file(path: Path) -> dict[str, str]:
    """NAME=value lines of an `.env` file; empty when there is no file.

    Blank lines and lines that begin with `#` are skipped, one pair of quotes around a value is taken off. Raises
    `EmbeddedServerError` that names the line, but never repeats it, for it may hold a secret.
    """
    if not path.is_file():
        return {}
    values: dict[str, str] = {}
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip().removeprefix("export ")
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name.isidentifier():
            raise EmbeddedServerError(texts.BAD_ENV_LINE.format(path=path, number=number))
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        values[name] = value
    return values


def given_settings(environ: Mapping[str, str], root: Path) -> dict[str, str]:
    """The environment over the project's `.env`; a setting left empty ("DATABASE_URL=") counts as unset."""
    env = {**read_env_file(root / ".env"), **environ}
    for declared in SETTINGS:
        if env.get(declared.name) == "":
            del env[declared.name]
    return env


def data_dir_of(given: Mapping[str, str], root: Path) -> Path:
    """DATA_DIR, relative to the project when it is relative."""
    return Path(root, given.get("DATA_DIR") or demonstration_environment()["DATA_DIR"]).absolute()


def make_plan(given: Mapping[str, str], data_dir: Path, say: Say, *, serving: bool = True) -> Plan:
    """Decide every setting. `serving=False` is for a single command: no ports are looked for, no sandbox is started.

    Raises `EmbeddedServerError` and `SettingsError`, before anything has been started.
    """
    env = dict(given)
    production = env.get("ENVIRONMENT") == "production"
    with_sandbox = serving and not production and "WECHAT_API_BASE_URL" not in env
    defaults = {} if production else demonstration_environment() | {"LOAD_DEMO": "1"}
    port, sandbox_port = _ports(env, with_sandbox, say) if serving else (_port(env, "PORT"), _port(env, "SANDBOX_PORT"))
    defaults |= {"PORT": str(port), "SANDBOX_PORT": str(sandbox_port)}
    if not production:
        defaults["PUBLIC_BASE_URL"] = f"http://{HOST}:{port}"
        if with_sandbox:
            defaults["WECHAT_API_BASE_URL"] = f"http://{HOST}:{sandbox_port}"
            if not env.keys() & {"VERIFICATION_SERVICE_URL", "VERIFICATION_SERVICE_KEY"}:
                defaults["VERIFICATION_SERVICE_URL"] = f"http://{HOST}:{sandbox_port}/identity-check"
                defaults["VERIFICATION_SERVICE_KEY"] = _SANDBOX_SERVICE_KEY
    env = defaults | env | {"DATA_DIR": str(data_dir)}
    if production:
        _require_addresses(env)
    servers = {"DATABASE_URL": "postgresql://embedded/", "REDIS_URL": "unix:///embedded"}
    read_settings(servers | env)  # a mistake is told now, not by each program after it has been started
    return Plan(env, data_dir, port, sandbox_port, with_sandbox, load_demo=env.get("LOAD_DEMO") == "1")


def _require_addresses(env: Mapping[str, str]) -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        if name not in env:
            raise EmbeddedServerError(texts.PRODUCTION_NEEDS_ADDRESS.format(name=name))


def _ports(env: Mapping[str, str], with_sandbox: bool, say: Say) -> tuple[int, int]:
    port = choose_port(env, "PORT", say)
    if not with_sandbox:
        return port, _port(env, "SANDBOX_PORT")
    return port, choose_port(env, "SANDBOX_PORT", say, avoid=port)


def choose_port(env: Mapping[str, str], name: str, say: Say, avoid: int | None = None) -> int:
    """The port `name` says, or, when it says none, the first free one from its default on (and say so).

    Raises `EmbeddedServerError` when the port asked for is in use, or none is free.
    """
    wanted = _port(env, name)
    if name in env:
        if wanted == avoid or not port_is_free(wanted):
            raise EmbeddedServerError(texts.PORT_TAKEN.format(port=wanted, name=name))
        return wanted
    last = min(wanted + _PORTS_TRIED, 65535)
    for port in range(wanted, last + 1):
        if port != avoid and port_is_free(port):
            if port != wanted:
                say(texts.PORT_MOVED.format(wanted=wanted, chosen=port, name=name))
            return port
    raise EmbeddedServerError(texts.NO_FREE_PORT.format(first=wanted, last=last, name=name))


def port_is_free(port: int) -> bool:
    """Whether nothing answers at a port of this machine and we may listen there."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        # macOS lets one bind 127.0.0.1 beside a listener on every address, so ask first whether somebody answers.
        with suppress(OSError):
            probe.connect((HOST, port))
            return False
    with socket.socket() as listener:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else closing connections count as use
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
    return True


def _port(env: Mapping[str, str], name: str) -> int:
    value = env.get(name) or demonstration_environment()[name]
    if not value.strip().isdecimal() or not 0 < int(value) < 65536:
        raise EmbeddedServerError(texts.BAD_PORT.format(name=name))
    return int(value)
