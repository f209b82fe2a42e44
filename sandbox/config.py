"""What the sandbox was started with, read once from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")

Product = Literal["account", "miniprogram"]
PushMode = Literal["plain", "compatible", "security"]
PushFormat = Literal["xml", "json"]

PRODUCTS: tuple[Product, ...] = get_args(Product)


class ConfigError(Exception):
    """A value is missing or malformed; the text names the variable."""


@dataclass(frozen=True)
class AppConfig:
    """One WeChat product as both sides know it: credentials, push mode and push format."""

    product: Product
    app_id: str
    secret: str
    token: str
    aes_key: str
    mode: PushMode
    original_id: str
    format: PushFormat = "xml"


@dataclass(frozen=True)
class Config:
    """`push_timeout_seconds` is WeChat's patience with one delivery (5 s, protocol §1.6), also the gap between tries.

    `event_delay_seconds` is how long after a send its finish event follows; real machine seconds, both of them.
    `identity_check_key` is what the product shows to the stand-in of the verification service.
    """

    public_base_url: str
    data_dir: Path
    account: AppConfig
    miniprogram: AppConfig
    host: str = "127.0.0.1"
    port: int = 8001
    push_timeout_seconds: float = 5.0
    event_delay_seconds: float = 0.2
    identity_check_key: str = "demonstration"

    def product(self, product: Product) -> AppConfig:
        """The credentials of one product."""
        return self.account if product == "account" else self.miniprogram

    def by_app_id(self, app_id: str) -> AppConfig | None:
        """The product with this app id, if it is one of ours."""
        return next((app for app in (self.account, self.miniprogram) if app.app_id == app_id), None)

    def push_url(self, product: Product) -> str:
        """Where this product asked to have its pushes delivered."""
        return f"{self.public_base_url}/wechat/{product}"


def read_config(environ: Mapping[str, str] | None = None) -> Config:
    """Read the environment. Raises `ConfigError` naming the first variable at fault, never repeating its value."""
    environ = os.environ if environ is None else environ
    return Config(
        public_base_url=_required(environ, "PUBLIC_BASE_URL").rstrip("/"),
        data_dir=Path(_required(environ, "DATA_DIR")).absolute(),
        account=_app(environ, "account"),
        miniprogram=_app(environ, "miniprogram"),
        host=environ.get("SANDBOX_HOST", "127.0.0.1"),
        port=_port(environ.get("SANDBOX_PORT", "8001")),
        push_timeout_seconds=_seconds(environ, "SANDBOX_PUSH_TIMEOUT_SECONDS", 5.0),
        event_delay_seconds=_seconds(environ, "SANDBOX_EVENT_DELAY_SECONDS", 0.2),
        identity_check_key=environ.get("VERIFICATION_SERVICE_KEY", "").strip() or "demonstration",
    )


def _app(environ: Mapping[str, str], product: Product) -> AppConfig:
    prefix = f"WECHAT_{product.upper()}_"
    mode = environ.get(prefix + "MODE", "security")
    if mode not in get_args(PushMode):
        raise ConfigError(f"{prefix}MODE must be one of plain, compatible, security")
    aes_key = _required(environ, prefix + "AES_KEY")
    if not re.fullmatch(r"[A-Za-z0-9]{43}", aes_key):
        raise ConfigError(f"{prefix}AES_KEY must be 43 letters or digits")
    # A public account pushes XML only; a mini-program's owner chooses (protocol §1.1).
    chosen = environ.get("SANDBOX_MINIPROGRAM_FORMAT", "json") if product == "miniprogram" else "xml"
    if chosen not in get_args(PushFormat):
        raise ConfigError("SANDBOX_MINIPROGRAM_FORMAT must be xml or json")
    return AppConfig(
        product=product,
        app_id=_required(environ, prefix + "APP_ID"),
        secret=_required(environ, prefix + "SECRET"),
        token=_required(environ, prefix + "TOKEN"),
        aes_key=aes_key,
        mode=cast(PushMode, mode),
        original_id=_required(environ, prefix + "ORIGINAL_ID"),
        format=cast(PushFormat, chosen),
    )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise ConfigError(f"{name} is not set")
    return value


def _port(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise ConfigError("SANDBOX_PORT must be a port number")
    return int(value)


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    try:
        seconds = float(environ.get(name, default))
    except ValueError:
        raise ConfigError(f"{name} must be a number of seconds") from None
    if not 0 <= seconds <= 60:
        raise ConfigError(f"{name} must be from 0 to 60 seconds")
    return seconds
