"""All settings, read once from the environment into one frozen object (contract.md "Settings").

Every setting is declared in `SETTINGS`; `.env.example` lists the same names and a test compares the two. A value that
is missing, malformed or only fit for a demonstration stops start-up with a sentence that says which and what to do.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3, Hash

Environment = Literal["demonstration", "production"]
PushMode = Literal["plain", "compatible", "security"]
FieldCipher = Literal["aes-256-gcm", "sm4-gcm"]
TokenKind = Literal["stable", "classic"]


class SettingsError(click.ClickException):
    """A setting is missing, unknown or unsafe; the text names it and says what to do.

    On the command line an operator reads that sentence and no traceback, for the mistake is in the settings.
    """


@dataclass(frozen=True)
class WeChatApp:
    """Credentials of one WeChat product (public account or mini-program), wechat-protocol §1-2."""

    app_id: str
    secret: str
    token: str
    aes_key: str
    previous_aes_key: str | None
    mode: PushMode
    original_id: str


@dataclass(frozen=True)
class Settings:
    """What the process was started with. `field_keys` maps key id to 32 bytes; the first is the current one.

    `blind_index_key` is the newest key of the indexes, `blind_index_keys_before` those before it, the newest first.
    """

    environment: Environment
    database_url: str
    redis_url: str
    secret_key: str
    field_keys: Mapping[str, bytes]
    field_cipher: FieldCipher
    blind_index_key: bytes
    blind_index_keys_before: tuple[bytes, ...]
    public_base_url: str
    port: int
    sandbox_port: int
    data_dir: Path
    wechat_api_base_url: str
    wechat_token_kind: TokenKind
    wechat_quotas: Mapping[str, tuple[int, int | None]]
    wechat_open_base_url: str
    wechat_js_base_url: str
    account: WeChatApp
    miniprogram: WeChatApp
    verification_service_url: str | None
    verification_service_key: str | None
    clamd_address: str | None
    load_demo: bool
    rate_limits: bool
    staff_second_factor: Literal["", "optional", "required"]

    @property
    def demonstration(self) -> bool:
        """True where invented data and the sandbox's clock are welcome."""
        return self.environment == "demonstration"

    @property
    def second_factor_required(self) -> bool:
        """Whether staff may not work without a second factor; in production they may not unless it is switched off."""
        return (self.staff_second_factor or ("optional" if self.demonstration else "required")) == "required"


@dataclass(frozen=True)
class Declared:
    """One setting: its name, what a demonstration uses when it is unset (None: required), and how it is read."""

    name: str
    demonstration: str | None
    read: Callable[[str], Any]
    safe_default: bool = False  # the default may be used in production too


