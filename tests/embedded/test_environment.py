"""Settings of a run: `.env`, defaults of a demonstration, ports, and what production refuses."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import FlaskGroup

from backend.embedded.environment import (
    choose_port,
    data_dir_of,
    given_settings,
    make_plan,
    port_is_free,
    read_env_file,
)
from backend.embedded.errors import EmbeddedServerError
from backend.settings import SETTINGS, SettingsError, demonstration_environment, read_settings

ROOT = Path(__file__).resolve().parents[2]


def _say_nothing(_text: str) -> None:
    """For plans whose words are not looked at."""


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port at which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_an_env_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text('# note\n\nPORT=9000\nexport SECRET_KEY="a = b#c"\nEMPTY=\n', encoding="utf-8")
    assert read_env_file(path) == {"PORT": "9000", "SECRET_KEY": "a = b#c", "EMPTY": ""}
    assert read_env_file(tmp_path / "absent") == {}


def test_a_bad_line_is_named_but_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("PORT=9000\nhunter2 is secret\n", encoding="utf-8")
    with pytest.raises(EmbeddedServerError, match="line 2") as refused:
        read_env_file(path)
    assert "hunter2" not in str(refused.value)


def test_the_environment_wins_over_the_file_and_empty_means_unset(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9000\nDATABASE_URL=\nSECRET_KEY=file\n", encoding="utf-8")
    given = given_settings({"SECRET_KEY": "environment", "REDIS_URL": ""}, tmp_path)
    assert given == {"PORT": "9000", "SECRET_KEY": "environment"}


def test_the_data_directory_is_the_projects_unless_absolute(tmp_path: Path) -> None:
    assert data_dir_of({}, tmp_path) == tmp_path / ".data"
    assert data_dir_of({"DATA_DIR": "elsewhere"}, tmp_path) == tmp_path / "elsewhere"
    assert data_dir_of({"DATA_DIR": "/srv/nuanmin"}, tmp_path) == Path("/srv/nuanmin")


def test_a_demonstration_needs_no_setting_at_all(tmp_path: Path) -> None:
    plan = make_plan({}, tmp_path, _say_nothing)
    assert plan.with_sandbox
    assert plan.load_demo
    assert plan.database_url is None
    assert plan.redis_url is None
    assert plan.env["WECHAT_API_BASE_URL"] == f"http://127.0.0.1:{plan.sandbox_port}"
    assert plan.env["PUBLIC_BASE_URL"] == f"http://127.0.0.1:{plan.port}"
    assert plan.env["DATA_DIR"] == str(tmp_path)
    settings = read_settings(plan.env | {"DATABASE_URL": "postgresql://a/b", "REDIS_URL": "unix:///c"})
    assert settings.load_demo
    assert settings.port == plan.port


def test_what_is_given_is_kept(tmp_path: Path) -> None:
    given = {
        "DATABASE_URL": "postgresql://db.example/nuanmin",
        "WECHAT_API_BASE_URL": "https://api.weixin.qq.com",
        "PUBLIC_BASE_URL": "https://mz.example",
        "LOAD_DEMO": "0",
    }
    plan = make_plan(given, tmp_path, _say_nothing)
    assert given.items() <= plan.env.items()
    assert not plan.with_sandbox
    assert not plan.load_demo
    assert plan.database_url == given["DATABASE_URL"]


def test_a_mistake_in_a_setting_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="WECHAT_ACCOUNT_AES_KEY"):
        make_plan({"WECHAT_ACCOUNT_AES_KEY": "short"}, tmp_path, _say_nothing)
    with pytest.raises(EmbeddedServerError, match="PORT must be a port number"):
        make_plan({"PORT": "http"}, tmp_path, _say_nothing)


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_production_gets_no_server_of_ours(tmp_path: Path, name: str) -> None:
    given = {"ENVIRONMENT": "production", "DATABASE_URL": "postgresql://a/b", "REDIS_URL": "redis://c"}
    del given[name]
    with pytest.raises(EmbeddedServerError, match=f"{name} must be set in production"):
        make_plan(given, tmp_path, _say_nothing)


def test_production_gets_no_demonstration_value(tmp_path: Path) -> None:
    given = {"ENVIRONMENT": "production", "DATABASE_URL": "postgresql://a/b", "REDIS_URL": "redis://c"}
    with pytest.raises(SettingsError, match="SECRET_KEY is not set"):
        make_plan(given, tmp_path, _say_nothing)


def test_a_port_in_use_is_passed_over_unless_it_was_asked_for(taken_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not port_is_free(taken_port)
    defaults = demonstration_environment() | {"PORT": str(taken_port)}
    monkeypatch.setattr("backend.embedded.environment.demonstration_environment", lambda: defaults)
    said: list[str] = []
    chosen = choose_port({}, "PORT", said.append)
    assert chosen > taken_port
    assert str(taken_port) in said[0]
    assert str(chosen) in said[0]
    with pytest.raises(EmbeddedServerError, match=f"Port {taken_port} is in use.*PORT"):
        choose_port({"PORT": str(taken_port)}, "PORT", said.append)


def test_the_sandbox_never_gets_the_products_port(tmp_path: Path) -> None:
    plan = make_plan({}, tmp_path, _say_nothing)
    with pytest.raises(EmbeddedServerError, match="SANDBOX_PORT"):
        make_plan({"PORT": str(plan.port), "SANDBOX_PORT": str(plan.port)}, tmp_path, _say_nothing)


def test_the_example_lists_every_setting_with_a_comment() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {
        match[1]: lines[number - 1]
        for number, line in enumerate(lines)
        if (match := re.fullmatch(r"#?([A-Z][A-Z0-9_]*)=.*", line))
    }
    assert list(named) == [declared.name for declared in SETTINGS]
    assert all(re.match(r"# \S", comment) for comment in named.values())


def test_the_example_shows_the_values_a_demonstration_uses() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    shown = dict(line.removeprefix("#").split("=", 1) for line in lines if re.match(r"#?[A-Z][A-Z0-9_]*=", line))
    expected = demonstration_environment()
    different = {"DATABASE_URL", "REDIS_URL", "FIELD_KEYS", "BLIND_INDEX_KEY"}  # examples of what to put there
    assert {name: value for name, value in shown.items() if name not in different} == {
        name: value for name, value in expected.items() if name not in different
    }


def test_an_operator_reads_the_sentence_and_no_traceback() -> None:
    def stop() -> Flask:
        read_settings({"DATABASE_URL": "mysql://elsewhere", "REDIS_URL": "redis://127.0.0.1"})
        raise AssertionError("it was taken")

    ran = CliRunner().invoke(FlaskGroup(create_app=stop), ["doctor"])
    assert (ran.exit_code, ran.output) == (1, "Error: DATABASE_URL must be a postgresql:// address\n")