def _text(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def _port(value: str) -> int:
    port = int(value)
    if not 0 < port < 65536:
        raise ValueError("must be a port number from 1 to 65535")
    return port


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise ValueError("must be one of " + ", ".join(choices))
        return value

    return read


def _matching(pattern: str, what: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"must be {what}")
        return value

    return read


def _flag(value: str) -> bool:
    return _one_of("0", "1")(value) == "1"


def _switch(value: str) -> bool:
    return _one_of("on", "off")(value) == "on"


def _url(value: str) -> str:
    return _matching(r"https?://[^\s/]+(/\S*)?", "an http or https address")(value).rstrip("/")


def _scanner(value: str) -> str | None:
    return _matching(r"/\S+|\S+:[0-9]{1,5}", "host:port, or the path of a socket")(value) if value else None


def _key_bytes(value: str) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("must be base64") from error
    if len(key) != 32:
        raise ValueError("must be 32 bytes in base64")
    return key


def _index_keys(value: str) -> tuple[bytes, ...]:
    keys = tuple(_key_bytes(encoded.strip()) for encoded in value.split(","))
    if len(set(keys)) < len(keys):
        raise ValueError("must not name a key twice")
    return keys


def _key_ring(value: str) -> dict[str, bytes]:
    ring: dict[str, bytes] = {}
    for pair in value.split(","):
        key_id, _, encoded = pair.strip().partition(":")
        if not re.fullmatch(r"[a-z0-9]{1,8}", key_id):
            raise ValueError("must be id:base64 pairs, an id being 1-8 lower-case letters or digits")
        if key_id in ring:
            raise ValueError("must not name a key twice, because only one of the two would be known")
        ring[key_id] = _key_bytes(encoded)
    return ring


def _quotas(value: str) -> dict[str, tuple[int, int | None]]:
    quotas: dict[str, tuple[int, int | None]] = {}
    for pair in filter(None, (part.strip() for part in value.split(","))):
        named = re.fullmatch(r"(/[a-z0-9_/-]+)=([0-9]{1,9})(?:/([0-9]{1,9}))?", pair)
        if named is None:
            raise ValueError("must be path=day or path=day/minute pairs, such as /cgi-bin/message/custom/send=100")
        quotas[named[1]] = (int(named[2]), int(named[3]) if named[3] else None)
    return quotas


def _field_cipher(value: str) -> str:
    cipher = _one_of("aes-256-gcm", "sm4-gcm")(value)
    if cipher == "sm4-gcm":
        try:
            Cipher(SM4(bytes(16)), GCM(bytes(12))).encryptor()
            Hash(SM3())
        except UnsupportedAlgorithm:
            raise ValueError(
                "is sm4-gcm, but the cryptography library was built without SM4 or SM3; use a build that has them"
            ) from None
    return cipher


def _wechat(prefix: str, app_id: str, original_id: str) -> list[Declared]:
    aes = _matching(r"[A-Za-z0-9]{43}", "43 letters or digits")
    return [
        Declared(f"{prefix}_APP_ID", app_id, _matching(r"wx[0-9a-f]{16}", "wx and 16 hex digits")),
        Declared(f"{prefix}_SECRET", "demonstrationsecret0000000000000", _text),
        Declared(f"{prefix}_TOKEN", "demonstrationtoken", _matching(r"[A-Za-z0-9]{3,32}", "3-32 letters or digits")),
        Declared(f"{prefix}_AES_KEY", "demonstrationdemonstrationdemonstration0000", aes),
        Declared(f"{prefix}_PREVIOUS_AES_KEY", "", lambda v: aes(v) if v else None, safe_default=True),
        Declared(f"{prefix}_MODE", "security", _one_of("plain", "compatible", "security"), safe_default=True),
        Declared(f"{prefix}_ORIGINAL_ID", original_id, _matching(r"gh_[0-9a-f]{12}", "gh_ and 12 hex digits")),
    ]


_API_HOST, _OPEN_HOST = "https://api.weixin.qq.com", "https://open.weixin.qq.com"
_JS_HOST = "https://res.wx.qq.com"
_DEMO_KEY = base64.b64encode(b"demonstration-key-32-bytes-long!").decode()

SETTINGS: tuple[Declared, ...] = (
    Declared("ENVIRONMENT", "demonstration", _one_of("demonstration", "production"), safe_default=True),
    Declared("DATABASE_URL", None, _matching(r"postgresql(\+psycopg)?://.+", "a postgresql:// address")),
    Declared("REDIS_URL", None, _matching(r"(redis|rediss|unix)://.+", "a redis://, rediss:// or unix:// address")),
    Declared("SECRET_KEY", "demonstration-only", _text),
    Declared("FIELD_KEYS", f"demo:{_DEMO_KEY}", _key_ring),
    Declared("FIELD_CIPHER", "aes-256-gcm", _field_cipher, safe_default=True),
    Declared("BLIND_INDEX_KEY", _DEMO_KEY, _index_keys),
    Declared("PUBLIC_BASE_URL", "http://127.0.0.1:8000", _url),
    Declared("PORT", "8000", _port, safe_default=True),
    Declared("SANDBOX_PORT", "8001", _port, safe_default=True),
    Declared("DATA_DIR", ".data", lambda v: Path(_text(v)).absolute(), safe_default=True),
    Declared("WECHAT_API_BASE_URL", _API_HOST, _url, safe_default=True),
    # Where browsers inside WeChat sign in; a stand-in for the API serves that page as well.
    Declared("WECHAT_OPEN_BASE_URL", "", lambda v: _url(v) if v else None, safe_default=True),
    # Where pages inside WeChat load its JS-SDK from; a stand-in for the API serves its own.
    Declared("WECHAT_JS_BASE_URL", "", lambda v: _url(v) if v else None, safe_default=True),
    # A test account (测试号) has far lower quotas than backend/wechat/quotas.py says.
    Declared("WECHAT_QUOTAS", "", _quotas, safe_default=True),
    Declared("WECHAT_TOKEN_KIND", "stable", _one_of("stable", "classic"), safe_default=True),
    *_wechat("WECHAT_ACCOUNT", "wx00000000000000a1", "gh_0000000000a1"),
    *_wechat("WECHAT_MINIPROGRAM", "wx00000000000000b2", "gh_0000000000b2"),
    # Both or neither: without them name and number are verified by staff only (backend/people).
    Declared("VERIFICATION_SERVICE_URL", "", lambda v: _url(v) if v else None, safe_default=True),
    Declared("VERIFICATION_SERVICE_KEY", "", lambda v: v or None, safe_default=True),
    # Without one files are checked by their bytes only (backend/files).
    Declared("CLAMD_ADDRESS", "", _scanner, safe_default=True),
    Declared("LOAD_DEMO", "0", _flag, safe_default=True),
    Declared("RATE_LIMITS", "on", _switch, safe_default=True),
    Declared("STAFF_SECOND_FACTOR", "", _one_of("", "optional", "required"), safe_default=True),
)


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check every setting.

    Raises `SettingsError` that names the first setting at fault, and any unknown name that begins like one of ours.
    """
    environ = os.environ if environ is None else environ
    _refuse_unknown(environ)
    production = environ.get("ENVIRONMENT") == "production"
    values = {declared.name: _value(declared, environ, production) for declared in SETTINGS}
    _refuse_half_a_service(values)
    if production:
        _refuse_unsafe(values)
    return Settings(
        environment=values["ENVIRONMENT"],
        database_url=values["DATABASE_URL"],
        redis_url=values["REDIS_URL"],
        secret_key=values["SECRET_KEY"],
        field_keys=values["FIELD_KEYS"],
        field_cipher=values["FIELD_CIPHER"],
        blind_index_key=values["BLIND_INDEX_KEY"][0],
        blind_index_keys_before=values["BLIND_INDEX_KEY"][1:],
        public_base_url=values["PUBLIC_BASE_URL"],
        port=values["PORT"],
        sandbox_port=values["SANDBOX_PORT"],
        data_dir=values["DATA_DIR"],
        wechat_api_base_url=values["WECHAT_API_BASE_URL"],
        wechat_token_kind=values["WECHAT_TOKEN_KIND"],
        wechat_quotas=values["WECHAT_QUOTAS"],
        wechat_open_base_url=values["WECHAT_OPEN_BASE_URL"] or _beside(values["WECHAT_API_BASE_URL"], _OPEN_HOST),
        wechat_js_base_url=values["WECHAT_JS_BASE_URL"] or _beside(values["WECHAT_API_BASE_URL"], _JS_HOST),
        account=_app(values, "WECHAT_ACCOUNT"),
        miniprogram=_app(values, "WECHAT_MINIPROGRAM"),
        verification_service_url=values["VERIFICATION_SERVICE_URL"],
        verification_service_key=values["VERIFICATION_SERVICE_KEY"],
        clamd_address=values["CLAMD_ADDRESS"],
        load_demo=values["LOAD_DEMO"],
        rate_limits=values["RATE_LIMITS"],
        staff_second_factor=values["STAFF_SECOND_FACTOR"],
    )


def _beside(api_host: str, real_host: str) -> str:
    """WeChat's own host next to its API; a stand-in serves all of them."""
    return real_host if api_host == _API_HOST else api_host


def demonstration_environment() -> dict[str, str]:
    """The values a demonstration uses where nothing is set, for programs that start ours (and the sandbox)."""
    return {declared.name: declared.demonstration for declared in SETTINGS if declared.demonstration is not None}


def _value(declared: Declared, environ: Mapping[str, str], production: bool) -> Any:
    raw = environ.get(declared.name)
    if raw is None:
        if declared.demonstration is None or (production and not declared.safe_default):
            raise SettingsError(f"{declared.name} is not set; see .env.example for what it should be")
        raw = declared.demonstration
    try:
        return declared.read(raw.strip())
    except ValueError as error:
        # The value itself may be a secret, so the message never repeats it.
        raise SettingsError(f"{declared.name} {error}") from None


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {declared.name for declared in SETTINGS}
    for name in sorted(environ):
        ours = ("WECHAT_ACCOUNT_", "WECHAT_MINIPROGRAM_", "VERIFICATION_SERVICE_")
        if name.startswith(ours) and name not in known:
            raise SettingsError(f"{name} is not a setting of this product; is it misspelt?")


def _refuse_half_a_service(values: Mapping[str, Any]) -> None:
    url, key = values["VERIFICATION_SERVICE_URL"], values["VERIFICATION_SERVICE_KEY"]
    if (url is None) != (key is None):
        missing = "VERIFICATION_SERVICE_URL" if url is None else "VERIFICATION_SERVICE_KEY"
        raise SettingsError(f"{missing} is not set; the verification service needs its address and its key, or neither")


def _refuse_unsafe(values: Mapping[str, Any]) -> None:
    for declared in SETTINGS:
        if declared.safe_default or declared.demonstration is None:
            continue
        if values[declared.name] == declared.read(declared.demonstration):
            raise SettingsError(f"{declared.name} still has its demonstration value; production needs your own")
    if not values["PUBLIC_BASE_URL"].startswith("https://"):
        raise SettingsError("PUBLIC_BASE_URL must be https:// in production")
    if not (values["VERIFICATION_SERVICE_URL"] or "https://").startswith("https://"):
        raise SettingsError("VERIFICATION_SERVICE_URL must be https:// in production; names and numbers go there")
    if len(values["SECRET_KEY"]) < 32:
        raise SettingsError("SECRET_KEY must have at least 32 characters in production")
    if values["LOAD_DEMO"]:
        raise SettingsError("LOAD_DEMO must be 0 in production; invented people have no place there")


def _app(values: Mapping[str, Any], prefix: str) -> WeChatApp:
    return WeChatApp(
        app_id=values[f"{prefix}_APP_ID"],
        secret=values[f"{prefix}_SECRET"],
        token=values[f"{prefix}_TOKEN"],
        aes_key=values[f"{prefix}_AES_KEY"],
        previous_aes_key=values[f"{prefix}_PREVIOUS_AES_KEY"],
        mode=values[f"{prefix}_MODE"],
        original_id=values[f"{prefix}_ORIGINAL_ID"],
    )
